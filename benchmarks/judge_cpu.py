"""Measure the CPU that judging costs for each request that passes, apart from what passing it on costs.

A recording is handed to the judge of the proxy as its requests would end. Printed is the CPU of its thread in
milliseconds for each request, the median of several rounds.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import linq_document
from linq_contract.live.judge import LiveJudge, WatchedLedger
from linq_contract.recorded.files import read_recording
from linq_contract.recorded.server import find_server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linq_contract.judge.exchange import Exchange
    from linq_contract.judge.ledger import Finding

_ROUNDS = 9


def milliseconds_for_a_request(path: Path) -> float:
    """The CPU of one round."""
    document, entries = linq_document.load(), read_recording(path)
    ledger = WatchedLedger([*document.rules.values()])
    judge = LiveJudge(document, ledger, find_server(entries, document), _say_nothing)
    for entry in entries:
        judge.began()
        judge.ended(entry)
    judge.finish()
    return judge.cpu_seconds * 1000 / len(entries)


def _say_nothing(_exchange: Exchange, _broken: Sequence[Finding]) -> None:
    """Leave out what telling costs."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure the CPU of judging recorded traffic.")
    parser.add_argument("recording", type=Path, help="a HAR file")
    recording = parser.parse_args().recording
    rounds = [milliseconds_for_a_request(recording) for _ in range(_ROUNDS)]
    print(f"{median(rounds):.3f} ms of CPU a request, of {min(rounds):.3f} to {max(rounds):.3f}")  # noqa: T201
