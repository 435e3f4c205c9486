"""What becomes of an answer: the result of a call, or an error."""

from __future__ import annotations

import logging
from typing import Any, TypeVar, cast

import httpx

from . import _json, errors
from ._contract import ADVICE, ERROR_MEMBERS, TRACE_ID_HEADER
from ._redaction import Token, forget_frames
from ._requests import name
from ._retries import retry_after
from .types import Call

T = TypeVar("T")

_log = logging.getLogger(__package__)


def result(call: Call[T], response: httpx.Response, token: Token) -> T:
    """Return the result of a call.

    Raises:
        APIStatusError: The answer is not 2xx.
        APIResponseValidationError: The answer does not match the contract.

    """
    _log.debug("%s (%s %s) was answered with %d", *call[:3], response.status_code)
    if not response.is_success:
        raise _status_error(call, response, token)
    try:
        return call.parse(_json.parse(response)) if call.parse else cast("T", None)
    except errors.InvalidDataError as error:
        failure = _validation_error(call, response, token, error)
    raise failure  # outside, so that it does not lead to frames which hold what the server sent


def trace_id(response: httpx.Response) -> str | None:
    """Return what identifies a response to support."""
    found: str | None = response.headers.get(TRACE_ID_HEADER)
    return found


def connection_error(
    call: Call[Any], base_url: str, request: httpx.Request, error: Exception
) -> errors.APIConnectionError:
    """Return the error of a call that got no answer."""
    request.headers.pop("Authorization", None)
    forget_frames(error)
    reason = str(error) or type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        return errors.APITimeoutError(f"{name(call)} got no answer in time: {reason}", call.operation)
    return errors.APIConnectionError(f"{name(call)} got no answer from {base_url}: {reason}", call.operation)


def _validation_error(
    call: Call[Any], response: httpx.Response, token: Token, error: errors.InvalidDataError
) -> errors.APIResponseValidationError:
    response = token.redacted_response(response)
    identity = trace_id(response)
    message = (
        f"{name(call)} was answered with {response.status_code} and a body that breaks the contract: "
        f"{error}. Trace id: {identity}."
    )
    return errors.APIResponseValidationError(
        token.redacted(message), call.operation, response, identity, error.pointer
    )


def _status_error(call: Call[Any], response: httpx.Response, token: Token) -> errors.APIStatusError:
    told = _members(response, token)
    response = token.redacted_response(response)
    identity = told.get("trace_id") or trace_id(response)
    code, detail = told.get("code"), told.get("detail")
    message = f"{name(call)} was answered with {response.status_code}"
    if code is not None:
        message += f", code {code}: {detail}"
        if advice := ADVICE.get(code):
            message += f" ({advice})"
    return errors.error_class(response.status_code)(
        token.redacted(f"{message}. Trace id: {identity}."),
        call.operation,
        response,
        identity,
        retry_after(response, told.get("retry_after")),
        code,
        detail,
        told.get("doc_url"),
    )


def _members(response: httpx.Response, token: Token) -> dict[str, Any]:
    """Return what an error tells, each member that is there and of its type."""
    try:
        body = token.redacted_json(_json.parse(response))
    except (errors.InvalidDataError, RecursionError):
        return {}
    found = {
        member: next((value for place in places if (value := _json.at(body, place)) is not None), None)
        for member, places in ERROR_MEMBERS.items()
    }
    return {member: value for member, value in found.items() if type(value) is _TYPES[member]}


_TYPES: dict[str, type] = {"code": int, "detail": str, "doc_url": str, "trace_id": str, "retry_after": int}
