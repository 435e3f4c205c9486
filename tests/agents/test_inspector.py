"""The tools of agents, judged by the inspector of the protocol: `make test-mcp`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.limits import limit

from linq_contract.embedded import embedded_mock
from linq_contract.http.credentials import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
INSPECTOR = ROOT / "build/inspector/node_modules/.bin/mcp-inspector"
RULE = "list.schema"
CANARY = "canary-5b0c8e17-decade"
TOOL_FAILED = 5  # the inspector's exit code for an answer that is an error

pytestmark = pytest.mark.node


def inspect(
    *words: str, token: str = CANARY, options: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    server = [sys.executable, "-m", "linq_contract", "mcp", *options]
    patience = str(round(1_000 * limit(15)))
    command = [str(INSPECTOR), "--cli", "--connect-timeout", patience, "-e", f"{ACCOUNT}={token}", *server]
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
    assert token not in done.stdout + done.stderr
    return done


def answered(*words: str, **arguments: Any) -> Any:
    done = inspect(*words, **arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def call(tool: str, *pairs: str) -> tuple[str, ...]:
    return (
        "--method",
        "tools/call",
        "--tool-name",
        tool,
        *(word for pair in pairs for word in ("--tool-arg", pair)),
    )


@pytest.fixture
def mock() -> Iterator[tuple[str, str]]:
    with embedded_mock("--fault", f"{RULE}/bare-array") as target:
        yield target.base_url, target.credentials.tokens[ACCOUNT]


def test_the_tools_are_listed_with_what_they_may_change_and_schemas_that_any_client_can_read() -> None:
    tools = answered("--method", "tools/list", "--strict")["tools"]
    hints = {tool["name"]: tool["annotations"] for tool in tools}

    assert {name for name, hint in hints.items() if hint["readOnlyHint"]} == {"explain_rule", "read_report"}
    assert not any(hint.get("destructiveHint") for hint in hints.values())
    assert {name for name, hint in hints.items() if hint["openWorldHint"]} == {"validate", "replay"}
    assert all(tool["description"] and tool["inputSchema"]["type"] == "object" for tool in tools)


def test_what_may_update_servers_says_so_once_that_is_permitted() -> None:
    tools = answered("--method", "tools/list", options=("--allow-writes",))["tools"]

    assert {tool["name"] for tool in tools if tool["annotations"].get("destructiveHint")} == {
        "validate",
        "replay",
    }


@pytest.mark.parametrize("kind", ["resources", "prompts"])
def test_there_is_nothing_but_tools(kind: str) -> None:
    assert answered("--method", f"{kind}/list") == {kind: []}


def test_a_rule_is_explained() -> None:
    said = answered(*call("explain_rule", "rule=update.echo"))

    assert not said["isError"]
    assert said["structuredContent"]["level"] == "MUST"
    assert json.loads(said["content"][0]["text"]) == said["structuredContent"]


def test_a_server_is_judged(mock: tuple[str, str]) -> None:
    url, token = mock
    said = answered(*call("validate", f"url={url}", f'rules=["{RULE}"]'), token=token)

    assert said["structuredContent"]["exit_code"] == 1
    assert RULE in said["structuredContent"]["broken"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (call("validate", "url=https://api.linqapp.com/api"), "api.linqapp.com is not permitted"),
        (call("read_report", "report=1", "rule=update.echo"), "There is no report 1"),
        (call("replay", "report=1", "rule=update.echo"), "There is no report 1"),
        (call("stop_mock", "url=http://127.0.0.1:9"), "No mock was started at"),
        (call("explain_rule", "rule=update.ech"), "No rule is named 'update.ech'"),
    ],
)
def test_what_cannot_be_done_is_an_error_of_the_tool_in_a_sentence(
    words: tuple[str, ...], sentence: str
) -> None:
    done = inspect(*words)

    assert done.returncode == TOOL_FAILED
    assert sentence in json.loads(done.stdout)["content"][0]["text"]
