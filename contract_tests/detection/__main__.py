"""Run the measurement."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import random
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import click

from detection.curve import draw
from detection.judging import Outcome, judge, judge_with_schemathesis
from detection.outcomes import Outcomes, UnusableFileError
from detection.page import report, what
from detection.servers import Server, servers

_RUNS_PER_CPU = 2  # many servers are slow on purpose, and leave the processor idle
_ALL = "*"


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
@click.option(
    "--outcomes",
    "kept_in",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep each outcome in this file, and take from it what is there already.",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the page here.")
def main(
    kind: str | None,
    only: str,
    sample: int | None,
    seeds: tuple[int, ...],
    stock: bool,  # noqa: FBT001 - click passes options as keywords
    again: bool,  # noqa: FBT001 - the same
    kept_in: Path | None,
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
    for seed in seeds:
        _judge_all([server for server in chosen if (server.name, seed) not in kept.judged], seed, kept)
    outcomes = [kept.judged[server.name, seed] for server in chosen for seed in seeds]
    if again:
        outcomes = _judge_again(outcomes)
    if stock:
        _judge_with_schemathesis([server for server in chosen if server.name not in kept.stock], kept)
    faults = [outcome for outcome in outcomes if outcome.server.breaks]
    drawing = output.with_suffix(".svg") if output and faults else None
    page = report(outcomes, kept.stock if stock else {}, drawing.name if drawing else "")
    click.echo(page)
    if output is not None and only == _ALL and sample is None:
        output.write_text(page, encoding="utf-8")
        if drawing is not None:
            drawing.write_text(draw(faults), encoding="utf-8")
    elif output is not None:
        click.echo(f"{output} is left as it was: it is about all of the servers.", err=True)
    sys.exit(not all(outcome.is_right for outcome in outcomes))


def _judge_all(chosen: Sequence[Server], seed: int, kept: Outcomes) -> None:
    with _processes() as pool:
        runs = [pool.submit(judge, server, seed) for server in chosen]
        for run in concurrent.futures.as_completed(runs):
            kept.add(_shown(run.result()))


def _judge_again(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes with those of a second run in the place of the wrong ones."""
    with _processes() as pool:
        runs = {o: pool.submit(judge, o.server, o.seed + 1) for o in outcomes if not o.is_right}
        return [_shown(runs[o].result()) if o in runs else o for o in outcomes]


def _judge_with_schemathesis(chosen: Sequence[Server], kept: Outcomes) -> None:
    with _processes() as pool:
        for server, found in zip(chosen, pool.map(judge_with_schemathesis, chosen), strict=True):
            kept.add_stock(server.name, found=found)


def _processes() -> concurrent.futures.ProcessPoolExecutor:
    """New ones for each seed, since Hypothesis keeps what it was given for as long as a process lives."""
    context = multiprocessing.get_context("spawn")
    return concurrent.futures.ProcessPoolExecutor(_RUNS_PER_CPU * (os.cpu_count() or 1), mp_context=context)


def _shown(outcome: Outcome) -> Outcome:
    mark = "ok" if outcome.is_right else "WRONG"
    click.echo(f"{mark:<6}{outcome.server.name}, seed {outcome.seed}: {what(outcome)}", err=True)
    return outcome


if __name__ == "__main__":
    main()
