"""A document is read as JSON Schema means it, and no more of it is handed on than is referred to."""

from __future__ import annotations

from typing import Any

from documents.specification import Specification
from openapi_nodes import reached

LEAF = {"type": "string"}
DOCUMENT: dict[str, Any] = {
    "schemas": {
        "a/b": {"items": {"$ref": "#/schemas/leaf"}},
        "leaf": LEAF,
        "loop": {"properties": {"again": {"$ref": "#/schemas/loop"}}},
        "other": LEAF,
    }
}


def test_what_references_lead_to_is_kept_in_its_place_and_nothing_else() -> None:
    found = reached(DOCUMENT, {"allOf": [{"$ref": "#/schemas/a~1b"}]})

    assert found == {"schemas": {"a/b": {"items": {"$ref": "#/schemas/leaf"}}, "leaf": LEAF}}


def test_a_reference_that_leads_back_to_itself_ends() -> None:
    assert reached(DOCUMENT, {"$ref": "#/schemas/loop"}) == {"schemas": {"loop": DOCUMENT["schemas"]["loop"]}}


def test_a_part_of_what_is_kept_is_kept_with_the_whole() -> None:
    both = [{"$ref": "#/schemas/loop"}, {"$ref": "#/schemas/loop/properties/again"}]

    assert reached(DOCUMENT, both) == {"schemas": {"loop": DOCUMENT["schemas"]["loop"]}}


def test_properties_may_be_called_like_keywords() -> None:
    schema = {"type": "object", "properties": {"properties": LEAF, "type": {"type": "integer"}}}
    document = {"openapi": "3.0.3", "paths": {}, "components": {"schemas": {"Thing": schema}}}

    found = Specification(document).definitions["x-original"]["components"]["schemas"]["Thing"]

    assert found == schema


def test_an_answer_knows_what_it_repeats() -> None:
    response: dict[str, Any] = {
        "content": {"application/json": {"schema": {}}},
        "x-echoes": {"$response.body#/id": "$request.path.thing"},
    }
    paths = {"/{thing}": {"get": {"responses": {"200": response}}}}
    document = {"openapi": "3.1.0", "paths": paths}

    (operation,) = Specification(document).operations
    answer = operation.answers[200]

    assert answer is not None
    assert answer.echoes == {"/id": "thing"}


def test_an_answer_that_http_has_without_a_body_has_none() -> None:
    content = {"content": {"*/*": {"schema": {"type": "object"}}}}
    paths = {"/": {"delete": {"responses": {"200": content, "204": content}}}}

    (operation,) = Specification({"openapi": "3.1.0", "paths": paths}).operations

    assert operation.answers[200] is not None
    assert operation.answers[204] is None
