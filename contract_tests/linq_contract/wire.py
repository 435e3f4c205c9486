"""The one HTTP layer that all traffic of a run passes.

Whatever a check or a library asks for, this layer sends no request that could change something
unless writes are allowed, sets no number that could be a stranger's, and lets no token out of it.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Collection
from types import TracebackType
from typing import Self

import httpx

from linq_contract.classify import FIELD
from linq_contract.credentials import Credentials
from linq_contract.exchange import NoAnswer, Request, Response, json_object, parse_json
from linq_contract.numbers import could_ring_a_stranger

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_CONNECTIONS = 64


class RefusedError(Exception):
    """A request that this layer does not let out; nothing was sent."""


class Wire:
    """Sends requests to the server at `base_url`, one connection pool for all threads."""

    def __init__(self, base_url: str, credentials: Credentials, *, allow_writes: bool) -> None:
        url = httpx.URL(base_url)
        self._base_path = url.raw_path.partition(b"?")[0].rstrip(b"/")
        self._origin = url.copy_with(raw_path=b"/")
        self._host = url.netloc
        self._tls = httpx.create_ssl_context()
        self._credentials = credentials
        self._allow_writes = allow_writes
        self._numbers_in_use: set[str] = set()
        self._client = self._connect()
        self.sent = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.close()

    def reconnect(self) -> None:
        """Send what follows on new connections."""
        self._client.close()
        self._client = self._connect()

    def permit(self, numbers: Collection[str]) -> None:
        """Let numbers be set although they are not fictional: those that lines forward to already."""
        self._numbers_in_use.update(numbers)

    def send(self, request: Request, *, timeout: float = 30) -> Response | NoAnswer:
        """Send one request once.

        `timeout` is in seconds and holds for each step: connecting, sending, waiting for data.
        Raises RefusedError when the request must not leave this process.
        """
        self._guard(request)
        self.sent += 1
        try:
            return self._exchange(request, timeout)
        except (httpx.LocalProtocolError, UnicodeError) as error:
            raise RefusedError(f"HTTP/1.1 cannot carry this request: {error}") from error
        except httpx.HTTPError as error:
            timed_out = isinstance(error, httpx.TimeoutException)
            return NoAnswer(f"nothing came within {timeout:g} s" if timed_out else _reason(error), timed_out)

    def _connect(self) -> httpx.Client:
        limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
        return httpx.Client(limits=limits, verify=self._tls, follow_redirects=False)

    def _guard(self, request: Request) -> None:
        if request.method not in SAFE_METHODS and not self._allow_writes:
            raise RefusedError(f"{request.method} could change something, and writes are not allowed")
        number = (json_object(parse_json(request.body or b"")) or {}).get(FIELD)
        if isinstance(number, str) and number not in self._numbers_in_use and could_ring_a_stranger(number):
            raise RefusedError("the forwarding number could be a stranger's")

    def _exchange(self, request: Request, timeout: float) -> Response:
        headers = [(b"Host", self._host), (b"User-Agent", b"linq-contract"), (b"Accept-Encoding", b"gzip")]
        headers += [
            (name.encode("latin-1"), self._credentials.resolve(value).encode("utf-8"))
            for name, value in request.headers
        ]
        if request.body is not None:
            headers.append((b"Content-Length", str(len(request.body)).encode()))
        outgoing = httpx.Request(
            request.method,
            self._origin,
            headers=headers,
            stream=httpx.ByteStream(request.body or b""),
            extensions={
                "target": self._base_path + request.target.encode("ascii"),
                "timeout": httpx.Timeout(timeout).as_dict(),
            },
        )
        incoming = self._client.send(outgoing, stream=True)
        try:
            raw = b"".join(incoming.iter_raw())
        finally:
            incoming.close()
        body = _decode(raw, incoming.headers.get("content-encoding", ""))
        conceal = self._credentials.conceal
        return Response(
            incoming.status_code,
            tuple(
                (name.decode("latin-1"), conceal(value).decode("latin-1"))
                for name, value in incoming.headers.raw
            ),
            conceal(body),
        )


def _decode(body: bytes, coding: str) -> bytes:
    """Undo the content coding; a body that does not have the coding it claims stays as it is."""
    if coding.strip().lower() not in {"gzip", "x-gzip"}:
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        return body


def _reason(error: httpx.HTTPError) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
