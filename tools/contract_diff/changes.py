"""A change, what it means to those who use the contract, and the version step that it asks for.

Two kinds of programs keep the contract. A client breaks when a server that keeps the new document may
refuse what the client sends, or answer what it does not know. A server breaks when it kept the base and does
not keep the new document: it has work to do before it can claim the new version, but no client notices.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum


class Step(IntEnum):
    """What a version is raised by, as Semantic Versioning has it."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


class Kind(StrEnum):
    """What a change means."""

    BREAKING_FOR_CLIENTS = "breaking for clients"
    BREAKING_FOR_BOTH = "breaking for clients and servers"
    REMOVED_AFTER_DEPRECATION = "removed after deprecation"
    BREAKING_FOR_SERVERS = "breaking for servers"
    RULE_ADDED = "rule added"
    RULE_TIGHTENED = "rule tightened"
    RULE_LOOSENED = "rule loosened"
    RULE_REMOVED = "rule removed"
    DEPRECATED = "deprecated"
    ADDITIVE = "additive"
    REWORDED = "reworded"

    @property
    def step(self) -> Step:
        """The step that a change of this kind asks for, from version 1.0.0 on."""
        if self in _MAJOR:
            return Step.MAJOR
        return Step.PATCH if self is Kind.REWORDED else Step.MINOR


_MAJOR = {Kind.BREAKING_FOR_CLIENTS, Kind.BREAKING_FOR_BOTH, Kind.REMOVED_AFTER_DEPRECATION}


class Part(Enum):
    """What was changed: the document, or the Python API that is generated from it."""

    DOCUMENT = "document"
    PYTHON = "python"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: where, and a sentence that says what."""

    kind: Kind
    place: str
    what: str
    part: Part = Part.DOCUMENT


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version of three numbers."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read `1.2.3`; what follows the third number does not count.

        Raises:
            ValueError: The text does not begin with three numbers.

        """
        found = re.match(r"(\d+)\.(\d+)\.(\d+)", text)
        if not found:
            raise ValueError(f"{text!r} is not a version of three numbers, such as 1.2.3.")
        return cls(*map(int, found.groups()))

    def after(self, step: Step) -> Version:
        """Return the lowest version that this one may become.

        Before 1.0.0 a step is one place smaller: what breaks asks for a minor step, the rest for a patch.
        """
        if self.major == 0 and step is not Step.NONE:
            step = Step.MINOR if step is Step.MAJOR else Step.PATCH
        match step:
            case Step.MAJOR:
                return Version(self.major + 1, 0, 0)
            case Step.MINOR:
                return Version(self.major, self.minor + 1, 0)
            case Step.PATCH:
                return Version(self.major, self.minor, self.patch + 1)
            case Step.NONE:
                return self

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def step_of(changes: Iterable[Change]) -> Step:
    """Return the largest step that one of the changes asks for."""
    return max((change.kind.step for change in changes), default=Step.NONE)
