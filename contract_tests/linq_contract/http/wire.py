"""The one HTTP layer that all traffic of a run passes.

Whatever a check or a library asks for, this layer sends no request that could change something
unless writes are allowed, sets no number that could be a stranger's, follows no redirect, reads no more
of an answer than is sensible, and lets no token out of it.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpcore
import httpx

from linq_contract.contract.expectation import FIELD
from linq_contract.contract.numbers import could_ring_a_stranger
from linq_contract.http.connections import Deadlines, connect
from linq_contract.http.credentials import Credentials
from linq_contract.http.large import remembered
from linq_contract.http.messages import NoAnswer, Request, Response, json_object, parse_json, printable
from linq_contract.http.nesting import has_more_parts, is_nested_deeper
from linq_contract.http.pace import Pace

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_CONNECTIONS = 64
_LONGEST_HOLD = 60.0
_GZIP = 31
_MEBIBYTE = 2**20


class RefusedError(Exception):
    """A request that this layer does not let out; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an answer is read.

    `body` is in bytes, `parts` are the arrays and objects in it and `levels` how deeply they are nested,
    `seconds` last from the begin of the request to the end of the answer.

    A list of 100,000 lines has about 30 MB, and 300,000 objects in four levels.
    """

    body: int = 64 * _MEBIBYTE
    parts: int = 3_000_000
    levels: int = 100
    headers: int = 1_000
    seconds: float = 60.0


class _ExcessError(Exception):
    """An answer is more than is read of one; the message says in what."""


class Wire:
    """Sends requests to the server at `base_url`, one connection pool for all threads.

    Each of `guards` sees a request before it is sent, and raises what keeps it from being sent.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        allow_writes: bool,
        pace: Pace | None = None,
        limits: Limits | None = None,
        guards: Sequence[Callable[[Request], None]] = (),
    ) -> None:
        self._url = httpx.URL(base_url)
        self._base_path = self._url.raw_path.partition(b"?")[0].rstrip(b"/")
        self._credentials = credentials
        self._conceal_body = remembered(credentials.conceal)
        self._check_structure = remembered(self._refuse_excess)
        self._allow_writes = allow_writes
        self._pace = pace or Pace()
        self._limits = limits or Limits()
        self._guards = guards
        self._numbers_in_use: set[str] = set()
        self._deadlines = Deadlines()
        self._tls = httpx.create_ssl_context()
        self._pool = connect(self._url, self._tls, _CONNECTIONS, self._deadlines)
        self.sent = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.close()

    def reconnect(self) -> None:
        """Send what follows on new connections."""
        self._pool.close()
        self._pool = connect(self._url, self._tls, _CONNECTIONS, self._deadlines)

    @contextmanager
    def on_other_connections(self) -> Generator[None]:
        """Send what follows on connections of their own, and then again on those of before."""
        pool = self._pool
        try:
            with connect(self._url, self._tls, _CONNECTIONS, self._deadlines) as self._pool:
                yield
        finally:
            self._pool = pool

    def permit(self, numbers: Collection[str]) -> None:
        """Let numbers be set although they are not fictional: the user's own, and those in use already."""
        self._numbers_in_use.update(numbers)

    def send(self, request: Request, *, timeout: float = 30) -> Response | NoAnswer:
        """Send one request once.

        `timeout` is in seconds and holds for each step: connecting, sending, waiting for data.
        Raises RefusedError when the request must not leave this process.
        """
        self._guard(request)
        with self._pace.turn():
            answer = self._send(request, timeout)
        if isinstance(answer, Response) and answer.status == 429:
            self._pace.hold(min(answer.retry_after, _LONGEST_HOLD))
        return answer

    def _guard(self, request: Request) -> None:
        if request.method not in SAFE_METHODS and not self._allow_writes:
            raise RefusedError(f"{request.method} could change something, and writes are not allowed")
        number = (json_object(parse_json(request.body or b"")) or {}).get(FIELD)
        if isinstance(number, str) and number not in self._numbers_in_use and could_ring_a_stranger(number):
            raise RefusedError("the forwarding number could be a stranger's")
        for guard in self._guards:
            guard(request)

    def _send(self, request: Request, timeout: float) -> Response | NoAnswer:
        self.sent += 1
        self._deadlines.at = time.monotonic() + self._limits.seconds
        try:
            return self._exchange(request, timeout)
        except (httpcore.LocalProtocolError, UnicodeError) as error:
            raise RefusedError(f"HTTP/1.1 cannot carry this request: {self._text(error)}") from None
        except _ExcessError as error:
            return NoAnswer(str(error), is_excessive=True)
        except httpcore.TimeoutException as error:
            if time.monotonic() >= self._deadlines.at:
                return NoAnswer(f"no end came within {self._limits.seconds:g} s", is_excessive=True)
            what = "no connection" if isinstance(error, httpcore.ConnectTimeout) else "nothing"
            return NoAnswer(f"{what} came within {timeout:g} s", timed_out=True)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError) as error:
            return NoAnswer(self._text(error))

    def _exchange(self, request: Request, timeout: float) -> Response:
        body = self._body(request)
        url = httpcore.URL(
            scheme=self._url.raw_scheme,
            host=self._url.raw_host,
            port=self._url.port,
            target=self._base_path + self._credentials.resolve(request.target, quote).encode("ascii"),
        )
        steps = dict.fromkeys(("connect", "read", "write", "pool"), timeout)
        outgoing = httpcore.Request(
            request.method,
            url,
            headers=self._headers(request, body),
            content=body or b"",
            extensions={"timeout": steps},
        )
        incoming = self._pool.handle_request(outgoing)
        try:
            if len(incoming.headers) > self._limits.headers:
                raise _ExcessError(f"the answer has more than {self._limits.headers:,} headers")
            raw = self._read(incoming.iter_stream())
        finally:
            incoming.close()
        coding = next((value for name, value in incoming.headers if name.lower() == b"content-encoding"), b"")
        decoded = self._decode(raw, coding)
        self._check_structure(decoded)
        conceal = self._credentials.conceal
        return Response(
            incoming.status,
            tuple(
                (name.decode("latin-1"), conceal(value).decode("latin-1")) for name, value in incoming.headers
            ),
            self._conceal_body(decoded),
        )

    def _headers(self, request: Request, body: bytes | None) -> list[tuple[bytes, bytes]]:
        headers = [(b"Host", self._url.netloc), (b"User-Agent", b"linq-contract")]
        if request.header("Accept-Encoding") is None:
            headers.append((b"Accept-Encoding", b"gzip"))
        headers += [
            (name.encode("latin-1"), self._credentials.resolve(value).encode("utf-8", "surrogateescape"))
            for name, value in request.headers
        ]
        if body is not None:
            headers.append((b"Content-Length", str(len(body)).encode()))
        return headers

    def _body(self, request: Request) -> bytes | None:
        if request.body is None or b"$" not in request.body:
            return request.body
        text = request.body.decode("utf-8", "surrogateescape")
        resolved = self._credentials.resolve(text, lambda token: json.dumps(token)[1:-1])
        return resolved.encode("utf-8", "surrogateescape")

    def _read(self, chunks: Iterable[bytes]) -> bytes:
        body = bytearray()
        for chunk in chunks:
            body += chunk
            self._check_size(len(body))
        return bytes(body)

    def _decode(self, body: bytes, coding: bytes) -> bytes:
        """Undo the content coding; a body that does not have the coding it claims stays as it is."""
        if coding.strip().lower() not in {b"gzip", b"x-gzip"}:
            return body
        decoded = bytearray()
        rest = body
        try:
            while rest:
                member = zlib.decompressobj(_GZIP)
                decoded += member.decompress(rest, self._limits.body + 1 - len(decoded))
                self._check_size(len(decoded))
                if not member.eof:
                    return body
                rest = member.unused_data
        except zlib.error:
            return body
        return bytes(decoded)

    def _check_size(self, size: int) -> None:
        if size > self._limits.body:
            raise _ExcessError(f"the body is longer than {self._limits.body / _MEBIBYTE:g} MiB")

    def _refuse_excess(self, body: bytes) -> None:
        if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in {b"[", b"{"}:
            return
        if has_more_parts(body, self._limits.parts):
            raise _ExcessError(f"the body has more than {self._limits.parts:,} arrays and objects")
        if is_nested_deeper(body, self._limits.levels):
            raise _ExcessError(f"the body is nested in more than {self._limits.levels} levels")

    def _text(self, error: Exception) -> str:
        """What went wrong, without a token that the request or the answer had."""
        text = self._credentials.conceal(str(error).encode("utf-8", "replace")).decode("utf-8", "replace")
        return printable(f"{type(error).__name__}: {text}" if text else type(error).__name__)
