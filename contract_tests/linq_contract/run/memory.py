"""What a run remembers of each number and line: how it tells its own doings from those of others."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from linq_contract.contract.lines import Difference
from linq_contract.contract.numbers import is_e164
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.history import Chapter

_SENT_LAST = 3  # numbers of a line: what a cache, a replica and a retry may each be behind by


@dataclass
class Memory:
    """The numbers that a run has seen anywhere, found on a line at first, and sent to a line."""

    heard_of: set[object] = field(default_factory=lambda: {None})
    original: set[tuple[str, object]] = field(default_factory=set[tuple[str, object]])
    sent_to: set[tuple[str, object]] = field(default_factory=set[tuple[str, object]])
    sent_last: dict[str, deque[object]] = field(default_factory=dict[str, deque[object]])
    refusals: dict[tuple[str, int | None, object], Exchange] = field(
        default_factory=dict[tuple[str, int | None, object], Exchange]
    )

    def sent(self, exchange: Exchange) -> None:
        """Remember the number that a request sent to a line."""
        if isinstance(exchange.number, str):
            key = exchange.named_key
            self.heard_of.add(exchange.number)
            self.sent_to.add((key, exchange.number))
            self.sent_last.setdefault(key, deque(maxlen=_SENT_LAST)).append(exchange.number)

    def refused(self, exchange: Exchange) -> None:
        """Remember the last refusal of each kind that a line had."""
        code = exchange.response.code
        kind = (exchange.named_key, exchange.status, code if isinstance(code, int) else None)
        self.refusals[kind] = exchange

    def refusals_of(self, keys: Collection[str]) -> Sequence[Exchange]:
        """The last refusals of requests that named these lines."""
        return [exchange for (key, *_), exchange in self.refusals.items() if key in keys]

    def listed(self, chapter: Chapter) -> None:
        """Remember what a list shows."""
        shown = [(key, line.forwarding_number) for key, line in chapter.listed.items()]
        if chapter.is_first:
            self.original.update(shown)
        self.heard_of.update(number for _, number in shown)

    def has_unheard_of(self, differences: Iterable[Difference]) -> bool:
        """Whether a line forwards to an E.164 number that this run has neither seen nor sent."""
        return any(
            is_e164(difference.shown) and difference.shown not in self.heard_of
            for difference in differences
            if difference.what == "forwarding_number"
        )

    def is_ours(self, difference: Difference) -> bool:
        """Whether a line shows a number that the run sent to it."""
        return (difference.key, difference.shown) in self.sent_to

    def is_original(self, difference: Difference) -> bool:
        """Whether a line shows the number that it had at first."""
        return (difference.key, difference.shown) in self.original

    def is_of_late(self, difference: Difference, chapter: Chapter) -> bool:
        """Whether a number was sent to a line in this chapter, or was among the last that were."""
        in_chapter = ((x.named_key, x.number) for x in chapter.writes)
        return difference.shown in self.sent_last.get(difference.key, ()) or (
            (difference.key, difference.shown) in in_chapter
        )
