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

from linq_contract.contract.expectation import Authority, Body, Subject
from linq_contract.contract.lines import Difference, line_key
from linq_contract.http.messages import Response
from linq_contract.judge.checks import Exchange, Problem

_SHOWN = 3
_VARYING_HEADERS = {f"header {name}" for name in ("date", "x-trace-id", "content-length", "etag")}


@dataclass(frozen=True)
class Chapter:
    """What happened to an account from one list to the next.

    `writes` are the exchanges since the last list that could change something, whoever sent them;
    `differences` are those of the new list from what the model makes of them. `repeats` pairs each
    update that was sent twice in a row with its first time. `strangers` are the ids of lines that
    belong to another account, as far as they are known, and `listed` the ids of the new list.
    `undone` are the last updates of lines that show again what they showed before, and `readings` the
    other requests, none of which may change anything.
    """

    owner: Authority
    writes: Sequence[Exchange]
    differences: Sequence[Difference]
    listed: AbstractSet[str] = frozenset()
    strangers: frozenset[str] = frozenset()
    repeats: Sequence[tuple[Exchange, Exchange]] = ()
    undone: Mapping[str, Exchange] = field(default_factory=dict[str, Exchange])
    readings: Sequence[Exchange] = ()

    @cached_property
    def accepted(self) -> list[Exchange]:
        """The updates of the owner that were answered as done, and that the contract wants done."""
        return [
            x
            for x in self.writes
            if x.accepted and x.classified.line and x.classified.authority is self.owner
        ]

    @cached_property
    def confirmed_repeats(self) -> list[Exchange]:
        """The second of two equal updates where a list in between showed the first."""
        return [second for first, second in self.repeats if first not in self.writes]

    def last(self, *bodies: Body | None) -> set[str]:
        """The lines whose last accepted update has one of these bodies, those of undone ones included.

        None stands for a body with the field twice, after which the list must show what the answer did.
        """
        last = {**self.undone, **{named_key(x): x for x in self.accepted}}
        return {key for key, x in last.items() if x.classified.body in bodies}

    def refused(self, statuses: Callable[[int], bool]) -> list[Exchange]:
        """The writes of any method that were refused with such a status."""
        return [x for x in self.writes if x.status is not None and statuses(x.status)]


@dataclass(frozen=True, slots=True)
class HistoryCheck:
    """A check of one rule over a chapter; `applies` says whether the chapter exercises the rule."""

    rule: str
    applies: Callable[[Chapter], bool]
    judge: Callable[[Chapter], Problem | None]


HISTORY_CHECKS: list[HistoryCheck] = []


def history_check(
    rule: str, applies: Callable[[Chapter], bool]
) -> Callable[[Callable[[Chapter], Problem | None]], Callable[[Chapter], Problem | None]]:
    """Register a check of a chapter for a rule."""

    def register(judge: Callable[[Chapter], Problem | None]) -> Callable[[Chapter], Problem | None]:
        HISTORY_CHECKS.append(HistoryCheck(rule, applies, judge))
        return judge

    return register


@history_check("list.safe", lambda chapter: not chapter.writes)
def listing_changes_nothing(chapter: Chapter) -> Problem | None:
    return _text(chapter.differences)


@history_check("update.read-your-writes", lambda chapter: bool(chapter.last(Body.SET, None)))
def list_shows_what_was_set(chapter: Chapter) -> Problem | None:
    return _text(_forwarding_differences(chapter, chapter.last(Body.SET, None)))


@history_check("update.clear-null", lambda chapter: bool(chapter.last(Body.CLEAR_NULL)))
def list_shows_cleared_by_null(chapter: Chapter) -> Problem | None:
    return _text(_forwarding_differences(chapter, chapter.last(Body.CLEAR_NULL)))


@history_check("update.clear-empty", lambda chapter: bool(chapter.last(Body.CLEAR_EMPTY)))
def list_shows_cleared_by_empty_string(chapter: Chapter) -> Problem | None:
    return _text(_forwarding_differences(chapter, chapter.last(Body.CLEAR_EMPTY)))


@history_check("update.isolated", lambda chapter: any(x.accepted for x in chapter.writes))
def update_changes_nothing_else(chapter: Chapter) -> Problem | None:
    updated = {named_key(x) for x in chapter.accepted}
    named = {named_key(x) for x in chapter.writes}
    return _text(
        d
        for d in chapter.differences
        if d.key not in named or (d.key in updated and d.what != "forwarding_number")
    )


@history_check("update.idempotent", lambda chapter: bool(chapter.confirmed_repeats))
def same_update_leaves_same_state(chapter: Chapter) -> Problem | None:
    return _text(_forwarding_differences(chapter, {named_key(x) for x in chapter.confirmed_repeats}))


