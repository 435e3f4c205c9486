"""Send the mock a million requests while its memory is watched, and then ask on 1,000 connections at once.

`make soak-mock` runs it; `ARGS="--requests 100000"` makes it shorter. Lists, updates and mistakes take
turns, more of them than the log of the mock keeps. It ends with 1 when a request is not answered as it
should be, or when memory has grown after the first tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from linq_mock.accounts import made_up_lines
from linq_mock.tokens import DEFAULT_TOKENS, TOKENS_VARIABLE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Sequence

TOKEN = DEFAULT_TOKENS[0]
TOGETHER = 100
"""How many requests are sent before the first of their answers is read."""
PARTS = 10
MAY_GROW = 2.0
"""MiB, for what an allocator does not give back; what is kept of each request would be hundreds."""


class Sent(NamedTuple):
    """A request, its line and headers and body, and the status that it is answered with."""

    head: bytes
    status: bytes


class Soaked(NamedTuple):
    """The MiB that the mock had after each tenth of the requests, and how many connections were answered."""

    memory: list[float]
    connections: int

    @property
    def grown(self) -> float:
        """By how many MiB the memory has grown since the first tenth."""
        return self.memory[-1] - self.memory[0]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="make soak-mock", description="Soak the mock.")
    parser.add_argument("--requests", type=int, default=1_000_000, help="how many (1000000)")
    parser.add_argument("--connections", type=int, default=1_000, help="how many at once (1000)")
    asked = parser.parse_args(arguments)
    _allow_connections()
    with started() as (pid, port):
        soaked = asyncio.run(soak(pid, port, asked.requests, asked.connections))
    say(f"{soaked.connections:,} connections at once: each was answered")
    if soaked.grown > MAY_GROW:
        sys.exit(f"The memory has grown by {soaked.grown:.1f} MiB.")
    say(f"The memory has not grown: {soaked.grown:+.1f} MiB.")


@contextlib.contextmanager
def started() -> Generator[tuple[int, int]]:
    """Run a mock as long as the context lasts; the value is its process id and its port."""
    environment = {**os.environ, TOKENS_VARIABLE: " ".join(DEFAULT_TOKENS)}
    command = [sys.executable, "-m", "linq_mock", "--port", "0", "--base-path", ""]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as mock:  # noqa: S603 - our own
        try:
            assert mock.stdout
            yield mock.pid, int(mock.stdout.readline().rpartition(":")[2])
        finally:
            mock.terminate()


async def soak(pid: int, port: int, requests: int, connections: int) -> Soaked:
    """Send a mock so many requests, then so many at once. Ends the program when one goes wrong."""
    memory: list[float] = []
    async for sent in sending(port, requests):
        memory.append(resident(pid))
        say(f"{sent:9,} requests: {memory[-1]:.1f} MiB")
    return Soaked(memory, await all_at_once(port, connections))


async def sending(port: int, requests: int) -> AsyncGenerator[int]:
    """Send requests on one connection, and say after each tenth how many there were so far."""
    kinds = itertools.cycle(requests_of_all_kinds())
    tenth = max(requests // PARTS, 1)
    async with connected(port) as (reader, writer):
        for number in range(PARTS):
            left = tenth
            while left > 0:
                batch = list(itertools.islice(kinds, min(TOGETHER, left)))
                left -= len(batch)
                writer.write(b"".join(request.head for request in batch))
                await expect_statuses(reader, [request.status for request in batch])
            yield (number + 1) * tenth


async def all_at_once(port: int, connections: int) -> int:
    """Have so many connections ask for the list before the first answer is read."""
    listing = requests_of_all_kinds()[0]
    async with contextlib.AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(connected(port)) for _ in range(connections)]
        for _, writer in streams:
            writer.write(listing.head)
        for reader, _ in streams:
            await expect_statuses(reader, [listing.status])
    return len(streams)


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


async def expect_statuses(reader: asyncio.StreamReader, expected: list[bytes]) -> None:
    """Read as many answers, or end the program: one is another, or the connection is closed."""
    statuses: list[bytes] = []
    for _ in expected:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        await reader.readexactly(int(length[1]) if length else 0)
        statuses.append(head[9:12])
    if statuses != expected:
        sys.exit(f"The mock answered {statuses} instead of {expected}")


def requests_of_all_kinds() -> list[Sent]:
    """Return a list, two updates of a line, and what the mock refuses."""
    line = made_up_lines(1)[0]["id"]
    return [
        request("GET", ""),
        request("PUT", f"/{line}", {"forwarding_number": "+13105550199"}),
        request("GET", "?page=2"),
        request("PUT", f"/{line}", {"forwarding_number": None}),
        request("PUT", f"/{line}", {"forwarding_number": "12"}, status=400),
        request("GET", "/nowhere/at/all", status=404),
        request("GET", "", token=TOKEN[::-1], status=401),
    ]


def request(method: str, path: str, body: object = None, *, token: str = TOKEN, status: int = 200) -> Sent:
    content = "" if body is None else json.dumps(body)
    lines = [
        f"{method} /v3/phone_numbers{path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        *([f"Content-Type: application/json\r\nContent-Length: {len(content)}"] if content else []),
    ]
    return Sent(("\r\n".join(lines) + "\r\n\r\n" + content).encode(), str(status).encode())


def resident(pid: int) -> float:
    """Return the MiB that a process has in memory."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _allow_connections() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


if __name__ == "__main__":
    main()
