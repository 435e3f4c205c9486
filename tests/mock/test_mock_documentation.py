"""docs/mock.md: what it shows works, and it leaves nothing out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import linq_document
from linq_mock import running
from linq_mock.cli import mock
from linq_mock.log import LONGEST_BODY, MOST_BYTES, MOST_ENTRIES
from linq_mock.scenario import ScenarioError, parse_scenario, ready_scenarios

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/mock.md").read_text(encoding="utf-8")
CONTROL = linq_document.read(ROOT / "mock_server/linq_mock/control/openapi.yaml")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_tests_that_it_shows_pass(pytester: pytest.Pytester) -> None:
    (shown,) = (block for block in blocks("python") if "def test_" in block)
    pytester.makepyfile(shown)

    pytester.runpytest_subprocess("-p", "no:schemathesis").assert_outcomes(passed=3)


def test_the_program_that_it_shows_runs() -> None:
    (program,) = (block for block in blocks("python") if "def test_" not in block)

    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "AT_RISK\n"


def test_the_commands_that_it_shows_are_answered() -> None:
    commands = [line[2:] for block in blocks("console") for line in block.splitlines() if "curl " in line]
    with running() as server:
        origin = server.url.removesuffix("/api/partner")
        for command in commands:
            shown = command.replace("http://127.0.0.1:8080", origin).replace("curl", "curl --silent", 1)
            answer = json.loads(subprocess.check_output(["bash", "-c", shown], text=True))
            assert "error" not in answer, (command, answer)

    assert len(commands) == 9


def test_the_scenario_that_it_shows_is_one_and_the_mistake_is_named_so() -> None:
    (text,) = blocks("yaml")
    (mistake,) = blocks("text")
    with pytest.raises(ScenarioError) as error:
        parse_scenario("# a\naccounts:\n  - name: 7\n", "mine", "mine.yaml")

    assert len(parse_scenario(text, "mine", "mine.yaml").steps) == 3
    assert str(error.value) == mistake.strip()


def test_it_names_every_option_path_and_scenario() -> None:
    options = {option for parameter in mock.params for option in parameter.opts}

    assert [option for option in options if f"`{option}" not in PAGE] == []
    assert [path for path in CONTROL.raw["paths"] if f"`{path}`" not in PAGE] == []
    assert [name for name in ready_scenarios() if f"| `{name}` |" not in PAGE] == []


def test_the_numbers_that_it_says_are_those_of_the_log() -> None:
    assert f"The newest {MOST_ENTRIES:,} requests are kept, and {LONGEST_BODY // 1024} KiB of a body" in PAGE
    assert f"{MOST_BYTES // 2**20} MiB in all" in PAGE


def test_its_pictures_are_there_and_light() -> None:
    pictures = {ROOT / "docs" / name for name in re.findall(r"images/[a-z-]+\.png", PAGE)}

    assert len(pictures) == 5
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)
    assert max(picture.stat().st_size for picture in pictures) < 200_000


def test_the_test_in_the_readme_passes(pytester: pytest.Pytester) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```python\n(def test_.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    pytester.makepyfile(shown)

    pytester.runpytest_subprocess("-p", "no:schemathesis").assert_outcomes(passed=1)
