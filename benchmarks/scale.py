"""Measure what shards and workers gain, and write docs/scaling-measured.md and docs/scaling-measured.svg.

`make bench-scale` runs it. Shards are simulated by what they would send: the mutated numbers of a run, drawn
with the seed of each shard. The faults are a million servers, each of which takes one number in a million
that it should refuse: which one a number sets off is its checksum. So one stream of numbers tells for all
of these faults at once whether it would have found them. Sweeps are run as they are.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import time
import zlib
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, seed, settings
from plot import Bars, draw

from linq_contract.run.shards import Shard
from linq_contract.run.workloads.exploring import mutated_numbers
from linq_contract.sweep.executors import processes, results

if TYPE_CHECKING:
    from collections.abc import Sequence

DOCS = Path(__file__).resolve().parents[1] / "docs"
FAULTS = 1_000_000
ALL_CHECKSUMS = 2**32
SEED = 1
SHARDS = (1, 2, 4, 8, 16)
INPUTS = int(os.environ.get("INPUTS", "250"))  # that each of the sixteen shards sends
HALF = INPUTS * SHARDS[-1] // 2
"""Of the inputs of one shard: what it finds with these, several find before they are at their end."""
WORKERS = (1, 2, 4)
RUNS = int(os.environ.get("RUNS", "4"))
RATE = 50  # requests a second, of a server that is not to be disturbed
QUICK = ("--rules", "auth.required")


@dataclass(frozen=True)
class Found:
    """What so many shards find together: faults by inputs of each, and inputs until one has done as much."""

    shards: int
    faults: int
    inputs_each: int


def main() -> None:
    streams = dict(
        results(functools.partial(processes, os.cpu_count() or 1), faults_of, [[j] for j in jobs()])
    )
    (one,) = (stream for (_, shard), stream in streams.items() if not shard.is_part)
    target = len(set(one[:HALF]))
    found = [found_by(count, streams, target) for count in SHARDS]
    sweeps: dict[tuple[str, ...], list[float]]
    sweeps = {words: [sweep_seconds(workers, words) for workers in WORKERS] for words in (PACED, UNPACED)}
    (DOCS / "scaling-measured.md").write_text(page(found, target, sweeps), encoding="utf-8")
    (DOCS / "scaling-measured.svg").write_text(draw(panels(found, sweeps)), encoding="utf-8")


# --- shards -------------------------------------------------------------------------------------


def jobs() -> list[tuple[int, Shard]]:
    """The streams to draw: as many numbers by one shard as by two together, by four and so on."""
    most = INPUTS * SHARDS[-1]
    parts = [Shard(number, count) for count in SHARDS[1:] for number in range(1, count + 1)]
    return [(most, Shard()), *((most // shard.count, shard) for shard in parts)]


def faults_of(job: tuple[int, Shard]) -> list[int]:
    """The faults that each of so many numbers of a shard sets off."""
    count, shard = job
    drawn: list[int] = []

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.filter_too_much,
            HealthCheck.data_too_large,
        ],
    )
    @seed(shard.seed(SEED))
    @given(mutated_numbers())
    def draw_one(number: str) -> None:
        checksum = zlib.crc32(number.encode("utf-8", "surrogatepass"))
        drawn.append(checksum * FAULTS // ALL_CHECKSUMS)

    draw_one()
    return drawn


def found_by(count: int, streams: dict[tuple[int, Shard], list[int]], target: int) -> Found:
    """What shards find with all of their inputs, and after how many each it is as much as one finds."""
    of_shards = [stream for (_, shard), stream in streams.items() if shard.count == count]
    shortest = min(map(len, of_shards))
    together = [{stream[position] for stream in of_shards} for position in range(shortest)]
    sizes = [len(seen) for seen in accumulate(together, _united)]
    reached = next((position for position, size in enumerate(sizes, 1) if size >= target), shortest)
    return Found(count, sizes[-1], reached)


def _united(seen: set[int], more: set[int]) -> set[int]:
    seen |= more
    return seen


# --- sweeps -------------------------------------------------------------------------------------

PACED = (*QUICK, "--rate", str(RATE))
UNPACED = QUICK


def sweep_seconds(workers: int, words: tuple[str, ...]) -> float:
    command = [
        sys.executable,
        "-m",
        "linq_contract",
        "sweep",
        "--seeds",
        f"1-{RUNS}",
        "--workers",
        str(workers),
    ]
    began = time.monotonic()
    subprocess.run([*command, "--", *words], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    return time.monotonic() - began


# --- the page -----------------------------------------------------------------------------------


def page(found: Sequence[Found], target: int, sweeps: dict[tuple[str, ...], list[float]]) -> str:
    return PAGE.format(
        target=target,
        half=HALF,
        of_shards="\n".join(
            f"| {each.shards} | {each.inputs_each:,} | {found[0].inputs_each / each.inputs_each:.1f} |"
            for each in found
        ),
        runs=RUNS,
        options=" ".join(QUICK),
        processors=os.cpu_count(),
        load=os.getloadavg()[0],
        rate=RATE,
        of_workers="\n".join(
            f"| {workers} | {paced:.0f} | {sweeps[PACED][0] / paced:.1f} "
            f"| {free:.0f} | {sweeps[UNPACED][0] / free:.1f} |"
            for workers, paced, free in zip(WORKERS, sweeps[PACED], sweeps[UNPACED], strict=True)
        ),
    )


PAGE = """\
# Shards and workers, measured

Written by `make bench-scale`. How to use them is in [scaling out](scaling-out.md).

![Inputs of each shard, and seconds of a sweep](scaling-measured.svg)

## A fault of one input in a million

A million faults, each of which one number in a million sets off: the server takes a number that it should
refuse, if the checksum of the number is in the part of all checksums that is the fault's. The numbers are
those that the phase of mutated numbers draws with the seed of each shard. Nothing was sent: what is counted
are inputs, and not seconds. One shard alone found {target:,} of the million faults with {half:,} inputs.
So many shards find as many together after

| shards | inputs each | times sooner |
| ---: | ---: | ---: |
{of_shards}

## A sweep

{runs} runs, `linq-contract sweep --seeds 1-{runs} -- {options}`, each on a mock of its own, on {processors}
processors that others used as well (load {load:.0f}). With `--rate {rate}` a run mostly waits, as it does for
a server elsewhere; without it, it takes what the processors give.

| workers | seconds, at a rate | times sooner | seconds, without | times sooner |
| ---: | ---: | ---: | ---: | ---: |
{of_workers}
"""


def panels(found: Sequence[Found], sweeps: dict[tuple[str, ...], list[float]]) -> list[Bars]:
    return [
        Bars(
            "Inputs of each shard until as many faults are found as by one",
            {f"{each.shards} shard{'s' * (each.shards > 1)}": each.inputs_each for each in found},
            ",.0f",
        ),
        Bars(f"Seconds of a sweep at {RATE} requests a second", by_workers(sweeps[PACED]), ".0f"),
        Bars("Seconds of a sweep as fast as it can", by_workers(sweeps[UNPACED]), ".0f"),
    ]


def by_workers(seconds: Sequence[float]) -> dict[str, float]:
    return {
        f"{workers} worker{'s' * (workers > 1)}": each for workers, each in zip(WORKERS, seconds, strict=True)
    }


if __name__ == "__main__":
    main()
