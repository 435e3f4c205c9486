"""A reverse proxy that passes everything on as it comes, and has it judged once it is over."""

from __future__ import annotations

import ssl
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from typing import Any, TypeAlias

import httpcore
import httpx

from linq_contract.http.connections import of_httpcore
from linq_contract.http.environment import proxy_to, tls_to
from linq_contract.live.judge import LiveJudge
from linq_contract.recorded.entries import Answer, Entry, in_plain

_HOP_BY_HOP = {
    *(b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection"),
    *(b"te", b"trailer", b"transfer-encoding", b"upgrade"),
}
_KEPT = 16 * 2**20  # bytes of a body: a larger one is not checked, and passes all the same
_CONNECTIONS = 100  # as many as httpx opens by itself
_TIMEOUTS = {"connect": 10.0, "pool": 10.0, "write": 60.0, "read": 300.0}  # seconds; clients have their own

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
RawHeaders: TypeAlias = list[tuple[bytes, bytes]]


class ReverseProxy:
    """An ASGI application that hands each request to the host of a URL. Raises ValueError as `proxy_to` does.

    What it says itself, when the server is away, is no answer of the server.
    """

    def __init__(self, url: str, judge: LiveJudge) -> None:
        self._url = httpx.URL(url)
        self._judge = judge
        self._pool = _pool(self._url, tls_to(self._url))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http", "nothing else is served"
        await _Passage(self._url, self._pool, self._judge, scope, receive, send).go()

    async def close(self) -> None:
        """Close the connections to the server."""
        await self._pool.aclose()


class _Kept:
    """A copy of a body that passes, as long as it is not too large."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._size = 0
        self.is_large = False

    def add(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > _KEPT:
            self.is_large, self._chunks = True, []
        else:
            self._chunks.append(chunk)

    @property
    def body(self) -> bytes | None:
        return None if self.is_large else b"".join(self._chunks)


class _Passage:
    """One request on its way to the server, and its answer on the way back."""

    def __init__(
        self,
        url: httpx.URL,
        pool: httpcore.AsyncConnectionPool,
        judge: LiveJudge,
        scope: Message,
        receive: Receive,
        send: Send,
    ) -> None:
        self._url, self._pool, self._judge = url, pool, judge
        self._scope, self._receive, self._send = scope, receive, send
        self._sent, self._received = _Kept(), _Kept()
        self._began = 0.0
        self._status: int | None = None
        self._headers: RawHeaders = []

    async def go(self) -> None:
        """Pass the request on, and have the exchange judged, however it ends."""
        self._began = self._judge.began()
        is_whole = False
        try:
            is_whole = await self._pass()
        except Exception:
            traceback.print_exc()  # the server says nothing, as it would of each answer that is cut off
            raise
        finally:
            self._judge.ended(self._entry(is_whole=is_whole))

    async def _pass(self) -> bool:
        """Whether the answer has come, and gone, to its end."""
        try:
            response = await self._pool.handle_async_request(self._request())
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProxyError) as error:
            await self._say(502, f"the server gave no answer: {_reason(error)}")
            return False
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
            await self._say(502, f"what the server answered is not HTTP: {_reason(error)}")
            return False
        try:
            self._status = response.status
            self._headers = _end_to_end(response.headers)
            await self._send(
                {"type": "http.response.start", "status": response.status, "headers": self._headers}
            )
            async for chunk in response.aiter_stream():
                self._received.add(chunk)
                await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
            await self._send({"type": "http.response.body", "body": b""})
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
            return False  # what has come is passed on, and without the rest the connection is closed
        finally:
            await response.aclose()
        return True

    def _request(self) -> httpcore.Request:
        headers = _end_to_end(self._scope["headers"])
        names = {name.lower() for name, _ in self._scope["headers"]}
        headers = [header for header in headers if header[0] != b"host"]
        if b"transfer-encoding" in names:
            headers.append((b"transfer-encoding", b"chunked"))
        return httpcore.Request(
            self._scope["method"],
            httpcore.URL(
                scheme=self._url.raw_scheme, host=self._url.raw_host, port=self._url.port, target=self._target
            ),
            headers=[(b"host", self._url.netloc), *headers],
            content=self._body() if self._has_body else b"",
            extensions={"timeout": _TIMEOUTS},
        )

    @property
    def _has_body(self) -> bool:
        return any(name in {b"content-length", b"transfer-encoding"} for name, _ in self._scope["headers"])

    @property
    def _target(self) -> bytes:
        path: bytes = self._scope["raw_path"]
        query: bytes = self._scope["query_string"]
        return path + b"?" + query if query else path

    async def _body(self) -> AsyncIterator[bytes]:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise httpcore.ReadError("the client went away")
            chunk = message.get("body", b"")
            self._sent.add(chunk)
            yield chunk
            if not message.get("more_body"):
                return

    async def _say(self, status: int, text: str) -> None:
        """Answer in the proxy's own words."""
        body = f"linq-contract proxy: {text}\n".encode()
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    def _entry(self, *, is_whole: bool) -> Entry:
        """What a recorder would have of it."""
        answer = Answer(self._status or 0, _text(self._headers), self._received.body)
        return Entry(
            "the proxy: now",
            self._scope["method"],
            f"{self._url.scheme}://{self._url.netloc.decode()}{self._target.decode('latin-1')}",
            _text(self._scope["headers"]),
            self._sent.body if self._has_body else None,
            in_plain(answer) if is_whole else None,
            self._began,
            time.time(),
            lacks_body=self._sent.is_large,
        )


def _pool(url: httpx.URL, tls: ssl.SSLContext | None) -> httpcore.AsyncConnectionPool:
    proxy = proxy_to(url)
    settings = None if proxy is None else proxy.settings
    return httpcore.AsyncConnectionPool(
        ssl_context=tls,
        proxy=None if settings is None else of_httpcore(settings, tls),
        max_connections=_CONNECTIONS,
        max_keepalive_connections=_CONNECTIONS,
    )


def _end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> RawHeaders:
    """The headers without those that are for the next hop alone."""
    pairs = [(name, value) for name, value in headers]
    named = {
        each.strip().lower()
        for name, value in pairs
        if name.lower() == b"connection"
        for each in value.split(b",")
    }
    return [(name, value) for name, value in pairs if name.lower() not in _HOP_BY_HOP | named]


def _text(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
