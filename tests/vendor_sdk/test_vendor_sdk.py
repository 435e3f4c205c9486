"""The vendor's Python SDK, a client that this project did not write, finds in the mock what it expects."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.limits import limit

from linq_mock import running

ROOT = Path(__file__).parents[2]
NUMBER = "+13105550199"

Story = dict[str, Any]


@pytest.fixture(scope="session", params=["0.15.1", "newest"])
def both(request: pytest.FixtureRequest) -> dict[str, Story]:
    """What one version of the SDK told, by kind of client."""
    folder = Path(".sdk") / f"linq-python-{request.param}"
    assert (ROOT / folder / ".ready").exists(), f"The SDK is not installed: run `make {folder}/.ready`."
    driver = Path(__file__).with_name("driver.py")
    with running() as mock:
        done = subprocess.run(
            [sys.executable, str(driver), mock.url, mock.tokens[0]],
            env={**os.environ, "PYTHONPATH": str(ROOT / folder)},
            capture_output=True,
            text=True,
            timeout=limit(60),
            check=False,
        )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["version"] == "0.15.1" or request.param == "newest"
    return told


@pytest.fixture(params=["sync", "async"])
def story(both: dict[str, Story], request: pytest.FixtureRequest) -> Story:
    return both[request.param]


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


@pytest.mark.parametrize("step", ["clear with None", "clear with ''"])
def test_it_clears(story: Story, step: str) -> None:
    assert forwarding_number(story["list after set again"]) == NUMBER
    assert story[step]["forwarding_number"] is None
    assert forwarding_number(story[f"list after {step}"]) is None


def test_it_finds_no_line_with_an_unknown_id(story: Story) -> None:
    assert story["unknown id"] == {"error": "NotFoundError", "status": 404}


def test_it_is_refused_with_a_wrong_token(story: Story) -> None:
    assert story["wrong token"] == {"error": "AuthenticationError", "status": 401}
