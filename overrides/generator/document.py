"""The OpenAPI document as it was written: what openapi-python-client does not pass on is looked up here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import yaml

from .errors import GenerationError

Json = dict[str, Any]


class Document:
    """An OpenAPI document, as JSON."""

    def __init__(self, raw: Json) -> None:
        self.raw = raw

    def operation(self, path: str, method: str) -> Json:
        """Return the operation of a path and a method as it was written."""
        operation: Json = self.raw["paths"][path][method]
        return operation

    def parameters(self, path: str, method: str) -> dict[tuple[str, str], Json]:
        """Return the parameters of an operation, with those of its path, by their place and their name."""
        shared = self.raw["paths"][path].get("parameters", [])
        own = self.operation(path, method).get("parameters", [])
        resolved = [self.resolve(parameter) for parameter in (*shared, *own)]
        return {(parameter["in"], parameter["name"]): parameter for parameter in resolved}

    def echoes(self, path: str, method: str) -> dict[str, str]:
        """Return what the successful answers of an operation repeat of the request: their `x-echoes`."""
        found: dict[str, str] = {}
        for status, response in self.operation(path, method).get("responses", {}).items():
            if status.startswith("2"):
                found |= self.resolve(response).get("x-echoes", {})
        return found

    def tag_description(self, tag: str) -> str | None:
        """Return what the document says about a tag."""
        described = {each["name"]: each.get("description") for each in self.raw.get("tags", [])}
        return described.get(tag)

    def resolve(self, node: Json) -> Json:
        """Return what a `$ref` within the document leads to, or else the node itself."""
        while "$ref" in node:
            node = self._at(node["$ref"])
        return node

    def keyword(self, schema: Json, name: str) -> Any:
        """Return a keyword of a schema, such as its pattern, or that of one that it refers to; else None."""
        if schema.get(name):
            return schema[name]
        return next((found for each in self._further(schema) if (found := self.keyword(each, name))), None)

    def property_schema(self, schema: Json, name: str) -> Json:
        """Return the schema of a property, in a schema or in one that it refers to; else an empty one."""
        if name in schema.get("properties", {}):
            own: Json = schema["properties"][name]
            return own
        inherited = (self.property_schema(each, name) for each in self._further(schema))
        return next(filter(None, inherited), Json())

    def _further(self, schema: Json) -> list[Json]:
        """Return the schemas that a schema refers to by $ref and allOf."""
        return [self._at(schema["$ref"])] if "$ref" in schema else schema.get("allOf", [])

    def _at(self, reference: str) -> Json:
        node: Any = self.raw
        try:
            for step in reference.removeprefix("#/").split("/"):
                node = node[step.replace("~1", "/").replace("~0", "~")]
        except (KeyError, TypeError):
            raise GenerationError(f"The reference {reference} leads nowhere.") from None
        return cast("Json", node)


def load(path: Path) -> Document:
    """Read a document.

    Raises:
        OSError: The file cannot be read.
        GenerationError: It is not YAML.

    """
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise GenerationError(f"{path} is not YAML: {error}") from None
    # As JSON, whose keys are texts, and which has no dates.
    return Document(json.loads(json.dumps(raw, default=str)))
