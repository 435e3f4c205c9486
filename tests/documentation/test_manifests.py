"""The manifests of docs/ci: what they run is run, as the system that they are for would."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from linq_mock.running import running

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
QUICK = "--rules auth.required --budget 30"
"""In the place of the OPTIONS of the manifests: what takes seconds, and which only one shard tests."""
INSTALL = "pip install 'linq-phone-numbers[contract]'"
TOKEN = "a-token-of-the-manifests"
END_WITH_ALL = "trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT\n"  # the next job takes the same port


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def manifest(name: str, port: int) -> list[Any]:
    text = (ROOT / "docs/ci" / name).read_text(encoding="utf-8")
    return list(yaml.safe_load_all(text.replace("8080", str(port))))


def run(shell: Sequence[str], script: str, folder: Path, variables: Mapping[str, str]) -> int:
    """Run a script with nothing but these variables, and what every system has; return its exit code."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    state = {"XDG_STATE_HOME": str(folder / "state"), "HOME": str(folder)}
    common = {
        "PATH": path,
        "LINQ_API_V3_API_KEY": TOKEN,
        "PIP_NO_INDEX": "1",
        "HYPOTHESIS_NO_PLUGINS": "1",
        **state,
    }
    return subprocess.run(
        [*shell, script], cwd=folder, env={**common, **variables}, stdout=subprocess.DEVNULL, check=False
    ).returncode


def verdict(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    assert [rule["verdict"] for rule in report["rules"]] == ["passed"]
    assert any("4 shards of 4 joined" in note for note in report["notes"])
    return report


def test_what_the_jobs_install_is_what_they_run(tmp_path: Path) -> None:
    assert run(["sh", "-e", "-c"], f"{INSTALL} && linq-contract --version", tmp_path, {}) == 0


def test_the_matrix_of_github_comes_to_a_verdict(port: int, tmp_path: Path) -> None:
    (jobs,) = (document["jobs"] for document in manifest("github-matrix.yml", port))
    artifacts = tmp_path / "artifacts"

    def run_job(job: dict[str, Any], name: str, facts: Mapping[str, str]) -> int:
        folder = tmp_path / name
        folder.mkdir()
        variables = {key: filled_in(value, facts) for key, value in job.get("env", {}).items()}
        install, *steps = [step for step in job["steps"] if "run" in step]
        assert install["run"] == INSTALL
        downloads, uploads = (
            [
                step["with"]
                for step in job["steps"]
                if step.get("uses", "").startswith(f"actions/{kind}load-artifact")
            ]
            for kind in ("down", "up")
        )
        for download in downloads:
            shutil.copytree(artifacts, folder / download["path"])
        script = END_WITH_ALL + "\n".join(step["run"] for step in steps)
        code = run(["bash", "-e", "-c"], script, folder, {**variables, "OPTIONS": QUICK})
        for upload in uploads:
            shutil.copytree(folder / upload["path"], artifacts / filled_in(upload["name"], facts))
        return code

    shards = jobs["shard"]["strategy"]["matrix"]["shard"]
    total = {"strategy.job-total": str(len(shards)), "github.run_number": "7"}
    secrets = {"secrets.LINQ_API_V3_API_KEY": TOKEN}
    for shard in shards:
        assert run_job(jobs["shard"], f"job-{shard}", {"matrix.shard": str(shard), **total, **secrets}) == 0
    assert run_job(jobs["verdict"], "verdict", {}) == 0
    assert verdict(artifacts / "report")["seed"] == 7


def filled_in(text: str, facts: Mapping[str, str]) -> str:
    """A text with the expressions of GitHub in it evaluated; one that is not known is an error."""
    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda match: facts[match[1]], str(text))


def test_the_parallel_job_of_gitlab_comes_to_a_verdict(port: int, tmp_path: Path) -> None:
    (jobs,) = manifest("gitlab-parallel.yml", port)
    count = jobs["shard"]["parallel"]
    assert jobs["default"]["before_script"] == [INSTALL]
    for number in range(1, count + 1):
        script = END_WITH_ALL + "\n".join(jobs["shard"]["script"])
        variables = {
            "CI_NODE_INDEX": str(number),
            "CI_NODE_TOTAL": str(count),
            "CI_PIPELINE_IID": "12",
            **jobs["shard"]["variables"],
            "OPTIONS": QUICK,
        }
        assert run(["bash", "-eo", "pipefail", "-c"], script, tmp_path, variables) == 0
    assert all((tmp_path / path).is_dir() for path in jobs["shard"]["artifacts"]["paths"])

    assert run(["bash", "-eo", "pipefail", "-c"], "\n".join(jobs["verdict"]["script"]), tmp_path, {}) == 0
    assert verdict(tmp_path / jobs["verdict"]["artifacts"]["paths"][0])["seed"] == 12


def test_the_indexed_job_of_kubernetes_comes_to_a_verdict(port: int, tmp_path: Path) -> None:
    shards, last = (document["spec"] for document in manifest("kubernetes-indexed-job.yaml", port))
    pod = shards["template"]["spec"]
    (server,), (shard,) = pod["initContainers"], pod["containers"]

    def in_container(container: dict[str, Any]) -> str:
        (script,) = container["args"]
        for mount in (*pod_mounts(container), *pod_mounts(shard)):
            script = script.replace(mount, str(tmp_path) + mount)
        return str(script)

    for mount in pod_mounts(shard):
        Path(str(tmp_path) + mount).mkdir()
    assert server["args"][0].startswith("exec linq-contract mock ")
    for index in range(shards["completions"]):
        variables = {each["name"]: each["value"] for each in shard["env"]}
        variables |= {"JOB_COMPLETION_INDEX": str(index), "OPTIONS": QUICK}
        with running("--port", str(port), tokens=(TOKEN, "another")):
            assert run(shard["command"], in_container(shard), tmp_path, variables) == 0

    (container,) = last["template"]["spec"]["containers"]
    assert run(container["command"], in_container(container), tmp_path, {}) == 0
    assert verdict(Path(f"{tmp_path}/verdict"))["seed"] == 1


def pod_mounts(container: dict[str, Any]) -> list[str]:
    return [mount["mountPath"] for mount in container.get("volumeMounts", ())]
