"""The model of an account: what its lines must be, given the requests that it has seen.

A server is compared with this model at every list. `None` stands for no forwarding.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from linq_contract.exchange import json_array, json_object

UNSETTLED: Any = object()
"""The forwarding number of a line that a failed update left in doubt."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its id as the server writes it, its number, and where it forwards to."""

    id: str
    phone_number: str
    forwarding_number: str | None

    @property
    def key(self) -> str:
        return line_key(self.id)


def line_key(line_id: str) -> str:
    """The id in the one form that all its spellings share: lower case, hyphenated."""
    try:
        return str(uuid.UUID(line_id))
    except ValueError:
        return line_id


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a list differs from the model."""

    key: str
    what: str
    expected: object
    shown: object

    def __str__(self) -> str:
        match self.what:
            case "missing":
                return f"line {self.key} is no longer listed"
            case "extra":
                return f"line {self.key} is listed and was not there before"
            case _:
                return (
                    f"line {self.key} shows {self.what} {_text(self.shown)}, expected {_text(self.expected)}"
                )


@dataclass
class Account:
    """The lines of one account by key; None before the first list."""

    lines: dict[str, Line] | None = None
    changed_by_run: set[str] = field(default_factory=set[str])

    def find(self, line_id: str) -> Line | None:
        """The line with this id in any spelling."""
        return (self.lines or {}).get(line_key(line_id))

    def adopt(self, listed: Iterable[Line]) -> None:
        """Take a list as the truth from now on."""
        self.lines = {line.key: line for line in listed}

    def set(self, key: str, forwarding_number: str | None) -> None:
        """Record an update; `UNSETTLED` when it is not known whether it took place."""
        if self.lines is not None and key in self.lines:
            line = self.lines[key]
            self.lines[key] = Line(line.id, line.phone_number, forwarding_number)
            self.changed_by_run.add(key)

    def differences(self, listed: Iterable[Line]) -> Iterator[Difference]:
        """Compare a list with the model."""
        if self.lines is None:
            return
        shown: Mapping[str, Line] = {line.key: line for line in listed}
        for key, line in self.lines.items():
            other = shown.get(key)
            if other is None:
                yield Difference(key, "missing", line, None)
                continue
            if other.phone_number != line.phone_number:
                yield Difference(key, "phone_number", line.phone_number, other.phone_number)
            if line.forwarding_number is not UNSETTLED and other.forwarding_number != line.forwarding_number:
                yield Difference(key, "forwarding_number", line.forwarding_number, other.forwarding_number)
        for key in shown.keys() - self.lines.keys():
            yield Difference(key, "extra", None, shown[key])


def listed_lines(body: Any) -> list[Line] | None:
    """The lines of a list response as far as it has the shape of one; None otherwise."""
    items = json_array((json_object(body) or {}).get("phone_numbers"))
    if items is None:
        return None
    return [
        Line(item["id"], str(item.get("phone_number")), item.get("forwarding_number"))
        for item in map(json_object, items)
        if item is not None and isinstance(item.get("id"), str)
    ]


def _text(value: object) -> str:
    return "null" if value is None else repr(value)
