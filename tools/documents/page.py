"""The page docs/documents.md: a table of the documents, ours beside stock, and each refusal with a reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version

from documents.outcomes import Outcome

Known = Mapping[tuple[str, str], Outcome]
_STOCK = version("openapi-python-client")
_SIDES = ("ours", "stock")


def page(names: Sequence[str], known: Known) -> str:
    """Return the page, of the documents by their names and of what came of each."""
    return f"""# Any document

`make documents` wrote this page. Each document is given to our generator, and to openapi-python-client
{_STOCK} with its own templates ("stock"). The package that comes of it is imported with
warnings as errors, checked by mypy and pyright, both strict, and exercised: for each operation, values are
drawn by Hypothesis from the schemas and passed to the client, which sends them to a server that reads the
request as OpenAPI says it is written, compares it with what was meant, and holds it to the schemas with
jsonschema-rs. The server answers with what was drawn from the schemas of the response, and what the client
makes of it is written back as JSON, and has to be the same.

An operation that is left out counts as one that does not round trip; one that no value can be drawn for,
since its schemas contradict themselves, does not count. The documents are those of the npm packages
`@readme/oas-examples` and `@octokit/openapi` (GitHub's), in the versions of
`requirements/documents/package-lock.json`, and our own.

{_totals(names, known)}
{_table(names, known)}
{_reasons(names, known)}"""


def _totals(names: Sequence[str], known: Known) -> str:
    rows: list[tuple[str, Callable[[Outcome], bool]]] = [
        ("generated", lambda outcome: not outcome.refusal),
        ("with no operation left out", lambda outcome: not (outcome.refusal or outcome.left_out)),
        ("importable without a warning", lambda outcome: not (outcome.refusal or outcome.import_error)),
        ("clean for mypy and pyright, strict", lambda outcome: outcome.is_clean),
        ("every operation round trips", lambda outcome: outcome.round_trips),
    ]
    lines = ["| documents | ours | stock |", "| --- | ---: | ---: |"]
    for title, holds in rows:
        cells = [_count(names, known, side, holds) for side in _SIDES]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    operations = [_operations(names, known, side) for side in _SIDES]
    lines.append(f"| operations that round trip | {' | '.join(operations)} |")
    return "\n".join(lines) + "\n"


def _count(names: Sequence[str], known: Known, side: str, holds: Callable[[Outcome], bool]) -> str:
    outcomes = [known[name, side] for name in names if (name, side) in known]
    return f"{sum(map(holds, outcomes))} of {len(outcomes)}"


def _operations(names: Sequence[str], known: Known, side: str) -> str:
    outcomes = [known[name, side] for name in names if (name, side) in known]
    drawn = sum(outcome.drawn for outcome in outcomes)
    return f"{sum(outcome.right for outcome in outcomes):,} of {drawn:,}"


def _table(names: Sequence[str], known: Known) -> str:
    lines = [
        "| document | operations | ours | types | round trip | stock | types | round trip |",
        "| --- | ---: | --- | --- | ---: | --- | --- | ---: |",
    ]
    for name in names:
        outcomes = [known[name, side] for side in _SIDES if (name, side) in known]
        cells = [cell for side in _SIDES for cell in _cells(known.get((name, side)))]
        operations = outcomes[0].operations if outcomes else ""
        lines.append(f"| {name} | {operations} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cells(outcome: Outcome | None) -> tuple[str, str, str]:
    if outcome is None:
        return "", "", ""
    if outcome.refusal:
        return "refused", "", ""
    generated = f"without {len(outcome.left_out)}" if outcome.left_out else "yes"
    if outcome.import_error:
        generated += ", not importable"
    return generated, _types(outcome), f"{outcome.right} of {outcome.drawn}"


def _types(outcome: Outcome) -> str:
    found = [
        f"{name}: {len(errors)}{'+' if len(errors) == 20 else ''}"
        for name, errors in (("mypy", outcome.mypy), ("pyright", outcome.pyright))
        if errors
    ]
    found += [f"{said.partition(' ')[0]}: not done" for said in outcome.unfinished]
    return ", ".join(found) or ("clean" if outcome.mypy is not None else "")


def _reasons(names: Sequence[str], known: Known) -> str:
    lines: list[str] = []
    for side in _SIDES:
        lines += [
            f"## What {side if side == 'stock' else 'our generator'} refuses, leaves out or gets wrong",
            "",
        ]
        for name in names:
            outcome = known.get((name, side))
            if outcome is not None:
                lines += [f"- {name}: {_cut(reason)}" for reason in _reasons_of(outcome)]
        lines.append("")
    return "\n".join(lines)


def _reasons_of(outcome: Outcome) -> list[str]:
    shown = [outcome.refusal] if outcome.refusal else []
    shown += [f"importing it raises {outcome.import_error}"] if outcome.import_error else []
    shown += list(outcome.unfinished)
    shown += [f"{outcome.unreached} operations were not called: time was up"] if outcome.unreached else []
    shown += [f"left out: {reason}" for reason in outcome.left_out[:5]]
    shown += [f"and {len(outcome.left_out) - 5} more left out"] if len(outcome.left_out) > 5 else []
    shown += list(outcome.wrong[:5])
    shown += [f"and {len(outcome.wrong) - 5} more that do not round trip"] if len(outcome.wrong) > 5 else []
    return [*shown, *([outcome.trouble] if outcome.trouble else [])]


def _cut(text: str) -> str:
    line = re.sub(r"\s+", " ", text).replace("|", "\\|").replace("<", "\\<")
    line = re.sub(r"0x[0-9a-f]{6,}", "0x...", line)
    return line if len(line) <= 200 else f"{line[:200]}..."
