"""The log of what has passed: an entry of a HAR file in each line, freed of secrets, with what it breaks."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from linq_contract.judge.exchange import Exchange
from linq_contract.judge.ledger import Finding
from linq_contract.recorded.har import har_entry


class ExchangeLog:
    """A file that only its owner may read, in which each line is whole as soon as it is there."""

    def __init__(self, path: Path, base_url: str) -> None:
        """Begin a file, or go on with one. Raises OSError when it cannot be written."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file: IO[str] = os.fdopen(descriptor, "a", encoding="utf-8")
        self._base_url = base_url
        self.problem = ""

    def write(self, exchange: Exchange, findings: Sequence[Finding]) -> None:
        """Add an exchange. What keeps it from being written is in `problem`, and ends the log alone."""
        if self.problem:
            return
        broken = [{"rule": finding.rule, "problem": finding.problem} for finding in findings]
        line = json.dumps({**har_entry(exchange, self._base_url), "_broken": broken})
        try:
            self._file.write(f"{line}\n")
            self._file.flush()
        except OSError as error:
            self.problem = f"the log ends early: {error.strerror}"

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(OSError):  # what could not be written is told already
            self._file.close()
