# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from ..errors import InvalidDataError
from ..types import (
    UNSET,
    Model,
    Unset,
    as_object,
    as_string,
    as_uuid,
)


class PhoneNumberUpdateResponse(Model):
    """The line after an update.

    Attributes:
        id: Identifies the line.
        phone_number: The number of the line in E.164 format.
        forwarding_number: The forwarding number after the update. Null or absent when it was
            cleared.
    """

    __slots__ = (
        "id",
        "phone_number",
        "forwarding_number",
    )

    _names: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "phone_number": "phone_number",
        "forwarding_number": "forwarding_number",
    }

    id: str
    phone_number: str
    forwarding_number: str | None | Unset

    def __init__(
        self,
        *,
        id: str,
        phone_number: str,
        forwarding_number: str | None | Unset = UNSET,
        additional_properties: dict[str, Any] | None = None,
    ) -> None:
        self.id = id
        self.phone_number = phone_number
        self.forwarding_number = forwarding_number
        self._additional = additional_properties

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Read the model from parsed JSON.

        Raises:
            InvalidDataError: The JSON does not match the contract.
        """
        data = as_object(data)
        self = cls.__new__(cls)
        at = ""
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
        self._additional = {key: data[key] for key in data if key not in cls._names} if unnamed else None
        return self
