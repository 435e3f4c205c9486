"""What `allOf` makes of schemas: its parts laid together, and which schemas extend which."""

from __future__ import annotations

from typing import Any

from .document import Document, Json, as_array, as_object
from .errors import ContradictionError
from .shapes import ALTERNATIVES, SHAPING, listed


class Composition:
    """What the schemas of a document are with the parts of their `allOf`.

    Args:
        document: The document.

    """

    def __init__(self, document: Document) -> None:
        self._document = document

    def merged(self, schema: Json) -> Json:
        """Return a schema with the parts of its `allOf` laid together, through references.

        It is a reference alone where it says no more than that.

        Raises:
            ContradictionError: No value can satisfy all of them.
            GenerationError: A reference leads nowhere.

        """
        parts = as_array(schema.get("allOf"))
        own = {name: value for name, value in schema.items() if name != "allOf"}
        if not parts:
            return own
        if len(parts) == 1 and "$ref" in as_object(parts[0]) and not set(own) & SHAPING:
            target = as_object(self._document.at(str(parts[0]["$ref"])))
            if not own.get("nullable"):
                return {"$ref": parts[0]["$ref"]} if target else {}
        merged: Json = {}
        for part in parts:
            merged = laid_over(merged, self._resolved(as_object(part), ()))
        return laid_over(merged, own)

    def whole(self, schema: Json) -> Json:
        """Return the same, and follow what is a reference alone."""
        merged = self.merged(schema)
        while "$ref" in merged:
            merged = self.merged(as_object(self._document.at(str(merged["$ref"]))))
        return merged

    def extends(self, schema: Json, base: Any, seen: tuple[str, ...] = ()) -> bool:
        """Return whether a schema has a base, or what has these alternatives, as a part."""
        if schema is base or any(schema.get(name) is base for name in ALTERNATIVES):
            return True
        if "$ref" not in schema:
            return any(self.extends(as_object(part), base, seen) for part in as_array(schema.get("allOf")))
        reference = str(schema["$ref"])
        target = {} if reference in seen else as_object(self._document.at(reference))
        return self.extends(target, base, (*seen, reference))

    def discriminator(self, schema: Json, seen: tuple[str, ...] = ()) -> Json:
        """Return the discriminator of a schema, or of the first part that has one; or an empty one."""
        reference = str(schema.get("$ref", ""))
        if reference:
            target = {} if reference in seen else as_object(self._document.at(reference))
            return self.discriminator(target, (*seen, reference))
        own = as_object(schema.get("discriminator"))
        parts = (self.discriminator(as_object(part), seen) for part in as_array(schema.get("allOf")))
        return own or next((found for found in parts if found), own)

    def _resolved(self, schema: Json, seen: tuple[str, ...]) -> Json:
        """A part of an `allOf`, with its own parts, and without the alternatives that it is one of."""
        if "$ref" in schema:
            reference = str(schema["$ref"])
            if reference in seen:
                return {}
            target = as_object(self._document.at(reference))
            names = self._of_extensions(target)
            target = {name: value for name, value in target.items() if name not in names}
            return self._resolved(target, (*seen, reference))
        merged: Json = {}
        for part in as_array(schema.get("allOf")):
            merged = laid_over(merged, self._resolved(as_object(part), seen))
        return laid_over(merged, {name: value for name, value in schema.items() if name != "allOf"})

    def _of_extensions(self, schema: Json) -> set[str]:
        """The keywords that say which schemas extend this one, and so are no part of them."""
        if "discriminator" in schema:
            return {*ALTERNATIVES, "discriminator"}
        return {
            name
            for name in ALTERNATIVES
            if any(self.extends(as_object(option), schema[name]) for option in as_array(schema.get(name)))
        }


def laid_over(base: Json, schema: Any) -> Json:
    """Return two schemas that both hold, as one.

    Raises:
        ContradictionError: No value can satisfy both.

    """
    own = as_object(schema)
    if not base:
        return own
    if "$ref" in own or "allOf" in own or {"oneOf", "anyOf"} & base.keys() & own.keys():
        return {"allOf": [base, own]} if set(base) & SHAPING else own
    merged = {**base, **own}
    if "properties" in base and "properties" in own:
        merged["properties"] = {**base["properties"], **own["properties"]}
        for name in base["properties"].keys() & own["properties"].keys():
            parts = [base["properties"][name], own["properties"][name]]
            merged["properties"][name] = parts[0] if parts[0] == parts[1] else {"allOf": parts}
    if "required" in base and "required" in own:
        merged["required"] = [*base["required"], *own["required"]]
    if isinstance(base.get("enum"), list) and isinstance(own.get("enum"), list):
        merged["enum"] = [value for value in own["enum"] if value in base["enum"]]
        if not merged["enum"]:
            raise ContradictionError(f"allOf asks for one of {base['enum']} and for one of {own['enum']}")
    if "const" in base and "const" in own and base["const"] != own["const"]:
        raise ContradictionError(f"allOf asks for {base['const']!r} and for {own['const']!r}")
    if "type" in base and "type" in own:
        merged["type"] = _both(base["type"], own["type"])
    return merged


def laid_over_if_possible(base: Json, option: Any) -> Any:
    """Return an alternative with what holds for all of them, or as it is where that contradicts it."""
    try:
        return laid_over(base, option)
    except ContradictionError:
        return option


def _both(one: Any, other: Any) -> Any:
    """The types that two schemas allow.

    Raises:
        ContradictionError: There is none.

    """
    types = [each for each in listed(one) if each in listed(other)]
    if not types and {"number", "integer"} <= {*listed(one), *listed(other)}:
        return "integer"
    if not types:
        named = [" or ".join(listed(each)) for each in (one, other)]
        raise ContradictionError(f"allOf asks for {named[0]} and for {named[1]}")
    return types[0] if len(types) == 1 else types
