"""Values drawn by Hypothesis from the schemas of a document, and whether two values are the same."""

from __future__ import annotations

import json
import operator
import re
import warnings
from typing import Any

import jsonschema_rs
import schemathesis
from hypothesis import strategies as st
from schemathesis.transport.serialization import Binary

from documents.specification import Operation, Parameter, Specification, is_json
from documents.wire import properties_of
from openapi_nodes import Object, as_array, as_object, reached, resolve

_TEXT_IN_A_PATH = {"minLength": 1, "pattern": r"^(?!\.{1,2}$)[^\x00-\x1f\x7f]+$"}
_TEXT_IN_A_HEADER = {"pattern": r"^[!-+\--:<-~]+$"}
_DATE_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:[Zz]|([+-]\d\d:\d\d))")


class Values:
    """Draws the values of requests and of answers of one document."""

    def __init__(self, specification: Specification) -> None:
        self._definitions = specification.definitions
        self._swapped = _without_direction(specification.definitions, hidden="writeOnly")
        self._sent = _without_direction(specification.definitions, hidden="readOnly")

    def request_schema(self, operation: Operation, media_type: str | None) -> Object:
        """Return the schema of the values of a request by place, with a body of this media type."""
        schema: Object = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
        for parameter in operation.parameters:
            _add(schema, parameter)
        for body in operation.bodies:
            if body.media_type == media_type:
                schema["properties"]["body"] = {"type": "string"} if _is_raw(body.media_type) else body.schema
                schema["required"] += ["body"] if body.is_required else []
        return schema

    def requests(self, operation: Operation, media_type: str | None) -> st.SearchStrategy[Any]:
        """Draw the values of requests by place and name, of those that can be written at all."""
        validator = self.validator(operation, media_type)

        def writable(drawn: Any) -> Object:
            values = {
                place: members if place == "body" else textual(members)
                for place, members in plain(drawn).items()
                if place == "body" or members
            }
            for parameter in operation.parameters:
                if parameter.name in values.get(parameter.place, {}):
                    self._limit(values[parameter.place], parameter, operation)
            if "body" in values and media_type is not None:
                body = values["body"]
                values["body"] = (
                    textual(body) if is_json(media_type) else self._form(body, operation, media_type)
                )
            return {place: members for place, members in values.items() if place == "body" or members}

        def is_valid(values: Object) -> bool:
            return validator.is_valid(textual(values))

        return (
            _strategy(self.request_schema(operation, media_type), self._sent).map(writable).filter(is_valid)
        )

    def _limit(self, members: Object, parameter: Parameter, operation: Operation) -> None:
        """Take off what no style can write: values in values, nulls, empty arrays, separators in texts."""
        if parameter.is_json:
            return
        others = {other.name for other in operation.parameters if other.place == parameter.place}
        value: Any = self._flat(parameter.schema, members.pop(parameter.name))
        if isinstance(value, dict):
            own = properties_of(self.resolve, parameter.schema)
            value = {
                name: member
                for name, member in as_object(value).items()
                if (name in own or (not own and name not in others))
                and re.fullmatch(r"[\w-]+", name, re.ASCII)
            }
        is_separated = parameter.place in {"header", "cookie"} or not (
            parameter.style in {"form", "deepObject"} and parameter.explode
        )
        if is_separated and isinstance(value, (list, dict)):
            value = _without_separators(value)
        if parameter.place in {"header", "cookie"}:
            value = _ascii(value)
        if value not in (None, [], {}):
            members[parameter.name] = value

    def _form(self, body: Any, operation: Operation, media_type: str) -> Any:
        """The body of a form, which says texts, numbers and files, and as multipart also JSON."""
        schema = next(body.schema for body in operation.bodies if body.media_type == media_type)
        if _is_raw(media_type) and isinstance(body, str) and not media_type.startswith("text/"):
            return body.encode("utf-8", "surrogatepass")
        if not isinstance(body, dict):
            return body
        kept: Object = {}
        for name, member in as_object(body).items():
            inner = self._member(schema, name)
            if isinstance(member, dict):
                value: Any = as_object(member) if media_type == "multipart/form-data" else None
            else:
                value = self._flat(inner, member)
            if value not in (None, [], {}) and name.isidentifier():
                kept[name] = value
        return kept

    def _flat(self, schema: Any, value: Any) -> Any:
        """A value without what is within what is within it; of what has no type, only texts."""
        own = self.resolve(schema)
        if isinstance(value, list):
            items = as_array(value)
            return [item for item in items if self._is_scalar(own.get("items", {}), item)]
        if isinstance(value, dict):
            return {
                name: member
                for name, member in as_object(value).items()
                if self._is_scalar(self._member(schema, name), member)
            }
        return value if self._is_scalar(schema, value) else None

    def _member(self, schema: Any, name: str) -> Any:
        other = self.resolve(schema).get("additionalProperties", {})
        return properties_of(self.resolve, schema).get(name, other)

    def without_defaults(self, operation: Operation, found: Object, sent: Object) -> Object:
        """Return what was found without what is a default and was not sent: to send one says nothing."""
        kept = {place: dict(members) if place != "body" else members for place, members in found.items()}
        for parameter in operation.parameters:
            schema = self.resolve(parameter.schema)
            members = kept.get(parameter.place, {})
            is_extra = parameter.name in members and parameter.name not in sent.get(parameter.place, {})
            if is_extra and same(members[parameter.name], schema.get("default"), as_text=True):
                del members[parameter.name]
        return {place: members for place, members in kept.items() if place == "body" or members}

    def _is_scalar(self, schema: Any, value: Any) -> bool:
        own = self.resolve(schema)
        if not own.keys() & {"type", "enum", "const", "anyOf", "oneOf", "allOf", "format"}:
            return isinstance(value, str)
        return value is not None and not isinstance(value, (list, dict))

    def answers(self, schema: Any) -> st.SearchStrategy[Any]:
        """Draw the JSON of answers."""
        return _strategy(_without_direction(schema, hidden="writeOnly"), self._swapped).map(textual)

    def validator(self, operation: Operation, media_type: str | None) -> jsonschema_rs.Draft202012Validator:
        """Return what judges the values of a request."""
        own = self.request_schema(operation, media_type)
        schema = {**own, **reached(self._sent, own)}
        return jsonschema_rs.Draft202012Validator(schema, pattern_options=jsonschema_rs.FancyRegexOptions())

    def resolve(self, schema: Any) -> Object:
        """Follow the reference of a schema."""
        return as_object(resolve(self._definitions, schema))


