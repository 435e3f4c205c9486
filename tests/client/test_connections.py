"""How many connections the clients open, that they keep them, and what they do not keep: cookies."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

import trio

import linq_phone_numbers as linq

if TYPE_CHECKING:
    from collections.abc import Generator

    import httpx

_AT_ONCE = 40
_BODY = b'{"phone_numbers": []}'
_ANSWER = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=1\r\nContent-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)


class Server:
    """Answers `at_once` requests together, when all of them are there; counts connections."""

    def __init__(self, at_once: int) -> None:
        self.barrier = asyncio.Barrier(at_once)
        self.opened = 0
        self.open = 0
        self.most_open = 0
        self.requests: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                await self.barrier.wait()
                writer.write(_ANSWER)
        self.open -= 1
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@contextmanager
def serving(at_once: int) -> Generator[tuple[Server, str]]:
    """A server in a thread of its own, and its URL."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = Server(at_once)
    try:
        listening = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=1000), loop
        ).result(10)
        yield server, f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        asyncio.run_coroutine_threadsafe(_end(listening), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(listening: asyncio.Server) -> None:
    listening.close()
    handlers = asyncio.all_tasks() - {asyncio.current_task()}
    for handler in handlers:
        handler.cancel()
    await asyncio.gather(*handlers, return_exceptions=True)


def test_tasks_keep_as_many_connections_as_they_use_at_once() -> None:
    with serving(_AT_ONCE) as (server, url):
        asyncio.run(_list_in_tasks(url, _AT_ONCE, times=3))

        assert server.opened == _AT_ONCE


def test_trio_tasks_keep_as_many_connections_as_they_use_at_once() -> None:
    async def use(url: str) -> None:
        async with linq.AsyncLinqClient("token", url) as client:
            for _ in range(3):
                async with trio.open_nursery() as nursery:
                    for _ in range(_AT_ONCE):
                        nursery.start_soon(client.phone_numbers.list)

    with serving(_AT_ONCE) as (server, url):
        trio.run(use, url)

        assert server.opened == _AT_ONCE


def test_threads_keep_as_many_connections_as_they_use_at_once() -> None:
    with (
        serving(_AT_ONCE) as (server, url),
        linq.LinqClient("token", url) as client,
        ThreadPoolExecutor(_AT_ONCE) as threads,
    ):
        for _ in range(3):
            calls = [threads.submit(client.phone_numbers.list) for _ in range(_AT_ONCE)]
            assert [call.result(10).phone_numbers for call in calls] == [[]] * _AT_ONCE

        assert server.opened == _AT_ONCE


def test_tasks_share_at_most_100_connections() -> None:
    with serving(1) as (server, url):
        asyncio.run(_list_in_tasks(url, 300, times=1))

        assert server.most_open <= 100


def test_one_call_after_the_other_takes_one_connection() -> None:
    with serving(1) as (server, url):
        asyncio.run(_list_in_tasks(url, 1, times=20))

        assert server.opened == 1


def test_a_cookie_that_the_server_sets_is_not_sent_back() -> None:
    with serving(1) as (server, url):
        asyncio.run(_list_in_tasks(url, 1, times=2))
        # By name, since aiohttp takes no cookies from a server without one.
        by_name = url.replace("127.0.0.1", "localhost")
        asyncio.run(_list_in_tasks(by_name, 1, times=2, http_client=linq.aiohttp_client()))
        with linq.LinqClient("token", url) as client:
            client.phone_numbers.list()
            client.phone_numbers.list()

        assert len(server.requests) == 6
        assert b"cookie:" not in b"".join(server.requests).lower()


def test_the_aiohttp_client_sends_through_a_proxy() -> None:
    with serving(1) as (proxy, url):
        http = linq.aiohttp_client(proxy=url)
        asyncio.run(_list_in_tasks("http://lines.example", 1, times=1, http_client=http))

        assert proxy.requests[0].startswith(b"GET http://lines.example/v3/phone_numbers HTTP/1.1\r\n")


def test_a_cancelled_call_leaves_its_place_to_others() -> None:
    async def use(url: str) -> None:
        async with linq.AsyncLinqClient("token", url) as client:
            for _ in range(5):
                calls = [asyncio.ensure_future(client.phone_numbers.list()) for _ in range(100)]
                await asyncio.sleep(0)
                for call in calls:
                    call.cancel()
                await asyncio.gather(*calls, return_exceptions=True)
            await asyncio.wait_for(client.phone_numbers.list(), 10)

    with serving(1) as (_, url):
        asyncio.run(use(url))


async def _list_in_tasks(
    url: str, at_once: int, times: int, http_client: httpx.AsyncClient | None = None
) -> None:
    async with (
        http_client or nullcontext(),
        linq.AsyncLinqClient("token", url, http_client=http_client) as client,
    ):
        for _ in range(times):
            async with asyncio.TaskGroup() as group:
                for _ in range(at_once):
                    group.create_task(client.phone_numbers.list())
