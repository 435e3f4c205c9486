# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""aiohttp beneath an httpx client."""

from __future__ import annotations

import ssl
from typing import Any

import httpx

from ._contract import PROJECT
from ._pools import MOST_CONNECTIONS, USER_AGENT, Cookieless
from ._settings import DEFAULT_TIMEOUT


def aiohttp_client(
    *,
    proxy: str | httpx.Proxy | None = None,
    verify: ssl.SSLContext | bool = True,
    timeout: float | httpx.Timeout | None = DEFAULT_TIMEOUT,
) -> httpx.AsyncClient:
    """Return an `http_client` for the asynchronous client that sends over aiohttp, whose pool is faster.

    It runs on asyncio, not on trio, and closing it is up to you.

    Args:
        proxy: As for `httpx.AsyncClient`; without it, those of the environment.
        verify: As for `httpx.AsyncClient`.
        timeout: Seconds, an `httpx.Timeout`, or None to wait for ever.

    Raises:
        ImportError: The extra `aiohttp` of this package is not installed.

    """
    try:
        from aiohttp import ClientSession, DummyCookieJar, TCPConnector  # noqa: PLC0415 - an extra
        from httpx_aiohttp import AiohttpTransport, HttpxAiohttpClient  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ImportError(
            f"aiohttp_client needs an extra, pip install '{PROJECT}[aiohttp]': {error}", name=error.name
        ) from error

    class Transport(AiohttpTransport):
        def get_client(self) -> ClientSession:
            connector = TCPConnector(
                limit=MOST_CONNECTIONS, keepalive_timeout=self.limits.keepalive_expiry, ssl=self.ssl_context
            )
            return ClientSession(connector=connector, cookie_jar=DummyCookieJar())

    class AiohttpHttp(Cookieless, HttpxAiohttpClient):
        def _init_transport(self, *_: Any, **settings: Any) -> httpx.AsyncBaseTransport:
            return Transport(**settings)

        def _init_proxy_transport(
            self, proxy: httpx.Proxy, *_: Any, **settings: Any
        ) -> httpx.AsyncBaseTransport:
            return Transport(proxy=proxy, **settings)

    return AiohttpHttp(headers=USER_AGENT, proxy=proxy, verify=verify, timeout=timeout)
