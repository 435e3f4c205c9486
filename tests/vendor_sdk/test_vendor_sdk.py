"""The vendor's SDKs, clients that this project did not write, find in the mock what they expect."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.limits import limit

from linq_mock import LinqMock, MockServer

ROOT = Path(__file__).parents[2]
NUMBER = "+13105550199"
RETRY_AFTER = 2

Story = dict[str, Any]


def of_python(version: str, kind: str) -> tuple[str, list[str]]:
    folder = Path(".sdk") / f"linq-python-{version}"
    assert (ROOT / folder / ".ready").exists(), f"The SDK is not installed: run `make {folder}/.ready`."
    return str(ROOT / folder), [sys.executable, str(Path(__file__).with_name("driver.py")), kind]


def of_typescript(_version: str, kind: str) -> tuple[str, list[str]]:
    assert (ROOT / "node_modules/@linqapp/sdk").exists(), "The SDK is not installed: run `make test-node`."
    return "", ["node", str(Path(__file__).with_name("driver.mjs")), kind]


SDKS = [
    *(
        pytest.param((of_python, version, kind), id=f"linq-python {version} {kind}")
        for version in ("0.15.1", "newest")
        for kind in ("sync", "async")
    ),
    pytest.param((of_typescript, "newest", ""), id="@linqapp/sdk", marks=pytest.mark.node),
]


@pytest.fixture(scope="module")
def accounts() -> Iterator[dict[str, LinqMock]]:
    """An account that is answered, one that is limited at first, and one whose server is ill at first."""
    with MockServer.started() as server, ExitStack() as stack:
        yield {
            name: stack.enter_context(server.account(name)) for name in ("honest", "limited", "unavailable")
        }


@pytest.fixture(scope="module", params=SDKS)
def story(request: pytest.FixtureRequest, accounts: dict[str, LinqMock]) -> Story:
    """What one version of the SDK told of its calls, and `requests`, what the mock saw of them."""
    sdk, version, kind = request.param
    path, (program, driver, *which) = sdk(version, kind)
    seen = {name: len(account.requests) for name, account in accounts.items()}
    accounts["limited"].fail_next(status=429, retry_after=RETRY_AFTER)
    accounts["unavailable"].fail_next(status=503)
    tokens = {name: account.token for name, account in accounts.items()} | {"stranger": "of-nobody"}
    done = subprocess.run(
        [program, driver, accounts["honest"].url, json.dumps(tokens), *which],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=limit(60),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: Story = json.loads(done.stdout)
    assert version in {told["version"], "newest"}
    told["requests"] = {name: account.requests[seen[name] :] for name, account in accounts.items()}
    return told


def forwarding_number(listed: dict[str, Any]) -> str | None:
    number: str | None = listed["phone_numbers"][0]["forwarding_number"]
    return number


def test_it_lists_the_lines(story: Story) -> None:
    assert len(story["list"]["phone_numbers"]) == 5


def test_it_finds_the_same_reputation_under_both_names(story: Story) -> None:
    assert all(line["reputation"] == line["health_status"] for line in story["list"]["phone_numbers"])


def test_it_sets_a_number(story: Story) -> None:
    assert story["set"]["forwarding_number"] == NUMBER
    assert forwarding_number(story["list after set"]) == NUMBER


@pytest.mark.parametrize("step", ["clear with null", "clear with ''"])
def test_it_clears(story: Story, step: str) -> None:
    assert forwarding_number(story["list after set again"]) == NUMBER
    assert story[step]["forwarding_number"] is None
    assert forwarding_number(story[f"list after {step}"]) is None


def test_what_it_was_told_to_send_is_what_was_sent(story: Story) -> None:
    sent = [request.json() for request in story["requests"]["honest"] if request.method == "PUT"]

    assert [body["forwarding_number"] for body in sent] == [NUMBER, None, NUMBER, "", NUMBER]


def test_it_finds_no_line_with_an_unknown_id(story: Story) -> None:
    assert story["unknown id"] == {"error": "NotFoundError", "status": 404}


def test_it_is_refused_with_a_wrong_token(story: Story) -> None:
    assert story["wrong token"] == {"error": "AuthenticationError", "status": 401}


def test_it_waits_as_long_as_a_429_asks(story: Story) -> None:
    assert [request.status for request in story["requests"]["limited"]] == [429, 200]
    assert len(story["limited"]["phone_numbers"]) == 5
    assert story["limited"]["seconds"] >= RETRY_AFTER


def test_it_asks_again_after_a_503_that_heals(story: Story) -> None:
    assert [request.status for request in story["requests"]["unavailable"]] == [503, 200]
    assert len(story["unavailable"]["phone_numbers"]) == 5
