# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""A typed client of the Linq Partner API, phone numbers.

The token comes from the environment, unless it is passed:

    from linq_phone_numbers import LinqClient

    with LinqClient() as client:
        for line in client.phone_numbers.list().phone_numbers:
            print(line.phone_number, line.forwarding_number)
"""

from .client import DEFAULT_TIMEOUT, AsyncLinqClient, LinqClient, __version__, aiohttp_client
from .errors import (
    APIConnectionError,
    APIError,
    APIResponseError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    InternalServerError,
    InvalidDataError,
    InvalidInputError,
    LinqError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
)
from .models import (
    ErrorDetail,
    ErrorResponse,
    PhoneNumber,
    PhoneNumberHealthStatus,
    PhoneNumberListResponse,
    PhoneNumberReputation,
    PhoneNumberUpdateParams,
    PhoneNumberUpdateResponse,
    ReputationStatus,
)
from .types import UNSET, RawResponse, Unset

__all__ = (
    "APIConnectionError",
    "APIError",
    "APIResponseError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncLinqClient",
    "AuthenticationError",
    "BadRequestError",
    "DEFAULT_TIMEOUT",
    "InternalServerError",
    "InvalidDataError",
    "InvalidInputError",
    "LinqClient",
    "LinqError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "RawResponse",
    "UNSET",
    "Unset",
    "ErrorDetail",
    "ErrorResponse",
    "PhoneNumber",
    "PhoneNumberHealthStatus",
    "PhoneNumberListResponse",
    "PhoneNumberReputation",
    "PhoneNumberUpdateParams",
    "PhoneNumberUpdateResponse",
    "ReputationStatus",
    "__version__",
    "aiohttp_client",
)
