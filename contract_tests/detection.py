"""Measure what the validate command detects: every fault of the mock, and no freedom of it.

Each server of the two catalogues is judged with default settings. A fault counts as caught only when
a rule that it breaks is named; a freedom is accused when any rule is named. A forwarding number that
a run leaves changed counts against the run, whatever the server.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import itertools
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from statistics import median
from typing import Any

import click
import httpx

from linq_contract.classify import LIST
from linq_contract.credentials import ACCOUNT_VARIABLE, OTHER_VARIABLE
from linq_contract.document import load
from linq_contract.ledger import Moment
from linq_contract.listing import read_listing
from linq_contract.phases import PHASES
from linq_contract.target import Target, embedded_mock
from linq_contract.validate import NotRestoredError, Options, Step, validate
from linq_mock.faults import FAULTS
from linq_mock.freedoms import FREEDOMS

_LINES = 12
_PAIRS_OF_FREEDOMS = 12
_TRIES = 5
_TIME_LIMIT = 120.0
_RUNS_PER_CPU = 2  # many servers are slow on purpose, and leave the processor idle
_STOCK_SEED = 1
_ALL = "*"
_DOCUMENT = Path(__file__).parents[1] / "openapi.yaml"


@dataclass(frozen=True)
class Server:
    """A server of the catalogues: `breaks` are the rules that it breaks, none for a freedom."""

    name: str
    arguments: tuple[str, ...]
    breaks: tuple[str, ...] = ()
    changes_by_itself: bool = False

    @property
    def kind(self) -> str:
        return "fault" if self.breaks else "freedom"


@dataclass(frozen=True)
class Outcome:
    """What a run said of a server.

    `requests` and `seconds` are those before the first evidence against a fault; `left_changed` are
    the lines whose forwarding number is not what it was before the run.
    """

    server: Server
    seed: int
    named: tuple[str, ...] = ()
    requests: int | None = None
    seconds: float | None = None
    left_changed: tuple[str, ...] = ()
    error: str = ""

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


def servers() -> list[Server]:
    """Every fault, every freedom, and some pairs of freedoms, always the same ones."""
    pairs = random.Random(0).sample(list(itertools.combinations(FREEDOMS, 2)), _PAIRS_OF_FREEDOMS)  # noqa: S311 - a sample
    return [
        *(Server(name, ("--fault", name), fault.rules()) for name, fault in FAULTS.items()),
        *(
            Server(name, ("--freedom", name), changes_by_itself=freedom.changes_by_itself)
            for name, freedom in FREEDOMS.items()
        ),
        *(
            Server(
                f"{one} + {other}",
                ("--freedom", one, "--freedom", other),
                changes_by_itself=FREEDOMS[one].changes_by_itself or FREEDOMS[other].changes_by_itself,
            )
            for one, other in pairs
        ),
    ]


def judge(server: Server, seed: int) -> Outcome:
    """Judge one server as the validate command does; a crash of the command is an outcome, too."""
    try:
        with embedded_mock("--lines", str(_LINES), *server.arguments) as target:
            return _judge(target, server, seed)
    except Exception as problem:  # noqa: BLE001 - see above
        return Outcome(server, seed, error=f"{type(problem).__name__}: {problem}")


def _judge(target: Target, server: Server, seed: int) -> Outcome:
    """The run against a fault ends once it is caught."""
    named: Mapping[str, int] = {}
    first: Moment | None = None

    def watch(step: Step) -> None:
        nonlocal named, first
        named = step.ledger.broken_counts()
        moments = (step.ledger.entries[rule].first_broken for rule in server.breaks)
        known = [moment for moment in moments if moment is not None]
        if known:
            first = min(known, key=lambda moment: moment.exchanges)
            raise _CaughtError

    before = _forwarding_numbers(target)
    with contextlib.suppress(_CaughtError, NotRestoredError):
        result = validate(target, Options(seed, time_limit=_TIME_LIMIT), watch)
        watch(Step(PHASES[-1], len(PHASES), len(PHASES), result.ledger))
    after = _forwarding_numbers(target)
    return Outcome(
        server,
        seed,
        named=tuple(sorted(named)),
        requests=first.exchanges if first else None,
        seconds=round(first.seconds, 2) if first else None,
        left_changed=tuple(sorted(key for key, value in before.items() if after.get(key, value) != value)),
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
            str(_STOCK_SEED),
            "--no-color",
        ]
        command += ["--header", f"Authorization: Bearer {target.credentials.tokens[ACCOUNT_VARIABLE]}"]
        with tempfile.TemporaryDirectory() as folder:
            finished = subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603 - our own words
    return finished.returncode == 1


def report(outcomes: Sequence[Outcome], stock: Mapping[str, bool]) -> str:
    """The outcomes as a Markdown page."""
    faults = [outcome for outcome in outcomes if outcome.server.breaks]
    freedoms = [outcome for outcome in outcomes if not outcome.server.breaks]
    seeds = sorted({outcome.seed for outcome in outcomes})
    lines = [
        "# Detection",
        "",
        "What `linq-contract validate` finds with default settings, on servers that each have one defect",
        "(`linq-contract mock --list-faults`), or that each use a freedom that the contract leaves",
        "(`--list-freedoms`). A fault is caught only when a rule that it breaks is named, with every seed;",
        "a freedom is accused when any rule is named, with any. Beside it stock Schemathesis, with all of",
        "its phases and checks and the same document: there a fault counts as caught, and a freedom as",
        "accused, when any failure at all is reported.",
        "",
        f"Written by `make detection`. Seeds: {', '.join(map(str, seeds))}; of Schemathesis: {_STOCK_SEED}.",
        "",
        "| | linq-contract | stock Schemathesis |",
        "| --- | --- | --- |",
    ]
    if faults:
        lines += [_sum_line("faults caught", _caught(faults), stock)]
    if freedoms:
        lines += [_sum_line("freedoms accused", _accused(freedoms), stock)]
    lines += _medians(faults)
    if faults:
        lines += ["", "| rule | faults | caught | by Schemathesis | seconds, median | requests, median |"]
        lines += ["| --- | --- | --- | --- | --- | --- |"]
    for rule in load().rules:
        lines += _rule_line(rule, [o for o in faults if o.server.breaks[0] == rule], stock)
    for title, wrong in (
        ("Missed", [o for o in faults if not o.is_caught]),
        ("Accused", [o for o in freedoms if o.named]),
        ("Left changed", [o for o in freedoms if o.left_changed and not o.server.changes_by_itself]),
        ("Not judged", [o for o in outcomes if o.error]),
    ):
        if wrong:
            lines += ["", f"## {title}", ""]
            lines += [f"- `{o.server.name}` (seed {o.seed}): {_what(o)}" for o in wrong]
    return "\n".join(lines) + "\n"


def _caught(outcomes: Sequence[Outcome]) -> Mapping[str, bool]:
    """For each server whether it was caught with every seed."""
    missed = {o.server.name for o in outcomes if not o.is_caught}
    return {o.server.name: o.server.name not in missed for o in outcomes}


def _accused(outcomes: Sequence[Outcome]) -> Mapping[str, bool]:
    """For each server whether it was accused with any seed."""
    accused = {o.server.name for o in outcomes if o.named}
    return {o.server.name: o.server.name in accused for o in outcomes}


def _sum_line(title: str, ours: Mapping[str, bool], stock: Mapping[str, bool]) -> str:
    theirs = [stock[name] for name in ours if name in stock]
    beside = f"{sum(theirs)} of {len(theirs)}" if theirs else "not run"
    return f"| {title} | {sum(ours.values())} of {len(ours)} | {beside} |"


def _medians(faults: Sequence[Outcome]) -> list[str]:
    seconds = [o.seconds for o in faults if o.seconds is not None]
    requests = [o.requests for o in faults if o.requests is not None]
    if not seconds:
        return []
    return [
        f"| seconds to the evidence, median and longest | {median(seconds):.2f}, {max(seconds):.2f} | |",
        f"| requests to the evidence, median and most | {median(requests):.0f}, {max(requests):,} | |",
    ]


def _rule_line(rule: str, outcomes: Sequence[Outcome], stock: Mapping[str, bool]) -> list[str]:
    if not outcomes:
        return []
    ours = _caught(outcomes)
    theirs = [stock[name] for name in ours if name in stock]
    seconds = [o.seconds for o in outcomes if o.seconds is not None]
    requests = [o.requests for o in outcomes if o.requests is not None]
    medians = [f"{median(seconds):.2f}", f"{median(requests):.0f}"] if seconds and requests else ["", ""]
    found = str(sum(theirs)) if theirs else ""
    return [f"| `{rule}` | {len(ours)} | {sum(ours.values())} | {found} | {' | '.join(medians)} |"]


def _what(outcome: Outcome) -> str:
    parts = [outcome.error] if outcome.error else []
    parts += (
        [f"named {', '.join(f'`{rule}`' for rule in outcome.named)}"] if outcome.named else ["named nothing"]
    )
    parts += [f"left {len(outcome.left_changed)} lines changed"] if outcome.left_changed else []
    return "; ".join(parts)


def _forwarding_numbers(target: Target) -> dict[str, Any]:
    """What each line of both accounts forwards to, as far as the server shows it."""
    path = load().operations[LIST].path
    numbers: dict[str, Any] = {}
    for variable in (ACCOUNT_VARIABLE, OTHER_VARIABLE):
        headers = {"Authorization": f"Bearer {target.credentials.tokens[variable]}"}
        answers = (httpx.get(target.base_url + path, headers=headers, timeout=30) for _ in range(_TRIES))
        content = next((answer.content for answer in answers if answer.is_success), b"")
        listing = read_listing(content)
        numbers |= {line.key: line.forwarding_number for line in (listing.in_order if listing else ())}
    return numbers


@click.command()
@click.option(
    "--kind", type=click.Choice(["fault", "freedom"]), help="Only the faults, or only the freedoms."
)
@click.option("--only", metavar="PATTERN", default=_ALL, help="Only the servers with such a name.")
@click.option("--sample", type=int, help="Only so many of them, drawn with the first seed.")
@click.option(
    "--seed", "seeds", type=int, multiple=True, default=(1,), show_default=True, help="Once with each seed."
)
@click.option("--stock/--no-stock", default=False, help="Also run stock Schemathesis, on each server once.")
@click.option(
    "--again", is_flag=True, help="Judge a server once more, with another seed, before it counts as wrong."
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the page here.")
def main(
    kind: str | None,
    only: str,
    sample: int | None,
    seeds: tuple[int, ...],
    stock: bool,  # noqa: FBT001 - click passes options as keywords
    again: bool,  # noqa: FBT001 - the same
    output: Path | None,
) -> None:
    """Run every server and print what was detected. Exits with 1 when anything was missed or accused."""
    chosen = [
        server for server in servers() if fnmatchcase(server.name, only) and kind in {None, server.kind}
    ]
    if not chosen:
        raise click.UsageError(f"No server is named {only!r}.")
    if sample is not None:
        chosen = random.Random(seeds[0]).sample(chosen, min(sample, len(chosen)))  # noqa: S311 - a sample
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(
        _RUNS_PER_CPU * (os.cpu_count() or 1), mp_context=context
    ) as pool:
        runs = [pool.submit(judge, server, seed) for seed in seeds for server in chosen]
        outcomes = [_shown(run.result()) for run in concurrent.futures.as_completed(runs)]
        wrong = [outcome for outcome in outcomes if again and not outcome.is_right]
        repeated = [pool.submit(judge, outcome.server, outcome.seed + 1) for outcome in wrong]
        outcomes = [outcome for outcome in outcomes if outcome not in wrong]
        outcomes += [_shown(run.result()) for run in concurrent.futures.as_completed(repeated)]
        found = pool.map(judge_with_schemathesis, chosen) if stock else ()
        stock_found = dict(zip((server.name for server in chosen), found, strict=False))
    order = {server.name: index for index, server in enumerate(chosen)}
    page = report(sorted(outcomes, key=lambda o: (order[o.server.name], o.seed)), stock_found)
    click.echo(page)
    if output is not None and only == _ALL and sample is None:
        output.write_text(page, encoding="utf-8")
    elif output is not None:
        click.echo(f"{output} is left as it was: it is about all of the servers.", err=True)
    sys.exit(not all(outcome.is_right for outcome in outcomes))


def _shown(outcome: Outcome) -> Outcome:
    mark = "ok" if outcome.is_right else "WRONG"
    click.echo(f"{mark:<6}{outcome.server.name}, seed {outcome.seed}: {_what(outcome)}", err=True)
    return outcome


if __name__ == "__main__":
    main()
