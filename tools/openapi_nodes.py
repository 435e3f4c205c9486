"""The nodes of a document, which is JSON, and where its references lead."""

from __future__ import annotations

from typing import Any, cast

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


def _at(document: Object, reference: str) -> Any:
    node: Any = document
    for step in reference.removeprefix("#/").split("/"):
        node = as_object(node).get(step.replace("~1", "/").replace("~0", "~"), {})
    return node