def _without_separators(value: Any) -> Any:
    if isinstance(value, list):
        return [item for item in map(_without_separators, as_array(value)) if item not in {"", None}]
    if isinstance(value, dict):
        return {name: _without_separators(member) for name, member in as_object(value).items()}
    return re.sub(r"[,|;=.&\s]", "", value) if isinstance(value, str) else value


def _ascii(value: Any) -> Any:
    if isinstance(value, list):
        return [item for item in map(_ascii, as_array(value)) if item != ""]
    if isinstance(value, dict):
        return {name: _ascii(member) for name, member in as_object(value).items()}
    return re.sub(r"[^!-~]", "", value) if isinstance(value, str) else value


def plain(value: Any) -> Any:
    """The value as a user would pass it: files as bytes, and whole numbers as integers, though 1.0 is one."""
    if isinstance(value, list):
        return [plain(item) for item in as_array(value)]
    if isinstance(value, dict):
        return {name: plain(member) for name, member in as_object(value).items()}
    if isinstance(value, Binary):
        return value.data
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def textual(value: Any) -> Any:
    """The value with bytes as text, since JSON has no bytes."""
    if isinstance(value, list):
        return [textual(item) for item in as_array(value)]
    if isinstance(value, dict):
        return {name: textual(member) for name, member in as_object(value).items()}
    if isinstance(value, Binary):
        return value.data.decode("latin-1")
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _is_raw(media_type: str) -> bool:
    """Whether a body of a media type is a text or bytes, whatever its schema says."""
    kind = media_type.partition(";")[0].strip()
    return not is_json(kind) and kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}


