"""The request that a call becomes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import httpx

from . import _json
from ._contract import BASE_URL_VARIABLE, DEFAULT_BASE_URL
from ._pools import AsyncPools, Cookieless
from .errors import InvalidInputError
from .types import UNSET, Call

Http = httpx.Client | httpx.AsyncClient | AsyncPools

_url = lru_cache(1000)(httpx.URL)  # parsing a URL takes a tenth of a call


def name(call: Call[Any]) -> str:
    """Return what a message calls a call."""
    return f"{call.operation} ({call.method} {call.path})"


class Requests:
    """Makes the requests of a client, with the headers that all of them have."""

    def __init__(self, base_url: str, headers: httpx.Headers) -> None:
        self._base_url = base_url
        self._headers = headers
        self._merged: tuple[object, httpx.Headers] = (None, headers)

    def build(self, http: Http, call: Call[Any], timeout: httpx.Timeout) -> httpx.Request:
        """Return the request of a call.

        Raises:
            InvalidInputError: The body is no JSON.

        """
        build: Callable[..., httpx.Request]
        # Our own clients add headers to a request and nothing else, unless the user gave one parameters.
        if isinstance(http, AsyncPools) or (isinstance(http, Cookieless) and not http.params):
            build, headers = _build_request, self._with_those_of(http)
        else:
            build, headers = http.build_request, self._headers
        content = None
        if call.headers:
            headers = headers.copy()
            headers.update({key: str(value) for key, value in call.headers.items()})
        if call.body is not UNSET:
            content = _body(call)
            headers = headers.copy()
            headers["Content-Type"] = "application/json"
        url = _url(self._base_url + call.path)
        return build(call.method, url, params=call.query, headers=headers, content=content, timeout=timeout)

    def _with_those_of(self, http: Http) -> httpx.Headers:
        """Return the headers of every request: merged once, and again when those of `http` change."""
        theirs = http.headers.raw
        known, merged = self._merged
        if known != theirs:
            merged = httpx.Headers(theirs)
            merged.update(self._headers)
            self._merged = theirs, merged
        return merged


def _build_request(method: str, url: httpx.URL, *, timeout: httpx.Timeout, **parts: Any) -> httpx.Request:
    """Return what `build_request` of an httpx client does that has headers alone, once they are merged."""
    return httpx.Request(method, url, extensions={"timeout": timeout.as_dict()}, **parts)


def _body(call: Call[Any]) -> bytes:
    try:
        return _json.encode(call.body)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInputError(f"{name(call)} was not sent: its body is no JSON: {error}") from None


def checked_url(base_url: str) -> str:
    """Return a base URL without the slash at its end.

    Raises:
        InvalidInputError: It is none.

    """
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, TypeError) as error:
        raise InvalidInputError(
            f"The base URL (base_url or {BASE_URL_VARIABLE}) is no URL: {error}."
        ) from None
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query or url.fragment:
        raise InvalidInputError(
            f"The base URL (base_url or {BASE_URL_VARIABLE}) must look like {DEFAULT_BASE_URL}: "
            "http or https, a host, perhaps a path, and nothing else."
        )
    return str(base_url).rstrip("/")
