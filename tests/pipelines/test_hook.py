"""The hook of pre-commit: it names what is wrong with the rules of a document, and where."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from tests.pipelines.runner import ROOT

from linq_contract.cli import main

TEXT = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


def run_hook(path: Path) -> Result:
    program, *words = shlex.split(HOOK["entry"])
    assert program == "linq-contract"
    return CliRunner().invoke(main, [*words, str(path)])


def test_nothing_is_wrong_with_the_document_of_this_project() -> None:
    done = run_hook(ROOT / "openapi.yaml")

    assert (done.exit_code, done.output) == (0, "")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("    level: MUST\n", "    level: MUSS\n", "transport.json: the level is MUSS, not MUST or SHOULD"),
        ("    level: MUST\n", "", "transport.json: level is missing"),
        (
            "name: transport.trace-id\n",
            "name: transport.json\n",
            "transport.json: another rule has that name",
        ),
        ("name: transport.json\n", "name: JSON\n", "JSON: a name is FAMILY.RULE, in lower case with hyphens"),
        ("answers: [401/2004]", "answers: [soon]", "auth.required: the answer soon is no status"),
        ("wfc: [200]", "wfc: [999]", "transport.json: x-wfc-categories does not name 999"),
        (
            "    level: MUST\n",
            "    level: [MUST]\n",
            "transport.json: the level is ['MUST'], not MUST or SHOULD",
        ),
        ("answers: [401/2004]", "answers: 401", "auth.required: the answers 401 are no list"),
        ("wfc: [200]", "wfc: 200", "transport.json: wfc is no list"),
        ("x-rules:\n", "x-rules: 5\nx-others:\n", "x-rules is no list of rules"),
        ("x-rules:\n", "x-rules:\n  - 5\n", "an entry of x-rules is no rule"),
        (
            "x-wfc-categories:\n",
            "x-wfc-categories: 5\nx-others:\n",
            "x-wfc-categories is no list of categories",
        ),
        ("x-rules:\n", "x-others: 2026-13-01\nx-rules:\n", "it is not YAML: month must be in 1..12"),
        ("x-rules:\n", "x-others: &a [*a]\nx-rules:\n", "something in it stands within itself"),
        ("openapi: 3.1.0\n", "", "it is no OpenAPI document: openapi or paths is missing"),
        ("openapi: 3.1.0\n", "openapi: [\n", "it is not YAML: "),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, old: str, new: str, problem: str) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    done = run_hook(path)
    named, line, said = done.output.splitlines()[0].split(":", 2)

    assert done.exit_code == 1
    assert named == str(path)
    assert problem in said
    if "name: " in old or "level" in old:
        assert TEXT.splitlines()[int(line) - 1].lstrip().startswith("- name: ")
