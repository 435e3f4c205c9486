"""A recorded exchange as the judge takes it: a request without a secret, and its answer."""

from __future__ import annotations

import re

from linq_contract.contract.classification import LONG_HEADER, MANY_HEADERS
from linq_contract.http.excess import ExcessError, Limits
from linq_contract.http.messages import Attempt, NoAnswer, Request, Response
from linq_contract.recorded.entries import Entry, Headers
from linq_contract.recorded.tokens import Tokens

_SHOWN_HEADERS = {
    *("accept", "accept-encoding", "content-encoding", "content-type", "expect"),
    *("traceparent", "x-trace-id"),
}
_HIDDEN_HEADERS = {"set-cookie", "set-cookie2", "cookie", "authentication-info", "proxy-authenticate"}
_VALUE = re.compile(r"=[^&]*")
_LIMITS = Limits()


def attempt_of(entry: Entry, target: str, tokens: Tokens) -> Attempt:
    """The attempt that an entry records; it is final where its outcome can be held against a server."""
    presented = tokens.present(entry)
    request = Request(
        entry.method,
        _without_secrets(target, tokens),
        _shown_headers(entry, presented.authorization, tokens),
        None if entry.body is None else tokens.conceal(entry.body),
    )
    is_telling = presented.is_telling and entry.answer is not None and not _has_odd_headers(entry.headers)
    return Attempt(
        request, _answer(entry, tokens), entry.began, entry.ended, pause=None if is_telling else 0.0
    )


def _answer(entry: Entry, tokens: Tokens) -> Response | NoAnswer:
    if entry.answer is None:
        return NoAnswer("the recording has none")
    body = entry.answer.body or b""
    try:
        _LIMITS.check_structure(body)
    except ExcessError as error:
        return NoAnswer(str(error), is_excessive=True)
    headers = ((name, value) for name, value in entry.answer.headers if name.lower() not in _HIDDEN_HEADERS)
    return Response(
        entry.answer.status,
        _all_concealed(tuple(headers), tokens),
        tokens.conceal(body),
    )


def _shown_headers(entry: Entry, authorization: str | None, tokens: Tokens) -> Headers:
    """The headers that a verdict may hang on; what else a client sends is its own business."""
    shown = [(name, value) for name, value in entry.headers if name.lower() in _SHOWN_HEADERS]
    kept = _all_concealed(tuple((name.title(), value) for name, value in shown), tokens)
    return kept if authorization is None else (("Authorization", authorization), *kept)


def _all_concealed(headers: Headers, tokens: Tokens) -> Headers:
    """The headers with all of their values looked through at once, since mostly none has anything to hide."""
    values = "\n".join(value for _, value in headers)
    if _concealed(values, tokens) == values:
        return headers
    return tuple((name, _concealed(value, tokens)) for name, value in headers)


def _concealed(value: str, tokens: Tokens) -> str:
    return tokens.conceal(value.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


def _without_secrets(target: str, tokens: Tokens) -> str:
    """A target with no token in its path, and no value in its query."""
    path, mark, query = target.partition("?")
    return _concealed(path, tokens) + mark + _VALUE.sub("=", query)


def _has_odd_headers(headers: Headers) -> bool:
    """Whether servers refuse the like before they look at what is asked for."""
    return len(headers) > MANY_HEADERS or any(
        len(value) > LONG_HEADER or not value.isascii() for _, value in headers
    )
