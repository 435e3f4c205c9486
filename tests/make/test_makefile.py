"""The Makefile offers what it says, and CI calls all of it that judges the project."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def make(*arguments: str) -> str:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=False,
    ).stdout


def test_help_lists_every_target_with_one_line() -> None:
    database = make("--question", "--print-data-base", "--no-builtin-rules")
    targets = re.findall(r"^\.PHONY: (.*)$", database, re.MULTILINE)[0].split()
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in make("help").splitlines()]

    assert all(re.fullmatch(r"  [a-z-]+ +\S.*", line) for line in lines)
    assert sorted(line.split()[0] for line in lines) == sorted(targets)


def test_every_target_that_is_no_file_is_phony() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"^([\w-]+):(?!=)", makefile, re.MULTILINE)

    assert re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE) == named


@pytest.mark.parametrize("target", ["test-page", "screenshots"])
def test_what_needs_a_browser_says_so_where_there_is_none(target: str, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    installed.touch()  # newer than all that would have make install something
    command = ["make", target, "CHROMIUM=/nowhere/chromium", f"READY={installed}", f"NODE_READY={installed}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert "apt-get install chromium" in done.stderr


@pytest.fixture
def recorded_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for make that records its targets, and fails at the one named in $FAIL."""
    record = tmp_path / "targets"
    stand_in = tmp_path / "make"
    stand_in.write_text(f'#!/bin/sh\necho "$@" >> {record}\ntest "$1" != "$FAIL"\n', encoding="utf-8")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return record


TARGETS = [
    "test",
    "test-documentation",
    "test-scale",
    "test-pythons",
    "test-node",
    "test-mcp",
    "test-wheels",
    "lint",
    "types",
    "check",
    "versions",
    "docs",
    "validate-prism",
    "test-page",
    "detection-sample",
    "documents-sample",
]


def test_ci_runs_the_targets_that_judge_the_project(recorded_make: Path) -> None:
    subprocess.run([ROOT / ".ci/run"], cwd="/", check=True)

    assert recorded_make.read_text(encoding="utf-8").split() == TARGETS


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.usefixtures("recorded_make")
def test_ci_fails_when_one_of_them_fails(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIL", target)

    assert subprocess.run([ROOT / ".ci/run"], cwd="/", check=False).returncode != 0
