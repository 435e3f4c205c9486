"""The plan of a run: what will be sent, where and how much of it, before any of it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import linq_document
from linq_contract.contract.expectation import LIST, UPDATE
from linq_contract.run.campaign import MOST_LINES
from linq_contract.run.phases import PHASES, Phase
from linq_contract.safety.target import Target

_AROUND_THE_PHASES = 8
"""The first look, the looks at the end and those that the restoration takes."""


class Requests(NamedTuple):
    """How many requests a phase sends at most to a server that keeps the contract, as was counted.

    `reading` are those of a run without writes; with writes they are `writing` and `per_line` for each
    line that updates are tried on, and `second_account` if there is one.
    """

    reading: int = 0
    writing: int = 0
    per_line: int = 0
    second_account: int = 0

    def most(self, target: Target, lines: int) -> int:
        """The number for a run that tries updates on so many lines."""
        total = self.writing + self.per_line * lines if target.allow_writes else self.reading
        return total + (self.second_account if target.credentials.has_other else 0)


REQUESTS: Mapping[str, Requests] = {
    "list": Requests(reading=2, writing=2, second_account=2),
    "own numbers": Requests(writing=1, per_line=1),
    "tokens": Requests(reading=102, writing=405),
    "trace ids": Requests(reading=14, writing=33),
    "browser": Requests(reading=4, writing=7),
    "unknown paths": Requests(reading=6, writing=6),
    "set": Requests(writing=2, per_line=2),
    "clear and repeat": Requests(writing=135, second_account=48),
    "bodies": Requests(writing=255),
    "ids": Requests(writing=155),
    "accounts": Requests(writing=40, second_account=80),
    "second account": Requests(second_account=101),
    "waiting": Requests(writing=14),
    "same values": Requests(writing=40),
    "two connections": Requests(writing=12),
    "other clients": Requests(writing=15),
    "extra properties": Requests(writing=155),
    "free choices": Requests(writing=66),
    "concurrency": Requests(writing=130),
    "duels": Requests(writing=200),
    "updates among lists": Requests(writing=106),
    "concurrent accounts": Requests(writing=60),
    "concurrent lines": Requests(writing=125),
    "coverage, fuzzing and stateful": Requests(reading=200, writing=500),
    "mutated numbers": Requests(writing=105),
    "sequences": Requests(writing=360),
    "clear": Requests(per_line=2),
    "methods": Requests(reading=14, writing=40),
    "last look": Requests(reading=2, writing=2),
}
"""By the name of the phase."""


@dataclass(frozen=True, slots=True)
class Step:
    """A phase that will run, and how many requests it sends at most."""

    phase: Phase
    requests: int


@dataclass(frozen=True)
class Plan:
    """What a run will send to a server."""

    target: Target
    steps: Sequence[Step]
    lines: int

    @property
    def requests(self) -> int:
        """How many requests the run sends at most, if the server keeps the contract."""
        restoring = self.lines if self.target.allow_writes else 0
        return _AROUND_THE_PHASES + restoring + sum(step.requests for step in self.steps)

    @property
    def seconds(self) -> float:
        """How long that takes at the rate that is kept to; 0 without one."""
        return self.requests / self.target.requests_per_second if self.target.requests_per_second else 0.0

    @property
    def total(self) -> str:
        """A sentence with the number of requests and the time."""
        rate = self.target.requests_per_second
        pace = f", {rate:g} a second, which takes about {self.seconds / 60:.0f} min" if rate else ""
        return (
            f"At most {self.requests:,} requests will be sent{pace}; more only to narrow down what a broken "
            "rule takes, and to try again what failed."
        )

    def __str__(self) -> str:
        return "\n".join(self._texts())

    def _texts(self) -> Iterator[str]:
        operations = linq_document.load().operations
        names = (LIST, UPDATE) if self.target.allow_writes else (LIST,)
        yield "operations: " + ", ".join(
            f"{operations[name].method} {operations[name].path}" for name in names
        )
        yield f"lines to update: {self._lines}"
        numbers = ", ".join(self.target.numbers) or "fictional, +1 NPA 555 0100 to 0199"
        if self.target.allow_writes:
            yield f"numbers to set: {numbers}"
        for step in self.steps:
            yield f"  {step.phase.name:<32}{step.requests:>6,}"
        yield self.total

    @property
    def _lines(self) -> str:
        if not self.target.allow_writes:
            return "none"
        own = ", ".join(sorted(self.target.lines)) if self.target.lines else f"any, at most {MOST_LINES}"
        return own + (f"; of the second account {self.target.other_line}" if self.target.other_line else "")


def plan(target: Target, rules: Sequence[str], phases: Sequence[Phase] = PHASES) -> Plan:
    """The plan of a run that judges these rules."""
    lines = len(target.lines) if target.lines is not None else MOST_LINES
    steps = [
        Step(phase, REQUESTS[phase.name].most(target, lines))
        for phase in phases
        if (target.allow_writes or not phase.needs_writes) and phase.exercises(rules)
    ]
    return Plan(target, [step for step in steps if step.requests], lines)
