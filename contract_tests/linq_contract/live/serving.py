"""The process side of the proxy: its socket, and its life until it is told to end."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from linq_contract.live.proxy import ReverseProxy

_SECONDS_TO_END = 5  # for what is under way when the proxy is told to end


def listen(port: int) -> socket.socket:
    """Bind a port of this machine's own address; 0 means any free one. Raises OSError."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def serve(proxy: ReverseProxy, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called when it has begun."""
    ProxyServer(proxy, ready).run(sockets=[listener])


class ProxyServer(uvicorn.Server):
    """A uvicorn server that ends without raising the signal that ended it once more."""

    def __init__(self, proxy: ReverseProxy, ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            proxy,
            interface="asgi3",
            http="httptools",
            ws="none",
            lifespan="off",
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_SECONDS_TO_END,
        )
        super().__init__(config)
        self._proxy = proxy
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        await self._proxy.close()
        self._captured_signals.clear()
