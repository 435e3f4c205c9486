"""Replays: the requests that broke a rule, in a file, to be sent again when the server is mended.

A replay holds no token: its requests have the placeholders of `credentials`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linq_contract.http.messages import SAFE_METHODS, JsonObject, Request, json_object
from linq_contract.judge.ledger import Finding
from linq_contract.safety.private import write_private

REPLAY_SUFFIX = ".replay.json"


class ReplayFileError(ValueError):
    """A file is not a replay; the message says why."""


@dataclass(frozen=True)
class Replay:
    """The requests that showed a rule broken, in the order they were sent, and where."""

    rule: str
    problem: str
    base_url: str
    requests: Sequence[Request]

    @property
    def could_write(self) -> bool:
        """Whether a request of it could change something."""
        return any(request.method not in SAFE_METHODS for request in self.requests)


def replay_of(finding: Finding, base_url: str) -> Replay:
    """The replay of a finding."""
    requests = [exchange.request for exchange in finding.evidence]
    return Replay(finding.rule, finding.problem, base_url, requests)


def write_replay(replay: Replay, path: Path) -> None:
    """Write a replay as JSON, for its owner alone. Raises OSError."""
    content = {
        "rule": replay.rule,
        "problem": replay.problem,
        "base_url": replay.base_url,
        "requests": [_encoded(request) for request in replay.requests],
    }
    write_private(path, (json.dumps(content, indent=2) + "\n").encode())


def read_replay(path: Path) -> Replay:
    """Read a replay that `write_replay` wrote. Raises OSError or ReplayFileError."""
    try:
        content = json_object(json.loads(path.read_text(encoding="utf-8"))) or {}
        requests = [_decoded(entry) for entry in content["requests"]]
        return Replay(str(content["rule"]), str(content["problem"]), str(content["base_url"]), requests)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ReplayFileError(
            f"{path} is not a replay, which validate writes as *{REPLAY_SUFFIX} for a rule that is broken."
        ) from error


def _encoded(request: Request) -> JsonObject:
    body = None if request.body is None else base64.b64encode(request.body).decode()
    return {
        "method": request.method,
        "target": request.target,
        "headers": [list(header) for header in request.headers],
        "body_base64": body,
    }


def _decoded(entry: Any) -> Request:
    body = entry["body_base64"]
    return Request(
        str(entry["method"]),
        str(entry["target"]),
        tuple((str(name), str(value)) for name, value in entry["headers"]),
        None if body is None else base64.b64decode(body, validate=True),
    )
