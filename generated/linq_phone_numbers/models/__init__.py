# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The schemas of the contract, as classes, each of them imported when it is first used (PEP 562)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import importer

if TYPE_CHECKING:
    from .error_detail import ErrorDetail as ErrorDetail
    from .error_response import ErrorResponse as ErrorResponse
    from .phone_number import PhoneNumber as PhoneNumber
    from .phone_number_health_status import PhoneNumberHealthStatus as PhoneNumberHealthStatus
    from .phone_number_list_response import PhoneNumberListResponse as PhoneNumberListResponse
    from .phone_number_reputation import PhoneNumberReputation as PhoneNumberReputation
    from .phone_number_update_params import PhoneNumberUpdateParams as PhoneNumberUpdateParams
    from .phone_number_update_response import PhoneNumberUpdateResponse as PhoneNumberUpdateResponse
    from .reputation_status import ReputationStatus as ReputationStatus

__all__: list[str] = [
    "ErrorDetail",
    "ErrorResponse",
    "PhoneNumber",
    "PhoneNumberHealthStatus",
    "PhoneNumberListResponse",
    "PhoneNumberReputation",
    "PhoneNumberUpdateParams",
    "PhoneNumberUpdateResponse",
    "ReputationStatus",
]


def __dir__() -> list[str]:
    return sorted(__all__)


if not TYPE_CHECKING:
    __getattr__ = importer(
        __name__,
        {
            "ErrorDetail": ".error_detail",
            "ErrorResponse": ".error_response",
            "PhoneNumber": ".phone_number",
            "PhoneNumberHealthStatus": ".phone_number_health_status",
            "PhoneNumberListResponse": ".phone_number_list_response",
            "PhoneNumberReputation": ".phone_number_reputation",
            "PhoneNumberUpdateParams": ".phone_number_update_params",
            "PhoneNumberUpdateResponse": ".phone_number_update_response",
            "ReputationStatus": ".reputation_status",
        },
    )
