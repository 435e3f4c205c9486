# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from .._models import Model
from .._readers import as_integer, as_object, as_string
from ..errors import InvalidDataError
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class ErrorDetail(Model):
    """What went wrong.

    Attributes:
        status: The HTTP status of the response.
        code: Four digits that say what went wrong; the first of them names the family.
        message: The error in words, for people; its wording is not part of the contract.
        doc_url: The documentation page of the code.
        retry_after: With a 429 only, the whole seconds to wait; the same as the Retry-After
            header.
    """

    status: int
    code: int
    message: str
    doc_url: str
    retry_after: int | None | Unset = UNSET
    _additional: Mapping[str, Any] | None = _field(default=None, alias="additional_properties", hash=False)

    _attributes: ClassVar[Mapping[str, str]] = {
        "status": "status",
        "code": "code",
        "message": "message",
        "doc_url": "doc_url",
        "retry_after": "retry_after",
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
            at = "status"
            self.status = as_integer(data[at])
            at = "code"
            self.code = as_integer(data[at])
            at = "message"
            self.message = as_string(data[at])
            at = "doc_url"
            self.doc_url = as_string(data[at])
            at = "retry_after"
            self.retry_after = (None if data[at] is None else as_integer(data[at])) if at in data else UNSET
        except KeyError:
            raise InvalidDataError("is missing").inside(at) from None
        except InvalidDataError as error:
            raise error.inside(at) from None
        unnamed = len(data) - 4 - ("retry_after" in data)
        self._additional = {key: data[key] for key in data if key not in cls._attributes} if unnamed else None
        return self
