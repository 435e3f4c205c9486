"""One server judged: by the validate command, and by stock Schemathesis."""

from __future__ import annotations

import contextlib
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from detection.servers import Server
from linq_contract.contract.classification import LIST
from linq_contract.contract.listing import read_listing
from linq_contract.embedded import embedded_mock
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT
from linq_contract.judge.ledger import Moment
from linq_contract.run.phases import PHASES, Phase
from linq_contract.run.result import Options, Result
from linq_contract.run.validate import NotRestoredError, Step, validate
from linq_contract.safety.target import Target
from linq_document import load

STOCK_SEED = 1
_LINES = 12
_TRIES = 5
_TIME_LIMIT = 300.0  # seconds: three times what the slowest evidence took on a busy machine
_TLS = ssl.create_default_context()  # once, since httpx would read all authorities for each request
_DOCUMENT = Path(__file__).parents[2] / "openapi.yaml"


@dataclass(frozen=True)
class Outcome:
    """What a run said of a server.

    `requests` and `seconds` are those before the first evidence against a fault; `left_changed` are
    the lines whose forwarding number is not what it was before the run. The `whole_requests` and
    `whole_seconds` are those of a run that went on to its end.
    """

    server: Server
    seed: int
    named: tuple[str, ...] = ()
    requests: int | None = None
    seconds: float | None = None
    left_changed: tuple[str, ...] = ()
    error: str = ""
    whole_requests: int | None = None
    whole_seconds: float | None = None

    @property
    def is_caught(self) -> bool:
        """Whether a rule that the server breaks was named."""
        return self.requests is not None

    @property
    def is_right(self) -> bool:
        """Whether a fault was caught, or a freedom neither accused nor left changed."""
        if self.server.breaks:
            return self.is_caught
        return not (self.named or self.error or (self.left_changed and not self.server.changes_by_itself))


class _CaughtError(Exception):
    """A rule that the server breaks is named; the rest of the run would not change that."""


def judge(
    server: Server, seed: int, phases: Sequence[Phase] = PHASES, *, to_the_end: bool = False
) -> Outcome:
    """Judge one server as the validate command does; a crash of the command is an outcome, too.

    The run against a fault ends once it is caught, unless it is to go `to_the_end`.
    """
    try:
        with embedded_mock("--lines", str(_LINES), *server.arguments) as target:
            shared = replace(target.permissions, exclusive=False)  # as an account elsewhere mostly is
            return _judge(replace(target, permissions=shared), server, seed, phases, to_the_end=to_the_end)
    except Exception as problem:  # noqa: BLE001 - see above
        return Outcome(server, seed, error=f"{type(problem).__name__}: {problem}")


def judge_once_more(outcome: Outcome) -> Outcome:
    """Judge a server again, with the next seed."""
    return judge(outcome.server, outcome.seed + 1)


def _judge(
    target: Target, server: Server, seed: int, phases: Sequence[Phase], *, to_the_end: bool
) -> Outcome:
    named: Mapping[str, int] = {}
    first: Moment | None = None
    whole: Result | None = None

    def watch(step: Step) -> None:
        nonlocal named, first
        named = step.ledger.broken_counts()
        moments = (step.ledger.entries[rule].first_broken for rule in server.breaks)
        known = [moment for moment in moments if moment is not None]
        if known:
            first = min(known, key=lambda moment: moment.exchanges)
            if not to_the_end:
                raise _CaughtError

    before = _forwarding_numbers(target)
    with contextlib.suppress(_CaughtError, NotRestoredError):
        whole = validate(target, Options(seed, time_limit=_TIME_LIMIT), watch, phases)
        watch(Step(phases[-1], len(phases), len(phases), whole.ledger))
    after = _forwarding_numbers(target)
    return Outcome(
        server,
        seed,
        named=tuple(sorted(named)),
        requests=first.exchanges if first else None,
        seconds=round(first.seconds, 2) if first else None,
        left_changed=tuple(sorted(key for key, value in before.items() if after.get(key, value) != value)),
        whole_requests=whole.requests if whole else None,
        whole_seconds=round(whole.seconds, 2) if whole else None,
    )


def judge_with_schemathesis(server: Server) -> bool:
    """Whether stock Schemathesis, with all of its checks and phases, finds any failure in a server."""
    with embedded_mock("--lines", str(_LINES), *server.arguments) as target:
        command = [str(Path(sys.executable).with_name("st")), "run", str(_DOCUMENT), "--url", target.base_url]
        command += [
            "--checks",
            "all",
            "--continue-on-failure",
            "--seed",
            str(STOCK_SEED),
            "--no-color",
        ]
        command += ["--header", f"Authorization: Bearer {target.credentials.tokens[ACCOUNT]}"]
        with tempfile.TemporaryDirectory() as folder:
            finished = subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603 - our own words
    return finished.returncode == 1


def _forwarding_numbers(target: Target) -> dict[str, Any]:
    """What each line of both accounts forwards to, as far as the server shows it."""
    path = load().operations[LIST].path
    numbers: dict[str, Any] = {}
    for variable in (ACCOUNT, OTHER_ACCOUNT):
        headers = {"Authorization": f"Bearer {target.credentials.tokens[variable]}"}
        answers = (
            httpx.get(target.base_url + path, headers=headers, timeout=30, verify=_TLS) for _ in range(_TRIES)
        )
        content = next((answer.content for answer in answers if answer.is_success), b"")
        listing = read_listing(content)
        numbers |= {line.key: line.forwarding_number for line in (listing.in_order if listing else ())}
    return numbers
