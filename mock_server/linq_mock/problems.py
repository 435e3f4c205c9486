"""The errors that the API answers with."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import linq_document

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATUS_OF = linq_document.load().error_codes


class Code(IntEnum):
    """The error codes that the mock uses; the contract says which status each belongs to."""

    MISSING_FIELD = 1001
    NOT_E164 = 1002
    INVALID_BODY = 1003
    INVALID_PARAMETER = 1005
    RATE_LIMITED = 1007
    UNAUTHORIZED = 2004
    FORBIDDEN = 2005
    NOT_FOUND = 2019
    INTERNAL = 3001
    UNAVAILABLE = 4004


class Problem(Exception):  # noqa: N818 - it is an answer, not a failure of the mock
    """A request that is answered with an error.

    `status` is that of the code unless it is given: 405 and 415 have no code of their own.
    `retry_after` is the seconds that a 429 tells the client to wait.
    """

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = int(code)
        self.message = message
        self.status = _STATUS_OF[code] if status is None else status
        self.headers = dict(headers or {})
        self.retry_after = retry_after
        if retry_after is not None:
            self.headers["Retry-After"] = str(retry_after)


def doc_url(code: int) -> str:
    """Return the address of the documentation page of an error code."""
    return f"https://docs.linqapp.com/error/codes/{code // 1000}xxx/{code}/"


def envelope(problem: Problem, trace_id: str) -> dict[str, object]:
    """Return the body that tells a client about a problem, in the schema of ErrorResponse."""
    error: dict[str, object] = {
        "status": problem.status,
        "code": problem.code,
        "message": problem.message,
        "doc_url": doc_url(problem.code),
    }
    if problem.retry_after is not None:
        error["retry_after"] = problem.retry_after
    return {"success": False, "error": error, "trace_id": trace_id}
