"""The files of a report: a web page for people, JSON and JUnit for machines, and the replays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from linq_contract.judge.ledger import Finding
from linq_contract.report.description import MOST_CAUSES, Description, Replays
from linq_contract.report.html import as_html
from linq_contract.report.junit import as_junit
from linq_contract.run.replay import REPLAY_SUFFIX, replay_of, write_replay
from linq_contract.run.result import Result


def write_replays(result: Result, folder: Path) -> Replays:
    """Write a replay for each way in which a rule is broken, but for those that only a race shows.

    Raises OSError when the folder cannot be written.
    """
    replays: dict[Finding, Path] = {}
    for entry in result.ledger.entries.values():
        for number, cause in enumerate(entry.causes[:MOST_CAUSES], 1):
            if cause.finding.is_race:
                continue
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            suffix = "" if number == 1 else f".{number}"
            path = folder / f"{entry.rule.name}{suffix}{REPLAY_SUFFIX}"
            write_replay(replay_of(cause.finding, result.target.base_url), path)
            replays[cause.finding] = path
    return replays


def write_reports(description: Description, folder: Path) -> Sequence[Path]:
    """Write `report.html`, `report.json` and `junit.xml`; return their paths.

    Raises OSError when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page, report, junit = folder / "report.html", folder / "report.json", folder / "junit.xml"
    page.write_text(as_html(description), encoding="utf-8")
    report.write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
    junit.write_bytes(as_junit(description))
    return page, report, junit
