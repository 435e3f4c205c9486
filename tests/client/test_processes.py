"""A client on both sides of a fork, and in one event loop after the other."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import threading
import warnings
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
import trio

import linq_phone_numbers as linq
from linq_mock.running import running

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from linq_mock.running import Mock

WORKERS = 4
PREFORK = """
import asyncio, json, os, sys
import httpx
import linq_phone_numbers as linq

token, url, kind, workers = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
if kind == "async":
    client = linq.AsyncLinqClient(token, url, max_retries=0)
    call = lambda method, *arguments, **keywords: asyncio.run(method(*arguments, **keywords))
else:
    http = httpx.Client() if kind == "given" else None
    client = linq.LinqClient(token, url, http_client=http, max_retries=0)
    call = lambda method, *arguments, **keywords: method(*arguments, **keywords)
ids = [line.id for line in call(client.phone_numbers.list).phone_numbers][:workers]

def use(number):
    wrong = []
    for turn in range(15):
        sent = f"+1202555{100 * number + turn:04}"
        try:
            answer = call(client.phone_numbers.update, ids[number], forwarding_number=sent)
            if (answer.id, answer.forwarding_number) != (ids[number], sent):
                wrong.append("answer of another")
        except linq.LinqError as error:
            wrong.append(str(error))
    return wrong

children = []
for number in range(1, workers):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, json.dumps(use(number)).encode())
        os._exit(0)
    os.close(writer)
    children.append((child, reader))
found = [use(0)]
for child, reader in children:
    with os.fdopen(reader) as pipe:
        found.append(json.loads(pipe.read()))
    os.waitpid(child, 0)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with running("--lines", "5") as mock:
        yield mock


def after_a_fork(mock: Mock, kind: str) -> list[list[str]]:
    """Return what went wrong in the parent and in each of its children, which use a client that was used."""
    command = [sys.executable, "-c", PREFORK, mock.tokens[0], mock.url, kind, str(WORKERS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_client_that_was_used_before_a_fork_works_on_both_sides(mock: Mock, kind: str) -> None:
    assert after_a_fork(mock, kind) == [[]] * WORKERS


def test_an_http_client_that_was_used_before_a_fork_is_refused_in_the_child(mock: Mock) -> None:
    parent, *children = after_a_fork(mock, "given")

    assert parent == []
    assert all("Make the httpx client after the fork" in error for wrong in children for error in wrong)
    assert all(len(wrong) == 15 for wrong in children)


def list_twice(client: linq.AsyncLinqClient) -> Callable[[], Coroutine[Any, Any, int]]:
    async def use() -> int:
        await client.phone_numbers.list()
        return len((await client.phone_numbers.list()).phone_numbers)

    return use


def test_one_async_client_works_in_one_event_loop_after_the_other(mock: Mock) -> None:
    client = linq.AsyncLinqClient(mock.tokens[0], mock.url, max_retries=0)

    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        found = [asyncio.run(list_twice(client)()) for _ in range(3)]
        found.append(trio.run(list_twice(client)))
        asyncio.run(client.aclose())
        gc.collect()  # pytest makes an error of what a destructor warns of

    assert found == [5] * 4
    assert client.is_closed


def test_an_async_client_works_in_an_event_loop_that_does_not_end_properly(mock: Mock) -> None:
    client = linq.AsyncLinqClient(mock.tokens[0], mock.url, max_retries=0)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        for _ in range(3):
            loop = asyncio.new_event_loop()
            loop.run_until_complete(list_twice(client)())
            loop.close()
        assert asyncio.run(list_twice(client)()) == 5
        gc.collect()


def test_one_async_client_works_in_two_event_loops_at_once(mock: Mock) -> None:
    client = linq.AsyncLinqClient(mock.tokens[0], mock.url, max_retries=0)
    both = threading.Barrier(2)
    found: list[int] = []

    async def use() -> int:
        await client.phone_numbers.list()
        both.wait(10)
        return len((await client.phone_numbers.list()).phone_numbers)

    threads = [threading.Thread(target=lambda: found.append(asyncio.run(use()))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [5, 5]


def test_what_python_keeps_for_the_next_fork_imports_no_httpx() -> None:
    kept = vars(import_module("linq_phone_numbers._forks")).values()

    assert {module.__name__ for module in kept if isinstance(module, ModuleType)} == {"os"}
