"""The command that prints what the JSON report looks like."""

from __future__ import annotations

import click

from linq_contract.report.schema import SCHEMA


@click.command()
def report_schema() -> None:
    """Print the JSON Schema of report.json."""
    click.echo(SCHEMA.read_text(encoding="utf-8"), nl=False)
