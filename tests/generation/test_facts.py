"""What the runtime of a client knows of a document, and what extensions of it are refused."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from generator.document import Document, load
from generator.errors import GenerationError
from generator.facts import facts
from generator.operations import Resource
from generator.resources import Reader
from generator.schemas import Schemas
from generator.security import Security
from generator.settings import load as load_settings

ROOT = Path(__file__).parents[2]
CONTRACT = load(ROOT / "openapi.yaml")
SETTINGS = load_settings(ROOT / "overrides" / "config.yaml", CONTRACT)


def changed() -> tuple[Document, dict[str, Any]]:
    """A copy of the contract, and the schemas in it."""
    raw = copy.deepcopy(CONTRACT.raw)
    return Document(raw), raw["components"]["schemas"]


def resources(document: Document) -> list[Resource]:
    return Reader(document, Schemas(document, SETTINGS.prefix), Security(document, SETTINGS)).resources()


def test_what_an_error_tells_is_looked_for_where_the_document_says() -> None:
    found = facts(CONTRACT, SETTINGS)

    assert found.error_members["code"] == ("/error/code",)
    assert found.error_members["trace_id"] == ("/trace_id",)
    assert found.trace_id_header == "X-Trace-ID"


def test_a_document_without_our_extensions_has_facts_too() -> None:
    found = facts(Document({"paths": {}}), SETTINGS)

    assert (found.api_key_variable, found.base_url_variable) == ("LINQ_API_KEY", "LINQ_BASE_URL")
    assert not any(found.error_members.values())
    assert (found.trace_id_header, found.passing_statuses, found.advice) == ("", (), {})


def test_an_unknown_member_of_an_error_is_refused() -> None:
    with pytest.raises(GenerationError, match="x-error-members has number, which is none of code, detail"):
        facts(Document({"x-error-members": {"number": "$response.body#/n"}}), SETTINGS)


@pytest.mark.parametrize(
    "codes",
    [
        {"1001": "bad"},
        [1001],
        [{"code": 1001}],
        [{"code": "1001", "status": 400, "meaning": "bad", "retry": "never"}],
        [{"code": 1001, "status": 400, "meaning": "bad", "retry": "sometimes"}],
    ],
)
def test_codes_of_errors_that_are_described_otherwise_are_refused(codes: Any) -> None:
    with pytest.raises(GenerationError, match="x-error-codes is no list of objects with a code"):
        facts(Document({"x-error-codes": codes}), SETTINGS)


def test_members_of_an_error_that_are_no_object_are_refused() -> None:
    with pytest.raises(GenerationError, match=r"x-error-members is \['code'\], not an object"):
        facts(Document({"x-error-members": ["code"]}), SETTINGS)


@pytest.mark.parametrize(
    ("parameter", "refusal"),
    [
        ({"in": "query"}, r"GET /a: A parameter has no name\."),
        ({"in": ["query"], "name": "of"}, "GET /a: The parameter of is in .*, which is no place for one"),
    ],
)
def test_a_parameter_without_a_name_or_a_place_is_refused(parameter: dict[str, Any], refusal: str) -> None:
    operation: dict[str, Any] = {"parameters": [parameter], "responses": {}}

    with pytest.raises(GenerationError, match=refusal):
        resources(Document({"paths": {"/a": {"get": operation}}}))


def test_an_operation_knows_what_its_answer_repeats() -> None:
    (resource,) = resources(CONTRACT)

    assert {pointer: each.name for pointer, each in resource.methods["update"].echoes.items()} == {
        "/id": "phone_number_id"
    }
    assert not resource.methods["list"].echoes


def test_a_repetition_of_what_is_not_asked_for_is_refused() -> None:
    document, _ = changed()
    update = document.raw["paths"]["/v3/phone_numbers/{phoneNumberId}"]["put"]
    update["responses"]["200"]["x-echoes"] = {"$response.body#/id": "$request.path.lineId"}

    with pytest.raises(GenerationError, match=r"x-echoes says .*\$request\.path\.lineId"):
        resources(document)


def test_only_small_objects_are_shared() -> None:
    document, schemas = changed()
    schemas["PhoneNumber"]["x-shared"] = True

    with pytest.raises(GenerationError, match="PhoneNumber is x-shared: all of its properties must be"):
        Schemas(document, SETTINGS.prefix)
