"""Connections to one server on which no answer can take for ever; TLS is verified."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx


def connect(
    tls: ssl.SSLContext | None, proxy: httpx.Proxy | None, most: int, deadlines: Deadlines
) -> httpcore.ConnectionPool:
    """A pool of at most so many connections to a server."""
    return httpcore.ConnectionPool(
        ssl_context=tls,
        proxy=None if proxy is None else of_httpcore(proxy, tls),
        max_connections=most,
        max_keepalive_connections=most,
        network_backend=_Backend(deadlines),
    )


def of_httpcore(proxy: httpx.Proxy, tls: ssl.SSLContext | None) -> httpcore.Proxy:
    """A proxy as httpcore has it; one that is reached over TLS is verified as the server is."""
    url = httpcore.URL(scheme=proxy.url.raw_scheme, host=proxy.url.raw_host, port=proxy.url.port, target=b"/")
    return httpcore.Proxy(url, proxy.raw_auth, ssl_context=tls if proxy.url.scheme == "https" else None)


class Deadlines(threading.local):
    """The instant of the monotonic clock at which the exchange of this thread must be over."""

    at: float = float("inf")

    def shorten(self, timeout: float | None) -> float:
        """The timeout of a step, cut to what is left. Raises httpcore.ReadTimeout when nothing is."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the answer does not end")
        return left if timeout is None else min(timeout, left)


class _Backend(httpcore.NetworkBackend):
    """The sockets of httpcore, with the deadline imposed on each step.

    The timeouts of httpcore hold for each read alone: a byte now and then would keep them off for ever.
    """

    def __init__(self, deadlines: Deadlines) -> None:
        self._backend = httpcore.SyncBackend()
        self._deadlines = deadlines

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        timeout = self._deadlines.shorten(timeout)
        stream = self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream, self._deadlines)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadlines: Deadlines) -> None:
        self._stream = stream
        self._deadlines = deadlines

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadlines.shorten(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadlines.shorten(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        timeout = self._deadlines.shorten(timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._deadlines)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
