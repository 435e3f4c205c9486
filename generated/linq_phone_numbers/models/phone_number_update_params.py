# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from ..errors import InvalidDataError
from ..types import (
    Model,
    as_object,
    as_string,
)


class PhoneNumberUpdateParams(Model):
    """The update of a line.

    Attributes:
        forwarding_number: The number to forward calls to, in E.164 format. Null or the empty
            string clears it.
    """

    __slots__ = ("forwarding_number",)

    _names: ClassVar[Mapping[str, str]] = {
        "forwarding_number": "forwarding_number",
    }

    forwarding_number: str | None

    def __init__(
        self,
        *,
        forwarding_number: str | None,
        additional_properties: dict[str, Any] | None = None,
    ) -> None:
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
            at = "forwarding_number"
            self.forwarding_number = None if data[at] is None else as_string(data[at])
        except KeyError:
            raise InvalidDataError("is missing").inside(at) from None
        except InvalidDataError as error:
            raise error.inside(at) from None
        unnamed = len(data) - 1
        self._additional = {key: data[key] for key in data if key not in cls._names} if unnamed else None
        return self
