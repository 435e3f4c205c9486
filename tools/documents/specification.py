"""The operations of an OpenAPI document, with their schemas said in JSON Schema 2020-12."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from openapi_nodes import Object, as_array, as_object, resolve

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
PLACES = ("path", "query", "header", "cookie")
_ORIGINAL = "x-original"
_OF_NAMES = {"properties", "patternProperties", "$defs", "schemas"}  # what holds schemas by their names
_WITHOUT_BODIES = {204, 205}  # in HTTP, whatever a document says
_DEFAULT_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
# The specification says that a document's words on these headers do not count.
IGNORED_HEADERS = {"accept", "content-type", "authorization"}


@dataclass(frozen=True)
class Parameter:
    """A parameter, and how its value is written."""

    name: str
    place: str
    schema: Any
    style: str
    explode: bool
    is_required: bool
    is_json: bool


@dataclass(frozen=True)
class Body:
    """A body of a request or of a response: the media type, and what it holds.

    An answer may repeat what was asked for: parameters of the path, by the JSON Pointers of where it does.
    """

    media_type: str
    schema: Any
    is_required: bool = True
    echoes: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Operation:
    """An operation with what it takes and what it answers when all is well."""

    operation_id: str | None
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    bodies: tuple[Body, ...]
    answers: Mapping[int, Body | None]

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path}"


class Specification:
    """A document, in which references are followed and schemas are what JSON Schema says."""

    def __init__(self, document: Object) -> None:
        self.document = document
        self._is_3_0 = str(document.get("openapi", "")).startswith("3.0")

    @cached_property
    def definitions(self) -> Object:
        """Where the references of the schemas lead: the document itself, converted."""
        return {_ORIGINAL: self._converted(self.document)}

    @cached_property
    def operations(self) -> list[Operation]:
        """All operations, in the order of the document."""
        return list(self._operations())

    def _operations(self) -> Iterator[Operation]:
        for path, path_item in as_object(self.document.get("paths")).items():
            item = as_object(resolve(self.document, path_item))
            for method in METHODS:
                if method in item:
                    yield self._operation(path, method, item, as_object(item[method]))

    def _operation(self, path: str, method: str, item: Object, operation: Object) -> Operation:
        parameters = {
            (parameter.place, parameter.name): parameter
            for node in [*as_array(item.get("parameters")), *as_array(operation.get("parameters"))]
            for parameter in self._parameter(as_object(resolve(self.document, node)))
        }
        body = as_object(resolve(self.document, operation.get("requestBody")))
        return Operation(
            operation.get("operationId"),
            method,
            path,
            tuple(parameters.values()),
            tuple(self._bodies(body, is_required=bool(body.get("required")))),
            dict(self._answers(as_object(operation.get("responses")))),
        )

    def _parameter(self, node: Object) -> Iterator[Parameter]:
        place = node.get("in")
        if place not in PLACES or (place == "header" and node["name"].lower() in IGNORED_HEADERS):
            return
        content = next(iter(as_object(node.get("content")).values()), None)
        style = node.get("style", _DEFAULT_STYLES[place])
        yield Parameter(
            node["name"],
            place,
            self._converted(node.get("schema", {}) if content is None else content.get("schema", {})),
            style,
            node.get("explode", style == "form"),
            bool(node.get("required")) or place == "path",
            content is not None,
        )

    def _bodies(self, node: Object, *, is_required: bool) -> Iterator[Body]:
        for media_type, content in as_object(node.get("content")).items():
            yield Body(media_type.lower(), self._converted(as_object(content).get("schema", {})), is_required)

    def _answers(self, responses: Object) -> Iterator[tuple[int, Body | None]]:
        """The successes by status, each with the body that a client asks for; JSON before anything else."""
        named = [(str(status), node) for status, node in responses.items()]
        chosen = [(_status(status), node) for status, node in named if status.startswith("2")]
        for status, node in chosen or [(200, node) for status, node in named if status == "default"]:
            response = as_object(resolve(self.document, node))
            bodies = [] if status in _WITHOUT_BODIES else list(self._bodies(response, is_required=True))
            bodies.sort(key=lambda body: not is_json(body.media_type))
            echoes = _echoes(as_object(response.get("x-echoes")))
            yield status, replace(bodies[0], echoes=echoes) if bodies else None

    def _converted(self, node: Any) -> Any:
        """A node with all schemas in it converted, and the references led to the definitions."""
        if isinstance(node, list):
            return [self._converted(item) for item in as_array(node)]
        if not isinstance(node, dict):
            return node
        members = as_object(node)
        if isinstance(members.get("$ref"), str):
            reference = members["$ref"]
            return {"$ref": f"#/{_ORIGINAL}{reference[1:]}"} if reference.startswith("#") else {}
        schema = _exclusive({name: self._member(name, member) for name, member in members.items()})
        if isinstance(schema.get("properties"), dict) and "$ref" not in schema:
            schema.setdefault("type", "object")  # which is what a schema with properties is meant to say
        if isinstance(schema.get("items"), dict) and "$ref" not in schema:
            schema.setdefault("type", "array")
        return _nullable(schema) if self._is_3_0 else schema

    def _member(self, keyword: str, node: Any) -> Any:
        if keyword not in _OF_NAMES or not isinstance(node, dict):
            return self._converted(node)
        # Whatever these are called, they are no keywords.
        return {name: self._converted(schema) for name, schema in as_object(node).items()}


def is_json(media_type: str) -> bool:
    """Whether a media type is that of JSON, or of a kind of it."""
    kind = media_type.partition(";")[0].strip()
    return kind == "application/json" or kind.endswith("+json")


def _echoes(named: Mapping[str, str]) -> dict[str, str]:
    return {
        pointer.removeprefix("$response.body#"): expression.removeprefix("$request.path.")
        for pointer, expression in named.items()
    }


def _status(text: str) -> int:
    return int(text) if text.isdigit() else int(text[0]) * 100


def _nullable(schema: Object) -> Object:
    """OpenAPI 3.0 says `nullable` beside the type; a schema without a type is as it was."""
    if schema.pop("nullable", False) is not True or "type" not in schema:
        return schema
    kind = schema["type"]
    with_null = {**schema, "type": [kind, "null"]} if isinstance(kind, str) else schema
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        with_null["enum"] = [*schema["enum"], None]
    return with_null


def _exclusive(schema: Object) -> Object:
    """OpenAPI 3.0 says with a boolean that a bound is exclusive."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if schema.get(exclusive) is True and bound in schema:
            schema[exclusive] = schema.pop(bound)
        elif isinstance(schema.get(exclusive), bool):
            del schema[exclusive]
    return schema
