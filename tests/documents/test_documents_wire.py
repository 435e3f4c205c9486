"""A request is read as OpenAPI says that it is written, and compared with what was meant."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from documents.specification import Operation, Specification
from documents.values import Values, same, same_request
from documents.wire import Reader, UnreadableError

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
LIST = {"type": "array", "items": NUMBER}
TEXTS = {"type": "array", "items": TEXT}
OBJECT = {"type": "object", "properties": {"a": TEXT, "b": NUMBER}}


def operation(path: str = "/x", body: Any = None, **parameter: Any) -> tuple[Operation, Reader]:
    parameters = [{"name": "p", "required": True, **parameter}] if parameter else []
    content = {"requestBody": {"content": body}} if body else {}
    raw = {"post": {"parameters": parameters, "responses": {}, **content}}
    specification = Specification({"openapi": "3.1.0", "paths": {path: raw}})
    return specification.operations[0], Reader(Values(specification).resolve)


@pytest.mark.parametrize(
    ("parameter", "url", "value"),
    [
        ({"in": "query", "schema": NUMBER}, "/x?p=5", 5),
        ({"in": "query", "schema": LIST}, "/x?p=1&p=2", [1, 2]),
        ({"in": "query", "schema": LIST, "explode": False}, "/x?p=1,2", [1, 2]),
        ({"in": "query", "schema": TEXTS, "explode": False}, "/x?p=a,b%2Cc", ["a", "b,c"]),
        ({"in": "query", "schema": LIST, "style": "pipeDelimited", "explode": False}, "/x?p=1%7C2", [1, 2]),
        ({"in": "query", "schema": OBJECT}, "/x?a=y&b=2", {"a": "y", "b": 2}),
        ({"in": "query", "schema": OBJECT, "explode": False}, "/x?p=a,y,b,2", {"a": "y", "b": 2}),
        ({"in": "query", "schema": OBJECT, "style": "deepObject"}, "/x?p%5Ba%5D=y", {"a": "y"}),
        ({"in": "query", "content": {"application/json": {"schema": LIST}}}, "/x?p=%5B1%5D", [1]),
        ({"in": "path", "schema": LIST}, "/x/1,2", [1, 2]),
        ({"in": "path", "schema": TEXTS}, "/x/a,b%2Cc", ["a", "b,c"]),
        ({"in": "path", "schema": LIST, "style": "label"}, "/x/.1,2", [1, 2]),
        ({"in": "path", "schema": LIST, "style": "matrix", "explode": True}, "/x/;p=1;p=2", [1, 2]),
        (
            {"in": "path", "schema": OBJECT, "style": "matrix", "explode": True},
            "/x/;a=y;b=2",
            {"a": "y", "b": 2},
        ),
    ],
)
def test_a_parameter_is_read_in_its_style(parameter: dict[str, Any], url: str, value: object) -> None:
    path = "/x/{p}" if parameter["in"] == "path" else "/x"
    found, reader = operation(path, **parameter)

    read = reader.read(found, httpx.Request("POST", f"https://example.com/base{url}"))

    assert read == {parameter["in"]: {"p": value}}


@pytest.mark.parametrize(
    ("media_type", "content", "value"),
    [
        ("application/json", b'{"b": 2}', {"b": 2}),
        ("application/x-www-form-urlencoded", b"a=y&b=2", {"a": "y", "b": 2}),
        (
            "multipart/form-data; boundary=z",
            b'--z\r\nContent-Disposition: form-data; name="b"\r\n\r\n2\r\n--z--\r\n',
            {"b": 2},
        ),
        ("text/plain", b"words", "words"),
        ("image/png", b"\x89", b"\x89"),
    ],
)
def test_a_body_is_read_by_its_media_type(media_type: str, content: bytes, value: object) -> None:
    found, reader = operation(body={media_type.partition(";")[0]: {"schema": OBJECT}})
    request = httpx.Request(
        "POST", "https://example.com/x", content=content, headers={"Content-Type": media_type}
    )

    assert reader.read(found, request) == {"body": value}


@pytest.mark.parametrize(
    ("url", "media_type", "sentence"),
    [
        ("/y", "application/json", "is not a path like /x"),
        ("/x", "application/xml", "the body is application/xml"),
        ("/x", "application/json", "not JSON"),
    ],
)
def test_what_is_not_written_as_the_document_says_is_told(url: str, media_type: str, sentence: str) -> None:
    found, reader = operation(body={"application/json": {"schema": OBJECT}})
    request = httpx.Request(
        "POST", f"https://example.com{url}", content=b"{", headers={"Content-Type": media_type}
    )

    with pytest.raises(UnreadableError, match=sentence):
        reader.read(found, request)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (1, 1.0, True),
        (1, True, False),
        ({"a": [1]}, {"a": [1]}, True),
        ({"a": None}, {}, False),
        ("2026-01-02T03:04:05Z", "2026-01-02t03:04:05.000+00:00", True),
        ("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123456Z", False),
        ("x", "y", False),
    ],
)
def test_two_values_are_the_same(one: object, other: object, is_same: bool) -> None:  # noqa: FBT001 - a column
    assert same(one, other) is is_same


def test_a_text_is_the_same_as_the_value_where_only_texts_can_be_sent() -> None:
    assert same_request({"query": {"p": 5}}, {"query": {"p": "5"}}, body_is_text=False)
    assert not same_request({"query": {"p": True}}, {"query": {"p": "True"}}, body_is_text=False)
    assert not same_request({"body": {"p": 5}}, {"body": {"p": "5"}}, body_is_text=False)
    assert same_request({"body": {}}, {}, body_is_text=True)
