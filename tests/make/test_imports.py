"""What a distribution imports it declares, and what it declares it imports."""

from __future__ import annotations

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
OWN = {"linq_phone_numbers", "linq_contract", "linq_document", "linq_mock"}
OF_TYPE_CHECKERS = {"_typeshed"}
CLIENT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
JUDGE: dict[str, Any] = tomllib.loads((ROOT / "contract_tests/pyproject.toml").read_text(encoding="utf-8"))
OF_THOSE_WHO_CALL = {
    "client": {"aiohttp", "pydantic-core", "trio", "typing-extensions"},
    "judge": set[str](),
}
"""What is imported only where others run it already: an extra, pydantic, trio, a type checker."""
FOLDERS = {
    "client": [ROOT / "generated/linq_phone_numbers"],
    "judge": [
        ROOT / "contract_tests/linq_contract",
        ROOT / "document/linq_document",
        ROOT / "mock_server/linq_mock",
    ],
}
REQUIRED = {
    "client": CLIENT["project"]["dependencies"],
    "judge": JUDGE["tool"]["hatch"]["metadata"]["hooks"]["custom"]["requires"],
}
OPTIONAL = {
    name: [text for extra in project["project"].get("optional-dependencies", {}).values() for text in extra]
    for name, project in (("client", CLIENT), ("judge", JUDGE))
}


def imported(folders: list[Path]) -> Iterator[str]:
    """The distributions whose modules are imported, wherever in a module."""
    known = packages_distributions()
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for name in (
                {name.partition(".")[0] for name in names} - sys.stdlib_module_names - OWN - OF_TYPE_CHECKERS
            ):
                yield from map(canonicalize_name, known.get(name, [name]))


def names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(text).name) for text in requirements}


@pytest.mark.parametrize("name", FOLDERS)
def test_what_is_imported_is_declared(name: str) -> None:
    assert (
        set(imported(FOLDERS[name]))
        <= names(REQUIRED[name]) | names(OPTIONAL[name]) | OF_THOSE_WHO_CALL[name]
    )


@pytest.mark.parametrize("name", FOLDERS)
def test_what_is_declared_is_imported(name: str) -> None:
    assert names(REQUIRED[name]) <= set(imported(FOLDERS[name]))


def test_the_judge_needs_nothing_of_the_client_in_another_version_than_the_client_does() -> None:
    of_both = [{Requirement(text).name: text for text in each} for each in REQUIRED.values()]

    assert {name: of_both[0][name] for name in of_both[0].keys() & of_both[1].keys()} == {
        name: of_both[1][name] for name in of_both[0].keys() & of_both[1].keys()
    }
