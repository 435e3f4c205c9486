"""The one HTTP layer that all traffic of a run passes.

Whatever a check or a library asks for, this layer sends no request that could change something
unless writes are allowed, nor one that a guard refuses, follows no redirect, reads no more of an answer
than is sensible, and lets no token out of it.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpcore
import httpx

from linq_contract.http.compression import GZIP, inflated
from linq_contract.http.connections import Deadlines, connect
from linq_contract.http.credentials import Credentials
from linq_contract.http.environment import proxy_to, tls_to
from linq_contract.http.excess import ExcessError, Limits
from linq_contract.http.large import remembered
from linq_contract.http.messages import SAFE_METHODS, NoAnswer, Request, Response, printable
from linq_contract.http.pace import Pace

_CONNECTIONS = 64  # more than any phase has under way
_LONGEST_HOLD = 60.0  # seconds; a server that asks for more is not waited for by those who send, either
_UNKNOWN_AUTHORITY = re.compile("self.signed certificate|unable to get local issuer certificate")
_ADVICE_ON_AUTHORITIES = (
    "Nobody who is trusted here has signed its certificate. Is it a private authority's? "
    "Then name a file with the certificate of that authority in SSL_CERT_FILE."
)
_ADVICE_ON_PROXIES = (
    "Is it the right proxy, with user and password if it wants them? NO_PROXY names hosts that need none."
)


class RefusedError(Exception):
    """A request that this layer does not let out; nothing was sent."""


class Wire:
    """Sends requests to the server at `base_url`, one connection pool for all threads.

    Each of `guards` sees a request before it is sent, and raises what keeps it from being sent. Raises
    ValueError when what the environment says of proxies and certificates cannot be used.
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
        self._allow_writes = allow_writes
        self._pace = pace or Pace()
        self._limits = limits or Limits()
        self._check_structure = remembered(self._limits.check_structure)
        self._guards = guards
        self._deadlines = Deadlines()
        self._tls = tls_to(self._url, credentials.certificate)
        self._proxy = proxy_to(self._url)
        self._pool = self._connect()
        self.sent = 0
        self._counting = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.close()

    def reconnect(self) -> None:
        """Send what follows on new connections."""
        self._pool.close()
        self._pool = self._connect()

    @contextmanager
    def on_other_connections(self) -> Generator[None]:
        """Send what follows on connections of their own, and then again on those of before."""
        pool = self._pool
        try:
            with self._connect() as self._pool:
                yield
        finally:
            self._pool = pool

    def send(self, request: Request, *, timeout: float = 30) -> Response | NoAnswer:
        """Send one request once.

        `timeout` is in seconds and holds for each step: connecting, sending, waiting for data.
        Raises RefusedError when the request must not leave this process.
        """
        self._guard(request)
        with self._pace.turn():
            answer = self._send(request, timeout)
        if isinstance(answer, Response) and answer.status == 429 and answer.says_when:
            self._pace.hold(min(answer.retry_after, _LONGEST_HOLD))
        return answer

    def _connect(self) -> httpcore.ConnectionPool:
        settings = None if self._proxy is None else self._proxy.settings
        return connect(self._tls, settings, _CONNECTIONS, self._deadlines)

    def _guard(self, request: Request) -> None:
        if request.method not in SAFE_METHODS and not self._allow_writes:
            raise RefusedError(f"{request.method} could change something, and writes are not allowed")
        for guard in self._guards:
            guard(request)

    def _send(self, request: Request, timeout: float) -> Response | NoAnswer:
        with self._counting:
            self.sent += 1
        self._deadlines.at = time.monotonic() + self._limits.seconds
        try:
            return self._exchange(request, timeout)
        except (httpcore.LocalProtocolError, UnicodeError) as error:
            raise RefusedError(f"HTTP/1.1 cannot carry this request: {self._text(error)}") from None
        except ExcessError as error:
            return NoAnswer(str(error), is_excessive=True)
        except (httpcore.ProxyError, httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            return self._not_connected(error, timeout)
        except httpcore.TimeoutException:
            if time.monotonic() >= self._deadlines.at:
                return NoAnswer(f"no end came within {self._limits.seconds:g} s", is_excessive=True)
            return NoAnswer(f"nothing came within {timeout:g} s", timed_out=True)
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            return NoAnswer(self._text(error))

    def _not_connected(self, error: Exception, timeout: float) -> NoAnswer:
        """Why there is no connection. Where a proxy stands in between, that says nothing about the server."""
        timed_out = isinstance(error, httpcore.ConnectTimeout)
        reason = f"no connection came within {timeout:g} s" if timed_out else self._text(error)
        if _UNKNOWN_AUTHORITY.search(reason):
            return NoAnswer(reason, instead_of_server=self._proxy is not None, advice=_ADVICE_ON_AUTHORITIES)
        if self._proxy is None:
            return NoAnswer(reason, timed_out=timed_out, is_away=True)
        return NoAnswer(
            f"{self._proxy} is in between: {reason}",
            timed_out=timed_out,
            instead_of_server=True,
            advice=_ADVICE_ON_PROXIES,
        )

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
            self._limits.check_headers(len(incoming.headers))
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
        headers = [(b"Host", self._url.netloc)]
        if request.header("User-Agent") is None:
            headers.append((b"User-Agent", b"linq-contract"))
        if request.header("Accept-Encoding") is None:
            headers.append((b"Accept-Encoding", b"gzip"))
        headers += [
            (name.encode("latin-1"), self._credentials.resolve(value).encode("utf-8", "surrogateescape"))
            for name, value in request.headers
        ]
        headers += [(header.name.encode(), header.value.encode()) for header in self._credentials.headers]
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
            self._limits.check_size(len(body))
        return bytes(body)

    def _decode(self, body: bytes, coding: bytes) -> bytes:
        """Undo the content coding; a body that does not have the coding it claims stays as it is."""
        if coding.strip().lower() not in {b"gzip", b"x-gzip"}:
            return body
        return inflated(body, GZIP, self._limits)

    def _text(self, error: Exception) -> str:
        """What went wrong, without a token that the request or the answer had."""
        text = self._credentials.conceal(str(error).encode("utf-8", "replace")).decode("utf-8", "replace")
        return printable(f"{type(error).__name__}: {text}" if text else type(error).__name__)
