"""The table of docs/detection-of-faults.md as a plot, in the colours of the site, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

_ROW = re.compile(r"^\| `([\w.-]+)` \| (\d+) \| (\d+) \| (\d*) \| ([\d.]+) \|", re.MULTILINE)
_LINE, _BAR, _TOP = 18, 12, 24
_NAMES, _FAULT, _SECONDS = 210, 7, 620
_WIDTH, _SECOND = 780, 12


@dataclass(frozen=True)
class _Rule:
    name: str
    faults: int
    caught: int
    by_schemathesis: int | None
    seconds: float

    @property
    def family(self) -> str:
        return self.name.partition(".")[0]


def plot(page: str) -> str:
    """Return the plot of a page's table as HTML: how many faults of each rule are caught, and how soon.

    Beside it is what stock Schemathesis caught, where that was measured.
    """
    rules = [
        _Rule(name, int(faults), int(caught), int(stock) if stock else None, float(seconds))
        for name, faults, caught, stock, seconds in _ROW.findall(page)
    ]
    height = _TOP + _LINE * len(rules) + 6
    return "\n".join(
        [
            '<div class="plot">',
            f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{_summary(rules)}">',
            *_heads(rules),
            *(line for number, rule in enumerate(rules) for line in _row(_TOP + _LINE * number, rule)),
            "</svg>",
            "</div>",
        ]
    )


def _summary(rules: Sequence[_Rule]) -> str:
    families = [
        f"{family} {' and '.join(map(str, _sums(list(members))))}"
        for family, members in groupby(rules, lambda rule: rule.family)
    ]
    return f"Faults caught{', here and by stock Schemathesis' * _has_beside(rules)}: {', '.join(families)}"


def _sums(rules: Sequence[_Rule]) -> Iterator[int]:
    yield sum(rule.caught for rule in rules)
    if _has_beside(rules):
        yield sum(rule.by_schemathesis or 0 for rule in rules)


def _has_beside(rules: Sequence[_Rule]) -> bool:
    return any(rule.by_schemathesis is not None for rule in rules)


def _heads(rules: Sequence[_Rule]) -> Iterator[str]:
    beside = ", and how many of them by stock Schemathesis, too" * _has_beside(rules)
    yield _text(_NAMES, 14, f"faults caught{beside}")
    yield _text(_SECONDS, 14, "seconds, median")


def _row(top: int, rule: _Rule) -> Iterator[str]:
    middle = top + _BAR - 2
    yield _text(_NAMES - 8, middle, rule.name, "end")
    yield _bar(_NAMES, top, rule.caught * _FAULT, "caught")
    caught = str(rule.caught)
    if rule.by_schemathesis is not None:
        yield _bar(_NAMES, top, rule.by_schemathesis * _FAULT, "stock")
        caught += f", {rule.by_schemathesis}"
    yield _text(_NAMES + rule.faults * _FAULT + 5, middle, caught)
    yield _bar(_SECONDS, top, max(1, round(rule.seconds * _SECOND)), "seconds")
    yield _text(_SECONDS + round(rule.seconds * _SECOND) + 5, middle, f"{rule.seconds:.1f}")


def _bar(left: int, top: int, width: int, kind: str) -> str:
    return f'<rect class="{kind}" x="{left}" y="{top}" width="{width}" height="{_BAR}"/>'


def _text(left: int, base: int, text: str, anchor: str = "start") -> str:
    return f'<text x="{left}" y="{base}" text-anchor="{anchor}">{text}</text>'
