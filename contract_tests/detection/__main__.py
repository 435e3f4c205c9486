"""Run the measurement."""

from __future__ import annotations

import functools
import os
import random
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor
from contextlib import AbstractContextManager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

import click

from detection.curve import draw
from detection.outcomes import Outcomes, UnusableFileError
from detection.page import report, what
from detection.runs import Outcome, judge, judge_once_more, judge_with_schemathesis
from detection.servers import HONEST, Server, servers
from linq_contract.sweep.executors import ClusterError, OpenExecutor, on_cluster, processes, results

_RUNS_PER_CPU = 2  # many servers are slow on purpose, and leave the processor idle
_ALL = "*"
_T = TypeVar("_T")


@click.command()
@click.option(
    "--kind", type=click.Choice(["fault", "freedom"]), help="Only the faults, or only the freedoms."
)
@click.option("--only", metavar="PATTERN", default=_ALL, help="Only the servers with such a name.")
@click.option("--sample", type=click.IntRange(min=1), help="Only so many of them, drawn with the first seed.")
@click.option(
    "--seed", "seeds", type=int, multiple=True, default=(1,), show_default=True, help="Once with each seed."
)
@click.option("--stock/--no-stock", default=False, help="Also run stock Schemathesis, on each server once.")
@click.option(
    "--again", is_flag=True, help="Validate a server once more, with another seed, before it counts as wrong."
)
@click.option("--whole", is_flag=True, help="Go on when a fault is caught: what does a run against it cost?")
@click.option(
    "--outcomes",
    "kept_in",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep each outcome in this file, and take from it what is there already.",
)
@click.option(
    "--workers", type=click.IntRange(min=1), help="Runs at once; two for each processor unless told."
)
@click.option("--cluster", metavar="ADDRESS", help="Run on the workers of this Dask scheduler instead.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the page here.")
def main(
    kind: str | None,
    only: str,
    sample: int | None,
    seeds: tuple[int, ...],
    stock: bool,  # noqa: FBT001 - click passes options as keywords
    again: bool,  # noqa: FBT001 - the same
    whole: bool,  # noqa: FBT001 - the same
    kept_in: Path | None,
    workers: int | None,
    cluster: str | None,
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
    try:
        kept = Outcomes(kept_in, {server.name: server for server in chosen})
    except (UnusableFileError, OSError) as error:
        raise click.UsageError(str(error)) from error
    executor = _executor(workers, cluster)
    try:
        for seed in seeds:
            missing = [server for server in chosen if (server.name, seed) not in kept.judged]
            _judge_all(executor, missing, functools.partial(judge, seed=seed, to_the_end=whole), kept)
        outcomes = [kept.judged[server.name, seed] for server in chosen for seed in seeds]
        if again:
            outcomes = _judge_again(executor, outcomes)
        if stock:
            missing = [server for server in chosen if server.name not in kept.stock]
            _judge_with_schemathesis(executor, missing, kept)
    except (ClusterError, BrokenExecutor) as error:
        raise click.ClickException(str(error)) from error
    is_whole = only == _ALL and sample is None
    honest = [judge(HONEST, seed, to_the_end=True) for seed in seeds] if whole else []
    drawing = output.with_suffix(".svg").name if output else ""
    page = report(outcomes, kept.stock if stock else {}, drawing, honest)
    click.echo(page)
    if output is not None and is_whole:
        _write(page, outcomes, output)
    elif output is not None:
        click.echo(f"{output} is left as it was: it is about all of the servers.", err=True)
    sys.exit(not all(outcome.is_right for outcome in outcomes))


def _write(page: str, outcomes: Sequence[Outcome], output: Path) -> None:
    """Write the page, and beside it the drawing that a page about faults shows."""
    output.write_text(page, encoding="utf-8")
    if faults := [outcome for outcome in outcomes if outcome.server.breaks]:
        output.with_suffix(".svg").write_text(draw(faults), encoding="utf-8")


def _judge_all(
    executor: OpenExecutor, chosen: Sequence[Server], judging: Callable[[Server], Outcome], kept: Outcomes
) -> None:
    for _, outcome in results(executor, judging, _each_alone(chosen)):
        kept.add(_shown(outcome))


def _judge_again(executor: OpenExecutor, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes with those of a second run in the place of the wrong ones."""
    wrong = [outcome for outcome in outcomes if not outcome.is_right]
    again = {
        outcome: _shown(other) for outcome, other in results(executor, judge_once_more, _each_alone(wrong))
    }
    return [again.get(outcome, outcome) for outcome in outcomes]


def _judge_with_schemathesis(executor: OpenExecutor, chosen: Sequence[Server], kept: Outcomes) -> None:
    for server, found in results(executor, judge_with_schemathesis, _each_alone(chosen)):
        kept.add_stock(server.name, found=found)


def _each_alone(jobs: Sequence[_T]) -> Sequence[Sequence[_T]]:
    """The lanes of jobs none of which waits for another."""
    return [[job] for job in jobs]


def _executor(workers: int | None, cluster: str | None) -> OpenExecutor:
    """New processes for each seed, since Hypothesis keeps what it was given for as long as one lives."""

    def open_executor() -> AbstractContextManager[Executor]:
        at_once = workers or _RUNS_PER_CPU * (os.cpu_count() or 1)
        return on_cluster(cluster) if cluster else processes(at_once)

    return open_executor


def _shown(outcome: Outcome) -> Outcome:
    mark = "ok" if outcome.is_right else "WRONG"
    click.echo(f"{mark:<6}{outcome.server.name}, seed {outcome.seed}: {what(outcome)}", err=True)
    return outcome


if __name__ == "__main__":
    main()
