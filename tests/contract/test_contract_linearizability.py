"""Histories of one line, sorted by verdict."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linq_contract.judge.linearizability import Access, is_linearizable, shortest_violation


def write(value: str | None, began: float, ended: float = math.inf) -> Access:
    return Access("write", value, began, ended)


def read(value: str | None, began: float, ended: float) -> Access:
    return Access("read", value, began, ended)


GOOD: dict[str, list[Access]] = {
    "nothing happened": [],
    "the initial value is read": [read(None, 0, 1)],
    "a write is read": [write("a", 0, 1), read("a", 2, 3)],
    "writes in turn": [write("a", 0, 1), write("b", 2, 3), read("b", 4, 5)],
    "a read during a write sees the old value": [write("a", 0, 3), read(None, 1, 2)],
    "a read during a write sees the new value": [write("a", 0, 3), read("a", 1, 2)],
    "two reads during a write, old before new": [write("a", 0, 9), read(None, 1, 2), read("a", 3, 4)],
    "concurrent writes, the first wins": [write("a", 0, 5), write("b", 0, 5), read("a", 6, 7)],
    "concurrent writes, the second wins": [write("a", 0, 5), write("b", 0, 5), read("b", 6, 7)],
    "a write and a clear at once": [write("a", 0, 5), write(None, 0, 5), read(None, 6, 7)],
    "the same value written again": [write("a", 0, 1), write("a", 2, 3), read("a", 4, 5)],
    "touching intervals are concurrent": [write("a", 0, 1), read(None, 1, 2)],
    "an indeterminate write never took place": [write("a", 0), read(None, 5, 6)],
    "an indeterminate write took place at once": [write("a", 0), read("a", 1, 2)],
    "an indeterminate write took place late": [write("a", 0), read(None, 1, 2), read("a", 8, 9)],
    "an indeterminate write after a determinate one": [
        write("a", 0),
        write("b", 1, 2),
        read("b", 3, 4),
        read("a", 5, 6),
    ],
}
BAD: dict[str, list[Access]] = {
    "the write is lost": [write("a", 0, 1), read(None, 2, 3)],
    "the read is stale": [write("a", 0, 1), write("b", 2, 3), read("a", 4, 5)],
    "nobody wrote the value": [write("a", 0, 1), read("c", 2, 3)],
    "the value is torn": [write("ab", 0, 5), write("cd", 0, 5), read("ad", 6, 7)],
    "the value is read before it is written": [read("a", 0, 1), write("a", 2, 3)],
    "reads go back": [write("a", 0, 9), read("a", 1, 2), read(None, 3, 4)],
    "two readers see different orders": [
        write("a", 0, 1),
        write("b", 0, 1),
        read("a", 2, 3),
        read("b", 4, 5),
    ],
    "a clear is undone": [write("a", 0, 1), write(None, 2, 3), read(None, 4, 5), read("a", 6, 7)],
    "an indeterminate write takes place twice": [
        write("a", 0),
        read("a", 1, 2),
        write("b", 3, 4),
        read("b", 5, 6),
        read("a", 7, 8),
    ],
    "an indeterminate write is seen before it began": [read("a", 0, 1), write("a", 2)],
}


@pytest.mark.parametrize("name", GOOD)
def test_a_history_of_a_register_is_linearizable(name: str) -> None:
    assert all(is_linearizable(None, history) for history in itertools.islice(orders(GOOD[name]), 24))


@pytest.mark.parametrize("name", BAD)
def test_a_history_that_no_register_has_is_not_linearizable(name: str) -> None:
    assert not any(is_linearizable(None, history) for history in itertools.islice(orders(BAD[name]), 24))


@pytest.mark.parametrize("name", BAD)
def test_of_a_violation_nothing_can_be_left_out(name: str) -> None:
    noise = [write("x", -9, -8), write("y", -9, 99), read(None, -11, -10)]
    shortest = shortest_violation(None, [*noise, *BAD[name]])

    assert not is_linearizable(None, shortest)
    assert not {"x", "y"} & {operation.value for operation in shortest}
    for operation in shortest:
        rest = [other for other in shortest if other is not operation]
        is_shown = any(not other.is_write and other.value == operation.value for other in rest)
        assert is_linearizable(None, rest) or (operation.is_write and is_shown)


def orders(history: list[Access]) -> itertools.permutations[tuple[Access, ...]]:
    """The verdict does not depend on the order in which a history was written down."""
    return itertools.permutations(history)


class Register:
    """A register behind a lock, with a clock that ticks at every step."""

    def __init__(self) -> None:
        self.value: str | None = None
        self.history: list[Access] = []
        self._lock = threading.Lock()
        self._clock = itertools.count()

    def run(self, script: Sequence[str | None]) -> None:
        """Write each value in turn; a `?` reads."""
        for step in script:
            began = next(self._clock)
            with self._lock:
                value = self.value = self.value if step == "?" else step
            operation = Access("read" if step == "?" else "write", value, began, next(self._clock))
            self.history.append(operation)


STEPS = st.sampled_from(["a", "b", None, "?"])


@settings(max_examples=50)
@given(st.lists(st.lists(STEPS, max_size=6), min_size=1, max_size=4))
def test_whatever_threads_do_to_a_locked_register_is_linearizable(scripts: list[list[str | None]]) -> None:
    register = Register()
    with ThreadPoolExecutor(len(scripts)) as pool:
        list(pool.map(register.run, scripts))

    assert is_linearizable(None, register.history)


@st.composite
def overlapping_histories(draw: st.DrawFn) -> list[Access]:
    """Operations that each take effect at one instant, and begin and end somewhere around it."""
    value: str | None = None
    history: list[Access] = []
    for instant, step in enumerate(draw(st.lists(STEPS, min_size=1, max_size=6))):
        value = value if step == "?" else step
        began, ended = (instant + sign * (draw(st.integers(0, 4)) + 0.5) for sign in (-1, 1))
        if step == "?":
            history.append(read(value, began, ended))
        else:
            history.append(write(value, began, math.inf if draw(st.booleans()) else ended))
    return draw(st.permutations(history))


@given(overlapping_histories())
def test_operations_that_take_effect_at_an_instant_are_linearizable(history: list[Access]) -> None:
    assert is_linearizable(None, history)


@given(overlapping_histories(), st.data())
def test_a_value_that_nobody_wrote_is_found_in_any_history(
    history: list[Access], data: st.DataObject
) -> None:
    at = data.draw(st.integers(-9, 9))

    assert not is_linearizable(None, [*history, read("c", at, at + data.draw(st.integers(0, 9)))])
