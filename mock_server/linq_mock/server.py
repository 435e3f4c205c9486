"""The process side of the mock: the socket, the signals and HTTP itself."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import secrets
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from linq_mock import problems
from linq_mock.problems import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType

    from linq_mock.messages import Application


@dataclass(frozen=True)
class Certificate:
    """A certificate chain for TLS, and its key, both in PEM; the key may be in the file of the chain."""

    chain: Path
    key: Path | None = None

    def check(self) -> None:
        """Raise ValueError when it cannot be used."""
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.chain, self.key, password="")
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"{self.chain} cannot be used as a certificate: {error}") from error


def listen(host: str, port: int) -> socket.socket:
    """Bind a TCP socket; port 0 means any free one. Raises OSError when that is impossible."""
    # asyncio turns Nagle's algorithm off only for sockets that say that they are TCP.
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket, base_path: str, scheme: str = "http") -> str:
    """Return the base URL that a client of a bound socket uses."""
    host, port = listener.getsockname()[:2]
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{base_path}"


def serve(
    app: Application,
    listener: socket.socket,
    ready: str,
    closing: asyncio.Event,
    certificate: Certificate | None = None,
) -> None:
    """Serve on a bound socket until SIGINT or SIGTERM, and print the line `ready` first.

    `closing` is set then, for answers that go on until somebody ends them.
    """
    _allow_as_many_connections_as_the_system_does()
    gc.freeze()  # what has been imported is never garbage

    def print_ready() -> None:
        print(ready, flush=True)  # noqa: T201 - this line is the interface to whoever waits for the server

    Server(app, print_ready, closing, certificate).run(sockets=[listener])


def _allow_as_many_connections_as_the_system_does() -> None:
    try:
        import resource  # noqa: PLC0415 - Windows has none, and no such limit
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Server(uvicorn.Server):
    """A uvicorn server that ends without raising the signal that ended it once more.

    It calls `ready` when it has begun, and sets `closing` when it ends.
    """

    def __init__(
        self,
        app: Application,
        ready: Callable[[], None],
        closing: asyncio.Event,
        certificate: Certificate | None = None,
    ) -> None:
        config = uvicorn.Config(
            app,
            interface="asgi3",
            http=_Protocol,
            ws="none",
            loop="auto",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
            ssl_certfile=certificate.chain if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
        )
        super().__init__(config)
        self._ready = ready
        self._closing = closing

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._closing.set()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature is uvicorn's
        self.should_exit = True


_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ANOTHER_METHOD = b"UNBIND"
"""A method that the parser knows and no contract has."""


class _Protocol(HttpToolsProtocol):
    """HTTP/1.1 that answers even what is not HTTP as the contract says: with an envelope and a trace id."""

    problem: ClassVar = Problem(Code.INVALID_BODY, "This is not a valid HTTP request")

    _unknown_method = ""

    def data_received(self, data: bytes) -> None:
        """Read what has come, on as after any other request when one has asked for another protocol."""
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self.parser = httptools.HttpRequestParser(self)
            if rest := data[upgrade.args[0] :]:
                self.data_received(rest)
        except httptools.HttpParserInvalidMethodError:
            self._read_with_unknown_method(data)
        except httptools.HttpParserError:
            self.send_400_response("")

    def _read_with_unknown_method(self, data: bytes) -> None:
        """Read a request whose method the parser does not know: the contract says what to answer it."""
        method, space, rest = data.partition(b" ")
        if self._unknown_method or not _TOKEN.fullmatch(method):
            self.send_400_response("")
            return
        self._unknown_method = method.decode()
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(_ANOTHER_METHOD + space + rest)

    def on_headers_complete(self) -> None:
        hosts = [name for name, _ in self.headers if name == b"host"]
        if len(hosts) != 1 and self.parser.get_http_version() == "1.1":
            raise ValueError("a request has exactly one Host")
        if self.url[:1] != b"/" and not httptools.parse_url(self.url).path:
            self.url += b"/"
        super().on_headers_complete()
        if self._unknown_method:
            self.scope["method"], self._unknown_method = self._unknown_method, ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._joining = _Joining(transport)
        super().connection_made(cast("asyncio.Transport", self._joining))

    def on_response_complete(self) -> None:
        self._joining.flush()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the signature is uvicorn's
        trace_id = secrets.token_hex(16)
        body = json.dumps(problems.envelope(self.problem, trace_id)).encode()
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"X-Trace-ID: {trace_id}\r\n"
            "Connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


class _Joining:
    """A transport that sends the head of a response with what follows it: one system call, not two."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""

    def write(self, data: bytes) -> None:
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(b"HTTP/1.1 ") and data.endswith(b"\r\n\r\n") and data[9:10] != b"1":
            self._head = data
            return
        self._transport.write(data)

    def flush(self) -> None:
        if self._head:
            self._transport.write(self._head)
            self._head = b""

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
