"""Run the measurement of recorded traffic."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import partial
from os import cpu_count
from pathlib import Path

import click

from detection.outcomes import digest_of
from detection.recordings.judging import Recorded, judge
from detection.recordings.page import HONEST, accused, report
from detection.servers import Server, servers
from linq_contract.sweep.executors import processes, results

_RUNS_PER_CPU = 2  # many servers are slow on purpose, and leave the processor idle
_RECORDED = (
    "openapi.yaml",
    "package-lock.json",
    "mock_server/linq_mock/**/*.py",
    "contract_tests/detection/recordings/*.py",
)


@click.command()
@click.option("--only", metavar="PATTERN", default="*", help="Only the servers with such a name.")
@click.option("--sample", type=int, help="Only so many of them, drawn with the seed 7.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/recordings"),
    show_default=True,
    help="Keep the HAR files here, and what redocly finds; take from here what is there already.",
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the table into this page."
)
def main(only: str, sample: int | None, keep: Path, output: Path | None) -> None:
    """Check a recording of every server. Exits with 1 when an honest one was accused.

    What was broken off goes on from the recordings that there are, unless the mock or the walk has changed.
    """
    chosen = [server for server in servers() if fnmatchcase(server.name, only)]
    if sample is not None:
        chosen = random.Random(7).sample(chosen, len(chosen))[:sample]  # noqa: S311 - a sample
    folder = keep / digest_of(_RECORDED)[:12]
    folder.mkdir(parents=True, exist_ok=True)
    known: dict[str, Recorded] = {}
    for recorded in _judged((HONEST, *chosen), folder):
        known[recorded.server] = recorded
        click.echo(f"{recorded.server}: {', '.join(recorded.broken) or 'nothing'}", err=True)
    page = report(chosen, known)
    click.echo(page)
    if output is not None:
        _write_into(output, page)
    sys.exit(any(accused(known[server.name]) for server in (HONEST, *chosen) if not server.breaks))


def _judged(chosen: Iterable[Server], folder: Path) -> Iterator[Recorded]:
    open_executor = partial(processes, _RUNS_PER_CPU * (cpu_count() or 1))
    for _, recorded in results(open_executor, partial(judge, folder=folder), [[each] for each in chosen]):
        yield recorded


def _write_into(output: Path, table: str) -> None:
    """Put the table in the place of the one in a page."""
    before, _, rest = output.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    output.write_text(f"{before}{BEGIN}\n{table}{END}{after}", encoding="utf-8")


BEGIN, END = "<!-- measured -->", "<!-- /measured -->"

if __name__ == "__main__":
    main()
