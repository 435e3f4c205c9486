"""What of the document a run has tested: the properties of bodies, their forms and their values."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import Any, TypeAlias

import linq_document
from linq_contract.contract.classification import LIST
from linq_contract.http.large import remembered
from linq_contract.http.messages import JsonObject, parse_body
from linq_contract.judge.exchange import Exchange
from linq_document import Document

Schema: TypeAlias = dict[str, Any]

ERROR = "ErrorResponse"
"""The body of every error, whatever it answers."""
_REQUEST = "request"


class Form(StrEnum):
    """How a property may be in an object."""

    PRESENT = "present"
    NULL = "null"
    ABSENT = "absent"


@dataclass(frozen=True)
class Property:
    """What the document says of a property: the forms that it may have, its values if they are named."""

    forms: frozenset[Form]
    values: tuple[Hashable, ...]
    properties: Mapping[str, Property] = field(default_factory=dict[str, "Property"])
    items: Property | None = None


Seen: TypeAlias = tuple[str, Form | Hashable]
"""The place of a property in a body, with a form or a value that it had there."""


def seen_in(exchange: Exchange) -> Iterator[tuple[str, frozenset[Seen]]]:
    """The bodies of an exchange that the document describes, with what was seen in each."""
    operation, status = exchange.classified.operation, exchange.status
    if operation is None or status is None:
        return
    if exchange.request.body is not None:
        name = f"{operation.operation_id} {_REQUEST}"
        yield name, _seen(exchange.document, name, exchange.request.body)
    if exchange.listing:
        yield f"{LIST} {status}", _seen_in_list(exchange.response.body)
        return
    name = ERROR if status >= 400 else f"{operation.operation_id} {status}"
    yield name, _seen(exchange.document, name, exchange.response.body)


def properties_of(document: Document) -> Iterator[tuple[str, str, Property]]:
    """Every property that the document describes: the body, the place in it, and what it may be."""
    for name, body in bodies_of(document).items():
        for place, described in _within(body, ""):
            yield name, place, described


@functools.cache
def bodies_of(document: Document) -> Mapping[str, Property]:
    """The bodies that the document describes, by operation and status, each error as the same."""
    bodies: dict[str, Property] = {}
    for name, operation in document.operations.items():
        described = document.raw["paths"][operation.path][operation.method.lower()]
        if "requestBody" in described:
            bodies[f"{name} {_REQUEST}"] = _body(document, described["requestBody"])
        for status, response in described["responses"].items():
            if status.startswith("2"):
                bodies[f"{name} {status}"] = _body(document, response)
    bodies[ERROR] = _property(document, document.schemas[ERROR], is_required=True)
    return bodies


def _body(document: Document, node: Schema) -> Property:
    content = document.resolved(node)["content"]
    return _property(document, next(iter(content.values()))["schema"], is_required=True)


def _property(document: Document, schema: Schema, *, is_required: bool) -> Property:
    merged = _merged(document, schema)
    types = merged.get("type", ())
    forms = {Form.PRESENT}
    forms |= {Form.NULL} if "null" in types else set()
    forms |= set() if is_required else {Form.ABSENT}
    required = merged.get("required", ())
    return Property(
        frozenset(forms),
        tuple(merged.get("enum", ())),
        {
            name: _property(document, part, is_required=name in required)
            for name, part in merged.get("properties", {}).items()
        },
        _property(document, merged["items"], is_required=True) if "items" in merged else None,
    )


def _merged(document: Document, schema: Schema) -> Schema:
    """A schema with what it refers to and what it is composed of."""
    resolved = document.resolved(schema)
    parts = (_merged(document, part) for part in resolved.get("allOf", ()))
    return functools.reduce(lambda merged, part: {**part, **merged}, parts, resolved)


def _within(described: Property, place: str) -> Iterator[tuple[str, Property]]:
    if described.items is not None:
        yield from _within(described.items, f"{place}/*")
    for name, part in described.properties.items():
        yield f"{place}/{name}", part
        yield from _within(part, f"{place}/{name}")


# --- what a body shows -----------------------------------------------------------------------------


@remembered
def _seen_in_list(body: bytes) -> frozenset[Seen]:
    return _seen(linq_document.load(), f"{LIST} 200", body)


def _seen(document: Document, name: str, body: bytes) -> frozenset[Seen]:
    described = bodies_of(document).get(name)
    seen: set[Seen] = set()
    if described is not None:
        _look(described, [parse_body(body)], "", seen)
    return frozenset(seen)


def _look(described: Property, values: Sequence[Any], place: str, seen: set[Seen]) -> None:
    """Look at all values that stand at one place, of all lines of a list."""
    if described.items is not None:
        arrays: list[list[Any]] = [value for value in values if isinstance(value, list)]
        _look(described.items, [*chain.from_iterable(arrays)], f"{place}/*", seen)
    if described.properties:
        objects: list[JsonObject] = [value for value in values if isinstance(value, dict)]
        for name, part in described.properties.items():
            _look_at(part, name, objects, f"{place}/{name}", seen)


def _look_at(part: Property, name: str, objects: Sequence[JsonObject], place: str, seen: set[Seen]) -> None:
    values = [each[name] for each in objects if name in each]
    if len(values) < len(objects):
        seen.add((place, Form.ABSENT))
    kept = [value for value in values if value is not None]
    if len(kept) < len(values):
        seen.add((place, Form.NULL))
    if kept:
        seen.add((place, Form.PRESENT))
        seen.update((place, value) for value in part.values if value in kept)
        _look(part, kept, place, seen)
