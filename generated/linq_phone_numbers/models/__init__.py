# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The schemas of the contract, as classes."""

from .error_detail import ErrorDetail
from .error_response import ErrorResponse
from .phone_number import PhoneNumber
from .phone_number_health_status import PhoneNumberHealthStatus
from .phone_number_list_response import PhoneNumberListResponse
from .phone_number_reputation import PhoneNumberReputation
from .phone_number_update_params import PhoneNumberUpdateParams
from .phone_number_update_response import PhoneNumberUpdateResponse
from .reputation_status import ReputationStatus

__all__ = (
    "ErrorDetail",
    "ErrorResponse",
    "PhoneNumber",
    "PhoneNumberHealthStatus",
    "PhoneNumberListResponse",
    "PhoneNumberReputation",
    "PhoneNumberUpdateParams",
    "PhoneNumberUpdateResponse",
    "ReputationStatus",
)
