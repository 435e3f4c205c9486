"""What the runs of a sweep have found out together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from linq_contract.report.description import count
from linq_contract.run.result import ExitCode
from linq_contract.sweep.runs import Outcome

_MOST_SEEDS = 10  # shown; the file of outcomes has all


def exit_code_of(outcomes: Iterable[Outcome]) -> ExitCode:
    """4 when some run could not put a number back, else 1 when one failed, else 3 when one was no verdict."""
    codes = {outcome.exit_code for outcome in outcomes}
    for code in (ExitCode.NOT_RESTORED, ExitCode.RULES_BROKEN):
        if code in codes:
            return code
    return ExitCode.CONFORMS if codes <= {ExitCode.CONFORMS} else ExitCode.INCOMPLETE


def summary(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """For each server, in lines: with how many seeds it conforms, and each rule that it breaks with some."""
    of_server = sorted(outcomes, key=lambda outcome: outcome.run.server)
    for server, runs in groupby(of_server, key=lambda outcome: outcome.run.server):
        yield from _of_server(server, list(runs))


def _of_server(server: str, outcomes: Sequence[Outcome]) -> Iterator[str]:
    conforming = sum(outcome.exit_code == ExitCode.CONFORMS for outcome in outcomes)
    requests = sum(outcome.requests for outcome in outcomes)
    yield f"{server}: conforms with {conforming:,} of {count(len(outcomes), 'seed')}, {requests:,} requests"
    for rule in sorted({each.rule for outcome in outcomes for each in outcome.broken}):
        found = [
            (outcome.run.seed, each) for outcome in outcomes for each in outcome.broken if each.rule == rule
        ]
        yield f"  {rule} is broken with {_seeds([seed for seed, _ in found])}: {found[0][1].problem}"
        yield f"    Rerun: {found[0][1].rerun}"
    for headline in sorted({outcome.headline for outcome in outcomes if not outcome.is_verdict}):
        seeds = [outcome.run.seed for outcome in outcomes if outcome.headline == headline]
        yield f"  no verdict with {_seeds(seeds)}: {headline}"


def _seeds(seeds: Sequence[int]) -> str:
    shown = ", ".join(map(str, sorted(seeds)[:_MOST_SEEDS]))
    more = f" and {len(seeds) - _MOST_SEEDS:,} more" if len(seeds) > _MOST_SEEDS else ""
    return f"seed{'s' * (len(seeds) > 1)} {shown}{more}"
