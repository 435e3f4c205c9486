"""The operations of a document by their tags, and the classes that have them as methods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from openapi_python_client import strings

from . import naming
from .document import Document, Json, as_array, as_object
from .errors import placed

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def operations(document: Document) -> Iterator[tuple[str, str, Json, Json]]:
    """Yield the path, the method, what the path has for all of its operations, and the operation."""
    for path, item in as_object(document.raw.get("paths")).items():
        with placed(path):
            members = document.resolve(item)
        for method in _METHODS:
            if method in members:
                yield path, method, members, as_object(members[method])


def tag(operation: Json) -> str:
    """Return the tag that an operation belongs to."""
    return str((as_array(operation.get("tags")) or ["default"])[0])


def resource(name: str) -> str:
    """Return the name of Python that a tag has: that of a property of the clients."""
    found = naming.module(name)
    return f"{found}_" if found in naming.of_clients() else found


def classes(document: Document, prefix: str) -> dict[str, str]:
    """Return the classes of the tags by their names of Python; the asynchronous ones have Async before it."""
    found: dict[str, str] = {}
    taken = naming.of_classes(prefix)
    for name in sorted({resource(tag(operation)) for *_, operation in operations(document)}):
        found[name] = _free(strings.pascal_case(name), taken)
        taken |= _both(found[name])
    return found


def defined(classes: Iterable[str]) -> set[str]:
    """Return the names that no schema can have, since the modules of the tags have classes of them."""
    both = {each for name in classes for each in _both(name)}
    return both | {f"{name}WithRawResponse" for name in both}


def _free(name: str, taken: set[str]) -> str:
    wanted = (f"{name}{number if number > 1 else ''}Resource" for number in count(1))
    return next(each for each in wanted if not _both(each) & taken)


def _both(name: str) -> set[str]:
    return {name, f"Async{name}"}
