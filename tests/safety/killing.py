"""Runs that are killed at random moments, in processes of their own, and then restored."""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner

from linq_contract.cli import main
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.serving import Served

    from linq_mock.accounts import Account

_RESTORES = 5
_LONGEST_DELAY = 0.02
"""In seconds: about what passes between two updates, so that a run is killed anywhere between them, too."""


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


def kill_runs(
    served: Served, accounts: Sequence[Account], state: Path, count: int, latest: int, seed: int
) -> Tally:
    """Start so many runs, kill each at one of its first `latest` updates, or soon after, and restore it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["linq_contract.cli", "schemathesis", "tests.safety.killing"])
    chance = random.Random(seed)
    environment = {
        ACCOUNT: served.token,
        OTHER_ACCOUNT: accounts[1].token,
        "XDG_STATE_HOME": str(state),
    }
    before = forwarding_numbers(accounts)
    tally = Tally()
    for number in range(count):
        served.log.clear()
        command = ["validate", served.url, "--allow-writes", "--other-line", next(iter(accounts[1].lines))]
        command += ["--seed", str(seed + number)]
        process = context.Process(target=_run, args=(command, environment))
        process.start()
        killing = threading.Timer(chance.choice([0, chance.uniform(0, _LONGEST_DELAY)]), process.kill)
        served.at_update(chance.randint(1, latest), killing.start)
        process.join()
        tally.runs += 1
        tally.killed += process.exitcode != 0
        tally.left_changed += forwarding_numbers(accounts) != before
        tally.left_a_journal += any((state / "linq-contract").glob("*.journal"))
        for attempt in range(_RESTORES):
            if CliRunner().invoke(main, ["restore"], env=environment).exit_code == 0:
                tally.restored_at_first += attempt == 0
                break
        tally.differing += forwarding_numbers(accounts) != before
    return tally


def forwarding_numbers(accounts: Sequence[Account]) -> list[str | None]:
    """What all lines forward to, whatever their server answers."""
    return [line.get("forwarding_number") for account in accounts for line in account.lines.values()]


def _run(command: list[str], environment: dict[str, str]) -> None:
    os.environ.update(environment)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        sys.stdout = sys.stderr = nowhere
        main(command)
