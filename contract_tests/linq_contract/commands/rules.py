"""The command that lists the rules."""

from __future__ import annotations

import click

import linq_document


@click.command()
@click.option("--client", is_flag=True, help="List the rules that judge-client checks.")
def rules(client: bool) -> None:  # noqa: FBT001 - click passes options as keywords
    """List the rules of the contract."""
    listed = linq_document.load().rules
    if client:
        from linq_contract.clients.rules import client_rules  # noqa: PLC0415 - of these rules alone

        listed = client_rules()
    for rule in listed.values():
        click.echo(f"{rule.name:<30}{rule.level:<8}{rule.statement}")
