"""The errors of this package, all of them under one class.

`InvalidInputError` is raised before anything is sent. Whatever goes wrong with a call is an
`APIError`; an answer other than 2xx is an `APIStatusError`, with a class for each common status.
"""

from __future__ import annotations

from typing import Any

import httpx

from ._contract import PackageError


class InvalidInputError(PackageError, ValueError):
    """A setting or an argument breaks the contract; no request was made."""


class InvalidDataError(PackageError, ValueError):
    """JSON does not match the contract.

    Attributes:
        reason: What is wrong with the value.
        pointer: Where the value stands, as a JSON Pointer (RFC 6901); empty for the whole.

    """

    reason: str
    pointer: str

    def __init__(self, reason: str, pointer: str = "") -> None:
        super().__init__(reason, pointer)
        self.reason = reason
        self.pointer = pointer

    def __str__(self) -> str:
        return f"{self.pointer or 'the value'} {self.reason}"

    def inside(self, key: str | int) -> InvalidDataError:
        """Return the same error as seen from the object or the array around the value."""
        step = str(key).replace("~", "~0").replace("/", "~1")
        return InvalidDataError(self.reason, f"/{step}{self.pointer}")


class APIError(PackageError):
    """A call failed.

    Attributes:
        message: What happened, to which request, and what to do.
        operation: The operation id of the call, as in the contract.
        request: The request, without the token; None when none was made.
        tries: How often it was sent.
        seconds: How long that took, with the pauses.

    """

    message: str
    operation: str
    request: httpx.Request | None
    tries: int
    seconds: float

    def __init__(self, message: str, *, operation: str = "", request: httpx.Request | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.request = request
        self.tries = 0
        self.seconds = 0.0

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args, vars(self))


def _restored(kind: type[APIError], arguments: tuple[Any, ...], attributes: dict[str, Any]) -> APIError:
    """Return an error that was pickled."""
    error = kind.__new__(kind, *arguments)
    vars(error).update(attributes)
    return error


class APIConnectionError(APIError):
    """No response came: the server could not be reached, or the connection broke."""


class APITimeoutError(APIConnectionError):
    """No response came in time."""


class APIResponseError(APIError):
    """A response came, and the call failed all the same.

    Attributes:
        response: The response, its body read; the token is not in it.
        status_code: The HTTP status.
        trace_id: What identifies the response to support; None when the server sent nothing.
        body: The JSON of the body, or its text when it is none; None when it is empty.

    """

    response: httpx.Response
    status_code: int
    trace_id: str | None
    body: Any

    def __init__(
        self,
        message: str,
        *,
        response: httpx.Response,
        operation: str = "",
        request: httpx.Request | None = None,
        trace_id: str | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(message, operation=operation, request=request)
        self.response = response
        self.status_code = response.status_code
        self.trace_id = trace_id
        self.body = body


class APIResponseValidationError(APIResponseError):
    """The call succeeded, but what came back is not what the contract says.

    Attributes:
        pointer: The JSON Pointer (RFC 6901) of the value that is wrong; empty for the whole body.

    """

    pointer: str

    def __init__(self, message: str, *, pointer: str = "", **about: Any) -> None:
        super().__init__(message, **about)
        self.pointer = pointer


class APIStatusError(APIResponseError):
    """The answer is not 2xx.

    Attributes:
        code: The error code of the API; None when the body has none.
        detail: The error in the server's words; None when the body has none.
        doc_url: The documentation page of the code; None when the body has none.
        retry_after: Seconds to wait before the call is worth repeating; None when the server named none.

    """

    code: int | str | None
    detail: str | None
    doc_url: str | None
    retry_after: int | None

    def __init__(
        self,
        message: str,
        *,
        code: int | str | None = None,
        detail: str | None = None,
        doc_url: str | None = None,
        retry_after: int | None = None,
        **about: Any,
    ) -> None:
        super().__init__(message, **about)
        self.code = code
        self.detail = detail
        self.doc_url = doc_url
        self.retry_after = retry_after


class BadRequestError(APIStatusError):
    """400: the request breaks the contract."""


class AuthenticationError(APIStatusError):
    """401: the token is missing or invalid."""


class PermissionDeniedError(APIStatusError):
    """403: the token is valid and gives no access to this."""


class NotFoundError(APIStatusError):
    """404: there is no such thing in this account."""


class ConflictError(APIStatusError):
    """409: the request contradicts the state that the thing is in."""


class UnprocessableEntityError(APIStatusError):
    """422: the request is well formed, and what it says cannot be done."""


class RateLimitError(APIStatusError):
    """429: too many requests; `retry_after` says how long to wait."""


class InternalServerError(APIStatusError):
    """5xx: the server failed."""


_CLASSES: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def error_class(status_code: int) -> type[APIStatusError]:
    """Return the class that an answer with this status raises."""
    if status_code >= 500:
        return InternalServerError
    return _CLASSES.get(status_code, APIStatusError)
