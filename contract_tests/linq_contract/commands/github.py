"""The command that tells GitHub Actions what a run has found out."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, cast

import click

from linq_contract.report.description import Description
from linq_contract.report.github import annotation_without_a_report, annotations_of, outputs, summary


@click.command()
@click.argument("report_dir", type=click.Path(file_okay=False, path_type=Path))
@click.argument("exit_code", type=click.IntRange(0, 255))
def github(report_dir: Path, exit_code: int) -> NoReturn:
    """Tell GitHub Actions what is in REPORT_DIR, of a run that ended with EXIT_CODE.

    Prints annotations at the lines of the rules, and adds to the files that GITHUB_STEP_SUMMARY and
    GITHUB_OUTPUT name. Exits with 0.
    """
    description = _read(report_dir / "report.json")
    said = annotations_of(description) if description else [annotation_without_a_report()]
    for each in said:
        click.echo(each)
    if description:
        _append("GITHUB_STEP_SUMMARY", [summary(description)])
    _append("GITHUB_OUTPUT", outputs(description, exit_code))
    sys.exit(0)


def _read(path: Path) -> Description | None:
    if not path.exists():
        return None
    try:
        content: Any = json.loads(path.read_bytes())
    except ValueError as error:
        raise click.UsageError(f"{path} is no report: {error}.") from error
    return cast("Description", content)


def _append(variable: str, lines: Sequence[str]) -> None:
    """Add lines to the file that a variable names; outside of GitHub Actions there is none."""
    if name := os.environ.get(variable):
        with Path(name).open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
