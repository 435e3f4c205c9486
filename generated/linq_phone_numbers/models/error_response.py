# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from attrs import define as _define
from attrs import field as _field

from .._models import Model
from .._readers import as_constant, as_object, as_string
from ..errors import InvalidDataError


@_define(kw_only=True, repr=False)
class ErrorResponse(Model):
    """The envelope of every error.

    Attributes:
        success: Always false.
        error: What went wrong.
        trace_id: The value of the X-Trace-ID header.
    """

    success: Literal[False] | bool
    error: ErrorDetail
    trace_id: str
    _additional: Mapping[str, Any] | None = _field(default=None, alias="additional_properties", hash=False)

    _attributes: ClassVar[Mapping[str, str]] = {
        "success": "success",
        "error": "error",
        "trace_id": "trace_id",
    }

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Read the model from parsed JSON.

        Raises:
            InvalidDataError: The JSON does not match the contract.
        """
        data = as_object(data)
        self = cls.__new__(cls)
        at: str = ""
        try:
            at = "success"
            self.success = as_constant(data[at], False)
            at = "error"
            self.error = ErrorDetail.from_dict(data[at])
            at = "trace_id"
            self.trace_id = as_string(data[at])
        except KeyError:
            raise InvalidDataError("is missing").inside(at) from None
        except InvalidDataError as error:
            raise error.inside(at) from None
        unnamed = len(data) - 3
        self._additional = {key: data[key] for key in data if key not in cls._attributes} if unnamed else None
        return self


# At the end, since schemas may refer to each other.
from .error_detail import ErrorDetail
