"""Run the measurement of recorded traffic."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import click

from detection.recordings.judging import Recorded, judge
from detection.recordings.page import accused, report
from detection.servers import Server, servers

HONEST = Server("honest", ())
_RUNS_PER_CPU = 2  # many servers are slow on purpose, and leave the processor idle


@click.command()
@click.option("--only", metavar="PATTERN", default="*", help="Only the servers with such a name.")
@click.option("--sample", type=int, help="Only so many of them, drawn with the seed 7.")
@click.option(
    "--outcomes",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep each outcome in this file, and take from it what is there already.",
)
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the HAR files here, and take from here those that are there already.",
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the table into this page."
)
def main(
    only: str, sample: int | None, outcomes: Path | None, keep: Path | None, output: Path | None
) -> None:
    """Check a recording of every server. Exits with 1 when an honest one was accused."""
    chosen = [server for server in servers() if fnmatchcase(server.name, only)]
    if sample is not None:
        chosen = random.Random(7).sample(chosen, len(chosen))[:sample]  # noqa: S311 - a sample
    known = _read(outcomes)
    with tempfile.TemporaryDirectory() as folder:
        kept_in = keep or Path(folder)
        kept_in.mkdir(parents=True, exist_ok=True)
        left = [server for server in (HONEST, *chosen) if server.name not in known]
        for recorded in _judged(left, kept_in):
            known[recorded.server] = recorded
            click.echo(f"{recorded.server}: {', '.join(recorded.broken) or 'nothing'}", err=True)
            if outcomes is not None:
                with outcomes.open("a", encoding="utf-8") as file:
                    file.write(recorded.as_json() + "\n")
    page = report(chosen, known)
    click.echo(page)
    if output is not None:
        _write_into(output, page)
    sys.exit(any(accused(known[server.name]) for server in (HONEST, *chosen) if not server.breaks))


def _judged(chosen: Sequence[Server], folder: Path) -> Iterator[Recorded]:
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(
        _RUNS_PER_CPU * (os.cpu_count() or 1), mp_context=context
    ) as pool:
        runs = [pool.submit(judge, server, folder) for server in chosen]
        for run in concurrent.futures.as_completed(runs):
            yield run.result()


def _read(outcomes: Path | None) -> dict[str, Recorded]:
    if outcomes is None or not outcomes.exists():
        return {}
    lines = outcomes.read_text(encoding="utf-8").splitlines()
    return {recorded.server: recorded for recorded in map(Recorded.from_json, lines)}


def _write_into(output: Path, table: str) -> None:
    """Put the table in the place of the one in a page."""
    before, _, rest = output.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    output.write_text(f"{before}{BEGIN}\n{table}{END}{after}", encoding="utf-8")


BEGIN, END = "<!-- measured -->", "<!-- /measured -->"

if __name__ == "__main__":
    main()
