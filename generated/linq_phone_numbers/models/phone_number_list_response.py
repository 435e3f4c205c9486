# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from .._models import Model
from .._readers import as_list, as_object
from ..errors import InvalidDataError


@_define(kw_only=True, repr=False)
class PhoneNumberListResponse(Model):
    """The lines of the account, all of them, in no particular order.

    Attributes:
        phone_numbers: The phone numbers assigned to the partner.
    """

    phone_numbers: list[PhoneNumber]
    _additional: Mapping[str, Any] | None = _field(default=None, alias="additional_properties", hash=False)

    _attributes: ClassVar[Mapping[str, str]] = {
        "phone_numbers": "phone_numbers",
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
            at = "phone_numbers"
            self.phone_numbers = as_list(data[at], PhoneNumber.from_dict)
        except KeyError:
            raise InvalidDataError("is missing").inside(at) from None
        except InvalidDataError as error:
            raise error.inside(at) from None
        unnamed = len(data) - 1
        self._additional = {key: data[key] for key in data if key not in cls._attributes} if unnamed else None
        return self


# At the end, since schemas may refer to each other.
from .phone_number import PhoneNumber
