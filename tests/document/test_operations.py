"""The document describes the service as its users know it."""

from __future__ import annotations

from typing import Any

import pytest

from linq_document import load

DOCUMENT = load()


def test_the_document_is_openapi_3_1() -> None:
    assert DOCUMENT.raw["openapi"].startswith("3.1.")


def test_the_server_is_production() -> None:
    assert [server["url"] for server in DOCUMENT.raw["servers"]] == ["https://api.linqapp.com/api/partner"]


def test_the_operations_are_the_list_and_the_update() -> None:
    assert {name: (op.method, op.path) for name, op in DOCUMENT.operations.items()} == {
        "list_phone_numbers": ("GET", "/v3/phone_numbers"),
        "update_phone_number": ("PUT", "/v3/phone_numbers/{phoneNumberId}"),
    }


def test_every_operation_needs_a_bearer_token() -> None:
    scheme = DOCUMENT.raw["components"]["securitySchemes"]["bearerAuth"]

    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert DOCUMENT.raw["security"] == [{"bearerAuth": []}]
    assert not any("security" in _item(operation_id) for operation_id in DOCUMENT.operations)


@pytest.mark.parametrize("operation_id", DOCUMENT.operations)
def test_an_operation_has_the_tag_phone_numbers(operation_id: str) -> None:
    assert [tag["name"] for tag in DOCUMENT.raw["tags"]] == ["phone_numbers"]
    assert _item(operation_id)["tags"] == ["phone_numbers"]


def _item(operation_id: str) -> dict[str, Any]:
    operation = DOCUMENT.operations[operation_id]
    item: dict[str, Any] = DOCUMENT.raw["paths"][operation.path][operation.method.lower()]
    return item


PROPERTIES = [
    pytest.param(schema, name, id=f"{schema_name}.{name}")
    for schema_name, schema in DOCUMENT.schemas.items()
    for name in schema.get("properties", {})
]


def test_health_status_is_deprecated_required_and_never_null() -> None:
    line = DOCUMENT.schemas["PhoneNumber"]

    assert line["properties"]["health_status"]["deprecated"] is True
    assert "health_status" in line["required"]


@pytest.mark.parametrize(("schema", "name"), PROPERTIES)
def test_a_deprecated_property_and_no_other_names_a_successor_that_exists(
    schema: dict[str, Any], name: str
) -> None:
    this = schema["properties"][name]
    successor = this.get("x-successor")

    assert ("x-successor" in this) == this.get("deprecated", False)
    assert successor is None or successor in schema["properties"].keys() - {name}
    assert successor is None or "deprecated" not in schema["properties"][successor]


@pytest.mark.parametrize(("schema", "name"), PROPERTIES)
def test_a_property_is_described_and_no_reference_has_siblings(schema: dict[str, Any], name: str) -> None:
    this = schema["properties"][name]

    assert "description" in this or list(this) == ["$ref"]
    assert "$ref" not in this or list(this) == ["$ref"]


def test_e164_is_written_alike_wherever_a_number_may_also_be_null() -> None:
    pattern = DOCUMENT.schemas["E164"]["pattern"]
    forwarding = {
        name: schema["properties"]["forwarding_number"]["pattern"]
        for name, schema in DOCUMENT.schemas.items()
        if "forwarding_number" in schema.get("properties", {})
    }

    assert forwarding == {
        "PhoneNumber": pattern,
        "PhoneNumberUpdateParams": f"^({pattern.strip('^$')})?$",
        "PhoneNumberUpdateResponse": pattern,
    }
