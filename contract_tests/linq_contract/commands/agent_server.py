"""The server of the Model Context Protocol that has the tools of agents."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from mcp.server import MCPServer
from mcp.types import ToolAnnotations

from linq_contract.commands.agent_tools import Permitted, Tools


def serve(hosts: frozenset[str], *, allow_writes: bool) -> None:
    """Serve the tools on standard input and output, until the input ends."""
    server = MCPServer("linq-contract", version=version("linq-contract"))
    with contextlib.closing(Tools(Permitted(hosts, allow_writes))) as tools:
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
