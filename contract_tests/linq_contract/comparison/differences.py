"""The differences between what two servers answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from linq_contract.comparison.facts import NOTHING, Aspect, Facts, Place, Said, facts_of
from linq_contract.comparison.scenario import Recording, Step
from linq_contract.contract.classification import FIELD
from linq_contract.http.messages import json_object
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.registry import checked

_MOST_NUMBERS = 3  # that show which lines they are
_ITEM = Place(Aspect.SHAPE, "/phone_numbers/*")


@dataclass(frozen=True)
class Difference:
    """One way in which the servers differ: what each says there, and in which steps.

    The exchanges are those of the first step; the rules are those that one of them breaks by itself.
    """

    place: Place
    of_a: str
    of_b: str
    steps: Sequence[str]
    exchanges: tuple[Exchange, Exchange]

    @property
    def broken_by_a(self) -> Sequence[str]:
        return _broken(self.exchanges[0])

    @property
    def broken_by_b(self) -> Sequence[str]:
        return _broken(self.exchanges[1])


def differences(a: Recording, b: Recording) -> Sequence[Difference]:
    """The differences, by aspect, each once with all steps that show it."""
    found: dict[tuple[Place, str, str], list[tuple[str, Exchange, Exchange]]] = {}
    for place, of_a, of_b, (step_a, step_b) in (*_of_lines(a, b), *_of_steps(a, b)):
        shown = step_a.name, step_a.exchange, step_b.exchange
        found.setdefault((place, of_a, of_b), []).append(shown)
    return sorted(
        (
            Difference(place, of_a, of_b, list(dict.fromkeys(name for name, _, _ in shown)), shown[0][1:])
            for (place, of_a, of_b), shown in found.items()
        ),
        key=lambda each: list(Aspect).index(each.place.aspect),
    )


def _of_steps(a: Recording, b: Recording) -> Iterator[tuple[Place, str, str, tuple[Step, Step]]]:
    steps_of_b = _by_name(b)
    for name, step_a in _by_name(a).items():
        if (step_b := steps_of_b.get(name)) is None:
            continue
        facts_a, facts_b = facts_of(step_a, a), facts_of(step_b, b)
        if a.numbers != b.numbers:
            facts_a, facts_b = _of_other_lines(facts_a, facts_b)
        for place, of_a, of_b in _differing(facts_a, facts_b):
            yield place, str(of_a), str(of_b), (step_a, step_b)


def _by_name(recording: Recording) -> Mapping[tuple[str, int], Step]:
    """The steps by their names, and by how often there was one of the same name before."""
    before: Counter[str] = Counter()
    steps: dict[tuple[str, int], Step] = {}
    for step in recording.steps:
        steps[step.name, before[step.name]] = step
        before[step.name] += 1
    return steps


def _of_other_lines(a: Facts, b: Facts) -> tuple[Facts, Facts]:
    """Leave out what may be so because the accounts have other lines: what some of their lines agree in.

    Lines need not forward anywhere, and there need not be any.
    """
    free = {place for place in (*a, *b) if _is_free(place, a.get(place, NOTHING), b.get(place, NOTHING))}
    have_lines = _ITEM in a and _ITEM in b
    kept_a, kept_b = (
        {
            place: said
            for place, said in facts.items()
            if place not in free and (have_lines or not said.is_of_lines)
        }
        for facts in (a, b)
    )
    return kept_a, kept_b


def _is_free(place: Place, a: Said, b: Said) -> bool:
    if not (a.is_of_lines or b.is_of_lines):
        return False
    return bool(a.values & b.values) or place.where.endswith(f"/{FIELD}")


def _differing(a: Facts, b: Facts) -> Iterator[tuple[Place, Said, Said]]:
    """What differs between two answers; of answers with different statuses nothing but those."""
    missing: list[str] = []
    for place in dict.fromkeys((*a, *b)):
        of_a, of_b = a.get(place, NOTHING), b.get(place, NOTHING)
        is_told = place.aspect is Aspect.SHAPE and place.where.startswith(tuple(missing))
        if of_a.values == of_b.values or is_told:
            continue
        if NOTHING in {of_a, of_b}:
            missing.append(f"{place.where}/")
        yield place, of_a, of_b
        if place.aspect is Aspect.STATUS:
            return


def _of_lines(a: Recording, b: Recording) -> Iterator[tuple[Place, str, str, tuple[Step, Step]]]:
    """What the first lists show of the same lines; nothing where no line is the same."""
    shared = a.numbers & b.numbers
    if not shared:
        return
    items_a, items_b = _first_items(a), _first_items(b)
    steps = a.steps[0], b.steps[0]
    if a.numbers != b.numbers:
        place = Place(Aspect.MEANING, "lines that the other does not list")
        yield place, _some(a.numbers - b.numbers), _some(b.numbers - a.numbers), steps
    for number in sorted(shared):
        for what in ("forwarding_number", "reputation"):
            of_a, of_b = (_shown(items.get(number, {}), what) for items in (items_a, items_b))
            if of_a != of_b:
                yield Place(Aspect.MEANING, f"{what} of line {number}"), of_a, of_b, steps


def _first_items(recording: Recording) -> Mapping[str, Mapping[str, object]]:
    return {str(item.get("phone_number")): item for item in recording.steps[0].exchange.items}


def _some(numbers: frozenset[str]) -> str:
    shown = ", ".join(sorted(numbers)[:_MOST_NUMBERS])
    more = len(numbers) - _MOST_NUMBERS
    return (shown or "none") + (f", and {more:,} more" if more > 0 else "")


def _shown(item: Mapping[str, object], what: str) -> str:
    """A property of a line; that nothing is there is a matter of the shape, however it is written."""
    value = item.get(what)
    if (reputation := json_object(value)) is not None:
        value = reputation.get("status")
    return "nothing" if value is None else str(value)


def _broken(exchange: Exchange) -> Sequence[str]:
    return list(dict.fromkeys(rule for rule, problem in checked(exchange) if problem))
