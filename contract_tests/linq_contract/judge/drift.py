"""Drift: what answers show that the contract does not know, or no longer show that it calls deprecated.

Additions break no rule of their own, and a removal breaks the rule that demands what was removed; either way
it is told for what it is.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any, TypeAlias

import linq_document
from linq_contract.contract.classification import FREE_METHODS, LIST
from linq_contract.http.large import remembered
from linq_contract.http.messages import NOT_JSON, JsonObject, cut, json_array, json_object, parse_body
from linq_contract.judge.exchange import Exchange
from linq_document import Document

Schema: TypeAlias = dict[str, Any]

_ERROR = "ErrorResponse"
_PARTS = frozenset({"enum", "items", "properties"})
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


_Found: TypeAlias = tuple[Kind, object, str]


def drift_in(exchange: Exchange) -> frozenset[Drift]:
    """The drift that an answer shows; of all the lines of a list each kind once."""
    if exchange.status is None or exchange.classified.path is None:
        return frozenset()
    if exchange.request.method in FREE_METHODS:
        return frozenset()
    return frozenset(_drift_in(exchange))


def _drift_in(exchange: Exchange) -> Iterator[Drift]:
    where = f"{exchange.request.method} {exchange.classified.path}, {exchange.status}"
    response = exchange.response
    for method in _unknown_methods(exchange):
        yield Drift(Kind.METHOD, cut(method, _LONGEST_SHOWN), where)
    code = response.code
    if response.status >= 400 and isinstance(code, int) and code not in exchange.document.error_codes:
        yield Drift(Kind.CODE, cut(str(code), _LONGEST_SHOWN), where)
    media_type = (response.header("Content-Type") or "").partition(";")[0].strip().lower()
    content = _content_of(exchange)
    if media_type and content and media_type not in content:
        yield Drift(Kind.MEDIA_TYPE, cut(media_type, _LONGEST_SHOWN), where)
    where = _ERROR if response.status >= 400 else where  # every error is one, whatever it answers
    for kind, what, place in _compare_list(response.body) if exchange.listing else _compare_body(exchange):
        yield Drift(kind, cut(str(what), _LONGEST_SHOWN), f"{where}, {place or '/'}")


def _unknown_methods(exchange: Exchange) -> Iterator[str]:
    allow = exchange.response.header("Allow")
    if allow is None:
        return
    named = {name.strip().upper() for name in allow.split(",")} - {""}
    yield from named - FREE_METHODS - exchange.document.methods_of(exchange.classified.path or "")


def _content_of(exchange: Exchange) -> Mapping[str, Schema]:
    """The schemas of the answer by media type; every error has the same."""
    operation, status = exchange.classified.operation, exchange.response.status
    if status >= 400:
        return _content(exchange.document, None, status=400)
    return _content(exchange.document, operation.operation_id, status) if operation else {}


@functools.cache
def _content(document: Document, operation_id: str | None, status: int) -> Mapping[str, Schema]:
    """The schemas of an answer by media type, each without what drift cannot be seen in."""
    if operation_id is None:
        return {"application/json": _essence(document, document.schemas[_ERROR])}
    operation = document.operations[operation_id]
    responses = document.raw["paths"][operation.path][operation.method.lower()]["responses"]
    content = responses.get(str(status), {}).get("content", {})
    return {media_type: _essence(document, each["schema"]) for media_type, each in content.items()}


def _essence(document: Document, schema: Schema) -> Schema:
    """What drift can be seen in of a schema, and of those that it refers to and is composed of."""
    if "$ref" in schema:
        return _essence(document, document.schemas[schema["$ref"].rpartition("/")[2]])
    essence: Schema = {name: schema[name] for name in ("enum", "deprecated") if name in schema}
    if "items" in schema:
        essence["items"] = _essence(document, schema["items"])
    if "properties" in schema:
        parts = schema["properties"].items()
        essence["properties"] = {name: _essence(document, part) for name, part in parts}
    for part in schema.get("allOf", ()):
        essence |= _essence(document, part)
    return essence


# --- bodies ------------------------------------------------------------------------------------


def _compare_body(exchange: Exchange) -> Iterator[_Found]:
    if exchange.response.json is not NOT_JSON:
        for schema in _content_of(exchange).values():
            yield from _compare(schema, [exchange.response.json], "")


@remembered
def _compare_list(body: bytes) -> Sequence[_Found]:
    content = _content(linq_document.load(), LIST, status=200)
    return [found for schema in content.values() for found in _compare(schema, [parse_body(body)], "")]


def _compare(schema: Schema, values: Sequence[Any], place: str) -> Iterator[_Found]:
    """Compare all values that stand at one place, of all lines of a list, with the schema of that place."""
    for value in _hashable(values) if "enum" in schema else ():
        if value is not None and value not in schema["enum"]:
            yield Kind.VALUE, value, place
    if "items" in schema:
        items = [*chain.from_iterable(filter(None, map(json_array, values)))]
        yield from _compare(schema["items"], items, f"{place}/*")
    if "properties" in schema:
        objects = [each for each in map(json_object, values) if each is not None]
        yield from _compare_objects(schema["properties"], objects, place)


def _compare_objects(
    properties: Mapping[str, Schema], objects: Sequence[JsonObject], place: str
) -> Iterator[_Found]:
    names = set[str]().union(*objects)
    for name in names - properties.keys():
        yield Kind.PROPERTY, name, place
    for name, schema in properties.items():
        if schema.get("deprecated") and objects and name not in names:
            yield Kind.REMOVED, name, place
        if not _PARTS.isdisjoint(schema):
            values = [each[name] for each in objects if name in each]
            yield from _compare(schema, values, f"{place}/{name}")


def _hashable(values: Sequence[Any]) -> set[Hashable]:
    return {value for value in values if isinstance(value, str | int | float | None)}
