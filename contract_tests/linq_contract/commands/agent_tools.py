"""The tools by what they do. None of them answers with a token.

ToolError says what cannot be done, why, and what to do. A validation is a process of its own, as a user would
run it, so that what it prints and how it ends disturbs nobody.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from mcp.server.mcpserver.exceptions import ToolError

import linq_document
from linq_contract.embedded import embedded_mock
from linq_contract.http.credentials import Credentials
from linq_contract.http.environment import is_loopback
from linq_contract.safety.target import Target, tokens_from_environment

_TIME_LIMIT = 300  # seconds of a validation, which an agent waits for


@dataclass(frozen=True)
class Permitted:
    """What whoever started the tools permits: other hosts than this machine, and updates."""

    hosts: frozenset[str] = frozenset()
    writes: bool = False


@dataclass
class Tools:
    """The mocks that run, and the reports that there are."""

    permitted: Permitted
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _mocks: dict[str, tuple[Target, contextlib.ExitStack]] = field(
        default_factory=dict[str, tuple[Target, contextlib.ExitStack]]
    )
    _reports: list[Path] = field(default_factory=list[Path])

    def close(self) -> None:
        """Stop what runs, and remove the reports."""
        self._stack.close()

    def explain_rule(self, rule: str) -> dict[str, Any]:
        """Say what a rule requires, whether it is a MUST or a SHOULD, and what its source is."""
        rules = linq_document.load().rules
        if rule not in rules:
            raise ToolError(f"No rule is named {rule!r}. They are: {', '.join(rules)}.")
        found = rules[rule]
        return {
            "rule": found.name,
            "level": found.level.value,
            "statement": found.statement,
            "source": list(found.source),
        }

    def start_mock(self, fault: str | None = None, freedom: str | None = None) -> dict[str, Any]:
        """Start a mock, honest or with a fault or a freedom of its catalogues."""
        arguments = [*(("--fault", fault) if fault else ()), *(("--freedom", freedom) if freedom else ())]
        stack = self._stack.enter_context(contextlib.ExitStack())
        target = stack.enter_context(embedded_mock(*arguments))
        self._mocks[target.base_url] = target, stack
        return {"url": target.base_url}

    def stop_mock(self, url: str) -> dict[str, Any]:
        """Stop a mock that was started here."""
        if url not in self._mocks:
            raise ToolError(f"No mock was started at {url}.")
        self._mocks.pop(url)[1].close()
        return {"stopped": url}

    def validate(self, url: str, rules: Sequence[str] = ()) -> dict[str, Any]:
        """Validate a server, and return a summary; `read_report` has the evidence."""
        self._check_host(url)
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        arguments = ["validate", url, "--report-dir", str(folder), "--time-limit", str(_TIME_LIMIT)]
        arguments += [word for rule in rules for word in ("--rules", rule)]
        done = self._run(url, arguments)
        if not (folder / "report.json").exists():
            raise ToolError(done)
        self._reports.append(folder)
        return {"report": len(self._reports), **self._sum(folder)}

    def read_report(self, report: int, rule: str) -> dict[str, Any]:
        """Return all that a report has on a rule: verdict, evidence as curl commands, answers."""
        rules = {each["rule"]: each for each in self._read(self._folder(report))["rules"]}
        if rule not in rules:
            raise ToolError(f"Report {report} has no rule {rule!r}.")
        found: dict[str, Any] = rules[rule]
        return found

    def replay(self, report: int, rule: str) -> dict[str, Any]:
        """Send the evidence against a rule again, and say how that ended."""
        folder = self._folder(report)
        path = folder / f"{rule}.replay.json"
        if not path.exists():
            raise ToolError(f"Report {report} has nothing to replay of {rule!r}.")
        url = str(self._read(folder)["base_url"])
        self._check_host(url)
        return {"output": self._run(url, ["replay", str(path)])}

    # --- how ---

    def _run(self, url: str, arguments: Sequence[str]) -> str:
        credentials = self._credentials(url)
        writes = ["--allow-writes"] if self.permitted.writes or url in self._mocks else []
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "linq_contract", *arguments, *writes],
            env={**os.environ, **credentials.tokens},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return credentials.conceal(done.stdout).decode("utf-8", "replace")

    def _credentials(self, url: str) -> Credentials:
        known = self._mocks.get(url)
        return known[0].credentials if known else Credentials(tokens_from_environment())

    def _check_host(self, url: str) -> None:
        host = httpx.URL(url).host
        if not is_loopback(host) and host not in self.permitted.hosts:
            raise ToolError(
                f"{host or url} is not permitted: only this machine is, and what --host of the command names."
            )

    def _folder(self, report: int) -> Path:
        if not 0 < report <= len(self._reports):
            raise ToolError(f"There is no report {report}; there are {len(self._reports)}.")
        return self._reports[report - 1]

    def _read(self, folder: Path) -> Mapping[str, Any]:
        report: Mapping[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        return report

    def _sum(self, folder: Path) -> dict[str, Any]:
        report = self._read(folder)
        broken = {each["rule"]: each["problem"] for each in report["rules"] if "problem" in each}
        names = ("headline", "exit_code", "requests", "seconds", "gaps", "notes")
        return {**{name: report[name] for name in names}, "broken": broken}
