"""The plan of a run: what will be sent, where and how much of it, before any of it is."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import linq_document
from linq_contract.contract.classification import LIST, UPDATE
from linq_contract.run.campaign import MOST_LINES
from linq_contract.run.extent import STANDARD, Budget
from linq_contract.run.phases import PHASES, Phase
from linq_contract.safety.target import Target

_SHORTEST_TIME_LIMIT = 300.0  # seconds, thirty times what a fast server takes
_FICTIONAL = "fictional, most of them +1 NPA 555 0100 to 0199"
_AROUND_THE_PHASES = 8  # the first look, the looks at the end and those that the restoration takes


@dataclass(frozen=True)
class Plan:
    """What a run will send to a server: its phases, each with how many requests it sends at most.

    The last that the budget permits may not be whole, and those after it are left out.
    """

    target: Target
    phases: Mapping[Phase, int]
    lines: int
    budget: Budget = STANDARD

    @property
    def requests(self) -> int:
        """How many requests the run sends at most, if the server keeps the contract."""
        restoring = self.lines if self.target.permissions.allow_writes else 0
        return _AROUND_THE_PHASES + restoring + sum(self.within_budget.values())

    @property
    def within_budget(self) -> Mapping[Phase, int]:
        """The phases that the budget permits, each with how much of it is permitted."""
        before = itertools.accumulate(self.phases.values(), initial=0)
        left = (self.budget.requests - sent for sent in before)
        return {
            phase: int(min(most, rest))
            for (phase, most), rest in zip(self.phases.items(), left, strict=False)
            if rest > 0
        }

    @property
    def seconds(self) -> float:
        """How long that takes at the rate that is kept to; 0 without one."""
        return self.requests / self.target.requests_per_second if self.target.requests_per_second else 0.0

    def time_limit(self, latency: float) -> float:
        """The seconds after which a run is stopped, given those that the quickest answer takes.

        It is twice what the plan takes at the rate, or one request after the other: most of them go several
        at once then, but every answer may be slower than the quickest.
        """
        return max(_SHORTEST_TIME_LIMIT, 2 * self.seconds, self.requests * latency)

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
        names = (LIST, UPDATE) if self.target.permissions.allow_writes else (LIST,)
        yield "operations: " + ", ".join(
            f"{operations[name].method} {operations[name].path}" for name in names
        )
        yield f"lines to update: {self._lines}"
        numbers = ", ".join(self.target.permissions.forward_to) or _FICTIONAL
        if self.target.permissions.allow_writes:
            yield f"numbers to set: {numbers}"
        for phase, requests in self.within_budget.items():
            yield f"  {phase.name:<32}{requests:>6,}"
        if left_out := self.phases.keys() - self.within_budget.keys():
            yield f"  phases left out by the budget of {self.budget.requests:,}: {len(left_out)}"
        yield self.total

    @property
    def _lines(self) -> str:
        permissions = self.target.permissions
        if not permissions.allow_writes:
            return "none"
        own = ", ".join(sorted(permissions.lines or ())) or f"any, at most {MOST_LINES}"
        other = permissions.other_line
        return own + (f"; of the second account {other}" if other else "")


def plan(
    target: Target, rules: Collection[str], budget: Budget = STANDARD, phases: Sequence[Phase] = PHASES
) -> Plan:
    """The plan of a run that judges these rules."""
    permissions = target.permissions
    lines = len(permissions.lines) if permissions.lines is not None else MOST_LINES
    planned = {
        phase: phase.requests.most(target, lines, budget)
        for phase in phases
        if (permissions.allow_writes or not phase.needs_writes) and phase.tests(rules)
    }
    return Plan(target, {phase: requests for phase, requests in planned.items() if requests}, lines, budget)
