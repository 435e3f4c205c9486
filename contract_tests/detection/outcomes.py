"""Outcomes kept in a file as they come: a measurement takes hours, and goes on where it was broken off.

The file is about the code that was measured, because what other code did says nothing about this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from detection.judging import Outcome
from detection.servers import Server
from linq_contract.sweep.record import Record, RecordError

_CHECKOUT = Path(__file__).parents[2]
_MEASURED = (
    "openapi.yaml",
    "document/linq_document/**/*.py",
    "contract_tests/linq_contract/**/*",
    "mock_server/linq_mock/**/*.py",
)
_TUPLES = ("named", "left_changed")


class UnusableFileError(Exception):
    """The file is not one of outcomes, or has those of other code."""


class Outcomes:
    """What is known of each server: its outcomes by seed, and what stock Schemathesis said."""

    def __init__(self, path: Path | None, servers: Mapping[str, Server]) -> None:
        """Read the file or begin it, without one if the path is None; raises UnusableFileError."""
        self.judged: dict[tuple[str, int], Outcome] = {}
        self.stock: dict[str, bool] = {}
        try:
            self._record = Record(path, {"code": digest_of(_MEASURED) if path else ""})
            for entry in self._record.entries:
                self._take(entry, servers)
        except RecordError as error:
            raise UnusableFileError(str(error)) from error
        except (KeyError, TypeError) as error:
            raise UnusableFileError(f"{path} is no file of outcomes: {error!r}") from error

    def add(self, outcome: Outcome) -> None:
        """Keep the outcome of one server and seed."""
        self.judged[outcome.server.name, outcome.seed] = outcome
        self._record.add({"judged": {**asdict(outcome), "server": outcome.server.name}})

    def add_stock(self, name: str, *, found: bool) -> None:
        """Keep whether stock Schemathesis found anything in a server."""
        self.stock[name] = found
        self._record.add({"stock": name, "found": found})

    def _take(self, entry: Mapping[str, Any], servers: Mapping[str, Server]) -> None:
        if "stock" in entry:
            self.stock[entry["stock"]] = entry["found"]
            return
        known = entry["judged"]
        if (server := servers.get(known["server"])) is not None:
            tuples = {name: tuple(known[name]) for name in _TUPLES}
            values: dict[str, Any] = {**known, **tuples, "server": server}
            self.judged[server.name, known["seed"]] = Outcome(**values)


def digest_of(patterns: Iterable[str]) -> str:
    """A digest of the files of the checkout that match patterns."""
    files = (file for pattern in patterns for file in sorted(_CHECKOUT.glob(pattern)) if file.is_file())
    digest = hashlib.sha256()
    for file in files:
        if "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(_CHECKOUT).as_posix()}\n".encode() + file.read_bytes())
    return digest.hexdigest()
