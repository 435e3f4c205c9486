"""What a request holds, read as OpenAPI says that it is written: styles, media types, JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus

import httpx

from documents.specification import Body, Operation, Parameter, is_json
from openapi_nodes import Object, as_array, as_object

Pairs = Sequence[tuple[str, str]]
Read = Callable[[Any, str], Any]

_DEPTH = 5  # schemas may refer to themselves
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}
# How a text is read once it is known where it ends: an encoded comma separates nothing.
_DECODED: dict[str, Callable[[str], str]] = {
    "path": unquote,
    "query": unquote_plus,
    "header": str.strip,
    "cookie": unquote,
}


class UnreadableError(Exception):
    """A request is not written as the document says; the text says what is wrong."""


class Reader:
    """Reads requests of the operations of one document.

    Args:
        resolve: Follows the reference of a schema.

    """

    def __init__(self, resolve: Callable[[Any], Object]) -> None:
        self._resolve = resolve

    def read(self, operation: Operation, request: httpx.Request) -> dict[str, Any]:
        """Return the values of a request by place and name; what is absent is left out.

        Raises:
            UnreadableError: The request is not one of the operation, or not written as it says.

        """
        sources = {
            "path": _path_texts(operation.path, request),
            "query": _query(request),
            "header": [(name.lower(), value) for name, value in request.headers.items()],
            "cookie": _cookies(request),
        }
        values: dict[str, Any] = {}
        for parameter in operation.parameters:
            name = parameter.name.lower() if parameter.place == "header" else parameter.name
            for value in self._parameter(parameter, name, sources[parameter.place]):
                values.setdefault(parameter.place, {})[parameter.name] = value
        for value in self._body(operation, request):
            values["body"] = value
        return values

    def _parameter(self, parameter: Parameter, name: str, pairs: Pairs) -> Iterator[Any]:
        texts = [value for key, value in pairs if key == name]
        decoded = _DECODED[parameter.place]
        if parameter.is_json:
            yield from (_json(decoded(text)) for text in texts[:1])
            return
        kind = self._kind(parameter.schema)
        if parameter.style == "deepObject":
            matches = [(_brackets(key, name), value) for key, value in pairs]
            inner = [(found[1], decoded(value)) for found, value in matches if found]
            if inner:
                yield self._object(parameter.schema, inner)
        elif kind == "object" and parameter.style == "form" and parameter.explode:
            own = properties_of(self._resolve, parameter.schema)
            inner = [(key, decoded(value)) for key, value in pairs if not own or key in own]
            if inner:
                yield self._object(parameter.schema, inner)
        elif texts:
            is_repeated = len(texts) > 1 and "array" in self._types(parameter.schema)
            yield self._styled(parameter, "array" if is_repeated else kind, texts)

    def _styled(self, parameter: Parameter, kind: str, texts: Sequence[str]) -> Any:
        schema, decoded = parameter.schema, _DECODED[parameter.place]
        separator = _SEPARATORS.get(parameter.style, ",")
        if parameter.style in {"label", "matrix"}:
            texts, separator = _prefixed(parameter, texts[0])
        if kind == "array":
            items = self._resolve(schema).get("items", {})
            in_one = not (parameter.explode and parameter.style == "form") and parameter.style != "matrix"
            is_one = in_one or (len(texts) == 1 and parameter.style == "matrix")
            parts = _split(texts[0], separator, decoded) if is_one else map(decoded, texts)
            return [self.value(items, part) for part in parts]
        if kind == "object":
            is_one = not (parameter.style == "matrix" and parameter.explode)
            parts = _split(texts[0], separator, decoded) if is_one else list(map(decoded, texts))
            explode = parameter.explode and parameter.style != "form"
            pairs = list(map(_pair, parts) if explode else zip(parts[::2], parts[1::2], strict=False))
            return self._object(schema, pairs)
        return self.value(schema, decoded(texts[0]))

    def _object(self, schema: Any, pairs: Pairs) -> Object:
        """The members of an object; one that comes several times is an array."""
        members: Object = {}
        for key, text in pairs:
            member = self._member(schema, key)
            if self._kind(member) == "array":
                members.setdefault(key, []).append(self.value(self._resolve(member).get("items", {}), text))
            else:
                members[key] = self.value(member, text)
        return members

    def _member(self, schema: Any, name: str) -> Any:
        other = self._resolve(schema).get("additionalProperties", {})
        return properties_of(self._resolve, schema).get(name, other)

    def value(self, schema: Any, text: str) -> Any:
        """Return the JSON value that a text stands for, by the types that the schema allows."""
        readings: dict[str, Callable[[], Any]] = {
            "null": lambda: None if text in {"", "null"} else text,
            "boolean": lambda: {"true": True, "false": False}.get(text, text),
            "integer": lambda: int(text) if re.fullmatch(r"-?\d+", text) else text,
            "number": lambda: _number(text),
        }
        types = self._types(schema)
        for name, reading in readings.items():
            if name in types and reading() != text:
                return reading()
        return text

    def _kind(self, schema: Any) -> str:
        types = self._types(schema)
        return next(
            (kind for kind in ("array", "object") if kind in types and "string" not in types), "value"
        )

    def _types(self, schema: Any, depth: int = 0) -> set[str]:
        """The types that a schema allows, through references and alternatives."""
        own = self._resolve(schema)
        named = own.get("type", [])
        types = {named} if isinstance(named, str) else set(map(str, as_array(named)))
        for value in [own["const"]] if "const" in own else as_array(own.get("enum")) if not types else []:
            types.add(_type_of(value))
        if depth < 5:
            for name in ("allOf", "anyOf", "oneOf"):
                for part in as_array(own.get(name)):
                    types |= self._types(part, depth + 1)
        return types

    def _body(self, operation: Operation, request: httpx.Request) -> Iterator[Any]:
        content_type = request.headers.get("content-type", "")
        kind = content_type.partition(";")[0].strip().lower()
        if not operation.bodies or not request.content:
            return  # some clients name a media type all the same
        body = next((body for body in operation.bodies if _fits(kind, body.media_type)), None)
        if body is None:
            raise UnreadableError(f"the body is {content_type or 'of no media type'}")
        yield self._content(body, kind, content_type, request.content)

    def _content(self, body: Body, kind: str, content_type: str, content: bytes) -> Any:
        if is_json(kind):
            return _json(content)
        if kind == "application/x-www-form-urlencoded":
            return self._object(body.schema, parse_qsl(content.decode(), keep_blank_values=True))
        if kind == "multipart/form-data":
            return self._parts(body, content_type, content)
        return content.decode() if kind.startswith("text/") else content

    def _parts(self, body: Body, content_type: str, content: bytes) -> Object:
        head = f"Content-Type: {content_type}\r\n\r\n".encode()
        message = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + content)
        if message.defects or not message.is_multipart():
            raise UnreadableError(f"the multipart body is malformed: {message.defects}")
        members: Object = {}
        for part in message.iter_parts():
            name = str(part.get_param("name", header="content-disposition"))
            member = self._member(body.schema, name)
            if self._kind(member) == "array" and not is_json(part.get_content_type()):
                members.setdefault(name, []).append(self._part(self._resolve(member).get("items", {}), part))
            else:
                members[name] = self._part(member, part)
        return members

    def _part(self, schema: Any, part: MIMEPart) -> Any:
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        if is_json(part.get_content_type()):
            return _json(content)
        if is_binary(self._resolve(schema)):
            return content
        return self.value(schema, content.decode())


def properties_of(resolve: Callable[[Any], Object], schema: Any, depth: int = 0) -> Object:
    """Return the properties that a schema names, those of its parts and alternatives included."""
    own = resolve(schema)
    properties = dict(as_object(own.get("properties")))
    if depth < _DEPTH:
        for part in (part for name in ("allOf", "anyOf", "oneOf") for part in as_array(own.get(name))):
            properties = {**properties_of(resolve, part, depth + 1), **properties}
    return properties


def is_binary(schema: Mapping[str, Any]) -> bool:
    """Whether a schema describes bytes, and not JSON as a text, or bytes that are encoded as one."""
    media_type = str(schema.get("contentMediaType") or "")
    is_text = "contentEncoding" in schema or media_type.endswith(("/json", "+json"))
    return schema.get("format") == "binary" or (media_type != "" and not is_text)


def _path_texts(template: str, request: httpx.Request) -> Pairs:
    path = request.url.raw_path.partition(b"?")[0].decode()
    names = re.findall(r"\{([^}]+)\}", template)
    pattern = re.sub(r"\\\{[^}]+\\\}", "([^/]*)", re.escape(template.partition("?")[0].partition("#")[0]))
    found = re.fullmatch(f".*?{pattern}", path)
    if not found:
        raise UnreadableError(f"{path} is not a path like {template}")
    return list(zip(names, found.groups(), strict=True))


def _query(request: httpx.Request) -> Pairs:
    pairs = [part.partition("=") for part in request.url.query.decode().split("&") if part]
    return [(unquote_plus(name), value) for name, _, value in pairs]


def _cookies(request: httpx.Request) -> Pairs:
    pairs = [
        part.strip().partition("=") for part in request.headers.get("cookie", "").split(";") if part.strip()
    ]
    return [(name, value) for name, _, value in pairs]


def _prefixed(parameter: Parameter, text: str) -> tuple[list[str], str]:
    if parameter.style == "label":
        return [text.removeprefix(".")], "." if parameter.explode else ","
    parts = text.removeprefix(";").split(";")
    return [part.removeprefix(f"{parameter.name}=") for part in parts], ","


def _brackets(key: str, name: str) -> re.Match[str] | None:
    return re.fullmatch(re.escape(name) + r"\[([^\]]*)\](?:\[\])?", key)


def _split(text: str, separator: str, decoded: Callable[[str], str]) -> list[str]:
    """The parts of a text; a space and a bar may be encoded, since no URL has them as they are."""
    if separator in _SEPARATORS.values():
        return decoded(text).split(separator)
    return [decoded(part) for part in text.split(separator)]


def _pair(part: str) -> tuple[str, str]:
    key, _, value = part.partition("=")
    return key, value


def _fits(kind: str, media_type: str) -> bool:
    wanted = media_type.partition(";")[0].strip()
    pattern = re.escape(wanted).replace(r"\*", r"[^/]+")
    return bool(re.fullmatch(pattern, kind))


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UnreadableError(f"not JSON ({error}): {text[:60]!r}") from None


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _type_of(value: Any) -> str:
    names = {
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "string",
        type(None): "null",
        list: "array",
    }
    return next((name for kind, name in names.items() if type(value) is kind), "object")
