"""One recording judged: by our command, and by Redocly's."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import linq_document
from detection.recordings.har import HarFile
from detection.recordings.walk import Walk
from detection.servers import Server
from linq_contract.embedded import embedded_mock
from linq_contract.judge.ledger import Ledger
from linq_contract.recorded.checking import check_recordings
from linq_contract.recorded.files import read_recording

_LINES = 12
_ROOT = Path(__file__).parents[3]
_REDOCLY = _ROOT / "node_modules/.bin/redocly"
_VARYING = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\d+")


@dataclass(frozen=True)
class Recorded:
    """What was found in the recording of a server.

    `broken` are the rules that our command names, `exclusive` those that it names when nobody else is said to
    have used the accounts, `undecided` those that it leaves open. `findings` are Redocly's.
    """

    server: str
    broken: tuple[str, ...] = ()
    exclusive: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


def record(server: Server, folder: Path) -> Path:
    """Walk through a server, unless that was done before; return the HAR file of that."""
    path = folder / f"{re.sub('[^0-9A-Za-z.-]', '_', server.name)}.har"
    if path.exists():
        return path
    har = HarFile()
    with embedded_mock("--lines", str(_LINES), *server.arguments) as target:
        Walk(target.base_url, list(target.credentials.tokens.values()), har.record).go()
    _whole(path, har.as_json())
    return path


def judge(server: Server, folder: Path) -> Recorded:
    """Walk through a server, and have its recording judged by both."""
    path = record(server, folder)
    shared, alone = _checked(path, exclusive=False), _checked(path, exclusive=True)
    undecided = tuple(name for name, entry in shared.entries.items() if entry.undecided and not entry.broken)
    return Recorded(
        server.name,
        tuple(sorted(shared.broken_counts())),
        tuple(sorted(alone.broken_counts())),
        undecided,
        tuple(_findings_of_redocly(path)),
    )


def _checked(path: Path, *, exclusive: bool) -> Ledger:
    document = linq_document.load()
    ledger = Ledger(list(document.rules.values()))
    check_recordings([read_recording(path)], document, ledger, exclusive=exclusive)
    return ledger


def _findings_of_redocly(recording: Path) -> list[str]:
    """The kinds of what `redocly drift` finds, without ids and numbers, which differ from run to run."""
    path = recording.with_suffix(".drift.json")
    if not path.exists():
        _whole(path, json.dumps(sorted({_kind(problem) for problem in _drift(recording)["problems"]})))
    kinds: list[str] = json.loads(path.read_text(encoding="utf-8"))
    return kinds


def _drift(recording: Path) -> dict[str, Any]:
    command = [str(_REDOCLY), "drift", str(recording), "--api", str(_ROOT / "openapi.yaml")]
    environment = {**os.environ, "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "REDOCLY_TELEMETRY": "off"}
    finished = subprocess.run(  # noqa: S603 - our own words
        [*command, "--match-mode", "basepath", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    try:
        found: dict[str, Any] = json.loads(finished.stdout)
    except ValueError as error:
        raise RuntimeError(
            f"redocly drift says of {recording}: {finished.stdout}{finished.stderr}"
        ) from error
    return found


def _whole(path: Path, text: str) -> None:
    """Write a file that is there as a whole, or not at all."""
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _kind(problem: dict[str, object]) -> str:
    parts = (problem.get(name, "") for name in ("ruleId", "target", "operationId", "status", "message"))
    return _VARYING.sub("*", " ".join(map(str, parts)))
