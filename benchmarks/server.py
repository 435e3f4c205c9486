"""A server that answers every request with the same bytes, so that clients are what is measured.

It reads the answer's body from standard input, and prints the port that it listens on.
"""

from __future__ import annotations

import asyncio
import sys


class Answer(asyncio.Protocol):
    """One connection; none of the requests has a body."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        assert isinstance(self.transport, asyncio.Transport)
        *requests, self.received = (self.received + data).split(b"\r\n\r\n")
        self.transport.write(self.answer * len(requests))


async def serve(body: bytes) -> None:
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        f"X-Trace-ID: 4bf92f3577b34da6a3ce929d0e0e4736\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    answer = head.encode() + body
    server = await asyncio.get_running_loop().create_server(lambda: Answer(answer), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.stdin.buffer.read()))