@history_check("update.idempotent", lambda chapter: bool(chapter.repeats))
def same_update_gets_same_answer(chapter: Chapter) -> Problem | None:
    for first, second in chapter.repeats:
        if _essence(first) != _essence(second):
            return f"the first time it was answered {_essence(first)}, the second time {_essence(second)}"
    return None


@history_check(
    "update.no-mass-assignment", lambda chapter: any(x.classified.extra_properties for x in chapter.writes)
)
def further_properties_change_nothing(chapter: Chapter) -> Problem | None:
    updated = {named_key(x) for x in chapter.accepted}
    return _text(d for d in chapter.differences if d.what != "forwarding_number" or d.key not in updated)


@history_check("update.rejected-unchanged", lambda chapter: bool(chapter.refused(_is_other_refusal)))
def rejected_update_changed_nothing(chapter: Chapter) -> Problem | None:
    return _text(_changes_by(chapter, chapter.refused(_is_other_refusal)))


@history_check("auth.no-write", lambda chapter: bool(chapter.refused(_is_auth_refusal)))
def refused_stranger_changed_nothing(chapter: Chapter) -> Problem | None:
    return _text(_changes_by(chapter, chapter.refused(_is_auth_refusal)))


@history_check("auth.tenant", lambda chapter: bool(chapter.strangers))
def only_own_lines_are_listed(chapter: Chapter) -> Problem | None:
    shared = chapter.listed & chapter.strangers
    return f"the list shows line {min(shared)} of another account" if shared else None


@history_check("auth.tenant", lambda chapter: bool(_trespasses(chapter)))
def lines_of_others_are_out_of_reach(chapter: Chapter) -> Problem | None:
    keys = {named_key(x) for x in _trespasses(chapter)}
    return _text(d for d in chapter.differences if d.key in keys)


def refusals_tell_apart(known: Sequence[Exchange], unknown: Sequence[Exchange]) -> Problem | None:
    """Whether refusals show which of the ids exist: always the same for those, something else for the rest.

    Of no use is what differs from one request to the next, as a time does.
    """
    for x in known:
        line, answer = x.classified.line, x.answer
        if line and isinstance(answer, Response) and line.phone_number.encode() in answer.body:
            return "a refusal without a valid token shows the phone number of the line"
    of_known, of_unknown = ([_features(x) for x in exchanges] for exchanges in (known, unknown))
    names = {name for features in (*of_known, *of_unknown) for name in features}
    for name in sorted(names):
        values, others = ({features.get(name) for features in each} for each in (of_known, of_unknown))
        if len(values) == len(others) == 1 and values != others:
            return f"the {name} of a refusal without a valid token depends on whether the line exists"
    return None


def _features(exchange: Exchange) -> Mapping[str, object]:
    """What a refusal says, without what differs in each: its trace id, and the id that it may quote."""
    if not isinstance(exchange.answer, Response):
        return {}
    text = exchange.answer.body.decode("utf-8", "replace")
    for varying in (exchange.answer.trace_id, exchange.classified.named_id):
        text = text.replace(varying, "") if varying else text
    headers = {f"header {name.lower()}": value for name, value in exchange.answer.headers}
    kept = {name: value for name, value in headers.items() if name not in _VARYING_HEADERS}
    return {"status": exchange.answer.status, "body": text, **kept}


def named_key(exchange: Exchange) -> str:
    """The key of the line that an update names, whoever it belongs to."""
    line = exchange.classified.line
    return line.key if line is not None else line_key(exchange.classified.named_id)


def _trespasses(chapter: Chapter) -> list[Exchange]:
    """The updates of lines that belong to another account than the one that sent them."""
    return [x for x in chapter.writes if x.classified.subject is Subject.ANOTHER_ACCOUNTS_LINE]


def _forwarding_differences(chapter: Chapter, keys: set[str]) -> Iterator[Difference]:
    return (d for d in chapter.differences if d.key in keys and d.what == "forwarding_number")


def _changes_by(chapter: Chapter, refused: Sequence[Exchange]) -> Iterator[Difference]:
    """The differences that refused updates explain: those of their lines, or all if nothing else was sent."""
    named = {named_key(x) for x in refused} - {named_key(x) for x in chapter.accepted}
    alone = len(refused) == len(chapter.writes)
    return (d for d in chapter.differences if alone or (d.key in named and d.what == "forwarding_number"))


def _is_auth_refusal(status: int) -> bool:
    return status in {401, 403}


def _is_other_refusal(status: int) -> bool:
    return 400 <= status < 500 and not _is_auth_refusal(status)


def _essence(exchange: Exchange) -> tuple[object, ...]:
    """What has to be the same in the answers to the same update."""
    body = exchange.response.object
    return (
        exchange.status,
        line_key(str(body.get("id"))),
        body.get("phone_number"),
        body.get("forwarding_number"),
    )


def _text(differences: Iterable[Difference]) -> Problem | None:
    return "; ".join(map(str, itertools.islice(differences, _SHOWN))) or None
