"""How far a run goes: how many requests it plans to send, and whether it ends at the first failure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto


@dataclass(frozen=True, slots=True)
class Budget:
    """How many requests the workloads of a run send at most, and of how many times the usual examples.

    `times_as_many_examples` is 1 where a run draws as many as it does by itself.
    What narrows a broken rule down, what is sent again, and what puts things back come on top of it.
    """

    name: str
    requests: float
    times_as_many_examples: int = 1

    def __str__(self) -> str:
        return self.name


QUICK = Budget("quick", 300)  # a minute at the five requests a second of a server elsewhere
STANDARD = Budget("standard", 3_000)
DEEP = Budget("deep", 12_000, times_as_many_examples=4)
BUDGETS = {budget.name: budget for budget in (QUICK, STANDARD, DEEP)}


class Part(Enum):
    """A part of a workload: what finds the most, for the first requests of a run, and the rest."""

    MOST_TELLING = auto()
    OTHERS = auto()


class EndedAsAskedError(Exception):
    """The run has come as far as it was to go; the message says by what it was ended."""


class Extent:
    """What is left of a budget; without one, everything. It also ends once something `has_failed`."""

    def __init__(
        self, budget: Budget = Budget("", math.inf), has_failed: Callable[[], bool] = lambda: False
    ) -> None:
        self._budget = budget
        self._has_failed = has_failed
        self._left = budget.requests

    def take(self, requests: int) -> None:
        """Take so many requests out of the budget; raises EndedAsAskedError if they may not be sent."""
        if self._has_failed():
            raise EndedAsAskedError("--fail-fast ended the run at the first broken rule")
        if requests > self._left:
            self._left = 0
            raise EndedAsAskedError(f"the budget of {self._budget.requests:,} requests was spent")
        self._left -= requests
