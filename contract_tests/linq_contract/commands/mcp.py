"""The command that serves agents over the Model Context Protocol."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import click
from mcp.server import MCPServer
from mcp.types import ToolAnnotations

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
        server = MCPServer("linq-contract", version=version("linq-contract"))
        _add(server, _READS, tools.explain_rule, tools.read_report)
        _add(server, _OF_MOCKS, tools.start_mock, tools.stop_mock)
        _add(server, _sends(allow_writes=allow_writes), tools.validate, tools.replay)
        server.run("stdio")


_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_OF_MOCKS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)


def _sends(*, allow_writes: bool) -> ToolAnnotations:
    """What is said of tools that ask a server; mocks are updated in any case."""
    return ToolAnnotations(read_only_hint=False, destructive_hint=allow_writes, open_world_hint=True)


def _add(server: MCPServer, annotations: ToolAnnotations, *tools: Callable[..., dict[str, Any]]) -> None:
    for tool in tools:
        server.tool(annotations=annotations)(tool)
