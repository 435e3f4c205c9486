"""The exit codes as Markdown, from the class that has them."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise

from linq_contract.run.result import ExitCode


def exit_codes() -> str:
    """Return a table of the exit codes, with what stands below each in the source."""
    meanings = _meanings()
    rows = [f"| {code.value} | `{code.name}` | {meanings[code.name]} |" for code in ExitCode]
    return "\n".join(["| exit code | name | meaning |", "| ---: | --- | --- |", *rows]) + "\n"


def _meanings() -> dict[str, str]:
    (definition,) = ast.parse(inspect.getsource(ExitCode)).body
    assert isinstance(definition, ast.ClassDef)
    return {
        statement.targets[0].id: " ".join(inspect.cleandoc(text.value.value).split())
        for statement, text in pairwise(definition.body)
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        if isinstance(text.value.value, str)
    }
