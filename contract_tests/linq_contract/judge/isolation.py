"""The rule `update.isolated`: an update changes nothing else, alone or while other lines are updated."""

from __future__ import annotations

from linq_contract.judge.history import Chapter, in_words
from linq_contract.judge.races import LastUpdate, ListInRace
from linq_contract.judge.registry import Problem, check

RULE = "update.isolated"


@check(Chapter, RULE, lambda chapter: any(x.accepted for x in chapter.writes))
def update_changes_nothing_else(chapter: Chapter) -> Problem | None:
    updated = {x.named_key for x in chapter.accepted}
    named = {x.named_key for x in chapter.writes}
    return in_words(
        d
        for d in chapter.differences
        if d.key not in named or (d.key in updated and d.what != "forwarding_number")
    )


@check(ListInRace, RULE)
def no_other_line_is_missing_meanwhile(during: ListInRace) -> Problem | None:
    missing = during.lasting - (during.exchange.lines or {}).keys()
    if not missing:
        return None
    return f"line {min(missing)} was missing from a list while line {during.line.key} was updated"


@check(LastUpdate, RULE)
def updates_of_other_lines_undo_nothing(last: LastUpdate) -> Problem | None:
    if last.shown is None or not last.is_undone:
        return None
    found = last.shown.forwarding_number
    if last.is_forgetful and found not in last.of_others:
        return None
    return (
        f"line {last.shown.key} shows {found!r} after concurrent updates of other lines; "
        f"its own last update set {last.exchange.number!r}"
    )
