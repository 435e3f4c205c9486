"""One recording judged: by our command, and by Redocly's."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

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

    @classmethod
    def from_json(cls, text: str) -> Recorded:
        """One that `as_json` has written."""
        values = json.loads(text)
        return cls(values.pop("server"), **{name: tuple(value) for name, value in values.items()})

    def as_json(self) -> str:
        return json.dumps(asdict(self))


def record(server: Server, folder: Path) -> Path:
    """Walk through a server, unless that was done before; return the HAR file of that."""
    path = folder / f"{re.sub('[^0-9A-Za-z.-]', '_', server.name)}.har"
    if path.exists():
        return path
    har = HarFile()
    with embedded_mock("--lines", str(_LINES), *server.arguments) as target:
        Walk(target.base_url, list(target.credentials.tokens.values()), har.record).go()
    har.write(path)
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


def _findings_of_redocly(path: Path) -> list[str]:
    """The kinds of what `redocly drift` finds, without ids and numbers, which differ from run to run."""
    command = [str(_REDOCLY), "drift", str(path), "--api", str(_ROOT / "openapi.yaml")]
    environment = {**os.environ, "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "REDOCLY_TELEMETRY": "off"}
    finished = subprocess.run(  # noqa: S603 - our own words
        [*command, "--match-mode", "basepath", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    return sorted({_kind(problem) for problem in json.loads(finished.stdout)["problems"]})


def _kind(problem: dict[str, object]) -> str:
    parts = (problem.get(name, "") for name in ("ruleId", "target", "operationId", "status", "message"))
    return _VARYING.sub("*", " ".join(map(str, parts)))
