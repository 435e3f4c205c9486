"""What overlapping requests must show: each line is one register, and no account sees another's lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from linq_contract.contract.lines import Line
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.linearizability import Access, is_linearizable, shortest_violation
from linq_contract.judge.registry import Problem, Subject, check

_MISSING = object()
_CLEAR_BY_OTHERS = Access("write", None, -math.inf)  # at any time, or never


@dataclass(frozen=True)
class Race(Subject):
    """Updates and lists of one line that overlapped, and the list after them.

    `line` is the line as it was before, `exchanges` are in the order in which they ended; updates of other
    lines among them are left out.
    """

    is_race: ClassVar = True

    line: Line
    exchanges: Sequence[Exchange]
    listing: Exchange

    @cached_property
    def accesses(self) -> Sequence[tuple[Access, Exchange]]:
        """What the exchanges were to the line. Lists without it are none where it was released."""
        is_released = self.line.key not in (self.listing.lines or {})
        operations = ((_access(x, self.line.key), x) for x in self.exchanges)
        return [
            (op, x) for op, x in operations if op is not None and not (is_released and op.value is _MISSING)
        ]

    @property
    def tested(self) -> Sequence[Exchange]:
        return [x for op, x in self.accesses if not op.is_write]

    @property
    def evidence(self) -> Sequence[Exchange]:
        return [x for op, x in self.accesses if op in self.violation]

    @cached_property
    def _history(self) -> Sequence[Access]:
        return sorted((op for op, _ in self.accesses), key=lambda op: op.began)

    @cached_property
    def violation(self) -> Sequence[Access]:
        """The smallest part of what was seen that no order explains; nothing where some order does."""
        if is_linearizable(self.line.forwarding_number, self._history):
            return ()
        return shortest_violation(self.line.forwarding_number, self._history)

    @property
    def unwritten(self) -> AbstractSet[object]:
        """The values in it that nobody known has set; None if a clear by others would explain it."""
        if not self.violation:
            return frozenset()
        written = {op.value for op in self._history if op.is_write} | {self.line.forwarding_number}
        unwritten = {op.value for op in self.violation} - written
        if is_linearizable(self.line.forwarding_number, [*self._history, _CLEAR_BY_OTHERS]):
            unwritten.add(None)
        return unwritten


@check(Race, "update.atomic", lambda race: bool(race.tested))
def line_is_one_register(race: Race) -> Problem | None:
    if not race.violation:
        return None
    shown = ", then ".join(_in_words(op.value) for op in race.violation if not op.is_write)
    return (
        f"lists showed line {race.line.key} forward to {shown}, which no order of the updates explains; "
        f"before them it forwarded to {_in_words(race.line.forwarding_number)}"
    )


@dataclass(frozen=True)
class _AmongOthers(Subject):
    """An exchange that overlapped others, and the list after all of them."""

    is_race: ClassVar = True

    exchange: Exchange
    listing: Exchange

    @property
    def evidence(self) -> Sequence[Exchange]:
        return (self.exchange, self.listing)

    @property
    def tested(self) -> Sequence[Exchange]:
        return (self.exchange,)


@dataclass(frozen=True)
class ListInRace(_AmongOthers):
    """A list while a line was updated. `lasting` are the keys of lines listed before and after the race."""

    line: Line
    lasting: AbstractSet[str]


def lists_in(race: Race, before: AbstractSet[str]) -> Iterator[ListInRace]:
    """The lists of a race, given the keys of the lines that were listed before it."""
    lasting = before & (race.listing.lines or {}).keys() - {race.line.key}
    for exchange in race.tested:
        yield ListInRace(exchange, race.listing, race.line, lasting)


@dataclass(frozen=True)
class LastUpdate(_AmongOthers):
    """The last of the updates of one line, while others were updated, and the list after all of them.

    `own` are the values that were sent to the line, `of_others` those that were sent to the others. A line
    `is_forgetful` that was seen to forget updates when no other is updated, too.
    """

    own: AbstractSet[object]
    of_others: AbstractSet[object]
    is_forgetful: bool

    @property
    def shown(self) -> Line | None:
        """The line as the list shows it."""
        return (self.listing.lines or {}).get(self.exchange.named_key)

    @property
    def is_undone(self) -> bool:
        """Whether the list shows something else than what the update has set."""
        return self.shown is not None and self.shown.forwarding_number != self.exchange.number

    @property
    def unwritten(self) -> AbstractSet[object]:
        """What the list shows, if nobody known has set it."""
        return {self.shown.forwarding_number} - self.own if self.shown else frozenset()


def last_updates(
    exchanges: Iterable[Exchange], listing: Exchange, *, is_forgetful: bool
) -> Iterator[LastUpdate]:
    """The last answered update of each line, of those that overlapped."""
    updates = [x for x in exchanges if x.classified.line is not None and _may_have_written(x)]
    values = {x.named_key: {y.number for y in updates if y.named_key == x.named_key} for x in updates}
    for key, last in {x.named_key: x for x in updates if x.accepted}.items():
        others = frozenset[object]().union(*(values[other] for other in values if other != key))
        yield LastUpdate(last, listing, values[key], others, is_forgetful)


@dataclass(frozen=True)
class ListAmongAccounts(Subject):
    """A list while several accounts are used. `strangers` are the keys of the lines of another one."""

    is_race: ClassVar = True

    exchange: Exchange
    strangers: AbstractSet[str]

    @property
    def evidence(self) -> Sequence[Exchange]:
        return (self.exchange,)


@check(ListAmongAccounts, "auth.tenant", lambda among: bool(among.strangers))
def only_own_lines_are_listed_among_accounts(among: ListAmongAccounts) -> Problem | None:
    shared = (among.exchange.lines or {}).keys() & among.strangers
    return f"the list shows line {min(shared)} of another account while both are used" if shared else None


def _access(exchange: Exchange, key: str) -> Access | None:
    """What an exchange was to a line: a read, a write that took or may have taken place, or nothing."""
    if exchange.is_list:
        if not exchange.final or exchange.lines is None:
            return None
        line = exchange.lines.get(key)
        value = _MISSING if line is None else line.forwarding_number
        return Access("read", value, exchange.began, exchange.ended)
    if exchange.named_key != key or not _may_have_written(exchange):
        return None
    ended = exchange.ended if exchange.accepted else math.inf
    return Access("write", exchange.number, exchange.began, ended)


def _may_have_written(exchange: Exchange) -> bool:
    return exchange.accepted or exchange.status is None or exchange.status >= 500


def _in_words(value: object) -> str:
    if value is _MISSING:
        return "nothing, being missing"
    return "nothing" if value is None else repr(value)
