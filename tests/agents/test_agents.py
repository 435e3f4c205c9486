"""The tools of agents, driven by the client of the protocol's own SDK, over standard input and output."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import anyio
import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from linq_mock.tokens import DEFAULT_TOKENS

pytestmark = pytest.mark.long

CANARY = "canary-7f3d9b51-c0ffee"


async def talk(calls: Any) -> list[Any]:
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-m", "linq_contract", "mcp"],
        env={**os.environ, "LINQ_API_V3_API_KEY": CANARY},
    )
    async with stdio_client(parameters) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        said: list[Any] = []

        async def call(name: str, **arguments: Any) -> Any:
            result = await session.call_tool(name, arguments)
            text = "".join(getattr(each, "text", "") for each in result.content)
            said.append(text)
            return text

        await calls(session, call)
        return said


def test_an_agent_starts_a_mock_judges_it_and_reads_why() -> None:
    async def calls(session: ClientSession, call: Any) -> None:
        tools = {tool.name for tool in (await session.list_tools()).tools}
        assert tools == {"explain_rule", "start_mock", "stop_mock", "validate", "read_report", "replay"}

        mock = json.loads(await call("start_mock", fault="update.echo/fields-swapped"))
        judged = json.loads(await call("validate", url=mock["url"], rules=["update.echo"]))
        assert judged["exit_code"] == 1
        assert "update.echo" in judged["broken"]
        evidence = json.loads(await call("read_report", report=judged["report"], rule="update.echo"))
        assert evidence["evidence"][0]["curl"].startswith("curl -i -X PUT")
        assert "FAILED update.echo" in await call("replay", report=judged["report"], rule="update.echo")
        await call("stop_mock", url=mock["url"])

    said = anyio.run(talk, calls)

    assert not any(token in text for text in said for token in (CANARY, *DEFAULT_TOKENS))


def test_an_agent_is_told_what_is_not_permitted_and_what_there_is_not() -> None:
    async def calls(_session: ClientSession, call: Any) -> None:
        explained = json.loads(await call("explain_rule", rule="update.echo"))
        assert explained["level"] == "MUST"
        assert explained["source"]
        assert "No rule is named" in await call("explain_rule", rule="update.ech")
        assert "api.linqapp.com is not permitted" in await call("validate", url="https://api.linqapp.com/api")
        assert "There is no report 1" in await call("read_report", report=1, rule="update.echo")

    anyio.run(talk, calls)
