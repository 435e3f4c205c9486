"""The command that serves agents over the Model Context Protocol."""

from __future__ import annotations

import contextlib

import click
from mcp.server import MCPServer

from linq_contract.commands.agent_tools import Permitted, Tools


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
    with contextlib.closing(Tools(Permitted(frozenset(hosts), allow_writes))) as tools:
        server = MCPServer("linq-contract")
        for tool in (
            tools.explain_rule,
            tools.start_mock,
            tools.stop_mock,
            tools.validate,
            tools.read_report,
            tools.replay,
        ):
            server.tool()(tool)
        server.run("stdio")
