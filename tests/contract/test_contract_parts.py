"""The floor plan of ARCHITECTURE.md: the parts stand one on the other, and an import only runs down."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import linq_contract
import linq_document
import linq_mock

PARTS = (
    *("http", "contract", "judge", "recorded", "live", "safety", "run", "report", "comparison"),
    *("clients", "sweep"),
)
ON_TOP = {"commands", "suite"}
MOST_MODULES_OUTSIDE = 6
JUDGE, DOCUMENT, MOCK = (
    Path(package.__file__ or "").parent for package in (linq_contract, linq_document, linq_mock)
)


def test_every_folder_of_the_judge_is_a_part() -> None:
    folders = {path.parent.name for path in JUDGE.glob("*/__init__.py")}

    assert folders == {*PARTS, *ON_TOP}


def test_few_modules_lie_outside_the_parts() -> None:
    assert len(list(JUDGE.glob("*.py"))) <= MOST_MODULES_OUTSIDE


def test_no_import_runs_up() -> None:
    upward = [
        f"{path.relative_to(JUDGE)} imports {name}"
        for part in PARTS
        for path, name in imports_in(JUDGE / part, "linq_contract")
        if floor_of(name) > floor_of(f"linq_contract.{part}")
    ]

    assert upward == []


def test_the_document_imports_neither_the_judge_nor_the_mock() -> None:
    assert list(imports_in(DOCUMENT, "linq_contract", "linq_mock")) == []


def test_the_mock_imports_nothing_of_the_judge() -> None:
    assert list(imports_in(MOCK, "linq_contract")) == []


def test_only_what_runs_the_mock_imports_it() -> None:
    importers = {path.relative_to(JUDGE).as_posix() for path, _ in imports_in(JUDGE, "linq_mock")}
    of_clients = {f"clients/{name}.py" for name in ("checks", "situations", "stage")}

    assert importers == {"commands/mock.py", "embedded.py", "sandbox.py", *of_clients}


def floor_of(name: str) -> int:
    """How far up a module stands; what is outside of the parts stands on all of them."""
    part = f"{name}.".split(".")[1]
    return PARTS.index(part) if part in PARTS else len(PARTS)


def imports_in(folder: Path, *packages: str) -> Iterator[tuple[Path, str]]:
    """What the modules of a folder import from packages, wherever in the module; names are absolute."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for name in names_imported_by(node):
                if name.partition(".")[0] in packages:
                    yield path, name


def names_imported_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "a relative import hides where it runs"
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
