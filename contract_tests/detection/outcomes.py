"""Outcomes kept in a file as they come: a measurement takes hours, and goes on where it was broken off.

The file has a JSON object on each line. The first is the digest of the code that was measured, because
what other code did says nothing about this.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from detection.judging import Outcome
from detection.servers import Server

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
        """Read the file or begin it, without one if the path is None; raises UnusableFileError.

        A last line that was cut off is dropped.
        """
        self.judged: dict[tuple[str, int], Outcome] = {}
        self.stock: dict[str, bool] = {}
        self._path = path
        if path is not None:
            self._read(path, servers)

    def add(self, outcome: Outcome) -> None:
        """Keep the outcome of one server and seed."""
        self.judged[outcome.server.name, outcome.seed] = outcome
        self._write({"judged": {**asdict(outcome), "server": outcome.server.name}})

    def add_stock(self, name: str, *, found: bool) -> None:
        """Keep whether stock Schemathesis found anything in a server."""
        self.stock[name] = found
        self._write({"stock": name, "found": found})

    def _read(self, path: Path, servers: Mapping[str, Server]) -> None:
        first = json.dumps({"code": _digest_of_code()}) + "\n"
        data = path.read_bytes() if path.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]
        if not first.encode().startswith(data[: len(first)]):
            raise UnusableFileError(f"{path} has no outcomes of this code: name another file, or remove it.")
        try:
            for line in whole.splitlines()[1:]:
                self._take(json.loads(line), servers)
        except (ValueError, KeyError, TypeError) as error:
            raise UnusableFileError(f"{path} is no file of outcomes: {error!r}") from error
        if not whole:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(first, encoding="utf-8")
        elif whole != data:
            os.truncate(path, len(whole))

    def _take(self, entry: Mapping[str, Any], servers: Mapping[str, Server]) -> None:
        if "stock" in entry:
            self.stock[entry["stock"]] = entry["found"]
            return
        known = entry["judged"]
        if (server := servers.get(known["server"])) is not None:
            tuples = {name: tuple(known[name]) for name in _TUPLES}
            values: dict[str, Any] = {**known, **tuples, "server": server}
            self.judged[server.name, known["seed"]] = Outcome(**values)

    def _write(self, entry: Mapping[str, Any]) -> None:
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")


def _digest_of_code() -> str:
    files = (file for pattern in _MEASURED for file in sorted(_CHECKOUT.glob(pattern)) if file.is_file())
    digest = hashlib.sha256()
    for file in files:
        if "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(_CHECKOUT).as_posix()}\n".encode() + file.read_bytes())
    return digest.hexdigest()
