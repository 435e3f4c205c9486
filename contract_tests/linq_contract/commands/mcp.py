"""The command that serves agents over the Model Context Protocol."""

from __future__ import annotations

import click

from linq_contract.commands.importing import imported


@click.command()
@click.option(
    "--host", "hosts", metavar="HOST", multiple=True, help="Permit this host, too; may be repeated."
)
@click.option(
    "--allow-writes",
    is_flag=True,
    help="Permit updates on all servers, not only on mocks that were started here.",
)
def mcp(hosts: tuple[str, ...], allow_writes: bool) -> None:  # noqa: FBT001 - click passes options as keywords
    """Serve agents on standard input and output, over the Model Context Protocol.

    They can start and stop mocks, validate servers on this machine, look up rules, read reports and replay
    evidence. The token is read from LINQ_API_V3_API_KEY, and is in no answer.
    """
    # The protocol takes as long to import as all commands together, of which the help has a sentence each.
    imported("linq_contract.commands.agent_server").serve(frozenset(hosts), allow_writes=allow_writes)