def _add(schema: Object, parameter: Parameter) -> None:
    place = schema["properties"].setdefault(
        parameter.place, {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    )
    place["properties"][parameter.name] = _writable(parameter)
    if parameter.is_required:
        place["required"].append(parameter.name)
        if parameter.place not in schema["required"]:
            schema["required"].append(parameter.place)


def _writable(parameter: Parameter) -> Any:
    """A schema of what can be written at the place at all: no empty path segment, no control character."""
    limits = {"path": _TEXT_IN_A_PATH, "header": _TEXT_IN_A_HEADER, "cookie": _TEXT_IN_A_HEADER}
    if parameter.place not in limits or parameter.is_json:
        return parameter.schema
    return {"allOf": [parameter.schema, {"anyOf": [{"not": {"type": "string"}}, limits[parameter.place]]}]}


def _strategy(schema: Any, definitions: Object) -> st.SearchStrategy[Any]:
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    operation = {"requestBody": body, "responses": {"200": {"description": "-"}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "-", "version": "1"},
        "paths": {"/": {"post": operation}},
        **reached(definitions, schema),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema_of_cases: Any = schemathesis.openapi.from_dict(document)
        only = schema_of_cases["/"]["POST"]
    cases: st.SearchStrategy[Any] = only.as_strategy()
    return cases.map(operator.attrgetter("body"))


def _without_direction(node: Any, *, hidden: str) -> Any:
    """A copy without the properties that are not sent in this direction."""
    if isinstance(node, list):
        return [_without_direction(item, hidden=hidden) for item in as_array(node)]
    if not isinstance(node, dict):
        return node
    members = {name: _without_direction(member, hidden=hidden) for name, member in as_object(node).items()}
    gone = [
        name
        for name, member in as_object(members.get("properties")).items()
        if as_object(member).get(hidden) is True
    ]
    for name in gone:
        members["properties"].pop(name)
    if gone and isinstance(members.get("required"), list):
        members["required"] = [name for name in members["required"] if name not in gone]
    for name in ("readOnly", "writeOnly"):
        if isinstance(members.get(name), bool):
            members.pop(name)
    return members


def same(one: Any, other: Any, *, as_text: bool = False) -> bool:
    """Whether two JSON values are equal.

    Date-times are when they name the same instant to the last digit.

    Args:
        one: A value.
        other: Another one.
        as_text: Whether a value is the same as its text, since texts are all that the place can hold.

    """
    if isinstance(one, dict) and isinstance(other, dict):
        members = as_object(one), as_object(other)
        return one.keys() == other.keys() and all(
            same(member, members[1][name], as_text=as_text) for name, member in members[0].items()
        )
    if isinstance(one, list) and isinstance(other, list):
        items = as_array(one), as_array(other)
        return len(items[0]) == len(items[1]) and all(
            same(*pair, as_text=as_text) for pair in zip(*items, strict=True)
        )
    if as_text and isinstance(one, list) != isinstance(other, list):
        return bool([one] == other or one == [other])  # a form does not tell them apart
    if isinstance(one, str) and isinstance(other, str):
        return one == other or _instant(one) == _instant(other) != ""
    if as_text and isinstance(one, str) != isinstance(other, str):
        return _text(one) == _text(other)
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    try:
        return repr(float(text))
    except ValueError:
        return text


def same_request(sent: Object, found: Object, *, body_is_text: bool) -> bool:
    """Whether what arrived is what was sent; an empty form leaves no trace."""
    if body_is_text:
        sent, found = (
            {name: part for name, part in either.items() if part not in ({}, "")} for either in (sent, found)
        )
    return sent.keys() == found.keys() and all(
        same(part, found[name], as_text=name != "body" or body_is_text) for name, part in sent.items()
    )


def _instant(text: str) -> str:
    found = _DATE_TIME.fullmatch(text)
    if not found:
        return ""
    date, time, fraction, offset = found.groups()
    offset = None if offset in {"+00:00", "-00:00"} else offset
    return f"{date} {time} {(fraction or '').rstrip('0')} {offset or ''}"
