"""The operations as the contract document states them: what a request may be, and examples of answers."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, unquote

from linq_document import compile_schema, json_pointer
from linq_mock.json_values import parse_json
from linq_mock.problems import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import jsonschema_rs

    from linq_document import Document, Operation
    from linq_mock.messages import Call

JSON_TYPE = "application/json"
_DEEPEST = 12
"""How deep a value is made up from its schema; a schema that requires itself has no end."""

_TEXTS = {
    "uuid": "3f2b8c1e-6a4d-4e59-9b70-1d2c3e4f5a6b",
    "date": "2026-01-02",
    "date-time": "2026-01-02T03:04:05Z",
    "uri": "https://example.com/",
    "email": "someone@example.com",
}


@dataclass(frozen=True)
class Example:
    """An answer of the document: its body is None when it has no content."""

    status: int
    headers: dict[str, str]
    media_type: str
    body: object


class DocumentedOperation:
    """An operation of the document: it checks a request, and knows an answer to it."""

    def __init__(self, document: Document, operation: Operation) -> None:
        self._document = document
        self._path_item: dict[str, Any] = document.raw["paths"][operation.path]
        self._operation: dict[str, Any] = self._path_item[operation.method.lower()]

    def check(self, call: Call, path_parameters: dict[str, str]) -> None:
        """Raise the Problem of a request that breaks the document, if it does."""
        for parameter in self._parameters:
            parameter.check(parameter.values(call, path_parameters))
        self._check_body(call)

    @cached_property
    def example(self) -> Example:
        """The first answer of success, with the first of its examples."""
        responses: dict[str, Any] = self._operation["responses"]
        status = next((status for status in sorted(responses) if status.startswith("2")), "default")
        response = self._document.resolved(responses.get(status, {}))
        content: dict[str, Any] = response.get("content", {})
        media_type = JSON_TYPE if JSON_TYPE in content else next(iter(content), "")
        return Example(
            int(status) if status.isdecimal() else 200,
            dict(self._headers(response)),
            media_type,
            self._value(content[media_type]) if content else None,
        )

    # --- the request ------------------------------------------------------------------------

    @cached_property
    def _parameters(self) -> list[_Parameter]:
        stated = [*self._path_item.get("parameters", []), *self._operation.get("parameters", [])]
        resolved = map(self._document.resolved, stated)
        unique = {(parameter["in"], parameter["name"]): parameter for parameter in resolved}
        return [_Parameter(self._document, parameter) for parameter in unique.values()]

    def _check_body(self, call: Call) -> None:
        stated = self._document.resolved(self._operation.get("requestBody", {}))
        content: dict[str, Any] = stated.get("content", {})
        if not call.body:
            if stated.get("required"):
                raise Problem(Code.MISSING_FIELD, "The request needs a body")
            return
        if not content:
            return
        media_type = call.headers.get("Content-Type", JSON_TYPE).partition(";")[0].strip().lower()
        if media_type not in content:
            raise Problem(Code.INVALID_BODY, f"The body must be sent as {' or '.join(content)}", status=415)
        if media_type == JSON_TYPE:
            _refuse(self._body_validator, _parsed(call.body), "The body", "")

    @cached_property
    def _body_validator(self) -> jsonschema_rs.Draft202012Validator:
        stated = self._document.resolved(self._operation["requestBody"])
        return compile_schema(self._document.complete(stated["content"][JSON_TYPE].get("schema", {})))

    # --- the answer -------------------------------------------------------------------------

    def _headers(self, response: dict[str, Any]) -> Iterator[tuple[str, str]]:
        headers: dict[str, Any] = response.get("headers", {})
        for name, header in headers.items():
            if name.lower() not in {"content-type", "x-trace-id"}:
                yield name, str(self._value(self._document.resolved(header)))

    def _value(self, stated: dict[str, Any]) -> object:
        """Return the example of a media type or a header, or a value that its schema suggests."""
        if "example" in stated:
            return stated["example"]
        for example in stated.get("examples", {}).values():
            return self._document.resolved(example).get("value")
        return _suggested(self._document.resolved, stated.get("schema", {}))


class _Parameter:
    """A parameter of an operation, in any of the four places."""

    def __init__(self, document: Document, stated: dict[str, Any]) -> None:
        self._name: str = stated["name"]
        self._place: str = stated["in"]
        self._required: bool = stated.get("required", False)
        self._schema: dict[str, Any] = document.complete(stated.get("schema", {}))
        self._types = _types_of(document.resolved, stated.get("schema", {}))
        self._items = _types_of(
            document.resolved, document.resolved(stated.get("schema", {})).get("items", {})
        )

    def values(self, call: Call, path_parameters: dict[str, str]) -> list[str]:
        """Return what a request has for it, decoded."""
        match self._place:
            case "path":
                return [path_parameters[self._name]]
            case "query":
                return parse_qs(call.query_string, keep_blank_values=True).get(self._name, [])
            case "header":
                return call.headers.getlist(self._name)
            case _:
                return list(_cookies(call.headers.getlist("Cookie"), self._name))

    def check(self, values: list[str]) -> None:
        """Raise the Problem of missing or invalid values."""
        what = f"The {self._place} parameter {self._name}"
        if values:
            _refuse(self._validator, self._meant(values), what, "")
        elif self._required:
            raise Problem(Code.MISSING_FIELD, f"{what} is required")

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        return compile_schema(self._schema)

    def _meant(self, values: list[str]) -> object:
        if "array" in self._types:
            items = values if len(values) > 1 else values[0].split(",")
            return [_scalar(item, self._items) for item in items]
        return _scalar(values[-1], self._types)


def _refuse(validator: jsonschema_rs.Draft202012Validator, value: object, what: str, below: str) -> None:
    """Raise the Problem that a validator has with a value, if it has one."""
    for error in validator.iter_errors(value):
        place = below + json_pointer(error.instance_path)
        missing = error.kind.name == "required"
        raise Problem(
            Code.MISSING_FIELD if missing else Code.INVALID_PARAMETER,
            f"{what}{f' at {place}' if place else ''} breaks the contract: {error.kind.name}",
        )


def _parsed(body: bytes) -> object:
    try:
        return parse_json(body)
    except (ValueError, RecursionError) as error:
        raise Problem(Code.INVALID_BODY, "The request body is not valid JSON") from error


def _types_of(resolved: Callable[[dict[str, Any]], dict[str, Any]], schema: dict[str, Any]) -> set[str]:
    schema = resolved(schema)
    types = schema.get("type", [])
    parts = (
        _types_of(resolved, part) for name in ("allOf", "anyOf", "oneOf") for part in schema.get(name, [])
    )
    return {types} if isinstance(types, str) else {*types}.union(*parts)


def _scalar(text: str, types: set[str]) -> object:
    """Return what a text of a URL or a header stands for, the text itself where it is unclear."""
    if types & {"integer", "number", "boolean", "null"}:
        try:
            value: object = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return text if isinstance(value, (dict, list, str)) else value
    return text


def _cookies(headers: list[str], name: str) -> Iterator[str]:
    for header in headers:
        for cookie in header.split(";"):
            written, _, value = cookie.strip().partition("=")
            if written == name:
                yield unquote(value)


def _suggested(
    resolved: Callable[[dict[str, Any]], dict[str, Any]], schema: dict[str, Any], depth: int = 0
) -> Any:
    """Return a value for a schema: its example where it has one, otherwise as little as it requires."""

    def below(part: dict[str, Any]) -> Any:
        return _suggested(resolved, part, depth + 1)

    schema = resolved(schema)
    if depth > _DEEPEST:
        return None
    match schema:
        case (
            {"example": value}
            | {"examples": [value, *_]}
            | {"const": value}
            | {"default": value}
            | {"enum": [value, *_]}
        ):
            return value
        case {"oneOf": [part, *_]} | {"anyOf": [part, *_]}:
            return below(part)
        case {"allOf": [*parts]}:
            values = map(below, [*parts, {**schema, "allOf": None}] if "properties" in schema else parts)
            return functools.reduce(_merged, values)
        case _:
            return _smallest(schema, below)


def _merged(one: Any, two: Any) -> Any:
    both = isinstance(one, dict) and isinstance(two, dict)
    return cast("object", {**one, **two} if both else two)


def _smallest(schema: dict[str, Any], below: Callable[[dict[str, Any]], Any]) -> Any:
    types = schema.get("type", "object" if "properties" in schema else "null")
    match types if isinstance(types, str) else types[0]:
        case "object":
            properties: dict[str, Any] = schema.get("properties", {})
            required = cast("list[str]", schema.get("required", []))
            return {name: below(properties.get(name, {})) for name in required}
        case "array":
            return [below(schema.get("items", {})) for _ in range(schema.get("minItems", 0))]
        case "string":
            return _TEXTS.get(schema.get("format", ""), "text").ljust(schema.get("minLength", 0), "x")
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return True
        case _:
            return None
