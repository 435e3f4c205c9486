"""The command that joins the reports of the shards of a run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console

from linq_contract.commands.reporting import write_and_tell
from linq_contract.options import Folder, checked
from linq_contract.report.joining import join, read_reports
from linq_contract.report.terminal import print_ledger
from linq_contract.run.result import ExitCode


@click.command()
@click.argument(
    "reports", metavar="REPORT...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "--report-dir",
    type=Folder(),
    help="Write the reports of all shards together here.",
)
def merge(reports: tuple[Path, ...], report_dir: Path | None) -> NoReturn:
    """Join the report.json of each shard of a run into one verdict.

    A REPORT is such a file, or a folder with one, or with folders that have one each. Exits as validate does:
    with 0 when the server conforms, 1 when it breaks a rule, or fails --require, --accept or --drift, 2 when
    the reports are not of one run, 3 when a report is missing or incomplete, 4 when a forwarding number could
    not be put back.
    """
    read = checked(read_reports, reports)
    if report_dir is not None and report_dir.resolve() in {each.path.resolve().parent for each in read}:
        raise click.UsageError(f"{report_dir} has the report of a shard in it: write to another folder.")
    description = checked(join, read)
    said = [*write_and_tell(description, report_dir)] if report_dir else []
    print_ledger(description, Console(highlight=False))
    for sentence in said:
        click.echo(sentence)
    sys.exit(ExitCode(description["exit_code"]))
