"""Parts of a parsed file, each of which knows where it stands."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from linq_contract.http.messages import json_array, json_object
from linq_contract.recorded.entries import RecordingError

T = TypeVar("T")
_NAMES: Mapping[type[object], str] = {str: "a text", int: "a whole number", float: "a number"}


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a file, and its place."""

    value: Any
    file: str
    path: str = ""

    @property
    def place(self) -> str:
        return f"{self.file}: {self.path}" if self.path else self.file

    def refused(self, problem: str) -> RecordingError:
        """What to raise when the value is not what it must be."""
        return RecordingError(f"{self.place} {problem}.")

    def at(self, name: str) -> Node:
        """The member of an object; None as its value where there is none."""
        members = json_object(self.value)
        if members is None:
            raise self.refused("is no object")
        return Node(members.get(name), self.file, f"{self.path}.{name}" if self.path else name)

    def items(self) -> Iterator[Node]:
        """The members of an array."""
        values = json_array(self.value)
        if values is None:
            raise self.refused("is no array")
        for number, value in enumerate(values):
            yield Node(value, self.file, f"{self.path}[{number}]")

    def a(self, kind: type[T]) -> T:
        """The value, which must be of a kind."""
        if not isinstance(self.value, kind) or isinstance(self.value, bool):
            what = "is missing" if self.value is None else f"is not {_NAMES[kind]}"
            raise self.refused(what)
        return self.value

    def number(self) -> float:
        """The value as a number, which must be finite."""
        try:
            number = float(self.value) if isinstance(self.value, int) else self.a(float)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.refused("is no finite number")
        return number

    def url(self) -> str:
        """The value, which must be the URL of a server, without its fragment."""
        text = self.a(str).partition("#")[0]
        try:
            parts = urlsplit(text)
        except ValueError:
            raise self.refused("is no URL") from None
        if not parts.scheme or not parts.netloc:
            raise self.refused("is no URL")
        return text
