"""How many of the faults the first requests of a run find: as lines of a table, and as a curve in SVG."""

from __future__ import annotations

from collections.abc import Sequence

from detection.runs import Outcome
from linq_contract.run.extent import BUDGETS, QUICK, STANDARD

_REQUESTS = (50, 100, 200, int(QUICK.requests), 500, 1_000, 2_000, int(STANDARD.requests))
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 360, 60, 24, 42, 48
_LINE, _GRID = "#1f6feb", "#d0d7de"
_STYLE = "text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600}"
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_STEP = 10  # requests from one point of the curve to the next: less is not seen


def share_found(outcomes: Sequence[Outcome], requests: int) -> float:
    """The share of runs against a fault that had evidence after so many requests."""
    return sum(o.requests is not None and o.requests <= requests for o in outcomes) / len(outcomes)


def table(outcomes: Sequence[Outcome]) -> list[str]:
    """A table in Markdown: numbers of requests, and the share of the faults that they find."""
    named = {budget.requests: name for name, budget in BUDGETS.items()}
    lines = ["| the first requests | find of the faults |", "| --- | --- |"]
    for requests in _REQUESTS:
        budget = f" (`--budget {named[requests]}`)" if requests in named else ""
        lines.append(f"| {requests:,}{budget} | {share_found(outcomes, requests):.1%} |")
    return lines


def draw(outcomes: Sequence[Outcome]) -> str:
    """A drawing of the share that is found by the number of requests."""
    points = [
        f"{_x(requests):.1f},{_y(share_found(outcomes, requests)):.1f}"
        for requests in range(0, _REQUESTS[-1] + 1, _STEP)
    ]
    parts = [
        '<text class="title" x="10" y="25">Faults found by the first requests of a run</text>',
        *(part for share in _SHARES for part in _grid_line(share)),
        *(part for requests in _REQUESTS[3:] for part in _mark(requests, share_found(outcomes, requests))),
        f'<polyline points="{" ".join(points)}" fill="none" stroke="{_LINE}" stroke-width="2"/>',
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}">\n<style>{_STYLE}</style>\n'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _grid_line(share: float) -> Sequence[str]:
    y = _y(share)
    return (
        f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}" stroke="{_GRID}"/>',
        f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>',
    )


def _mark(requests: int, share: float) -> Sequence[str]:
    x, y = _x(requests), _y(share)
    bottom = _HEIGHT - _BOTTOM
    return (
        f'<line x1="{x:.1f}" y1="{bottom}" x2="{x:.1f}" y2="{y:.1f}" stroke="{_GRID}"/>',
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{_LINE}"/>',
        f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{requests:,}</text>',
        f'<text x="{x:.1f}" y="{bottom + 36}" text-anchor="middle">{share:.1%}</text>',
    )


def _x(requests: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * requests / _REQUESTS[-1]


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share
