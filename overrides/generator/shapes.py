"""What a schema says itself, without a look at what it refers to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from .document import Json, as_array, as_object

ALTERNATIVES = ("oneOf", "anyOf")
# What makes a schema another one than the one that it refers to.
SHAPING = {
    "properties",
    "required",
    "type",
    "enum",
    "const",
    "oneOf",
    "anyOf",
    "items",
    "additionalProperties",
}


def is_class(schema: Json) -> bool:
    """Return whether a schema describes objects with properties of their own."""
    properties = as_object(schema.get("properties"))
    is_union = any(
        isinstance(schema.get(name), list) and not only_requires(schema[name]) for name in ALTERNATIVES
    )
    return bool(properties) and not is_union and set(types_of(schema)) <= {"object"}


def without_null(schema: Json) -> tuple[bool, Json]:
    """Return whether a schema allows null, and the schema without it."""
    types = listed(schema.get("type")) if schema.get("type") else []
    values = schema.get("enum")
    is_nullable = (schema.get("nullable") is True and bool(schema.keys() & SHAPING)) or (
        "null" in types and len(types) > 1
    )
    rest = {name: value for name, value in schema.items() if name != "nullable"}
    if "null" in types and len(types) > 1:
        others = [each for each in types if each != "null"]
        rest["type"] = others[0] if len(others) == 1 else others
    if None in as_array(values) and len(as_array(values)) > 1:
        is_nullable, rest["enum"] = True, [value for value in as_array(values) if value is not None]
    return is_nullable, {"const": None} if is_nullable and values == [None] else rest


def types_of(schema: Json) -> list[str]:
    """Return the types of a schema; of one that names none, what its keywords are about."""
    named = listed(schema.get("type")) if schema.get("type") else []
    if named:
        return named
    if "properties" in schema or "additionalProperties" in schema:
        return ["object"]
    return ["array"] if "items" in schema else []


def is_of(types: list[str], value: Any) -> bool:
    """Return whether a value is of one of the types, or no type is named."""
    own = json_type(value)
    return not types or own in types or (own == "integer" and "number" in types)


def json_type(value: Any) -> str:
    """Return what JSON Schema calls the type of a value."""
    names: Mapping[object, str] = {
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "string",
        list: "array",
        dict: "object",
    }
    return names.get(cast("object", type(value)), "null")


def is_binary(schema: Json) -> bool:
    """Return whether a text is in fact bytes: not where it is JSON, or has them encoded."""
    media_type = str(schema.get("contentMediaType") or "")
    is_text = media_type.partition(";")[0].strip().endswith(("/json", "+json")) or "contentEncoding" in schema
    return schema.get("format") == "binary" or (bool(media_type) and not is_text)


def only_requires(options: list[Any]) -> bool:
    """Return whether alternatives say nothing but which properties go together."""
    return all(set(as_object(option)) <= {"required", "not", "title", "description"} for option in options)


def mapping_of(discriminator: Json) -> dict[str, str]:
    """Return the references that the values of a discriminator stand for; it may name schemas instead."""
    mapping = {value: str(target) for value, target in as_object(discriminator.get("mapping")).items()}
    return {
        value: target if "/" in target or "#" in target else f"#/components/schemas/{target}"
        for value, target in mapping.items()
    }


def listed(types: Any) -> list[str]:
    """Return the types that the keyword `type` names, one or several."""
    if isinstance(types, str):
        return [types]
    return ["null" if each is None else str(each) for each in as_array(types)]  # YAML has a null of its own
