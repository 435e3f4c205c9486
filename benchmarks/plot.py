"""Horizontal bars, as SVG that looks the same everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

WIDTH, NAMES, NUMBERS, BAR, GAP, TITLE = 760, 200, 70, 18, 5, 38
OURS, OTHERS = "#1f6feb", "#afb8c1"
STYLE = "text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600}"


@dataclass(frozen=True)
class Bars:
    """One panel: a number for each name, and how it is written."""

    title: str
    numbers: dict[str, float]
    form: str


def draw(panels: list[Bars]) -> str:
    """Return a drawing with one panel below the other."""
    parts: list[str] = []
    y = 0
    for panel in panels:
        parts.append(f'<text class="title" x="10" y="{y + 25}">{escape(panel.title)}</text>')
        y += TITLE
        longest = max(panel.numbers.values())
        for name, number in panel.numbers.items():
            length = max(1.0, (WIDTH - NAMES - NUMBERS) * number / longest)
            middle = y + BAR - 4
            colour = OURS if name.startswith("ours") else OTHERS
            parts += [
                f'<text x="{NAMES - 8}" y="{middle}" text-anchor="end">{escape(name)}</text>',
                f'<rect x="{NAMES}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2" fill="{colour}"/>',
                f'<text x="{NAMES + length + 6:.1f}" y="{middle}">{number:{panel.form}}</text>',
            ]
            y += BAR + GAP
    height = y + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}">\n<style>{STYLE}</style>\n'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )
