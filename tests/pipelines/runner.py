"""A runner of composite actions: their steps, in a shell, with the files that GitHub's runner hands them.

A step that uses another action is left out. Expressions are those that the action has: inputs, outputs of
steps, and its own path.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from tests.limits import limit

ROOT = Path(__file__).parents[2]
_EXPRESSION = re.compile(r"\$\{\{ (\S+) \}\}")


@dataclass
class Done:
    """What a runner knows when an action has ended."""

    exit_code: int = 0
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict[str, str])
    artifact: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def annotations(self) -> list[str]:
        return re.findall(r"^::(?:error|warning|notice) .*$", self.log, re.MULTILINE)


@dataclass
class Runner:
    """A workspace, with the folders and the files of a runner beside it."""

    folder: Path
    action: dict[str, Any] = field(
        default_factory=lambda: yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    )

    def run(self, *without: str, **inputs: str) -> Done:
        """Run the action with inputs, whose names have _ for -; leave out the steps with some ids."""
        for name in ("work", "temp"):
            (self.folder / name).mkdir(exist_ok=True)
        known = {name: str(each.get("default", "")) for name, each in self.action["inputs"].items()}
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() <= known.keys()
        context = {f"inputs.{name}": value for name, value in {**known, **given}.items()}
        context |= {"github.action_path": str(ROOT)}
        done = Done()
        for step in self.action["runs"]["steps"]:
            if "run" in step and step["id"] not in without:
                self._step(step, context, done)
            elif "artifact" in step.get("uses", ""):
                done.artifact = {name: _filled(value, context) for name, value in step["with"].items()}
            if done.exit_code:
                break
        done.outputs = {
            name: _filled(each["value"], context) for name, each in self.action["outputs"].items()
        }
        return done

    def _step(self, step: dict[str, Any], context: dict[str, str], done: Done) -> None:
        assert step["shell"] == "bash"
        files = {name: self.folder / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for path in files.values():
            path.write_text("", encoding="utf-8")
        script = self.folder / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        named = {name: _filled(value, context) for name, value in step.get("env", {}).items()}
        variables = {**os.environ, **{name: str(path) for name, path in files.items()}, **named}
        variables |= {"RUNNER_TEMP": str(self.folder / "temp"), "GITHUB_ACTIONS": "true", "CI": "true"}
        ended = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.folder / "work",
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=limit(240),
            check=False,
        )
        done.exit_code, done.log = ended.returncode, done.log + ended.stdout
        done.summary += files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        for line in files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            context[f"steps.{step['id']}.outputs.{name}"] = value


def _filled(text: str, context: dict[str, str]) -> str:
    return _EXPRESSION.sub(lambda match: context.get(match[1], ""), text)
