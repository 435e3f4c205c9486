# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""What becomes of an answer, or of none: the result of a call, or an error."""

from __future__ import annotations

import logging
from typing import Any, Final, TypeVar, cast

import httpx

from . import _json, errors
from ._contract import ADVICE, ERROR_MEMBERS, TRACE_ID_HEADER
from ._pools import is_of_this_machine, proxies
from ._redaction import Token, forget_what_was_sent
from ._requests import name
from ._retries import is_untrusted, retry_after
from ._words import line, sentence
from .types import Call

T = TypeVar("T")

_LONGEST_EXCERPT: Final = 200  # characters

_log = logging.getLogger(__package__)


def result(call: Call[T], response: httpx.Response, token: Token) -> T:
    """Return the result of a call.

    Raises:
        APIStatusError: The answer is not 2xx.
        APIResponseValidationError: The answer does not match the contract.

    """
    _log.debug("%s (%s %s) was answered with %d", *call[:3], response.status_code)
    if not response.is_success:
        raise status_error(call, response, token)
    try:
        return _read(call, response)
    except errors.InvalidDataError as error:
        failure = _validation_error(call, response, token, error)
    raise failure  # outside, so that it does not lead to frames which hold what the server sent


def _read(call: Call[T], response: httpx.Response) -> T:
    if call.parse is None:
        return cast("T", None)
    data = call.read(response)
    found = call.parse(data)
    for pointer, sent in call.echoes.items():
        answered = _json.at(data, pointer)
        if isinstance(answered, str) and answered.casefold() != sent.casefold():
            raise errors.InvalidDataError(f"is {answered!a}, and {sent!a} was asked for", pointer)
    return found


def trace_id(response: httpx.Response) -> str | None:
    """Return what identifies a response to support."""
    found: str | None = response.headers.get(TRACE_ID_HEADER)
    return found


def failure(call: Call[Any], request: httpx.Request, error: Exception, token: Token) -> errors.APIError:
    """Return the error of a call that httpx has failed to make."""
    shown = token.redacted_request(request)
    forget_what_was_sent(error, shown)
    if isinstance(error, httpx.HTTPStatusError):  # raised by a hook
        error.response = token.redacted_response(error.response)
        return status_error(call, error.response, token)
    reason = sentence(token.redacted(line(str(error)) or type(error).__name__))
    if isinstance(error, httpx.TimeoutException):
        return errors.APITimeoutError(
            f"{name(call)} got no answer in time: {reason}", operation=call.operation, request=shown
        )
    if not isinstance(error, httpx.HTTPError):
        reason = f"it redirects to what is no URL: {reason}"
    if isinstance(error, httpx.LocalProtocolError):
        message = f"{name(call)} was not sent: {reason}"
    else:
        message = f"{name(call)} failed at {request.url.scheme}://{request.url.netloc.decode()}: {reason}"
    if is_untrusted(error):
        message += " Name a file with the certificate of a private authority in SSL_CERT_FILE."
    elif isinstance(error, httpx.ConnectError | httpx.ProxyError) and not is_of_this_machine(request.url):
        message += "".join(f" Is the proxy that {variable} names there?" for variable in proxies()[:1])
    return errors.APIConnectionError(message, operation=call.operation, request=shown)


def status_error(call: Call[Any], answer: httpx.Response, token: Token) -> errors.APIStatusError:
    """Return the error of an answer that is not 2xx."""
    response = token.redacted_response(answer)
    body = _body(response, token)
    code, detail = _code(body), _text_of(body, "detail")
    identity = _text_of(body, "trace_id") or trace_id(response)
    words = _words(code, detail, response)
    message = sentence(line(f"{name(call)} was answered with {response.status_code}{words}"))
    return errors.error_class(response.status_code)(
        token.redacted(message + _quoting(identity)),
        code=code,
        detail=detail,
        doc_url=_text_of(body, "doc_url"),
        retry_after=retry_after(response, _first(body, "retry_after")),
        **_about(call, response, identity, body),
    )


def _validation_error(
    call: Call[Any], answer: httpx.Response, token: Token, error: errors.InvalidDataError
) -> errors.APIResponseValidationError:
    response = token.redacted_response(answer)
    identity = trace_id(response)
    what = f"{response.status_code} and a body that breaks the contract: {error}"
    message = sentence(line(f"{name(call)} was answered with {what}"))
    return errors.APIResponseValidationError(
        token.redacted(message + _quoting(identity)),
        pointer=error.pointer,
        **_about(call, response, identity, _body(response, token)),
    )


def _quoting(identity: str | None) -> str:
    return f" Trace id: {line(identity)}." if identity else ""


def _about(call: Call[Any], response: httpx.Response, identity: str | None, body: Any) -> dict[str, Any]:
    return {
        "operation": call.operation,
        "request": response.request,
        "response": response,
        "trace_id": identity,
        "body": body,
    }


def _body(response: httpx.Response, token: Token) -> Any:
    """Return the JSON of a body, or its text, or None when it is empty."""
    try:
        return token.redacted_json(_json.parse_if_any(response))
    except (errors.InvalidDataError, RecursionError):
        return token.redacted(_text(response))


def _text(response: httpx.Response) -> str:
    try:  # unlike `response.text`, this takes no codec of bytes, such as zlib
        return response.content.decode(response.encoding or "utf-8", errors="replace")
    except (LookupError, ValueError):  # it is sent in an encoding that Python does not know, or that fails
        return response.content.decode(errors="backslashreplace")


def _code(body: Any) -> int | str | None:
    value = _first(body, "code")
    if isinstance(value, str) and value.isdecimal() and len(value) < 10 and int(value) in ADVICE:
        return int(value)
    return value if isinstance(value, int | str) and not isinstance(value, bool) else None


def _text_of(body: Any, member: str) -> str | None:
    value = _first(body, member)
    return value if isinstance(value, str) and value else None


def _first(body: Any, member: str) -> Any:
    """Return what stands at the first of the places of a member that has something."""
    found = (_json.at(body, place) for place in ERROR_MEMBERS[member])
    return next((value for value in found if value is not None), None)


def _words(code: int | str | None, detail: str | None, response: httpx.Response) -> str:
    """Return what an error says, or else how the body begins."""
    if code is None and detail is None:
        return f": {_excerpt(_text(response))}" if response.content else " and an empty body"
    words = "" if code is None else f", code {code}"
    if detail is not None:
        words += f": {detail}"
    advice = ADVICE.get(code) if isinstance(code, int) else None
    return f"{words} ({advice})" if advice else words


def _excerpt(text: str) -> str:
    shown = line(text[: 2 * _LONGEST_EXCERPT])
    return shown if len(shown) <= _LONGEST_EXCERPT else f"{shown[:_LONGEST_EXCERPT]}..."
