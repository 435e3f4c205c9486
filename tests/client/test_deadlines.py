"""A call takes no longer than its deadline, whatever the server does with the time."""

from __future__ import annotations

import asyncio
import math
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest
import trio
from tests.connection import serving_one
from tests.limits import limit

import linq_phone_numbers as linq

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from tests.client.conftest import Clients

DEADLINE = 0.3  # seconds
AT_MOST = 2.0  # a busy machine is no fault of the client; without a deadline it would be 20 s and more
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


def drip(connection: socket.socket, hung_up: threading.Event) -> None:
    """Send a body a byte at a time."""
    connection.sendall(HEAD)
    while not hung_up.wait(0.05):
        connection.sendall(b" ")


def keep_silent(_: socket.socket, hung_up: threading.Event) -> None:
    hung_up.wait(20)


def stop_in_the_body(connection: socket.socket, hung_up: threading.Event) -> None:
    connection.sendall(HEAD + b"{")
    hung_up.wait(20)


@contextmanager
def serving(serve: Callable[[socket.socket, threading.Event], None]) -> Generator[str]:
    """The URL of a server that answers one request like this, until the client has hung up."""
    hung_up = threading.Event()
    with serving_one(lambda connection: serve(connection, hung_up)) as url:
        try:
            yield url
        finally:
            hung_up.set()


@pytest.mark.parametrize("serve", [drip, keep_silent, stop_in_the_body])
def test_a_call_ends_at_its_deadline_body_included(
    clients: Clients, serve: Callable[[socket.socket, threading.Event], None]
) -> None:
    with serving(serve) as url:
        started = time.monotonic()
        with pytest.raises(linq.APITimeoutError) as caught:
            clients.list(None, base_url=url, deadline=DEADLINE, timeout=20, max_retries=0)
        took = time.monotonic() - started

    assert DEADLINE <= took < limit(AT_MOST)
    assert isinstance(caught.value.__cause__, httpx.TimeoutException)
    assert caught.value.seconds >= DEADLINE


def test_no_attempt_waits_beyond_the_deadline_when_the_timeout_is_longer(clients: Clients) -> None:
    seen: list[dict[str, float]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        return httpx.Response(200, json={"phone_numbers": []})

    clients.list(handler, deadline=10, timeout=httpx.Timeout(60, connect=5))

    assert seen[0]["connect"] == 5
    assert all(9 < seen[0][step] <= 10 for step in ("read", "write", "pool"))


@pytest.mark.parametrize("seconds", [4_294_967.3, 1e300, math.inf])
def test_a_time_that_no_socket_can_wait_is_as_long_as_it_can(clients: Clients, seconds: float) -> None:
    def answer_slowly(connection: socket.socket) -> None:
        time.sleep(0.1)
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{"phone_numbers": []}')

    for settings in ({"timeout": seconds, "deadline": None}, {"timeout": None, "deadline": seconds}):
        with serving_one(answer_slowly) as url:
            assert clients.list(None, base_url=url, **settings).phone_numbers == []


def test_a_timeout_of_0_does_not_wait(clients: Clients) -> None:
    with serving(keep_silent) as url, pytest.raises(linq.APITimeoutError):
        clients.list(None, base_url=url, timeout=httpx.Timeout(20, read=0), max_retries=0)


def test_an_attempt_that_begins_too_late_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    seen: list[dict[str, float]] = []

    def token() -> str:
        now[0] += 100  # the vault is slow
        return "token"

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        raise httpx.ReadTimeout("timed out")

    with (
        httpx.Client(transport=httpx.MockTransport(handler)) as http,
        linq.LinqClient(token, http_client=http, deadline=10) as client,
        pytest.raises(linq.APITimeoutError) as caught,
    ):
        client.phone_numbers.list()

    assert (len(seen), caught.value.tries) == (1, 1)
    assert 0 < seen[0]["read"] < 0.1


@pytest.mark.parametrize("run", [asyncio.run, trio.run])
def test_an_asynchronous_call_that_waits_for_its_token_ends_at_its_deadline(run: Callable[..., Any]) -> None:
    async def ask() -> str:
        await anyio.sleep(20)
        return "token"

    async def call() -> None:
        async with linq.AsyncLinqClient(ask, "http://127.0.0.1:9", deadline=DEADLINE) as client:
            await client.phone_numbers.list()

    started = time.monotonic()
    with pytest.raises(linq.APITimeoutError, match=r"was not sent: the deadline of 0\.3 s") as caught:
        run(call() if run is asyncio.run else call)

    assert time.monotonic() - started < limit(AT_MOST)
    assert caught.value.tries == 0


def test_a_deadline_can_be_that_of_one_call() -> None:
    with serving(drip) as url, linq.LinqClient("token", url, timeout=20, max_retries=0) as client:
        started = time.monotonic()
        with pytest.raises(linq.APITimeoutError, match=r"the deadline of 0\.3 s was reached"):
            client.phone_numbers.list(deadline=DEADLINE)

    assert time.monotonic() - started < limit(AT_MOST)
