"""Measure one document with one generator, in a folder that is thrown away."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from documents.checks import TooLongError, import_error, mypy_errors, pyright_errors, run
from documents.corpus import Document, load
from documents.exercise import Exercise
from documents.generators import GENERATORS
from documents.outcomes import Outcome
from documents.specification import Specification

_KEPT = 20  # of the errors of a type checker, for whoever looks for the reason


def digest(document: Document, generator: str) -> str:
    """Return what changes when the document, the generator or the measurement does."""
    parts = [document.path.read_bytes(), GENERATORS[generator].digest().encode()]
    parts += [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")) if path.stem != "page"]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def measure(document: Document, generator: str, examples: int, *, types: bool) -> Outcome:
    """Generate, import, check and exercise the client of a document."""
    outcome = Outcome(document.name, generator, operations=len(Specification(load(document.path)).operations))
    with tempfile.TemporaryDirectory() as name:
        try:
            return _measured(outcome, document, Path(name), examples, types=types)
        except TooLongError as error:
            return replace(outcome, trouble=str(error))


def _measured(outcome: Outcome, document: Document, folder: Path, examples: int, *, types: bool) -> Outcome:
    generated = GENERATORS[outcome.generator].generate(document.path, folder)
    outcome = replace(outcome, refusal=generated.refusal, left_out=generated.left_out)
    if generated.package is None:
        return outcome
    package = generated.package
    outcome = replace(outcome, import_error=import_error(folder, package))
    if types:
        outcome = _checked(outcome, folder, package)
    if outcome.import_error:
        return outcome
    return _exercised(outcome, document, folder, package, examples)


def _checked(outcome: Outcome, folder: Path, package: str) -> Outcome:
    for name, check in (("mypy", mypy_errors), ("pyright", pyright_errors)):
        try:
            found: dict[str, Any] = {name: tuple(check(folder, package)[:_KEPT])}
        except TooLongError as error:
            found = {"unfinished": (*outcome.unfinished, str(error))}
        outcome = replace(outcome, **found)
    return outcome


def _exercised(outcome: Outcome, document: Document, folder: Path, package: str, examples: int) -> Outcome:
    options: list[str | Path] = ["--document", document.path, "--folder", folder, "--package", package]
    options += ["--client", outcome.generator, "--examples", str(examples)]
    done = run([sys.executable, "-m", "documents.exercise", *options], folder)
    exercises = [_exercise(json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]
    unreached = outcome.operations - len(exercises) if done.returncode == 0 else 0
    reasons = {reason.partition(": ")[0]: reason for reason in outcome.left_out}
    left_out = [reasons.get(one.operation, one.operation) for one in exercises if one.left_out]
    return replace(
        outcome,
        left_out=tuple(left_out),
        unreached=unreached,
        right=sum(not (one.wrong or one.left_out) for one in exercises),
        undrawn=_told(exercises, undrawn=True),
        wrong=_told(exercises, undrawn=False),
        trouble="" if done.returncode == 0 else done.stderr.strip()[-300:],
    )


def _exercise(members: dict[str, Any]) -> Exercise:
    return Exercise(**members)


def _told(exercises: Sequence[Exercise], *, undrawn: bool) -> tuple[str, ...]:
    return tuple(f"{one.operation}: {one.wrong}" for one in exercises if one.wrong and one.undrawn is undrawn)
