# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""A typed client of the Linq Partner API, phone numbers.

The token comes from the environment, unless it is passed:

    from linq_phone_numbers import LinqClient

    client = LinqClient()
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._contract import VERSION as __version__
from ._contract import LinqError
from ._lazy import importer
from ._settings import DEFAULT_DEADLINE, DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT
from .client import AsyncLinqClient, LinqClient
from .errors import (
    APIConnectionError,
    APIError,
    APIResponseError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InternalServerError,
    InvalidDataError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    UnprocessableEntityError,
)
from .types import UNSET, CallOptions, RawResponse, Unset

if TYPE_CHECKING:
    from ._aiohttp import aiohttp_client as aiohttp_client
    from ._uploads import Upload as Upload
    from .models import ErrorDetail as ErrorDetail
    from .models import ErrorResponse as ErrorResponse
    from .models import PhoneNumber as PhoneNumber
    from .models import PhoneNumberHealthStatus as PhoneNumberHealthStatus
    from .models import PhoneNumberListResponse as PhoneNumberListResponse
    from .models import PhoneNumberReputation as PhoneNumberReputation
    from .models import PhoneNumberUpdateParams as PhoneNumberUpdateParams
    from .models import PhoneNumberUpdateResponse as PhoneNumberUpdateResponse
    from .models import ReputationStatus as ReputationStatus

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncLinqClient",
    "AuthenticationError",
    "BadRequestError",
    "CallOptions",
    "ConflictError",
    "DEFAULT_DEADLINE",
    "DEFAULT_MAX_RETRIES",
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
    "UnprocessableEntityError",
    "Unset",
    "Upload",
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
]


def __dir__() -> list[str]:
    return sorted(__all__)


if not TYPE_CHECKING:
    __getattr__ = importer(
        __name__,
        {
            "Upload": "._uploads",
            "aiohttp_client": "._aiohttp",
            "ErrorDetail": ".models",
            "ErrorResponse": ".models",
            "PhoneNumber": ".models",
            "PhoneNumberHealthStatus": ".models",
            "PhoneNumberListResponse": ".models",
            "PhoneNumberReputation": ".models",
            "PhoneNumberUpdateParams": ".models",
            "PhoneNumberUpdateResponse": ".models",
            "ReputationStatus": ".models",
        },
    )
