"""One run of a sweep: the validate command in a process of its own, and what it found out."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linq_contract.report.description import Description
from linq_contract.run.result import ExitCode

_MOST_SAID = 2_000  # characters of what a run has said that ended without a report
_ALIVE: set[subprocess.Popen[str]] = set()


@dataclass(frozen=True)
class Run:
    """What a run is started with: the words that follow `linq-contract validate`, and the seed."""

    words: tuple[str, ...]
    seed: int

    @property
    def server(self) -> str:
        """What tells a server from the others of a sweep: its URL with its options."""
        of_mock = () if self.words and not self.words[0].startswith("-") else ("mock",)
        return shlex.join([*of_mock, *self.words])


@dataclass(frozen=True)
class Broken:
    """A rule that a run found broken, and the command that runs it again."""

    rule: str
    problem: str
    rerun: str


@dataclass(frozen=True)
class Outcome:
    """What a run found out, or what it said when it ended without a report."""

    run: Run
    exit_code: int
    headline: str
    requests: int = 0
    seconds: float = 0.0
    broken: tuple[Broken, ...] = ()

    @property
    def is_verdict(self) -> bool:
        """Whether the server was judged, so that the run need not be tried again."""
        return self.exit_code in {ExitCode.CONFORMS, ExitCode.RULES_BROKEN}


def judge(run: Run) -> Outcome:
    """Run the validate command. It is not interrupted with this process, see `on_this_machine`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "linq_contract", "validate", *run.words]
        command += ["--seed", str(run.seed), "--report-dir", folder]
        with subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            text=True,
            errors="replace",
        ) as process:
            _ALIVE.add(process)
            said = process.communicate()[1]
            _ALIVE.discard(process)
        return _outcome(run, process.returncode, said, Path(folder) / "report.json")


@contextlib.contextmanager
def on_this_machine(workers: int) -> Generator[Executor]:
    """Threads that each wait for a run; when they are left early, the runs put back what they changed."""
    with ThreadPoolExecutor(workers) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(_ALIVE):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGINT)
            raise


def outcome_of(entry: Mapping[str, Any]) -> Outcome:
    """The outcome that was written down as an entry. Raises KeyError and TypeError."""
    run = Run(tuple(entry["run"]["words"]), entry["run"]["seed"])
    broken = tuple(Broken(**each) for each in entry["broken"])
    values: dict[str, Any] = {**entry, "run": run, "broken": broken}
    return Outcome(**values)


def _outcome(run: Run, exit_code: int, said: str, report: Path) -> Outcome:
    if not report.exists():
        return Outcome(run, exit_code, _last(said) or f"The run ended with {exit_code}")
    description: Description = json.loads(report.read_text(encoding="utf-8"))
    return Outcome(
        run,
        exit_code,
        description["headline"],
        description["requests"],
        description["seconds"],
        tuple(_broken(description)),
    )


def _broken(description: Description) -> Sequence[Broken]:
    return [
        Broken(rule["rule"], rule["problem"], rule.get("rerun", ""))
        for rule in description["rules"]
        if rule["verdict"] == "failed" and "problem" in rule
    ]


def _last(said: str) -> str:
    """The last sentence of what a command says before it ends."""
    return said.strip().rpartition("\nError: ")[2][-_MOST_SAID:]
