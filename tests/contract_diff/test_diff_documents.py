"""What a change of a document means to clients and to servers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from contract_diff.changes import Change, Kind
from contract_diff.operations import compare_documents

Document = dict[str, Any]

BASE: Document = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1.0.0"},
    "servers": [{"url": "https://one.example"}],
    "security": [{"token": []}],
    "x-rules": [
        {"name": "a.rule", "level": "SHOULD", "statement": "It is so.", "answers": ["400", "404"]},
        {"name": "a.free-rule", "level": "MUST", "statement": "It is free."},
    ],
    "x-error-codes": [{"code": 1, "status": 400, "meaning": "No."}],
    "paths": {
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "put": {
                "operationId": "put_thing",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}},
                    {"name": "X-Old", "in": "header", "deprecated": True, "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Update"}}}
                },
                "responses": {
                    "200": {
                        "description": "Done.",
                        "headers": {"X-Id": {"schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    },
                    "404": {"description": "None."},
                },
            },
            "delete": {"operationId": "delete_thing", "deprecated": True, "responses": {}},
        }
    },
    "webhooks": {
        "changed": {
            "post": {"requestBody": {"content": {"application/json": {"schema": {"type": "integer"}}}}}
        }
    },
    "components": {
        "schemas": {
            "Update": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "maxLength": 9},
                    "colour": {"enum": ["red", "blue"]},
                    "note": {"type": "string", "pattern": "^a"},
                },
            },
            "Thing": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "maxLength": 9},
                    "colour": {"enum": ["red", "blue"]},
                    "size": {"type": "integer"},
                    "old": {"type": "string", "deprecated": True, "x-successor": "name"},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                    "either": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                    "more": {"type": "object"},
                },
            },
        }
    },
}
PUT = ("paths", "/things/{id}", "put")
UPDATE = ("components", "schemas", "Update", "properties")
THING = ("components", "schemas", "Thing", "properties")


def changed(path: tuple[str | int, ...], value: object) -> Document:
    """The base with another value at a path; None takes off what is there."""
    document = copy.deepcopy(BASE)
    *owners, last = path
    owner: Any = document
    for step in owners:
        owner = owner[step]
    if value is None:
        del owner[last]
    elif last == len(owner):
        owner += [value]
    else:
        owner[last] = value
    return document


CLIENTS, SERVERS, BOTH = Kind.BREAKING_FOR_CLIENTS, Kind.BREAKING_FOR_SERVERS, Kind.BREAKING_FOR_BOTH
LISTED: Document = {"/things": {"get": {"operationId": "list", "responses": {}}}}
CASES: dict[str, tuple[tuple[str | int, ...], object, Kind, str]] = {
    "title": (("info", "title"), "Other", Kind.REWORDED, "info: the title changed"),
    "server removed": (("servers", 0, "url"), "https://two.example", CLIENTS, "servers: https://one"),
    "operation added": (("paths",), {**BASE["paths"], **LISTED}, Kind.ADDITIVE, "GET /things: was added"),
    "operation removed": (PUT, None, CLIENTS, "PUT /things/{id}: was removed"),
    "deprecated operation removed": (
        ("paths", "/things/{id}", "delete"),
        None,
        Kind.REMOVED_AFTER_DEPRECATION,
        "DELETE /things/{id}: was removed",
    ),
    "operation deprecated": ((*PUT, "deprecated"), True, Kind.DEPRECATED, "was deprecated"),
    "operation renamed": ((*PUT, "operationId"), "set_thing", CLIENTS, "put_thing and is set_thing"),
    "security dropped": (("security",), None, CLIENTS, "token is no longer enough"),
    "security alternative": (("security", 1), {"key": []}, Kind.ADDITIVE, "key is enough"),
    "parameter added": (
        (*PUT, "parameters", 2),
        {"name": "new", "in": "query", "schema": {}},
        Kind.ADDITIVE,
        "query parameter new: was added",
    ),
    "required parameter added": (
        (*PUT, "parameters", 2),
        {"name": "new", "in": "query", "required": True, "schema": {}},
        CLIENTS,
        "query parameter new: was added, and is required",
    ),
    "parameter removed": ((*PUT, "parameters", 0), None, CLIENTS, "query parameter limit: was removed"),
    "deprecated parameter removed": (
        (*PUT, "parameters", 1),
        None,
        Kind.REMOVED_AFTER_DEPRECATION,
        "header parameter x-old: was removed",
    ),
    "parameter required": ((*PUT, "parameters", 0, "required"), True, CLIENTS, "became required"),
    "parameter style": ((*PUT, "parameters", 0, "style"), "deepObject", BOTH, "the style was None"),
    "parameter bound lowered": (
        (*PUT, "parameters", 0, "schema", "maximum"),
        8,
        CLIENTS,
        "limit in requests: maximum was 9 and is 8",
    ),
    "parameter bound raised": ((*PUT, "parameters", 0, "schema", "maximum"), 10, SERVERS, "9 and is 10"),
    "parameter bound removed": ((*PUT, "parameters", 0, "schema", "maximum"), None, SERVERS, "9 was removed"),
    "body removed": ((*PUT, "requestBody"), None, CLIENTS, "body: was removed"),
    "body required": ((*PUT, "requestBody", "required"), True, CLIENTS, "body: became required"),
    "request property added": ((*UPDATE, "new"), {}, Kind.ADDITIVE, "Update.new in requests: was added"),
    "request property removed": ((*UPDATE, "note"), None, CLIENTS, "Update.note in requests: was removed"),
    "request property required": (
        ("components", "schemas", "Update", "required", 1),
        "note",
        CLIENTS,
        "Update.note in requests: became required",
    ),
    "request property optional": (
        ("components", "schemas", "Update", "required"),
        [],
        SERVERS,
        "Update.name in requests: is no longer required",
    ),
    "request enum narrowed": ((*UPDATE, "colour", "enum"), ["red"], CLIENTS, "allowed value was"),
    "request enum widened": ((*UPDATE, "colour", "enum", 2), "green", SERVERS, "allowed value was"),
    "request pattern changed": ((*UPDATE, "note", "pattern"), "^b", BOTH, "pattern was ^a and is ^b"),
    "request pattern removed": ((*UPDATE, "note", "pattern"), None, SERVERS, "pattern ^a was removed"),
    "request text shortened": ((*UPDATE, "name", "maxLength"), 8, CLIENTS, "maxLength was 9 and is 8"),
    "unknown request properties refused": (
        ("components", "schemas", "Update", "additionalProperties"),
        False,
        CLIENTS,
        "additionalProperties was true and is false",
    ),
    "response added": ((*PUT, "responses", "201"), {}, CLIENTS, "response 201: was added"),
    "error response added": ((*PUT, "responses", "409"), {}, Kind.ADDITIVE, "response 409: was added"),
    "response removed": ((*PUT, "responses", "404"), None, SERVERS, "response 404: was removed"),
    "response media type added": (
        (*PUT, "responses", "200", "content", "text/csv"),
        {},
        CLIENTS,
        "response 200: text/csv was added",
    ),
    "response header removed": ((*PUT, "responses", "200", "headers"), None, CLIENTS, "x-id: was removed"),
    "response header required": (
        (*PUT, "responses", "200", "headers", "X-Id", "required"),
        True,
        SERVERS,
        "header x-id: became required",
    ),
    "response property added": ((*THING, "new"), {}, Kind.ADDITIVE, "Thing.new in responses: was added"),
    "response property removed": ((*THING, "size"), None, CLIENTS, "Thing.size in responses: was removed"),
    "deprecated property removed": (
        (*THING, "old"),
        None,
        Kind.REMOVED_AFTER_DEPRECATION,
        "Thing.old in responses: was removed; its successor is name",
    ),
    "property deprecated": ((*THING, "size", "deprecated"), True, Kind.DEPRECATED, "was deprecated"),
    "property no longer deprecated": (
        (*THING, "old", "deprecated"),
        None,
        Kind.ADDITIVE,
        "Thing.old in responses: is no longer deprecated",
    ),
    "response property required": (
        ("components", "schemas", "Thing", "required", 1),
        "size",
        SERVERS,
        "Thing.size in responses: became required",
    ),
    "response property optional": (
        ("components", "schemas", "Thing", "required"),
        [],
        CLIENTS,
        "Thing.name in responses: is no longer required",
    ),
    "response property nullable": (
        (*THING, "size", "type"),
        ["integer", "null"],
        CLIENTS,
        "the type was integer and is integer, null",
    ),
    "response property nullable, as 3.0 says it": (
        (*THING, "size", "nullable"),
        True,
        CLIENTS,
        "the type was integer and is integer, null",
    ),
    "response integer to number": ((*THING, "size", "type"), "number", CLIENTS, "is integer, number"),
    "response type changed": ((*THING, "size", "type"), "string", BOTH, "was integer and is string"),
    "response enum widened": ((*THING, "colour", "enum", 2), "green", CLIENTS, "allowed value was"),
    "response enum narrowed": ((*THING, "colour", "enum"), ["red"], SERVERS, "allowed value was"),
    "response alternative added": (
        (*THING, "either", "oneOf", 2),
        {"type": "null"},
        CLIENTS,
        "Thing.either in responses: oneOf was",
    ),
    "response alternative changed": (
        (*THING, "either", "oneOf", 0, "maxLength"),
        3,
        SERVERS,
        "Thing.either in responses: maxLength 3 was added",
    ),
    "items changed": (
        (*THING, "parts", "items"),
        {"type": "string"},
        CLIENTS,
        "Thing.parts[].size in responses: was removed",
    ),
    "map closed": (
        (*THING, "more", "additionalProperties"),
        {"type": "string"},
        SERVERS,
        "Thing.more in responses: additionalProperties was true",
    ),
    "description": ((*THING, "size", "description"), "Words.", Kind.REWORDED, "the description changed"),
    "allOf means the same as its parts": (
        ("components", "schemas", "Update"),
        {"allOf": [BASE["components"]["schemas"]["Update"], {"required": ["note"]}]},
        CLIENTS,
        "Update.note in requests: became required",
    ),
    "webhook": (
        ("webhooks", "changed", "post", "requestBody", "content", "application/json", "schema", "maximum"),
        9,
        SERVERS,
        "POST changed body in responses: maximum 9 was added",
    ),
    "error code added": (
        ("x-error-codes", 1),
        {"code": 2, "status": 400, "meaning": "Never."},
        Kind.ADDITIVE,
        "error code 2: was added",
    ),
    "error code removed": (("x-error-codes",), [], SERVERS, "error code 1: was removed"),
    "rule added": (
        ("x-rules", 2),
        {"name": "new.rule", "level": "MUST", "statement": "It is new."},
        Kind.RULE_ADDED,
        "new.rule: MUST: It is new.",
    ),
    "rule removed": (("x-rules", 1), None, Kind.RULE_REMOVED, "a.free-rule: it was a MUST"),
    "rule must": (("x-rules", 0, "level"), "MUST", Kind.RULE_TIGHTENED, "was a SHOULD and is a MUST"),
    "rule should": (("x-rules", 1, "level"), "SHOULD", Kind.RULE_LOOSENED, "was a MUST and is a SHOULD"),
    "rule with fewer answers": (("x-rules", 0, "answers"), ["400"], Kind.RULE_TIGHTENED, "satisfied by 404"),
    "rule with more answers": (("x-rules", 0, "answers", 2), "409", Kind.RULE_LOOSENED, "satisfied by 409"),
    "rule with answers": (("x-rules", 1, "answers"), ["400"], Kind.RULE_TIGHTENED, "by 400 alone"),
    "rule in other words": (("x-rules", 0, "statement"), "So it is.", Kind.REWORDED, "Now: So it is."),
}


def shown(changes: list[Change]) -> list[str]:
    return [f"{change.kind}: {change.place}: {change.what}" for change in changes]


@pytest.mark.parametrize("case", CASES)
def test_a_change_is_named_with_what_it_means(case: str) -> None:
    path, value, kind, words = CASES[case]

    found = shown(compare_documents(BASE, changed(path, value)))

    assert [line for line in found if line.startswith(f"{kind}: ") and words in line], found


def test_a_document_is_not_different_from_itself() -> None:
    assert compare_documents(BASE, copy.deepcopy(BASE)) == []


def test_a_schema_that_two_operations_share_is_named_once() -> None:
    twice = {"post": {**BASE["paths"]["/things/{id}"]["put"], "operationId": "post_thing"}}
    base = changed(("paths", "/things"), twice)
    new = copy.deepcopy(base)
    new["components"]["schemas"]["Thing"]["properties"]["size"]["minimum"] = 1

    assert len(compare_documents(base, new)) == 1


def inline(document: Document) -> None:
    schemas = document["components"]["schemas"]
    document["paths"]["/things/{id}"]["put"]["requestBody"]["content"]["application/json"]["schema"] = (
        schemas["Update"]
    )


def reorder(document: Document) -> None:
    document["components"]["schemas"]["Thing"]["properties"]["colour"]["enum"].reverse()


@pytest.mark.parametrize("rewrite", [inline, reorder])
def test_another_way_to_say_the_same_is_no_change(rewrite: Callable[[Document], None]) -> None:
    new = copy.deepcopy(BASE)
    rewrite(new)

    assert compare_documents(BASE, new) == []
