# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from .._deprecation import deprecated as _deprecated
from .._models import Model
from .._readers import as_object, as_string, as_uuid
from ..errors import InvalidDataError
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class PhoneNumber(Model):
    """A sending line of the account.

    Attributes:
        id: Identifies the line, and names it in an update.
        phone_number: The number of the line in E.164 format.
        reputation: [BETA] The reputation of the line, always present. A line starts at HEALTHY
            and moves with the engagement and the delivery signals of all its conversations. A
            single recipient's opt-out does not show here.
        health_status: [BETA] The older name of `reputation`, always present and always in
            agreement with it. Deprecated: use `reputation`.
        forwarding_number: The number that calls are forwarded to, in E.164 format. Null or
            absent when no forwarding is configured.
    """

    id: str
    phone_number: str
    reputation: PhoneNumberReputation
    _health_status: PhoneNumberHealthStatus | Unset = _field(default=UNSET, alias="health_status")
    forwarding_number: str | None | Unset = UNSET
    _additional: Mapping[str, Any] | None = _field(default=None, alias="additional_properties", hash=False)

    _attributes: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "phone_number": "phone_number",
        "reputation": "reputation",
        "health_status": "_health_status",
        "forwarding_number": "forwarding_number",
    }

    @property
    @_deprecated("health_status is deprecated: use reputation instead.")
    def health_status(self) -> PhoneNumberHealthStatus | Unset:
        """[BETA] The older name of `reputation`, always present and always in agreement with it.
        Deprecated: use `reputation`."""
        return self._health_status

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
            at = "reputation"
            self.reputation = PhoneNumberReputation.from_dict(data[at])
            at = "health_status"
            self._health_status = PhoneNumberHealthStatus.from_dict(data[at]) if at in data else UNSET
            at = "forwarding_number"
            self.forwarding_number = (
                (None if data[at] is None else as_string(data[at])) if at in data else UNSET
            )
        except KeyError:
            raise InvalidDataError("is missing").inside(at) from None
        except InvalidDataError as error:
            raise error.inside(at) from None
        unnamed = len(data) - 3 - ("health_status" in data) - ("forwarding_number" in data)
        self._additional = {key: data[key] for key in data if key not in cls._attributes} if unnamed else None
        return self


# At the end, since schemas may refer to each other.
from .phone_number_health_status import PhoneNumberHealthStatus
from .phone_number_reputation import PhoneNumberReputation
