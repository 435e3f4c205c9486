"""Whether a history of concurrent updates and reads of one line is that of a single register.

The search is that of Wing and Gong, with the memory of Lowe: try every operation that no other one
precedes, remember the sets of operations that were tried with which value left behind.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Access:
    """A write of a value, or a read that showed it, between two instants of one monotonic clock.

    `ended` is infinite for a write of which nobody knows whether and when it took place.
    """

    kind: Literal["write", "read"]
    value: object
    began: float
    ended: float = math.inf

    @property
    def is_write(self) -> bool:
        return self.kind == "write"


def is_linearizable(initial: object, history: Sequence[Access]) -> bool:
    """Whether the operations can be put into an order that a register could have carried out.

    The order must agree with real time: what ended before another began comes first.
    """
    required = frozenset(index for index, op in enumerate(history) if op.ended < math.inf)
    seen: set[tuple[frozenset[int], object]] = set()
    stack: list[tuple[frozenset[int], object]] = [(frozenset(), initial)]
    while stack:
        done, value = stack.pop()
        if required <= done:
            return True
        if (done, value) in seen:
            continue
        seen.add((done, value))
        left = [index for index in range(len(history)) if index not in done]
        horizon = min(history[index].ended for index in left)
        for index in left:
            op = history[index]
            if op.began <= horizon and (op.is_write or op.value == value):
                stack.append((done | {index}, op.value))
    return False


def shortest_violation(initial: object, history: Sequence[Access]) -> list[Access]:
    """The part of a history that is not linearizable and of which nothing can be left out.

    A write is kept as long as a read shows its value, so that no read is left unexplained by the
    shortening itself.
    """
    kept = list(history)
    shortened = True
    while shortened:
        shortened = False
        for operation in tuple(kept):
            rest = [other for other in kept if other is not operation]
            is_shown = any(not other.is_write and other.value == operation.value for other in rest)
            if not (operation.is_write and is_shown) and not is_linearizable(initial, rest):
                kept, shortened = rest, True
    return kept
