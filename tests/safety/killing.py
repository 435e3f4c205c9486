"""Runs that are killed at random moments, in processes of their own, and then restored."""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from click.testing import CliRunner

from linq_contract.cli import main
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT

if TYPE_CHECKING:
    from linq_mock.running import Mock

_RESTORES = 5
_LONGEST_RUN = 60.0


@dataclass
class Tally:
    """What became of the runs."""

    runs: int = 0
    killed: int = 0
    left_changed: int = 0
    left_a_journal: int = 0
    restored_at_first: int = 0
    differing: int = 0

    def __str__(self) -> str:
        return (
            f"{self.runs} runs, {self.killed} killed before their end, {self.left_changed} of them with "
            f"changed forwarding numbers, {self.left_a_journal} with a journal; "
            f"{self.restored_at_first} restored at the first try; "
            f"{self.differing} with a forwarding number that differs in the end"
        )


def kill_runs(mock: Mock, state: Path, count: int, latest: float, seed: int) -> Tally:
    """Start so many runs, kill each between 0 and `latest` seconds after its begin, and restore it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["linq_contract.cli", "schemathesis", "tests.safety.killing"])
    chance = random.Random(seed)
    environment = {
        ACCOUNT: mock.tokens[0],
        OTHER_ACCOUNT: mock.tokens[1],
        "XDG_STATE_HOME": str(state),
    }
    before = forwarding_numbers(mock)
    tally = Tally()
    for number in range(count):
        command = ["validate", mock.url, "--allow-writes", "--other-line", mock.other_line]
        command += ["--seed", str(seed + number)]
        process = context.Process(target=_run, args=(command, environment))
        process.start()
        process.join(chance.uniform(0, latest))
        tally.runs += 1
        tally.killed += process.exitcode is None
        process.kill()
        process.join(_LONGEST_RUN)
        tally.left_changed += forwarding_numbers(mock) != before
        tally.left_a_journal += any((state / "linq-contract").glob("*.journal"))
        for attempt in range(_RESTORES):
            if CliRunner().invoke(main, ["restore"], env=environment).exit_code == 0:
                tally.restored_at_first += attempt == 0
                break
        tally.differing += forwarding_numbers(mock) != before
    return tally


def forwarding_numbers(mock: Mock) -> dict[str, str | None]:
    """What the lines of both accounts forward to, as the server itself says it."""
    numbers: dict[str, str | None] = {}
    for token in mock.tokens:
        while not (answer := _list(mock, token)).is_success:
            pass
        numbers |= {line["id"]: line.get("forwarding_number") for line in answer.json()["phone_numbers"]}
    return numbers


def _list(mock: Mock, token: str) -> httpx.Response:
    return httpx.get(f"{mock.url}/v3/phone_numbers", headers={"Authorization": f"Bearer {token}"})


def _run(command: list[str], environment: dict[str, str]) -> None:
    os.environ.update(environment)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        sys.stdout = sys.stderr = nowhere
        main(command)
