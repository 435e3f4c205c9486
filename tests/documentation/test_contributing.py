"""The recipes of CONTRIBUTING.md lead where they say, and what they and ARCHITECTURE.md name is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
PAGES = ("ARCHITECTURE.md", "CONTRIBUTING.md")
TEXT = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in PAGES)
FOLLOWED = ("Add a rule on one exchange", "Add an operation")

_TEST = r"`(tests/[\w/]+\.py(?:::test_\w+(?:\[[^`]*\])?)?)`"
_BLOCK = re.compile(r"^ {3}```(\w+)\n(.*?)^ {3}```\n", re.MULTILINE | re.DOTALL)
_PLACE = re.compile(r"In `([\w/.]+)`, before the line `([^`]+)`:")
_NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "build", "dist")


@dataclass(frozen=True)
class Step:
    """A step of a recipe: its text, and the block in it that says what to insert or to run."""

    text: str
    kind: str
    block: str

    @property
    def tests(self) -> list[str]:
        """The tests that say whether it was done."""
        return re.findall(_TEST, self.text)

    @property
    def failing_until_done(self) -> list[str]:
        return re.findall(rf"{_TEST} fails until then", self.text)

    def follow(self, project: Path) -> None:
        if self.kind == "console":
            for command in re.findall(r"^\$ (.*)$", self.block, re.MULTILINE):
                _run(project, *command.split(), "READY=", f"BIN={Path(sys.executable).parent}")
        else:
            (name, anchor), *_ = _PLACE.findall(self.text)
            path = project / name
            path.write_text(_inserted(path.read_text(encoding="utf-8"), anchor, self.block), encoding="utf-8")


def steps_of(recipe: str) -> list[Step]:
    """The steps of a recipe that have something to insert or to run."""
    (body,) = re.findall(rf"^## {recipe}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    steps = re.split(r"^\d+\. ", body, flags=re.MULTILINE)[1:]
    blocks = [(step, _BLOCK.search(step)) for step in steps]
    return [_step(step, block) for step, block in blocks if block]


def _step(text: str, block: re.Match[str]) -> Step:
    dedented = re.sub(r"^ {3}", "", block[2], flags=re.MULTILINE)
    return Step(" ".join(_BLOCK.sub("", text).split()), block[1], dedented)


@pytest.mark.parametrize("recipe", FOLLOWED)
def test_a_recipe_works_to_the_letter_and_its_tests_tell_what_is_missing(recipe: str, tmp_path: Path) -> None:
    project = Path(shutil.copytree(ROOT, tmp_path / "project", ignore=_NOT_COPIED))
    steps = steps_of(recipe)
    for step in steps:
        for test in step.failing_until_done:
            assert "1 failed" in _run(project, sys.executable, "-m", "pytest", test, exit_code=1)
        step.follow(project)

    assert sum(bool(step.failing_until_done) for step in steps) == len(steps) - 1 > 1
    _run(project, sys.executable, "-m", "pytest", *(test for step in steps for test in step.tests))


@pytest.mark.parametrize("test", sorted(set(re.findall(_TEST, " ".join(TEXT.split())))))
def test_a_test_that_is_named_exists(test: str) -> None:
    file, _, name = re.sub(r"\[.*", "", test).partition("::")

    assert f"def {name}" in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "module", sorted(set(re.findall(r"`((?:contract|http|judge|safety|run)/[\w/]+\.py)`", TEXT)))
)
def test_a_module_of_the_judge_that_is_named_exists(module: str) -> None:
    assert (ROOT / "contract_tests" / "linq_contract" / module).is_file()


def _run(project: Path, *command: str, exit_code: int = 0) -> str:
    """What a command prints in a copy of the project, whose own packages it imports."""
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    folders = settings["tool"]["hatch"]["build"]["dev-mode-dirs"]
    environment = {
        "PYTHONPATH": os.pathsep.join(str(project / folder) for folder in folders),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # their imports take longer than these tests
    }
    done = subprocess.run(
        command, cwd=project, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == exit_code, done.stdout + done.stderr
    return done.stdout


def _inserted(text: str, anchor: str, block: str) -> str:
    """The text with a block before the one line that begins with the anchor."""
    (line,) = re.findall(rf"^ *{re.escape(anchor)}.*$", text, re.MULTILINE)
    return text.replace(f"\n{line}\n", f"\n{block}{line}\n", 1)
