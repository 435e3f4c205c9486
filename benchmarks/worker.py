"""One contender in a process of its own: `worker.py CONTENDER MEASURE ARGUMENT`.

For each line that it reads it does one block of work, and prints the seconds of wall-clock and of
CPU time that one call took. The measure `memory` prints the bytes that are kept for each line.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import httpx
from contenders import CONTENDERS, AsyncList
from lines import listing

IN_FLIGHT = 50


def main() -> None:
    contender, measure, argument = CONTENDERS[sys.argv[1]](), sys.argv[2], sys.argv[3]
    if measure == "memory":
        say(memory(contender, int(argument)))
        return
    with asyncio.Runner() as runner:
        block, calls = work(contender, measure, argument, runner)
        block()  # connects, and fills the caches
        say("ready")
        for _ in sys.stdin:
            gc.collect()
            wall, cpu = time.perf_counter(), time.process_time()
            block()
            say([(time.perf_counter() - wall) / calls, (time.process_time() - cpu) / calls])


def say(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def work(
    contender: Any, measure: str, argument: str, runner: asyncio.Runner
) -> tuple[Callable[[], object], int]:
    """Return what a block of work is, and how many calls are in it."""
    if measure == "sync":
        return repeated(contender.sync(argument), 50), 50
    if measure == "async":
        call = runner.run(prepared(contender, argument))
        return lambda: runner.run(together(call, 4 * IN_FLIGHT)), 4 * IN_FLIGHT
    calls = max(1, 2000 // int(argument))
    content = listing(int(argument))
    if measure == "from_dict":
        data = json.loads(content)
        return repeated(lambda: contender.parse(data), calls), calls
    return repeated(contender.sync("http://mock", answering(content)), calls), calls


def repeated(call: Callable[[], Any], calls: int) -> Callable[[], None]:
    def block() -> None:
        for _ in range(calls):
            call()

    return block


async def prepared(contender: Any, url: str) -> AsyncList:
    call: AsyncList = contender.asynchronous(url)
    return call


async def together(call: AsyncList, calls: int) -> None:
    left = iter(range(calls))

    async def one_after_the_other() -> None:
        for _ in left:
            await call()

    async with asyncio.TaskGroup() as group:
        for _ in range(IN_FLIGHT):
            group.create_task(one_after_the_other())


def answering(content: bytes) -> httpx.MockTransport:
    headers = {"Content-Type": "application/json"}
    return httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, content=content))


def memory(contender: Any, lines: int) -> float:
    """Return the bytes that the result of a list call keeps for each of its lines."""
    call = contender.sync("http://mock", answering(listing(lines)))
    call()
    gc.collect()
    tracemalloc.start()
    result = call()
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    del result
    gc.collect()
    return (kept - tracemalloc.get_traced_memory()[0]) / lines


if __name__ == "__main__":
    main()
