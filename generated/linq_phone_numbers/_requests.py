# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The request that a call becomes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

import httpx

from . import _json
from ._attempts import Attempts
from ._contract import DEFAULT_BASE_URL
from ._credentials import Sent, sent
from ._pools import USER_AGENT, Cookieless
from ._redaction import Token
from ._settings import Settings
from ._words import sentence
from .errors import InvalidInputError
from .types import UNSET, Call, Content, Written

_OF_HTTPX: Final = "python-httpx/"

_url = lru_cache(1000)(httpx.URL)  # parsing a URL takes a tenth of a call


def name(call: Call[Any]) -> str:
    """Return what a message calls a call."""
    return f"{call.operation} ({call.method} {call.path})"


class Requests:
    """Makes the requests of a client, with the headers that all of them have."""

    def __init__(self, settings: Settings) -> None:
        self._base_url = settings.base_url
        self._own = settings.headers
        self._merged: tuple[object, Token | None, httpx.Headers, Sent] = (
            None,
            None,
            httpx.Headers(),
            Sent({}, {}, ""),
        )

    def build(
        self,
        http: httpx.Client | httpx.AsyncClient,
        call: Call[Any],
        attempts: Attempts,
        token: Token,
        schemes: tuple[str, ...],
    ) -> httpx.Request:
        """Return the request of the next attempt at a call, with the token as the security schemes say.

        Raises:
            InvalidInputError: The body is no JSON, or no URL can be made of the path and the query.

        """
        # Our own clients add headers to a request and nothing else, unless the user gave one parameters.
        is_plain = isinstance(http, Cookieless) and not http.params
        headers, credentials = self._common(http, token, schemes, with_theirs=is_plain)
        content = None
        if call.headers or call.body is not UNSET or attempts.headers:
            headers = headers.copy()
            headers.update({key: str(value) for key, value in (call.headers or {}).items()})
        if call.body is not UNSET:
            body = _body(call)
            headers["Content-Type"], content = body.media_type, body.content
        if credentials.cookie:
            headers = headers.copy()
            headers["Cookie"] = "; ".join(filter(None, [headers.get("Cookie"), credentials.cookie]))
        if attempts.headers:
            headers.update(attempts.headers)
        make = httpx.Request if is_plain else http.build_request
        query = _query(call, attempts, credentials)
        unwritten = query and {key: value for key, value in query.items() if not isinstance(value, Written)}
        try:
            request = make(
                call.method,
                _url(self._base(call) + call.path),
                params=unwritten,
                headers=headers,
                content=content,
                extensions={"timeout": attempts.timeouts()},
            )
        except (httpx.InvalidURL, UnicodeError) as error:
            raise InvalidInputError(sentence(f"{call.operation} was not sent: {error}")) from None
        if query:
            request.url = _with_written(request.url, query)
        return request

    def _base(self, call: Call[Any]) -> str:
        """Return what the path is appended to: with a server of the user, all goes there."""
        return call.server if call.server and self._base_url == DEFAULT_BASE_URL else self._base_url

    def _common(
        self,
        http: httpx.Client | httpx.AsyncClient,
        token: Token,
        schemes: tuple[str, ...],
        *,
        with_theirs: bool,
    ) -> tuple[httpx.Headers, Sent]:
        """Return what every request has, its headers merged once, and again after a change.

        They are httpx.Headers, which do not show the token when they are printed.
        """
        known, known_token, headers, credentials = self._merged
        theirs = (with_theirs, http.headers.raw, schemes)
        if known != theirs or known_token is not token:
            headers = httpx.Headers(http.headers if with_theirs else None)
            if http.headers.get("User-Agent", "").startswith(_OF_HTTPX):
                headers.update(USER_AGENT)
            credentials = sent(schemes, token)
            headers.update({"Accept": "application/json", **credentials.headers})
            headers.update(self._own)
            self._merged = theirs, token, headers, credentials
        return headers, credentials


def _query(call: Call[Any], attempts: Attempts, credentials: Sent) -> dict[str, Any] | None:
    """Return the parameters of the URL, as far as they are set."""
    if not call.query and not attempts.query and not credentials.query:
        return None
    given = call.query or {}
    own = {key: value for key, value in credentials.query.items() if given.get(key, UNSET) is UNSET}
    every = {**given, **own, **attempts.query}
    return {key: value for key, value in every.items() if value is not UNSET}


def _with_written(url: httpx.URL, query: Mapping[str, Any]) -> httpx.URL:
    """Add to a URL the parameters that are written already."""
    written = [f"{quote(key)}={value}" for key, value in query.items() if isinstance(value, Written)]
    if not written:
        return url
    return url.copy_with(query="&".join([*filter(None, [url.query.decode()]), *written]).encode())


def _body(call: Call[Any]) -> Content:
    if isinstance(call.body, Content):
        return call.body
    try:
        return Content("application/json", _json.encode(call.body))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInputError(f"{name(call)} was not sent: its body is no JSON: {error}") from None
