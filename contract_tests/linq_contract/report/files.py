"""The files of a report: a web page for people, what machines read, a recording, a badge, and the replays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from linq_contract.judge.ledger import Finding
from linq_contract.judge.traffic import Recording
from linq_contract.report.badge import as_badge
from linq_contract.report.code_quality import as_code_quality
from linq_contract.report.description import MOST_CAUSES, Description, Replays
from linq_contract.report.har import as_har
from linq_contract.report.html import as_html
from linq_contract.report.junit import as_junit
from linq_contract.report.sarif import as_sarif
from linq_contract.run.replay import REPLAY_SUFFIX, replay_of, write_replay
from linq_contract.run.result import Result
from linq_contract.safety.private import write_private


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


def write_reports(description: Description, folder: Path, recording: Recording | None) -> Sequence[Path]:
    """Write the report in every form, with the recording if there is one; return the paths.

    The files are their owner's alone: what a server answers is nobody else's business.
    Raises OSError when the folder cannot be written.
    """
    contents: dict[str, bytes] = {
        "report.html": as_html(description).encode(),
        "report.json": _json(description, indent=2),
        "junit.xml": as_junit(description),
        "report.sarif": _json(as_sarif(description), indent=2),
        "code-quality.json": _json(as_code_quality(description), indent=2),
        "badge.svg": as_badge(description).encode(),
    }
    if recording is not None:
        contents["exchanges.har"] = _json(as_har(recording, description))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        write_private(folder / name, content)
    return [folder / name for name in contents]


def _json(content: object, indent: int | None = None) -> bytes:
    """JSON in ASCII; of what a terminal might obey, DEL is all that the encoder leaves as it is."""
    return (json.dumps(content, indent=indent) + "\n").replace("\x7f", "\\u007f").encode()
