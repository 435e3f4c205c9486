# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The httpx clients that the package makes: their pools, and aiohttp beneath them."""

from __future__ import annotations

import ssl
from typing import Any, Final

import httpx

from ._contract import PROJECT, VERSION

DEFAULT_TIMEOUT: Final = httpx.Timeout(60, connect=5)
USER_AGENT: Final = {"User-Agent": f"{PROJECT}/{VERSION}"}
_MOST_CONNECTIONS: Final = 100
_MOST_POOLS: Final = 25


class Cookieless:
    """An httpx client's cookies: none.

    The token says who asks, and looking for cookies takes a seventh of a call.
    """

    @property
    def cookies(self) -> httpx.Cookies:
        return _NO_COOKIES

    @cookies.setter
    def cookies(self, cookies: object) -> None:  # noqa: ARG002 - called so by httpx
        raise AttributeError("this client keeps no cookies")


class _NoCookies(httpx.Cookies):
    def extract_cookies(self, response: httpx.Response) -> None:
        pass


_NO_COOKIES: Final = _NoCookies()


class _SyncHttp(Cookieless, httpx.Client):
    pass


class _AsyncHttp(Cookieless, httpx.AsyncClient):
    pass


def sync_pool() -> httpx.Client:
    """Return the httpx client of a client that is given none."""
    return _SyncHttp(headers=USER_AGENT, limits=_limits(1))


class AsyncPools:
    """An `httpx.AsyncClient`, and further ones as calls get many, so that none has many connections.

    The pool of httpx looks at each of its connections several times for each request (encode/httpx
    issue 3215): with 50 in flight, many small pools send twice as many requests as a large one.
    """

    def __init__(self) -> None:
        self._context = httpx.create_ssl_context()
        self._in_flight: dict[httpx.AsyncClient, int] = {}
        self.headers = self._open().headers

    def _open(self) -> httpx.AsyncClient:
        pool = _AsyncHttp(verify=self._context, headers=USER_AGENT, limits=_limits(_MOST_POOLS))
        self._in_flight[pool] = 0
        return pool

    @property
    def is_closed(self) -> bool:
        return all(pool.is_closed for pool in self._in_flight)

    async def send(self, request: httpx.Request, *, auth: None, follow_redirects: bool) -> httpx.Response:
        pool = min(self._in_flight, key=self._in_flight.__getitem__)
        is_busy = self._in_flight[pool] >= _MOST_CONNECTIONS // _MOST_POOLS // 2
        if is_busy and len(self._in_flight) < _MOST_POOLS:
            pool = self._open()
        self._in_flight[pool] += 1
        try:
            return await pool.send(request, auth=auth, follow_redirects=follow_redirects)
        finally:
            self._in_flight[pool] -= 1

    async def aclose(self) -> None:
        for pool in self._in_flight:
            await pool.aclose()


def _limits(pools: int) -> httpx.Limits:
    """Return the limits of each of so many pools; all of its connections are kept.

    By default httpx keeps 20: of more that are in use, it closes each as soon as its response is read.
    """
    most = _MOST_CONNECTIONS // pools
    return httpx.Limits(max_connections=most, max_keepalive_connections=most)


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
                limit=_MOST_CONNECTIONS, keepalive_timeout=self.limits.keepalive_expiry, ssl=self.ssl_context
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
