"""Cassettes of vcrpy, in YAML or JSON. They have no times: what stands first came first."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from linq_contract.http.messages import json_array, json_object
from linq_contract.recorded.entries import Answer, Entry, Headers, decoded, header
from linq_contract.recorded.nodes import Node


def is_cassette(content: Any) -> bool:
    """Whether a parsed file means to be a cassette."""
    return "interactions" in (json_object(content) or {})


def read_cassette(content: Any, file: str) -> Iterator[Entry]:
    """The entries of a parsed cassette. Raises RecordingError for what it must have and has not."""
    for number, node in enumerate(Node(content, file).at("interactions").items()):
        yield _entry(node, number)


def _entry(node: Node, number: int) -> Entry:
    request = node.at("request")
    headers, body = _headers(request.at("headers")), _body(request.at("body"))
    length = header(headers, "Content-Length")
    return Entry(
        node.place,
        request.at("method").a(str),
        request.at("uri").url(),
        headers,
        body,
        _answer(node.at("response")),
        number,
        number + 0.5,
        lacks_body=body is None and length not in {None, "0"},
    )


def _answer(node: Node) -> Answer:
    status, body = node.at("status"), _body(node.at("body"))
    code = status.at("code").a(int) if json_object(status.value) is not None else status.a(int)
    return decoded(Answer(code, _headers(node.at("headers")), body or b""))


def _body(node: Node) -> bytes | None:
    if json_object(node.value) is not None:
        if node.at("base64_string").value is not None:
            return _from_base64(node.at("base64_string"))
        return _body(node.at("string"))
    if node.value is None:
        return None
    return node.value if isinstance(node.value, bytes) else node.a(str).encode("utf-8", "surrogatepass")


def _from_base64(node: Node) -> bytes:
    try:
        return base64.b64decode(node.a(str))
    except ValueError as error:
        raise node.refused("is not in base64") from error


def _headers(node: Node) -> Headers:
    """The headers; each has a list of values, or, where a filter of the user has replaced it, one."""
    pairs: list[tuple[str, str]] = []
    for name in json_object(node.value) or {}:
        each = node.at(name)
        values = each.items() if json_array(each.value) is not None else [each]
        pairs += [(name, _text(value)) for value in values]
    return tuple(pairs)


def _text(node: Node) -> str:
    return node.value.decode("latin-1") if isinstance(node.value, bytes) else node.a(str)
