"""A server of one connection, for what no HTTP server does with it."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


@contextmanager
def serving_one(serve: Callable[[socket.socket], object]) -> Generator[str]:
    """The URL of a server that reads one request and then does with the connection what it likes.

    It ends as well where the client has given up before it was connected.
    """

    def run() -> None:
        with suppress(OSError), listener.accept()[0] as connection:
            connection.recv(65536)
            serve(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
