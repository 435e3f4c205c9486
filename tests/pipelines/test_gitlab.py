"""The component for GitLab: its script, run by a shell as GitLab's runner has it, and what it hands over."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.limits import limit
from tests.pipelines.runner import ROOT

from linq_contract.http.credentials import ACCOUNT
from linq_mock.faults import FAULTS
from linq_mock.variation import mixed

if TYPE_CHECKING:
    from tests.serving import ServeMock

TEXT = (ROOT / "templates/validate.yml").read_text(encoding="utf-8")
VERSION = re.findall(r"package_version_override: (\S+)", (ROOT / "overrides/config.yaml").read_text("utf-8"))[
    0
]


def component(**inputs: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The specification of the inputs, and the job that follows from some of them."""
    specification, _ = yaml.safe_load_all(TEXT)
    known = specification["spec"]["inputs"]
    assert inputs.keys() <= known.keys()

    def value(name: str) -> str:
        default = known[name].get("default", "")
        return inputs.get(name, str(default).lower() if isinstance(default, bool) else str(default))

    filled = re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda match: value(match[1]), TEXT)
    _, jobs = yaml.safe_load_all(filled)
    return known, jobs["linq-contract"]


def run(folder: Path, token: str, **inputs: str) -> subprocess.CompletedProcess[str]:
    _, job = component(**inputs)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-e", "-c", "\n".join(job["script"])],
        cwd=folder,
        env={**os.environ, **job["variables"], "PATH": path, ACCOUNT: token},
        capture_output=True,
        text=True,
        timeout=limit(120),
        check=False,
    )


def test_a_server_that_conforms_passes_the_job(serve_mock: ServeMock, tmp_path: Path) -> None:
    served = serve_mock()
    done = run(tmp_path, served.token, url=served.url, budget="40")

    assert done.returncode == 0, done.stdout


def test_a_broken_rule_fails_the_job_and_is_in_the_reports_that_gitlab_reads(
    serve_mock: ServeMock, tmp_path: Path
) -> None:
    served = serve_mock(mixed([FAULTS["list.unique/first-line-again"]]))
    done = run(tmp_path, served.token, url=served.url, budget="40", require="list.*")
    reports = component()[1]["artifacts"]["reports"]
    quality = json.loads((tmp_path / reports["codequality"]).read_text(encoding="utf-8"))

    assert done.returncode == 1, done.stdout
    assert "list.unique" in {entry["check_name"] for entry in quality}
    assert (tmp_path / reports["junit"]).exists()


def test_the_component_installs_the_version_that_it_came_with() -> None:
    inputs, job = component()

    assert inputs["version"]["default"] == VERSION
    assert job["before_script"][0].endswith(f'"linq-contract=={VERSION}"')


@pytest.mark.parametrize("name", ["url", "writes", "lines", "budget", "strict", "accept", "drift", "require"])
def test_the_component_has_the_inputs_of_the_action(name: str) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))

    assert name in component()[0]
    assert name in action["inputs"]


def test_the_job_is_what_gitlab_describes(tmp_path: Path) -> None:
    _, job = component(url="https://api.example.com")
    (tmp_path / "job.yml").write_text(yaml.safe_dump({"linq-contract": job}), encoding="utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci"]
    done = subprocess.run([*command, str(tmp_path / "job.yml")], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
