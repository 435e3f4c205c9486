"""A number in the judge says why it is that one, where it stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import linq_contract

PACKAGE = Path(linq_contract.__file__ or "").parent
MODULES = [path.relative_to(PACKAGE).as_posix() for path in sorted(PACKAGE.rglob("*.py"))]


@pytest.mark.parametrize("module", MODULES)
def test_every_number_of_a_module_has_its_reason(module: str) -> None:
    source = (PACKAGE / module).read_text(encoding="utf-8")

    assert list(_without_reason(ast.parse(source).body, source.splitlines())) == []


@pytest.mark.parametrize("module", MODULES)
def test_every_number_that_a_value_begins_with_is_explained(module: str) -> None:
    source = (PACKAGE / module).read_text(encoding="utf-8")
    unexplained = {
        f"{each.name}.{name}"
        for each in ast.walk(ast.parse(source))
        if isinstance(each, ast.ClassDef) and not _is_enumeration(each)
        for name in _without_reason(each.body, source.splitlines())
        if f"`{name}`" not in (ast.get_docstring(each) or "")
    }

    assert unexplained == set()


def _without_reason(body: list[ast.stmt], lines: list[str]) -> Iterator[str]:
    """The names that are numbers, with neither a comment at the end of a line nor a text below it."""
    for statement, below in zip(body, [*body[1:], None], strict=True):
        name = _name_of_number(statement)
        own = lines[statement.lineno - 1 : statement.end_lineno]
        if name and not any("  # " in line for line in own) and not _is_text(below):
            yield name


def _name_of_number(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_number(value):
            return name
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if _is_number(value):
            return name
        case _:
            return None


def _is_number(value: ast.expr) -> bool:
    """Whether an expression is a number, or numbers. A count that begins with nothing needs no reason."""
    match value:
        case ast.Constant(value=bool() | 0):
            return False
        case ast.Constant(value=int() | float()):
            return True
        case ast.UnaryOp(operand=operand):
            return _is_number(operand)
        case ast.BinOp(left=left, right=right):
            return _is_number(left) or _is_number(right)
        case ast.Tuple(elts=[_, *_] as elements):
            return all(map(_is_number, elements))
        case _:
            return False


def _is_enumeration(each: ast.ClassDef) -> bool:
    """Whether the numbers of a class are names for something that others define, such as exit codes."""
    return any("Enum" in ast.unparse(base) for base in each.bases)


def _is_text(statement: ast.stmt | None) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(getattr(statement.value, "value", None), str)
