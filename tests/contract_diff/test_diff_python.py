"""What a change of the Python API means to those who import it."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract_diff.changes import Kind
from contract_diff.python_api import compare_packages

BASE = '''
class Thing:
    """A thing."""

    @property
    @deprecated("old is deprecated.")
    def old(self) -> int: ...
    def rename(self, name: str, *, quietly: bool = False) -> None: ...

def make() -> Thing: ...
'''


def package(folder: Path, source: str) -> Path:
    path = folder / "things"
    path.mkdir(parents=True)
    (path / "__init__.py").write_text(source, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "kind", "line"),
    [
        ("def make() -> Thing: ...", "", Kind.BREAKING_FOR_CLIENTS, "things.make: public object was removed"),
        (
            "name: str,",
            "title: str,",
            Kind.BREAKING_FOR_CLIENTS,
            "things.Thing.rename: parameter was removed",
        ),
        ("quietly:", "loudly: int, quietly:", Kind.BREAKING_FOR_CLIENTS, "parameter was added as required"),
        ("quietly: bool = False", "quietly: bool", Kind.BREAKING_FOR_CLIENTS, "parameter is now required"),
        (
            '@property\n    @deprecated("old is deprecated.")\n    def old(self) -> int: ...\n    ',
            "",
            Kind.REMOVED_AFTER_DEPRECATION,
            "things.Thing.old: was removed",
        ),
        ("def make", "@deprecated('No.')\ndef make", Kind.DEPRECATED, "things.make: was deprecated"),
        ("def make", "def other() -> None: ...\ndef make", Kind.ADDITIVE, "things.other: was added"),
    ],
)
def test_a_change_of_the_api_is_named(tmp_path: Path, old: str, new: str, kind: Kind, line: str) -> None:
    base, now = package(tmp_path / "a", BASE), package(tmp_path / "b", BASE.replace(old, new))

    found = [f"{change.kind}: {change.place}: {change.what}" for change in compare_packages(base, now)]

    assert [one for one in found if one.startswith(f"{kind}: ") and line in one], found


def test_a_new_class_is_named_once_and_not_its_methods(tmp_path: Path) -> None:
    new = BASE + "\nclass Other:\n    def call(self) -> None: ...\n"

    changes = compare_packages(package(tmp_path / "a", BASE), package(tmp_path / "b", new))

    assert [change.place for change in changes] == ["things.Other"]


def test_what_is_not_public_does_not_count(tmp_path: Path) -> None:
    base = package(tmp_path / "a", BASE + "\ndef _helper() -> None: ...\n")

    assert compare_packages(base, package(tmp_path / "b", BASE)) == []
