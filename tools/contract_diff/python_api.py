"""What changed in the public names of a Python package, read from its source: nothing of it is run."""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import griffe

from contract_diff.changes import Change, Kind, Part


def compare_packages(base: Path, new: Path) -> list[Change]:
    """Name each change of the Python API from one folder of a package to another."""
    logging.getLogger("griffe").setLevel(logging.ERROR)  # of the names of other packages it knows nothing
    before, after = _load(base), _load(new)
    old, now = _public(before), _public(after)
    changes = [
        *_breakages(before, after, old),
        *(
            _change(Kind.ADDITIVE, name, "was added")
            for name in now.keys() - old.keys()
            if not _within(name, now, old)
        ),
        *(
            _change(Kind.DEPRECATED, name, "was deprecated")
            for name in now.keys() & old.keys()
            if _is_deprecated(now[name]) and not _is_deprecated(old[name])
        ),
    ]
    order = list(Kind)
    return sorted(
        dict.fromkeys(changes), key=lambda change: (order.index(change.kind), change.place, change.what)
    )


def _change(kind: Kind, place: str, what: str) -> Change:
    return Change(kind, place, what, Part.PYTHON)


def _load(package: Path) -> griffe.Module:
    loaded = griffe.load(
        package.name,
        search_paths=[package.parent],
        extensions=griffe.load_extensions(_Deprecations()),
        allow_inspection=False,
        resolve_aliases=True,
    )
    assert isinstance(loaded, griffe.Module)
    return loaded


def _breakages(
    before: griffe.Module, after: griffe.Module, old: dict[str, griffe.Object | griffe.Alias]
) -> Iterator[Change]:
    for breakage in griffe.find_breaking_changes(before, after):
        place = breakage.obj.path
        is_removed = breakage.kind is griffe.BreakageKind.OBJECT_REMOVED
        if is_removed and place in old and _is_deprecated(old[place]):
            yield _change(Kind.REMOVED_AFTER_DEPRECATION, place, "was removed")
        else:
            yield _change(Kind.BREAKING_FOR_CLIENTS, place, _what(breakage))


def _what(breakage: griffe.Breakage) -> str:
    what = breakage.kind.value.lower()
    if breakage.kind is griffe.BreakageKind.OBJECT_REMOVED:
        return what
    values = [str(value) for value in (breakage.old_value, breakage.new_value) if value is not None]
    return f"{what}: {' -> '.join(values)}" if values else what


def _public(module: griffe.Module) -> dict[str, griffe.Object | griffe.Alias]:
    """The public objects by their path, those that a class inherits from the package among them."""
    found: dict[str, griffe.Object | griffe.Alias] = {}
    waiting: list[griffe.Object | griffe.Alias] = [module]
    while waiting:
        owner = waiting.pop()
        for member in (owner.all_members if owner.is_class else owner.members).values():
            is_elsewhere = member.is_alias and not member.inherited
            if is_elsewhere or not member.is_public or member.path in found:
                continue
            found[member.path] = member
            waiting.append(member)
    return found


def _within(
    name: str, now: dict[str, griffe.Object | griffe.Alias], old: dict[str, griffe.Object | griffe.Alias]
) -> bool:
    """Whether what holds the name is new as well, so that to name it says enough."""
    owner = name.rpartition(".")[0]
    return owner in now and owner not in old


def _is_deprecated(member: griffe.Object | griffe.Alias) -> bool:
    return bool(member.deprecated)


class _Deprecations(griffe.Extension):
    """Has griffe know what is decorated as deprecated; of a property it forgets the decorators."""

    def on_instance(self, *, node: ast.AST | griffe.ObjectNode, obj: griffe.Object, **_: Any) -> None:
        decorators = getattr(node, "decorator_list", [])
        if any("deprecated" in ast.unparse(decorator).partition("(")[0] for decorator in decorators):
            obj.deprecated = True
