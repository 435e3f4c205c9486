"""The command that lists the rules."""

from __future__ import annotations

import click

import linq_document


@click.command()
def rules() -> None:
    """List the rules of the contract."""
    for rule in linq_document.load().rules.values():
        click.echo(f"{rule.name:<30}{rule.level:<8}{rule.statement}")
