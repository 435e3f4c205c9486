"""What changed in the rules that the document states, wherever they stand in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract_diff.changes import Change, Kind
from openapi_nodes import Object, as_array, as_object

Rule = Object


def compare_rules(base: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    """Name the rules that were added, removed, tightened, loosened or said in other words."""
    before, after = rules_of(base), rules_of(new)
    for name in sorted({*before, *after}):
        if name not in before:
            yield Change(Kind.RULE_ADDED, name, f"{after[name]['level']}: {after[name]['statement'].strip()}")
        elif name not in after:
            yield Change(Kind.RULE_REMOVED, name, f"it was a {before[name]['level']}")
        else:
            yield from _compare(before[name], after[name])


def rules_of(document: Any) -> dict[str, Rule]:
    """Return the rules of a document by name."""
    members = as_object(document)
    own: dict[str, Rule] = {rule["name"]: rule for rule in members.get("x-rules", [])}
    inner = [member for name, member in members.items() if name != "x-rules"]
    parts = [own, *map(rules_of, [*inner, *as_array(document)])]
    return {name: rule for part in parts for name, rule in part.items()}


def _compare(old: Rule, now: Rule) -> Iterator[Change]:
    name = now["name"]
    if old["level"] != now["level"]:
        kind = Kind.RULE_TIGHTENED if now["level"] == "MUST" else Kind.RULE_LOOSENED
        yield Change(kind, name, f"it was a {old['level']} and is a {now['level']}")
    yield from _answers(old, now)
    if old["statement"].split() != now["statement"].split():
        what = f"was: {_line(old)} Now: {_line(now)} Say in the changelog whether it asks for more"
        yield Change(Kind.REWORDED, name, what)


def _line(rule: Rule) -> str:
    return " ".join(rule["statement"].split())


def _answers(old: Rule, now: Rule) -> Iterator[Change]:
    """Compare the answers that satisfy a rule; a rule that names none is satisfied by any."""
    before, after, name = _answers_of(old), _answers_of(now), now["name"]
    if after and not before:
        yield Change(Kind.RULE_TIGHTENED, name, f"is satisfied by {_names(after)} alone")
    elif before and not after:
        yield Change(Kind.RULE_LOOSENED, name, "its answers are no longer named")
    else:
        if gone := before - after:
            yield Change(Kind.RULE_TIGHTENED, name, f"is no longer satisfied by {_names(gone)}")
        if more := after - before:
            yield Change(Kind.RULE_LOOSENED, name, f"is also satisfied by {_names(more)}")


def _answers_of(rule: Rule) -> set[str]:
    answers = rule.get("answers", [])
    cases = {f"{answer} ({case})" for case, listed in as_object(answers).items() for answer in listed}
    return cases | set(map(str, as_array(answers)))


def _names(answers: set[str]) -> str:
    return ", ".join(sorted(answers))
