# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The httpx client that sends over aiohttp; to import it takes the extra."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
from aiohttp import ClientError, ClientResponse, ClientSession, DummyCookieJar, TCPConnector
from httpx_aiohttp import AiohttpTransport, HttpxAiohttpClient

from ._pools import MOST_CONNECTIONS, Cookieless


class AiohttpHttp(Cookieless, HttpxAiohttpClient):
    """An httpx client whose connections are aiohttp's."""

    def _init_transport(self, *_: Any, **settings: Any) -> httpx.AsyncBaseTransport:
        return _Transport(**settings)

    def _init_proxy_transport(self, proxy: httpx.Proxy, *_: Any, **settings: Any) -> httpx.AsyncBaseTransport:
        return _Transport(proxy=proxy, **settings)


class _Transport(AiohttpTransport):
    def get_client(self) -> ClientSession:
        connector = TCPConnector(
            limit=MOST_CONNECTIONS, keepalive_timeout=self.limits.keepalive_expiry, ssl=self.ssl_context
        )
        return ClientSession(connector=connector, cookie_jar=DummyCookieJar(), response_class=_Response)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response = await super().handle_async_request(request)
        except (ClientError, httpx.TransportError) as error:
            failure = _as_of_httpx(error)
        else:
            assert isinstance(response.stream, httpx.AsyncByteStream)
            response.stream = _Stream(response.stream)
            return response
        raise failure  # outside, so that it does not lead to an error of aiohttp


class _Response(ClientResponse):
    async def start(self, connection: Any) -> ClientResponse:
        await super().start(connection)
        self.reason = (self.reason or "").encode(errors="replace").decode()  # it will be encoded strictly
        return self


class _Stream(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._stream:
                yield piece
        except (ClientError, httpx.TransportError) as error:
            failure = _as_of_httpx(error)
        else:
            return
        raise failure

    async def aclose(self) -> None:
        await self._stream.aclose()


def _as_of_httpx(error: Exception) -> httpx.TransportError:
    """Return an error as httpx has it, where httpx_aiohttp lets one pass or takes it for a timeout.

    It leads to no error of aiohttp: some of them show the headers that were sent, and so the token.
    """
    if not isinstance(error, httpx.TransportError):
        return httpx.RemoteProtocolError(str(getattr(error, "message", "") or error))
    if isinstance(error, httpx.TimeoutException) and not isinstance(error.__cause__, TimeoutError):
        return httpx.ReadError(str(error))
    error.__cause__ = error.__context__ = None
    return error
