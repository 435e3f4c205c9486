# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from .._models import Model
from .._readers import as_object, as_string
from ..errors import InvalidDataError


@_define(kw_only=True, repr=False)
class PhoneNumberUpdateParams(Model):
    """The update of a line.

    Attributes:
        forwarding_number: The number to forward calls to, in E.164 format. Null or the empty
            string clears it.
    """

    forwarding_number: str | None
    _additional: Mapping[str, Any] | None = _field(default=None, alias="additional_properties", hash=False)

    _attributes: ClassVar[Mapping[str, str]] = {
        "forwarding_number": "forwarding_number",
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
            at = "forwarding_number"
            self.forwarding_number = None if data[at] is None else as_string(data[at])
        except KeyError:
            raise InvalidDataError("is missing").inside(at) from None
        except InvalidDataError as error:
            raise error.inside(at) from None
        unnamed = len(data) - 1
        self._additional = {key: data[key] for key in data if key not in cls._attributes} if unnamed else None
        return self
