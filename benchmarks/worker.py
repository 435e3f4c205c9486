"""One contender in a process of its own: `worker.py CONTENDER MEASURE ARGUMENT`.

It calls until it has settled. Then, for each line that it reads, it calls for a while, and prints the
seconds of wall-clock and of CPU time that one call took. The measure `memory` prints the bytes that are
kept for each line.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
from contenders import CONTENDERS, AsyncList
from lines import listing

IN_FLIGHT = 50
SETTLING, TURN = 2.0, 0.25


def main() -> None:
    contender, measure, argument = CONTENDERS[sys.argv[1]](), sys.argv[2], sys.argv[3]
    if measure == "memory":
        say(memory(contender, int(argument)))
        return
    with asyncio.Runner() as runner:
        calling = work(contender, measure, argument, runner)
        calling(time.perf_counter() + SETTLING)
        say("ready")
        for _ in sys.stdin:
            gc.collect()
            wall, cpu = time.perf_counter(), time.process_time()
            calls = calling(wall + TURN)
            say([(time.perf_counter() - wall) / calls, (time.process_time() - cpu) / calls])


def say(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def work(contender: Any, measure: str, argument: str, runner: asyncio.Runner) -> Callable[[float], int]:
    """Return what calls until a time of `perf_counter`, and says how often."""
    if measure == "sync":
        return partial(repeat, contender.sync(argument))
    if measure == "async":
        call = runner.run(prepared(contender, argument))
        return lambda end: runner.run(together(call, end))
    content = listing(int(argument))
    if measure == "from_dict":
        return partial(repeat, partial(contender.parse, json.loads(content)))
    return partial(repeat, contender.sync("http://mock", answering(content)))


def repeat(call: Callable[[], Any], end: float) -> int:
    calls = 0
    while time.perf_counter() < end:
        call()
        calls += 1
    return calls


async def prepared(contender: Any, url: str) -> AsyncList:
    call: AsyncList = contender.asynchronous(url)
    return call


async def together(call: AsyncList, end: float) -> int:
    calls = 0

    async def one_after_the_other() -> None:
        nonlocal calls
        while time.perf_counter() < end:
            await call()
            calls += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(IN_FLIGHT):
            group.create_task(one_after_the_other())
    return calls


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
