"""The nodes of a document, which is JSON, and where its references lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import unquote

Object = dict[str, Any]


def as_object(node: Any) -> Object:
    """Return the node when it is an object, and else an empty one: what is none has no members."""
    return cast("Object", node) if isinstance(node, dict) else {}


def as_array(node: Any) -> list[Any]:
    """Return the node when it is an array, and else an empty one."""
    return [*node] if isinstance(node, list) else []


def resolve(document: Object, node: Any) -> Any:
    """Follow the references of a node within the document; what leads nowhere is an empty object."""
    seen = set[str]()
    while (reference := str(as_object(node).get("$ref", ""))) and reference not in seen:
        seen.add(reference)
        node = _at(document, reference)
    return node


def reached(document: Object, node: Any) -> Object:
    """Return as much of a document as the references of a node lead to, each part in its place."""
    found: Object = {}
    waiting, seen = [node], set[str]()
    while waiting:
        for reference in _references(waiting.pop()):
            if reference not in seen:
                seen.add(reference)
                _keep(document, found, _steps(reference))
                waiting.append(_at(document, reference))
    return found


def _references(node: Any) -> Iterator[str]:
    for member in as_array(node) or as_object(node).values():
        yield from _references(member)
    reference = as_object(node).get("$ref")
    if isinstance(reference, str):
        yield reference


def _keep(original: Any, copy: Any, steps: list[str]) -> None:
    """Put into a copy what the steps lead to in the original; an array is put there as a whole."""
    step, *others = steps
    member = as_object(original).get(step, {})
    if not others or not isinstance(member, dict):
        copy[step] = member
    elif copy.get(step) is not member:
        _keep(as_object(member), copy.setdefault(step, {}), others)


def _at(document: Object, reference: str) -> Any:
    node: Any = document
    for step in _steps(reference):
        node = as_object(node).get(step, {})
    return node


def _steps(reference: str) -> list[str]:
    return [
        unquote(step).replace("~1", "/").replace("~0", "~")
        for step in reference.removeprefix("#/").split("/")
    ]
