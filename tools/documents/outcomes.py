"""What came of each document with each generator, kept in a file: a measurement goes on where it ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from openapi_nodes import as_array


@dataclass(frozen=True)
class Outcome:
    """What came of one document with one generator.

    Attributes:
        document: The name of the document.
        generator: The name of the generator.
        refusal: Why nothing was generated, or empty.
        operations: How many operations the document has.
        left_out: The operations that the client does not have, each with the reason where one was given.
        import_error: What is raised when all of the package is imported with warnings as errors.
        mypy: What mypy found, strict; None when it was not run, or was not done in time.
        pyright: What pyright found, strict; None when it was not run, or was not done in time.
        unfinished: The type checkers that were not done in time, each in a sentence.
        unreached: How many operations were not called, since time was up.
        right: How many operations came through, each time.
        undrawn: The operations that no values can be drawn for.
        wrong: The operations that did not come through, each with what happened.
        trouble: What kept the measurement from its end, such as a program that took too long.

    """

    document: str
    generator: str
    refusal: str = ""
    operations: int = 0
    left_out: tuple[str, ...] = ()
    import_error: str | None = None
    mypy: tuple[str, ...] | None = None
    pyright: tuple[str, ...] | None = None
    unfinished: tuple[str, ...] = ()
    unreached: int = 0
    right: int = 0
    undrawn: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def drawn(self) -> int:
        """How many operations the document has that were called, or are left out."""
        return self.operations - len(self.undrawn) - self.unreached

    @property
    def is_clean(self) -> bool:
        """Whether it is imported without a warning, and both type checkers find nothing."""
        return not (self.refusal or self.import_error or self.trouble) and self.mypy == self.pyright == ()

    @property
    def round_trips(self) -> bool:
        """Whether every operation that the document has and values can be drawn for came through."""
        is_whole = not (self.refusal or self.import_error or self.trouble or self.unreached)
        return is_whole and self.right == self.drawn


class Outcomes:
    """The outcomes in a file, a JSON object a line, each with the digest of what was measured."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def known(self, digests: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], Outcome]:
        """Return the outcomes by document and generator whose digest is this one."""
        found: dict[tuple[str, str], Outcome] = {}
        text = self._path.read_text(encoding="utf-8") if self._path.exists() else ""
        for line in text.splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # the last line of a run that was killed
            outcome = _outcome(entry["outcome"])
            key = (outcome.document, outcome.generator)
            if digests.get(key) == entry["digest"]:
                found[key] = outcome
        return found

    def add(self, outcome: Outcome, digest: str) -> None:
        """Keep an outcome."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"digest": digest, "outcome": asdict(outcome)}) + "\n")


def _outcome(members: Mapping[str, Any]) -> Outcome:
    tuples: dict[str, Any] = {
        name: tuple(as_array(value)) if isinstance(value, list) else value for name, value in members.items()
    }
    return Outcome(**tuples)
