"""The checks of a history: pure functions of what was sent between two lists and how they differ.

A chapter of a history runs from one list to the next. It says which lines changed that should not
have, or did not change that should have; each check looks at the requests that its rule speaks of.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property

from linq_contract.contract.classification import Body
from linq_contract.contract.classification import Subject as Named
from linq_contract.contract.lines import Difference, Line, line_key
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.registry import Problem, Subject, check

_SHOWN = 3  # differences; the report has the list itself


@dataclass(frozen=True)
class Chapter(Subject):
    """What happened to an account from one list to the next.

    `listing` is the list that ends it, and the first one of the account if it `is_first`. `writes` are the
    exchanges since the last list that could change something, whoever sent them; `differences` are those of
    the list from what the model makes of them. `repeats` pairs each update that was sent twice in a row with
    its first time. `strangers` are the keys of lines that belong to another account, as far as they are
    known. `undone` are the last updates of lines that show again what they showed before, and `readings`
    the other requests, none of which may change anything.
    """

    account: str
    listing: Exchange
    is_first: bool
    writes: Sequence[Exchange]
    differences: Sequence[Difference]
    strangers: AbstractSet[str] = frozenset()
    repeats: Sequence[tuple[Exchange, Exchange]] = ()
    undone: Mapping[str, Exchange] = field(default_factory=dict[str, Exchange])
    readings: Sequence[Exchange] = ()

    @property
    def listed(self) -> Mapping[str, Line]:
        """The lines of the list by key."""
        return self.listing.lines or {}

    @property
    def evidence(self) -> Sequence[Exchange]:
        readings = () if self.writes or not self.differences else self.readings
        earlier = [*(first for first, _ in self.repeats), *self.undone.values()]
        before = [x for x in dict.fromkeys(earlier) if x not in self.writes]
        return [*before, *readings, *self._telling_writes, self.listing]

    @property
    def _telling_writes(self) -> Sequence[Exchange]:
        """The writes that name lines that differ, or repeat an update; all where other lines differ, too."""
        differing = {difference.key for difference in self.differences}
        if not differing or differing - {x.named_key for x in self.writes}:
            return self.writes
        repeated = {second.named_key for _, second in self.repeats}
        return [x for x in self.writes if x.named_key in differing | repeated]

    @property
    def tested(self) -> Sequence[Exchange]:
        return (self.writes[-1] if self.writes else self.listing,)

    @cached_property
    def accepted(self) -> list[Exchange]:
        """The updates by the account that were answered as done, and that the contract wants done."""
        updates = (x for x in self.writes if x.accepted and x.classified.line)
        return [x for x in updates if x.classified.account == self.account]

    @cached_property
    def confirmed_repeats(self) -> list[Exchange]:
        """The second of two equal updates where a list in between showed the first."""
        return [second for first, second in self.repeats if first not in self.writes]

    def last(self, *bodies: Body | None) -> set[str]:
        """The lines whose last accepted update has one of these bodies, those of undone ones included.

        None stands for a body with the field twice, after which the list must show what the answer did.
        """
        last = {**self.undone, **{x.named_key: x for x in self.accepted}}
        return {key for key, x in last.items() if x.classified.body in bodies}

    def refused(self, statuses: Callable[[int], bool]) -> list[Exchange]:
        """The writes of any method that were refused with such a status."""
        return [x for x in self.writes if x.status is not None and statuses(x.status)]


@check(Chapter, "list.safe", lambda chapter: not chapter.writes)
def listing_changes_nothing(chapter: Chapter) -> Problem | None:
    return in_words(chapter.differences)


@check(Chapter, "update.read-your-writes", lambda chapter: bool(chapter.last(Body.SET, None)))
def list_shows_what_was_set(chapter: Chapter) -> Problem | None:
    return in_words(_forwarding_differences(chapter, chapter.last(Body.SET, None)))


@check(Chapter, "update.clear-null", lambda chapter: bool(chapter.last(Body.CLEAR_NULL)))
def list_shows_cleared_by_null(chapter: Chapter) -> Problem | None:
    return in_words(_forwarding_differences(chapter, chapter.last(Body.CLEAR_NULL)))


@check(Chapter, "update.clear-empty", lambda chapter: bool(chapter.last(Body.CLEAR_EMPTY)))
def list_shows_cleared_by_empty_string(chapter: Chapter) -> Problem | None:
    return in_words(_forwarding_differences(chapter, chapter.last(Body.CLEAR_EMPTY)))


@check(Chapter, "update.idempotent", lambda chapter: bool(chapter.confirmed_repeats))
def same_update_leaves_same_state(chapter: Chapter) -> Problem | None:
    return in_words(_forwarding_differences(chapter, {x.named_key for x in chapter.confirmed_repeats}))


@check(Chapter, "update.idempotent", lambda chapter: bool(chapter.repeats))
def same_update_gets_same_answer(chapter: Chapter) -> Problem | None:
    for first, second in chapter.repeats:
        if _essence(first) != _essence(second):
            return f"the first time it was answered {_essence(first)}, the second time {_essence(second)}"
    return None


@check(
    Chapter,
    "update.no-mass-assignment",
    lambda chapter: any(x.classified.extra_properties for x in chapter.writes),
)
def further_properties_change_nothing(chapter: Chapter) -> Problem | None:
    updated = {x.named_key for x in chapter.accepted}
    return in_words(d for d in chapter.differences if d.what != "forwarding_number" or d.key not in updated)


@check(Chapter, "update.rejected-unchanged", lambda chapter: bool(chapter.refused(_is_other_refusal)))
def rejected_update_changed_nothing(chapter: Chapter) -> Problem | None:
    return in_words(_changes_by(chapter, chapter.refused(_is_other_refusal)))


@check(Chapter, "auth.no-write", lambda chapter: bool(chapter.refused(_is_auth_refusal)))
def refused_stranger_changed_nothing(chapter: Chapter) -> Problem | None:
    return in_words(_changes_by(chapter, chapter.refused(_is_auth_refusal)))


@check(Chapter, "auth.tenant", lambda chapter: bool(chapter.strangers))
def only_own_lines_are_listed(chapter: Chapter) -> Problem | None:
    shared = chapter.listed.keys() & chapter.strangers
    return f"the list shows line {min(shared)} of another account" if shared else None


@check(Chapter, "auth.tenant", lambda chapter: bool(_trespasses(chapter)))
def lines_of_others_are_out_of_reach(chapter: Chapter) -> Problem | None:
    keys = {x.named_key for x in _trespasses(chapter)}
    return in_words(d for d in chapter.differences if d.key in keys)


def _trespasses(chapter: Chapter) -> list[Exchange]:
    """The updates of lines that belong to another account than the one that sent them."""
    return [x for x in chapter.writes if x.classified.subject is Named.ANOTHER_ACCOUNTS_LINE]


def _forwarding_differences(chapter: Chapter, keys: set[str]) -> Iterator[Difference]:
    return (d for d in chapter.differences if d.key in keys and d.what == "forwarding_number")


def _changes_by(chapter: Chapter, refused: Sequence[Exchange]) -> Iterator[Difference]:
    """The differences that refused updates explain: those of their lines, or all if nothing else was sent."""
    named = {x.named_key for x in refused} - {x.named_key for x in chapter.accepted}
    alone = len(refused) == len(chapter.writes)
    return (d for d in chapter.differences if alone or (d.key in named and d.what == "forwarding_number"))


def _is_auth_refusal(status: int) -> bool:
    return status in {401, 403}


def _is_other_refusal(status: int) -> bool:
    """Whether an update was not done, redirects included: the client is to send it elsewhere."""
    return 300 <= status < 500 and not _is_auth_refusal(status)


def _essence(exchange: Exchange) -> tuple[object, ...]:
    """What has to be the same in the answers to the same update."""
    body = exchange.response.object
    return (
        exchange.status,
        line_key(str(body.get("id"))),
        body.get("phone_number"),
        body.get("forwarding_number"),
    )


def in_words(differences: Iterable[Difference]) -> Problem | None:
    return "; ".join(map(str, itertools.islice(differences, _SHOWN))) or None
