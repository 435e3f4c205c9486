"""Drift: what answers show that the contract does not know, or no longer show that it calls deprecated.

Additions break no rule of their own, and a removal breaks the rule that demands what was removed; either way
it is told for what it is.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

from linq_contract.contract.expectation import FREE_METHODS
from linq_contract.http.messages import NOT_JSON, json_array, json_object
from linq_contract.judge.exchange import Exchange
from linq_document import Document

_ERROR = "ErrorResponse"
_LONGEST_SHOWN = 80  # characters of a name or a value, one line of a terminal


class Kind(StrEnum):
    """What may differ."""

    REMOVED = "deprecated property removed"
    PROPERTY = "unknown property"
    VALUE = "unknown enum value"
    CODE = "unknown error code"
    MEDIA_TYPE = "unknown media type"
    METHOD = "unknown method in Allow"


@dataclass(frozen=True, slots=True)
class Drift:
    """One way in which an answer differs, and where: operation, status and place in the body."""

    kind: Kind
    what: str
    where: str

    def __str__(self) -> str:
        return f"{self.kind} {self.what} ({self.where})"


def drift_in(exchange: Exchange) -> frozenset[Drift]:
    """The drift that an answer shows; of all the lines of a list each kind once."""
    if exchange.status is None or exchange.classified.path is None:
        return frozenset()
    if exchange.request.method in FREE_METHODS:
        return frozenset()
    return frozenset(_drift_in(exchange))


def _drift_in(exchange: Exchange) -> Iterator[Drift]:
    where = f"{exchange.request.method} {exchange.classified.path}, {exchange.status}"
    document, response = exchange.document, exchange.response
    for method in _unknown_methods(exchange):
        yield Drift(Kind.METHOD, _cut(method), where)
    code = response.code
    if response.status >= 400 and isinstance(code, int) and code not in document.error_codes:
        yield Drift(Kind.CODE, _cut(code), where)
    content = _content_of(exchange)
    media_type = (response.header("Content-Type") or "").partition(";")[0].strip().lower()
    if media_type and content and media_type not in content:
        yield Drift(Kind.MEDIA_TYPE, _cut(media_type), where)
    if response.json is not NOT_JSON:
        for schema in content.values():
            for kind, what, place in _compare(document, schema, [response.json], ""):
                yield Drift(kind, _cut(what), f"{where}, {place or '/'}")


def _unknown_methods(exchange: Exchange) -> Iterator[str]:
    named = {name.strip().upper() for name in (exchange.response.header("Allow") or "").split(",")} - {""}
    yield from named - FREE_METHODS - exchange.document.methods_of(exchange.classified.path or "")


def _content_of(exchange: Exchange) -> dict[str, dict[str, Any]]:
    """The schemas of the answer by media type, as the document has them for the operation and status."""
    operation, document = exchange.classified.operation, exchange.document
    if exchange.response.status >= 400:
        return {"application/json": {"$ref": f"#/components/schemas/{_ERROR}"}}
    if operation is None:
        return {}
    responses = document.raw["paths"][operation.path][operation.method.lower()]["responses"]
    content = responses.get(str(exchange.response.status), {}).get("content", {})
    return {media_type: entry["schema"] for media_type, entry in content.items()}


def _compare(
    document: Document, schema: dict[str, Any], values: Sequence[Any], place: str
) -> Iterator[tuple[Kind, object, str]]:
    """Compare all values that stand at one place with the schema of that place."""
    schema = _resolved(document, schema)
    for value in _hashable(values) if "enum" in schema else ():
        if value is not None and value not in schema["enum"]:
            yield Kind.VALUE, value, place
    if "items" in schema:
        items = [*chain.from_iterable(filter(None, map(json_array, values)))]
        yield from _compare(document, schema["items"], items, f"{place}/*")
    if "properties" in schema:
        objects = [each for each in map(json_object, values) if each is not None]
        yield from _compare_objects(document, schema["properties"], objects, place)


def _compare_objects(
    document: Document, properties: dict[str, Any], objects: Sequence[dict[str, Any]], place: str
) -> Iterator[tuple[Kind, object, str]]:
    names = set[str]().union(*objects)
    for name in names - properties.keys():
        yield Kind.PROPERTY, name, place
    for name, schema in properties.items():
        if schema.get("deprecated") and objects and name not in names:
            yield Kind.REMOVED, name, place
        if _is_of_parts(document, schema):
            values = [each[name] for each in objects if name in each]
            yield from _compare(document, schema, values, f"{place}/{name}")


def _is_of_parts(document: Document, schema: dict[str, Any]) -> bool:
    """Whether there is anything in a schema that drift can be seen in; lists have many values without."""
    return not {"enum", "items", "properties"}.isdisjoint(_resolved(document, schema))


def _resolved(document: Document, schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with those that it refers to and is composed of put into one."""
    merged = {name: value for name, value in schema.items() if name not in {"$ref", "allOf"}}
    if "$ref" in schema:
        merged |= _resolved(document, document.schemas[schema["$ref"].rpartition("/")[2]])
    for part in schema.get("allOf", ()):
        merged |= _resolved(document, part)
    return merged


def _hashable(values: Sequence[Any]) -> set[Hashable]:
    return {value for value in values if isinstance(value, str | int | float | None)}


def _cut(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
