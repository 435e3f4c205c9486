# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from .._models import Model
from .._readers import as_object, as_string, as_uuid
from ..errors import InvalidDataError
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class PhoneNumberUpdateResponse(Model):
    """The line after an update.

    Attributes:
        id: Identifies the line.
        phone_number: The number of the line in E.164 format.
        forwarding_number: The forwarding number after the update. Null or absent when it was
            cleared.
    """

    id: str
    phone_number: str
    forwarding_number: str | None | Unset = UNSET
    _additional: Mapping[str, Any] | None = _field(default=None, alias="additional_properties", hash=False)

    _attributes: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "phone_number": "phone_number",
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
            at = "id"
            self.id = as_uuid(data[at])
            at = "phone_number"
            self.phone_number = as_string(data[at])
            at = "forwarding_number"
            self.forwarding_number = (
                (None if data[at] is None else as_string(data[at])) if at in data else UNSET
            )
        except KeyError:
            raise InvalidDataError("is missing").inside(at) from None
        except InvalidDataError as error:
            raise error.inside(at) from None
        unnamed = len(data) - 2 - ("forwarding_number" in data)
        self._additional = {key: data[key] for key in data if key not in cls._attributes} if unnamed else None
        return self
