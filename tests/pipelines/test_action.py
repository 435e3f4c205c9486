"""The action for GitHub, its steps run as a runner runs them: verdicts, annotations, summary, outputs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.pipelines.runner import ROOT, Runner

import linq_document
from linq_contract.report.github import MOST_ANNOTATIONS, annotations_of, outputs, summary
from linq_mock.faults import FAULTS
from linq_mock.variation import mixed

if TYPE_CHECKING:
    from tests.serving import ServeMock

    from linq_contract.report.description import Description

pytestmark = pytest.mark.long

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
FORGETS = "update.read-your-writes/stale-by-one"
UNREACHABLE = "http://127.0.0.1:1/api"


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner on which the judge is installed already: the one of this environment."""
    (tmp_path / "temp").mkdir()
    (tmp_path / "temp/linq-contract").symlink_to(Path(sys.executable).parents[1])
    return Runner(tmp_path)


def test_a_server_that_conforms_makes_a_short_summary_and_no_annotation(
    runner: Runner, serve_mock: ServeMock
) -> None:
    served = serve_mock()
    done = runner.run("install", url=served.url, token=served.token, seed="7", budget="40")

    assert done.exit_code == 0, done.log
    assert done.annotations == []
    assert re.fullmatch(r"\*\*The server conforms\*\*: .*, seed 7\.", done.summary.splitlines()[0])
    assert "passed" not in "".join(done.summary.splitlines()[1:])
    assert (done.outputs["verdict"], done.outputs["exit-code"], done.outputs["failed"]) == (
        "conforms",
        "0",
        "0",
    )
    assert int(done.outputs["passed"]) + int(done.outputs["not-tested"]) == int(done.outputs["rules"])
    assert served.methods <= {"GET", "HEAD", "OPTIONS"}
    assert served.token not in done.log + done.summary


def test_a_broken_rule_fails_the_job_and_is_annotated_where_the_document_states_it(
    runner: Runner, serve_mock: ServeMock
) -> None:
    served = serve_mock(mixed([FAULTS[FORGETS]]))
    line = linq_document.load().rule_lines["update.read-your-writes"]
    inputs = {"writes": "true", "budget": "200", "require": "update.*\nlist.*"}
    done = runner.run("install", url=served.url, token=served.token, **inputs)

    assert done.exit_code == 1, done.log
    assert any(
        each.startswith(f"::error file=openapi.yaml,line={line},title=update.read-your-writes::")
        for each in done.annotations
    )
    assert "| ✗ | `update.read-your-writes` | failed |" in done.summary
    assert done.outputs["verdict"] == "breaks-rules"
    assert int(done.outputs["failed"]) > 0
    assert (runner.folder / "work" / done.artifact["path"] / "report.html").exists()


@pytest.mark.parametrize(
    ("inputs", "exit_code", "verdict"),
    [
        ({"url": UNREACHABLE, "token": "t-0123456789"}, 3, "incomplete"),
        ({"url": UNREACHABLE}, 2, "wrong-use"),
        ({"url": UNREACHABLE, "token": "t-0123456789", "accept": "nowhere.yaml"}, 2, "wrong-use"),
        ({"url": UNREACHABLE, "token": "t-0123456789", "lines": "$(touch injected); x"}, 2, "wrong-use"),
        ({"url": "$(touch injected)", "token": "t-0123456789"}, 2, "wrong-use"),
    ],
)
def test_where_there_is_no_verdict_the_exit_code_and_an_annotation_say_so(
    runner: Runner, inputs: dict[str, str], exit_code: int, verdict: str
) -> None:
    done = runner.run("install", **inputs)

    assert (done.exit_code, done.outputs["verdict"]) == (exit_code, verdict)
    assert len(done.annotations) == 1
    assert not (runner.folder / "work/injected").exists()


