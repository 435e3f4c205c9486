"""The process side of the mock: the socket, the signals and HTTP itself."""

from __future__ import annotations

import json
import secrets
import socket
from typing import TYPE_CHECKING, ClassVar

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from linq_mock import problems
from linq_mock.problems import Code, Problem

if TYPE_CHECKING:
    from types import FrameType

    from linq_mock.messages import Application


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


def url_of(listener: socket.socket, base_path: str) -> str:
    """Return the base URL that a client of a bound socket uses."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}{base_path}" if ":" in host else f"http://{host}:{port}{base_path}"


def serve(app: Application, listener: socket.socket, ready: str) -> None:
    """Serve on a bound socket until SIGINT or SIGTERM, and print the line `ready` first."""
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        loop="auto",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    _Server(config, ready).run(sockets=[listener])


class _Server(uvicorn.Server):
    """A uvicorn server that ends without raising the signal that ended it once more."""

    def __init__(self, config: uvicorn.Config, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self._ready, flush=True)  # noqa: T201 - this line is the interface to whoever waits for the server

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature is uvicorn's
        self.should_exit = True


class _Protocol(HttpToolsProtocol):
    """HTTP/1.1 that answers even what is not HTTP as the contract says: with an envelope and a trace id."""

    problem: ClassVar = Problem(Code.INVALID_BODY, "This is not a valid HTTP request")

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
