"""The OpenAPI document as it was written, and where its references lead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

import yaml

from . import notation
from .errors import GenerationError

Json = dict[str, Any]

_DEPTH = 10  # references may lead in a circle


def as_object(node: Any) -> Json:
    """Return a node of the document when it is an object, and else an empty one."""
    return cast("Json", node) if isinstance(node, dict) else {}


def as_array(node: Any) -> list[Any]:
    """Return a node of the document when it is an array, and else an empty one."""
    return [*node] if isinstance(node, list) else []


class Document:
    """An OpenAPI document, as JSON."""

    def __init__(self, raw: Json) -> None:
        self.raw = raw

    @property
    def title(self) -> str:
        return str(self.info.get("title") or "API")

    @property
    def info(self) -> Json:
        return as_object(self.raw.get("info"))

    def tag_description(self, tag: str) -> str | None:
        """Return what the document says about a tag."""
        tags = [as_object(each) for each in as_array(self.raw.get("tags"))]
        return next((each.get("description") for each in tags if each.get("name") == tag), None)

    def resolve(self, node: Any) -> Json:
        """Return what a `$ref` within the document leads to, or else the node itself."""
        found, seen = as_object(node), set[str]()
        while "$ref" in found:
            reference = str(found["$ref"])
            if reference in seen:
                raise GenerationError(f"The reference {reference} leads back to itself.")
            seen.add(reference)
            found = as_object(self.at(reference))
        return found

    def keyword(self, schema: Json, name: str, depth: int = 0) -> Any:
        """Return a keyword of a schema, such as its pattern, or that of one that it refers to; else None."""
        if schema.get(name) not in (None, "") or depth == _DEPTH:
            return schema.get(name)
        further = [self.at(str(schema["$ref"]))] if "$ref" in schema else as_array(schema.get("allOf"))
        found = (self.keyword(as_object(each), name, depth + 1) for each in further)
        return next((each for each in found if each is not None), None)

    def at(self, reference: str) -> Any:
        """Return what a reference leads to.

        Raises:
            GenerationError: It leads nowhere, or out of the document.

        """
        node: Any = self.raw
        if not reference.startswith("#"):
            raise GenerationError(f"The reference {reference} leads out of the document: bundle it first.")
        try:
            for step in reference.removeprefix("#").split("/")[1:]:
                name = unquote(step).replace("~1", "/").replace("~0", "~")
                items = as_array(node)
                node = items[int(name)] if items else as_object(node)[name]
        except (KeyError, IndexError, ValueError):
            raise GenerationError(f"The reference {reference} leads nowhere.") from None
        return node


def load(path: Path) -> Document:
    """Read a document.

    Raises:
        OSError: The file cannot be read.
        GenerationError: It is not YAML.

    """
    try:
        text = path.read_text(encoding="utf-8-sig")  # as programs of Windows write it
        # JSON is YAML too, but read ten times as fast as itself.
        raw: Any = json.loads(text) if path.suffix == ".json" else notation.read(text)
    except (ValueError, yaml.YAMLError) as error:
        raise GenerationError(f"{path} is not YAML: {error}") from None
    if not isinstance(raw, dict) or not str(as_object(raw).get("openapi", "")).startswith("3."):
        raise GenerationError(f"{path} is no OpenAPI document of a version 3.")
    # As JSON, whose keys are texts.
    return Document(json.loads(json.dumps(raw, default=str)))
