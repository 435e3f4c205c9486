# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""What varies from document to document: the modules that are the same for all of them import it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PROJECT: Final = "linq-phone-numbers"
VERSION: Final = "0.1.0"

API_KEY_VARIABLE: Final = "LINQ_API_V3_API_KEY"
BASE_URL_VARIABLE: Final = "LINQ_API_V3_BASE_URL"
DEFAULT_BASE_URL: Final = "https://api.linqapp.com/api/partner"

SCHEMES: Final[Mapping[str, tuple[str, str, str]]] = {
    "bearerAuth": ("bearer", "", "LINQ_API_V3_API_KEY"),
}
MAIN_SCHEME: Final = "bearerAuth"
NEEDS_TOKEN: Final = True
SECURITY: Final[tuple[tuple[str, ...], ...]] = (("bearerAuth",),)

PASSING_STATUSES: Final = frozenset[int]((429, 500, 503, 504))

ADVICE: Final[Mapping[int, str]] = {
    1001: "A required field is missing; the same request will fail again",
    1002: "The phone number is not in E.164 format; the same request will fail again",
    1003: "The request body is not JSON; the same request will fail again",
    1005: "A parameter has an invalid value; the same request will fail again",
    1007: "The rate limit is exceeded; wait as long as Retry-After says, then try again",
    2004: "The bearer token is missing or invalid; the same request will fail again",
    2005: "Access is denied; the same request will fail again",
    2019: "No line of the account has this id, or nothing is at this path; the same request will fail again",
    3001: "Internal server error; try again later",
    3002: "Internal server error; try again later",
    3003: "Internal server error; try again later",
    3004: "Internal server error; try again later",
    3005: "An upstream network timed out; try again later",
    3006: "Internal server error; try again later",
    4004: "The service is unavailable; try again later",
}

ERROR_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("/error/code",),
    "detail": ("/error/message",),
    "doc_url": ("/error/doc_url",),
    "retry_after": ("/error/retry_after",),
    "trace_id": ("/trace_id",),
}

TRACE_ID_HEADER: Final = "X-Trace-ID"


class LinqError(Exception):
    """Anything that this package raises."""


PackageError = LinqError
