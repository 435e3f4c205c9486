"""A comparison described once, in what JSON can hold, and as text and as a web page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TypedDict

from linq_contract.comparison.comparing import VARIABLES, Comparison, Side
from linq_contract.comparison.differences import Difference
from linq_contract.http.credentials import ACCOUNT
from linq_contract.http.messages import printable, show
from linq_contract.judge.exchange import Exchange
from linq_contract.report.curl import curl
from linq_contract.report.description import ExchangeDescription, count
from linq_contract.report.html import page

_MOST_STEPS = 3  # named in a line; the JSON report has all


class SideDescription(TypedDict):
    """One of the servers, how many requests it was sent, and what was not asked of it."""

    base_url: str
    requests: int
    gaps: Sequence[str]
    notes: Sequence[str]
    restored: Sequence[str]
    unrestored_lines: Sequence[str]


class DifferenceDescription(TypedDict):
    """What each server says at a place, in which steps, and the exchanges of the first."""

    aspect: str
    where: str
    a: str
    b: str
    steps: Sequence[str]
    breaks_in_a: Sequence[str]
    breaks_in_b: Sequence[str]
    exchange_a: ExchangeDescription
    exchange_b: ExchangeDescription


class ComparisonDescription(TypedDict):
    """What two servers answer differently."""

    a: SideDescription
    b: SideDescription
    seed: int
    steps: int
    exit_code: int
    headline: str
    notes: Sequence[str]
    differences: Sequence[DifferenceDescription]


def describe_comparison(comparison: Comparison) -> ComparisonDescription:
    """What came of asking both servers the same."""
    return {
        "a": _side(comparison.a),
        "b": _side(comparison.b),
        "seed": comparison.seed,
        "steps": min(len(side.recording.steps) for side in comparison.sides),
        "exit_code": int(comparison.exit_code),
        "headline": _headline(comparison),
        "notes": list(_notes(comparison)),
        "differences": [_difference(each, comparison) for each in comparison.differences],
    }


def as_text(description: ComparisonDescription) -> Iterator[str]:
    """The comparison in lines."""
    for aspect, found in groupby(description["differences"], key=lambda each: each["aspect"]):
        yield f"\n{aspect}"
        for each in found:
            yield from _lines(each)
    yield ""
    for side in (description["a"], description["b"]):
        yield from (*side["gaps"], *side["restored"])
    yield from (f"Note: {note}." for note in description["notes"])
    yield f"{description['headline']}. {_sum(description)}"


def comparison_page(description: ComparisonDescription) -> str:
    """The comparison as a web page: one file, without scripts, that loads nothing."""
    by_aspect = groupby(description["differences"], key=lambda each: each["aspect"])
    return page(
        "comparison.html",
        comparison=description,
        aspects=[(aspect, list(found)) for aspect, found in by_aspect],
        sum=_sum(description),
    )


def _side(side: Side) -> SideDescription:
    result = side.result
    return {
        "base_url": result.target.base_url,
        "requests": result.requests,
        "gaps": [
            printable(f"{side.name} was not asked all: {gap.reason}. {gap.remedy}") for gap in result.gaps
        ],
        "notes": [printable(f"{side.name}: {note}") for note in (*result.target.notes, *result.notes)],
        "restored": [f"{side.name}: {sentence}" for sentence in result.restoration.sentences],
        "unrestored_lines": list(result.unrestored),
    }


def _difference(difference: Difference, comparison: Comparison) -> DifferenceDescription:
    exchange_a, exchange_b = difference.exchanges
    return {
        "aspect": difference.place.aspect,
        "where": printable(difference.place.where),
        "a": printable(difference.of_a),
        "b": printable(difference.of_b),
        "steps": [printable(step) for step in difference.steps],
        "breaks_in_a": list(difference.broken_by_a),
        "breaks_in_b": list(difference.broken_by_b),
        "exchange_a": _exchange(exchange_a, comparison.a),
        "exchange_b": _exchange(exchange_b, comparison.b),
    }


def _exchange(exchange: Exchange, side: Side) -> ExchangeDescription:
    command = curl(exchange.request, side.result.target.base_url)
    return {
        "curl": command.replace(f"{{{ACCOUNT}}}", f"{{{VARIABLES[side.name]}}}"),
        "response": show(exchange.answer),
    }


def _headline(comparison: Comparison) -> str:
    if comparison.differences:
        return count(len(comparison.differences), "difference")
    return "No difference was found" if comparison.gaps else "The servers answer alike"


def _notes(comparison: Comparison) -> Iterator[str]:
    a, b = (side.recording for side in comparison.sides)
    for side in comparison.sides:
        yield from _side(side)["notes"]
    if not a.numbers & b.numbers:
        yield "the accounts have no line in common: what depends on the lines was not compared"
    if len(a.steps) != len(b.steps) and not comparison.gaps:
        yield "one of the accounts has fewer lines: fewer updates were compared"


def _lines(difference: DifferenceDescription) -> Iterator[str]:
    where = f"{difference['where']}: " if difference["where"] else ""
    yield f"  {where}A {difference['a']}, B {difference['b']}"
    named, more = difference["steps"][:_MOST_STEPS], len(difference["steps"]) - _MOST_STEPS
    yield f"    in: {'; '.join(named)}" + (f"; and {more} more" if more > 0 else "")
    for name, rules in (("A", difference["breaks_in_a"]), ("B", difference["breaks_in_b"])):
        if rules:
            yield f"    {name} breaks {', '.join(rules)} there"
    yield f"    {printable(difference['exchange_b']['curl'])}"


def _sum(description: ComparisonDescription) -> str:
    a, b = description["a"]["requests"], description["b"]["requests"]
    steps = count(description["steps"], "step")
    return f"{steps}, {a:,} requests to A and {b:,} to B, seed {description['seed']}."
