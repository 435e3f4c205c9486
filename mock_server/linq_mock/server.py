"""The process side of the mock: the socket and the signals."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from linq_mock.protocol import HttpProtocol

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
            http=HttpProtocol,
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
