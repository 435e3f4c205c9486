"""What kind of values each schema describes, and the classes that come of it."""

from __future__ import annotations

from typing import Any

import pytest

from generator import kinds
from generator.document import Document
from generator.kinds import Kind
from generator.schemas import Schemas

NAMED: dict[str, Any] = {
    "Cat": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
    "Dog": {"allOf": [{"$ref": "#/components/schemas/Cat"}, {"properties": {"bark": {"type": "boolean"}}}]},
    "Colour": {"type": "string", "enum": ["red", "Red", "RED"]},
    "Loop": {"$ref": "#/components/schemas/Loop"},
    "Tree": {"type": "object", "properties": {"leaves": {"$ref": "#/components/schemas/Trees"}}},
    "Trees": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
}


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def schemas(**more: Any) -> Schemas:
    return Schemas(Document({"components": {"schemas": {**NAMED, **more}}}), "Linq")


CAT, DOG = kinds.Object("Cat"), kinds.Object("Dog")
CASES: dict[str, tuple[Any, Kind]] = {
    "nothing": ({}, kinds.Anything()),
    "true": (True, kinds.Anything()),
    "text": ({"type": "string"}, kinds.Text()),
    "nullable of 3.1": ({"type": ["integer", "null"]}, kinds.Nullable(kinds.INTEGER)),
    "nullable of YAML": ({"type": ["integer", None]}, kinds.Nullable(kinds.INTEGER)),
    "nullable of 3.0": ({"type": "integer", "nullable": True}, kinds.Nullable(kinds.INTEGER)),
    "nullable reference": ({"anyOf": [reference("Cat"), {"type": "null"}]}, kinds.Nullable(CAT)),
    "several types": ({"type": ["string", "integer"]}, kinds.OneOf((kinds.Text(), kinds.INTEGER))),
    "array": ({"type": "array", "items": {"type": "number"}}, kinds.Array(kinds.NUMBER)),
    "array without items": ({"type": "array"}, kinds.Array(kinds.Anything())),
    "map": ({"type": "object", "additionalProperties": reference("Cat")}, kinds.Map(CAT)),
    "open object": ({"type": "object"}, kinds.Map(kinds.Anything())),
    "bytes": ({"type": "string", "format": "binary"}, kinds.BINARY),
    "date-time": ({"type": "string", "format": "date-time"}, kinds.DATE_TIME),
    "constant": ({"const": "x"}, kinds.Constant('"x"')),
    "mixed enum": ({"enum": ["a", 1, None]}, kinds.Nullable(kinds.OneOf((kinds.INTEGER, kinds.Text())))),
    "enum of arrays and objects": (
        {"enum": [["a"], {"b": 1}]},
        kinds.OneOf((kinds.Array(kinds.Anything()), kinds.Map(kinds.Anything()))),
    ),
    "enum with an array among texts": (
        {"type": "string", "enum": ["a", ["b"]]},
        kinds.Enumeration("Hint", "str"),
    ),
    "null alone of 3.1": ({"type": ["object", "null"], "enum": [None]}, kinds.Constant("None")),
    "null alone of 3.0": ({"type": "string", "nullable": True, "enum": [None]}, kinds.Constant("None")),
    "enum of numbers": ({"enum": [0.5]}, kinds.NUMBER),
    "enum with a name": (reference("Colour"), kinds.Enumeration("Colour", "str")),
    "reference in allOf": ({"allOf": [reference("Cat")]}, CAT),
    "schema that refers to itself alone": (reference("Loop"), kinds.Anything()),
    "alternatives": ({"oneOf": [reference("Cat"), reference("Dog")]}, kinds.OneOf((CAT, DOG))),
    "discriminator": (
        {"oneOf": [reference("Cat"), reference("Dog")], "discriminator": {"propertyName": "kind"}},
        kinds.Discriminated("kind", (("Cat", "Cat"), ("Dog", "Dog"))),
    ),
    "discriminator with a mapping": (
        {
            "oneOf": [reference("Cat"), reference("Dog")],
            "discriminator": {
                "propertyName": "kind",
                "mapping": {"c": "#/components/schemas/Cat", "d": "Dog", "e": "Dog"},
            },
        },
        kinds.Discriminated("kind", (("c", "Cat"), ("d", "Dog"), ("e", "Dog"))),
    ),
    "alternatives that only say what goes together": (
        {"type": "string", "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        kinds.Text(),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_schema_is_read_as_a_kind(case: str) -> None:
    schema, kind = CASES[case]

    assert schemas().kind(schema, "hint") == kind


def test_the_parts_of_all_of_are_one_class() -> None:
    dog = next(model for model in schemas().models if model.name == "Dog")

    assert [(each.name, each.required) for each in dog.attributes] == [("kind", True), ("bark", False)]


PET = {"properties": {"kind": {"type": "string"}}, "discriminator": {"propertyName": "kind"}}
BIRD = {"allOf": [reference("Pet"), {"properties": {"wings": {"type": "integer"}}}]}


def test_a_base_with_a_discriminator_is_one_of_those_that_extend_it_or_it_itself() -> None:
    owl = {"allOf": [reference("Bird"), {"properties": {"ears": {"type": "integer"}}}]}
    found = schemas(Pet=PET, Bird=BIRD, Owl=owl)

    options = (("Bird", "Bird"), ("Owl", "Owl"))
    assert found.kind(reference("Pet"), "hint") == kinds.Discriminated("kind", options, "Pet")
    assert found.kind(reference("Bird"), "hint") == kinds.Discriminated("kind", options[1:], "Bird")
    assert found.kind(reference("Owl"), "hint") == kinds.Object("Owl")


def test_a_mapping_names_what_extends_a_base_and_may_name_schemas_without_it() -> None:
    mapping = {"b": "Bird", "c": "#/components/schemas/Cat", "p": "Pet", "x": "Gone"}
    base = {**PET, "discriminator": {"propertyName": "kind", "mapping": mapping}}
    found = schemas(Pet=base, Bird=BIRD)

    kind = kinds.Discriminated("kind", (("b", "Bird"), ("c", "Cat")), "Pet")
    assert found.kind(reference("Pet"), "hint") == kind
    assert len(found.notices) == 1


def test_a_discriminator_of_an_object_that_nothing_extends_says_nothing() -> None:
    found = schemas(Pet=PET).kind(reference("Pet"), "hint")

    assert found == kinds.Object("Pet")


def test_one_of_a_base_and_what_extends_it_is_told_apart_by_the_discriminator() -> None:
    union = {"oneOf": [reference("Pet"), reference("Bird")], "discriminator": PET["discriminator"]}
    found = schemas(Pet=PET, Bird=BIRD).kind(union, "hint")

    assert found == kinds.Discriminated("kind", (("Pet", "Pet"), ("Bird", "Bird")))


def test_what_contradicts_itself_is_told_with_its_place() -> None:
    parts = [{"type": "object", "properties": {"a": {"type": typed}}} for typed in ("string", "boolean")]
    found = schemas(Odd={"allOf": parts})

    assert found.notices == [
        "Odd a: allOf asks for string and for boolean: there is no such value, and none is sent or read."
    ]


def test_an_alternative_that_contradicts_what_all_have_is_read_as_it_is() -> None:
    found = schemas().kind({"type": "object", "oneOf": [{"type": "array"}, {"type": "object"}]}, "hint")

    assert found == kinds.OneOf((kinds.Array(kinds.Anything()), kinds.Map(kinds.Anything())))


def test_schemas_may_lead_back_to_each_other() -> None:
    tree = next(model for model in schemas().models if model.name == "Tree")

    assert tree.attributes[0].kind == kinds.Array(kinds.Object("Tree"))


def test_members_of_an_enum_that_differ_by_case_have_names_of_their_own() -> None:
    [colour] = schemas().enums

    assert colour.members == (("RED", '"red"'), ("RED_", '"Red"'), ("RED_2", '"RED"'))


@pytest.mark.parametrize("name", ["Call", "Unset", "LinqClient", "NotFoundError", "UUID", "Any"])
def test_no_class_has_the_name_of_one_that_the_package_has(name: str) -> None:
    found = schemas(**{name: {"properties": {"a": {}}}})

    assert f"{name}Model" in found.modules
    assert name not in found.modules


def test_a_class_without_a_name_does_not_take_that_of_a_later_one() -> None:
    found = schemas(
        A={"properties": {"b": {"properties": {"x": {}}}}},
        AB={"properties": {"y": {}}},
    )

    by_name = {model.name: [each.key for each in model.attributes] for model in found.models}
    assert by_name["AB"] == ["y"]
    assert by_name["ABModel"] == ["x"]


@pytest.mark.parametrize("name", ["to_dict", "from_dict", "additional_properties"])
def test_no_property_replaces_what_every_model_has(name: str) -> None:
    found = schemas(Thing={"properties": {name: {"type": "string"}, "a-b": {}, "a_b": {}}})

    thing = next(model for model in found.models if model.name == "Thing")
    assert [(each.key, each.name) for each in thing.attributes] == [
        (name, f"{name}_"),
        ("a-b", "a_b"),
        ("a_b", "a_b_"),
    ]


def test_what_is_only_written_may_be_absent_from_an_answer() -> None:
    found = schemas(User={"required": ["password"], "properties": {"password": {"writeOnly": True}}})

    user = next(model for model in found.models if model.name == "User")
    assert not user.attributes[0].required
