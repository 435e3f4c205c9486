"""The comparison as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from contract_diff.changes import Change, Kind, Part, Step, Version
from contract_diff.versions import Raise


@dataclass(frozen=True)
class Comparison:
    """All that was found between a base and now."""

    base: str
    is_released: bool
    changes: list[Change]
    has_python: bool
    asked: list[Raise]
    problems: list[str]


def as_json(comparison: Comparison) -> str:
    """Return the comparison as a JSON object."""
    return json.dumps(
        {
            "base": comparison.base,
            "released": comparison.is_released,
            "changes": [
                {
                    "kind": change.kind.value,
                    "part": change.part.value,
                    "place": change.place,
                    "what": change.what,
                    "step": change.kind.step.name.lower(),
                }
                for change in comparison.changes
            ],
            "python_compared": comparison.has_python,
            "versions": [
                {
                    "name": asked.name,
                    "base": asked.base,
                    "now": asked.now,
                    "step": asked.step.name.lower(),
                    "lowest": str(asked.lowest),
                }
                for asked in comparison.asked
            ],
            "problems": comparison.problems,
        },
        indent=2,
        ensure_ascii=False,
    )


def as_text(comparison: Comparison) -> str:
    """Return the comparison as lines for a reader."""
    return "\n".join(
        [
            *_part("The document", comparison.changes, Part.DOCUMENT, comparison.base),
            "",
            *(
                _part("The Python API", comparison.changes, Part.PYTHON, comparison.base)
                if comparison.has_python
                else [f"The Python API is not compared: there is no client at {comparison.base}."]
            ),
            "",
            *_versions(comparison),
            *comparison.problems,
        ]
    )


def _part(title: str, changes: list[Change], part: Part, base: str) -> Iterator[str]:
    own = [change for change in changes if change.part is part]
    if not own:
        yield f"{title} is as it was at {base}."
        return
    yield f"{title}, since {base}:"
    for kind in Kind:
        lines = [f"    {change.place}: {change.what}" for change in own if change.kind is kind]
        if lines:
            yield f"  {kind.value} ({kind.step.name.lower()})"
            yield from lines


def _versions(comparison: Comparison) -> Iterator[str]:
    if not comparison.is_released:
        yield f"Nothing was released yet, so that what changed since {comparison.base} asks for no step."
        return
    for asked in comparison.asked:
        if asked.step is Step.NONE:
            yield f"{asked.name}: no step is asked for; it was {asked.base} and is {asked.now}."
            continue
        zero = Version.parse(asked.base).major == 0
        reason = f"a {asked.step.name.lower()} step"
        if zero:
            smaller = "minor" if asked.step is Step.MAJOR else "patch"
            reason += f", which is a {smaller} step before 1.0.0"
        yield f"{asked.name}: {reason}: {asked.base} to {asked.lowest} or more; it is {asked.now}."