@pytest.mark.wheels
def test_the_action_installs_what_it_runs(tmp_path: Path, serve_mock: ServeMock) -> None:
    served = serve_mock()
    action = {**ACTION, "inputs": {**ACTION["inputs"]}}
    runner = Runner(tmp_path, action)
    install = next(step for step in action["runs"]["steps"] if step.get("id") == "install")
    install["env"]["PYTHON"] = sys.executable
    done = runner.run(url=served.url, token=served.token)

    assert (done.exit_code, done.outputs["verdict"]) == (0, "conforms"), done.log


# --- what it is made of ----------------------------------------------------------------------------


def test_no_input_is_a_part_of_a_script() -> None:
    scripts = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]

    assert scripts
    assert not [script for script in scripts if "${{" in script]


def test_every_input_and_every_output_is_used() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    told = {line.partition("=")[0] for line in outputs(None, 3)}

    assert {name for name in ACTION["inputs"] if f"inputs.{name} " not in text} == set()
    assert set(ACTION["outputs"]) == told


WORKFLOWS = [
    *("action.yml", "docs/ci.md", "docs/ci/github-matrix.yml"),
    *(f".github/workflows/{path.name}" for path in sorted((ROOT / ".github/workflows").glob("*.yml"))),
]


@pytest.mark.parametrize("path", WORKFLOWS)
def test_actions_of_others_are_pinned_by_the_hash_of_a_commit(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    used = re.findall(r"uses: (?!OWNER/linq-phone-numbers@COMMIT)(\S+)(.*)", text)

    assert used
    assert [each for each, _ in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each)] == []
    assert [each for each, comment in used if not re.fullmatch(r" # v\d+\.\d+\.\d+", comment)] == []


@pytest.mark.parametrize(
    ("schema", "pattern"),
    [("vendor.github-actions", "action.yml"), ("vendor.github-workflows", ".github/workflows/*.yml")],
)
def test_action_and_workflows_are_what_github_describes(schema: str, pattern: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
    done = subprocess.run(
        [*command, *map(str, ROOT.glob(pattern))], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout


# --- annotations and summary -----------------------------------------------------------------------


def described(broken: int, problem: str = "it is wrong", **values: Any) -> Description:
    """A description with so many broken rules, after one of a SHOULD that warns."""
    names = list(linq_document.load().rules)
    rules = [
        {
            "rule": name,
            "level": "MUST",
            "statement": "It holds.",
            "line": 10 + number,
            "verdict": "warning" if number == 0 else "failed" if number <= broken else "passed",
            **({"problem": problem, "fingerprint": "0" * 32, "broken_in": 1} if number <= broken else {}),
        }
        for number, name in enumerate(names)
    ]
    description: Any = {
        "headline": f"The server breaks {broken} rules",
        "rules": rules,
        "requests": 9,
        "seconds": 1.0,
        "seed": 1,
        "gaps": [],
        "rotten_acceptances": [],
        "drift": [],
        "fails_by_drift": False,
        "unrestored_lines": [],
        "ends_with_run": False,
        **values,
    }
    of_json: Description = description
    return of_json


def test_ten_findings_are_annotated_the_worst_first() -> None:
    told = annotations_of(described(9))

    assert len(told) == MOST_ANNOTATIONS
    assert [each.split(" ")[0] for each in told] == [*["::error"] * 9, "::warning"]


def test_of_more_the_last_annotation_counts_the_rest() -> None:
    told = annotations_of(described(30))

    assert len(told) == MOST_ANNOTATIONS
    assert told[-1] == "::notice title=linq-contract::22 further findings in the reports of this run."


def test_what_a_server_says_is_no_command_of_the_workflow_and_no_markup() -> None:
    problem = "50%\n::set-output name=x::y <script> | `code` [link](x) @somebody"
    description = described(1, problem)
    told, said = annotations_of(description), summary(description)

    assert all("\n" not in each for each in told)
    assert "50%25" in told[0]
    assert "<script>" not in said
    assert "@somebody" not in said
    assert all(line.count("|") == 5 for line in said.splitlines() if line.startswith("| ✗"))


def test_what_is_wrong_with_the_run_as_a_whole_goes_first() -> None:
    told = annotations_of(described(2, gaps=["The time limit was reached; all is lost."]))

    assert told[0] == "::error title=linq-contract::The time limit was reached; all is lost."
