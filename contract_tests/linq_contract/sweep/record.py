"""A file that grows by what is done: work that was interrupted goes on from there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


class RecordError(ValueError):
    """A file is not the record that it is taken for; the message says why and what to do."""


class Record:
    """A file with a JSON object on each line. The first says what all the others are about.

    With a path of None nothing is kept.
    """

    def __init__(self, path: Path | None, about: Mapping[str, Any]) -> None:
        """Read a record, or begin it. Raises RecordError when it is about something else, and OSError.

        A last line that was cut off is dropped.
        """
        self.path = path
        self.entries: list[dict[str, Any]] = []
        if path is not None:
            self._read(path, json.dumps(about) + "\n")

    def add(self, entry: Mapping[str, Any]) -> None:
        """Write an entry down. Raises OSError."""
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")

    def _read(self, path: Path, first: str) -> None:
        if path.exists() and not path.is_file():
            raise RecordError(f"{path} is no regular file, which can be read again: name another one.")
        data = path.read_bytes() if path.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]
        if not first.encode().startswith(data[: len(first)]):
            raise RecordError(f"{path} is no record of this, or one of another version: name another file.")
        self.entries = list(_entries(path, whole))
        if not whole:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(first, encoding="utf-8")
        elif whole != data:
            os.truncate(path, len(whole))


def _entries(path: Path, data: bytes) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(data.splitlines()[1:], 2):
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise RecordError(f"{path}:{number} is not JSON: {error}") from error
        if not isinstance(entry, dict):
            raise RecordError(f"{path}:{number} is not a JSON object.")
        yield entry
