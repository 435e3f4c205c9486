"""HAR 1.2, as browsers, mitmproxy and gateways write it."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from linq_contract.http.messages import JsonObject, NoAnswer, Response, json_object
from linq_contract.judge.exchange import Exchange
from linq_contract.recorded.entries import Answer, Entry, Headers, decoded, header
from linq_contract.recorded.nodes import Node

_OF_THE_CODING = {"content-encoding", "content-length", "transfer-encoding"}
_LATEST = datetime(3000, 1, 1, tzinfo=UTC).timestamp()
"""The end of what a recording may hold: reckoning with the last days of Python's calendar would leave it."""


def is_har(content: Any) -> bool:
    """Whether a parsed file means to be a HAR file."""
    return "log" in (json_object(content) or {})


def read_har(content: Any, file: str) -> Iterator[Entry]:
    """The entries of a parsed HAR file. Raises RecordingError for what it must have and has not."""
    for node in Node(content, file).at("log").at("entries").items():
        yield read_entry(node)


def read_entry(node: Node) -> Entry:
    """One entry of a HAR file. Raises RecordingError as `read_har` does."""
    request = node.at("request")
    headers = _headers(request.at("headers"))
    body = _request_body(request)
    began = _instant(node.at("startedDateTime"))
    ended = began + max(0.0, node.at("time").number()) / 1000
    if ended >= _LATEST:
        raise node.at("time").refused("ends after the year 2999")
    return Entry(
        node.place,
        request.at("method").a(str),
        request.at("url").url(),
        headers,
        body,
        _answer(node.at("response")),
        began,
        ended,
        lacks_body=body is None and _says_body(request, headers),
        is_from_cache=_is_from_cache(node),
    )


def _answer(node: Node) -> Answer | None:
    """The response; None for the status 0 with which browsers write that there was none."""
    status = node.at("status").a(int)
    if not 100 <= status <= 999:
        return None
    content = node.at("content")
    text = content.at("text").value if content.value is not None else None
    size = 0 if content.value is None else content.at("size").value
    headers = _headers(node.at("headers"))
    if text is None:
        is_empty = size in {0, None} and header(headers, "Content-Length") in {None, "0"}
        return Answer(status, headers, b"" if is_empty else None)
    return decoded(Answer(status, headers, _bytes(content)))


def _bytes(content: Node) -> bytes:
    text = content.at("text").a(str)
    if content.at("encoding").value != "base64":
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise content.at("text").refused("is not in base64") from error


def _request_body(request: Node) -> bytes | None:
    data = request.at("postData")
    if data.value is None or data.at("text").value is None:
        return None
    is_base64 = json_object(data.value) is not None and data.value.get("encoding") == "base64"
    return _bytes(data) if is_base64 else data.at("text").a(str).encode("utf-8", "surrogatepass")


def _says_body(request: Node, headers: Headers) -> bool:
    """Whether a request had a body although the file does not have it."""
    size = request.at("bodySize").value
    length = header(headers, "Content-Length") or "0"
    return (isinstance(size, int) and size > 0) or length != "0" or request.at("postData").value is not None


def _headers(node: Node) -> Headers:
    pairs = ((each.at("name").a(str), each.at("value").a(str)) for each in node.items())
    return tuple(pair for pair in pairs if not pair[0].startswith(":"))


def _instant(node: Node) -> float:
    try:
        instant = datetime.fromisoformat(node.a(str))
    except ValueError as error:
        raise node.refused("is no time in ISO 8601") from error
    seconds = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
    if seconds >= _LATEST:
        raise node.refused("is after the year 2999")
    return seconds


def _is_from_cache(node: Node) -> bool:
    marks = (node.at("_fromCache").value, node.at("response").at("_fetchedViaServiceWorker").value)
    return any(marks)


def har_entry(exchange: Exchange, base_url: str) -> JsonObject:
    """An exchange, whose secrets are taken out, as an entry of a HAR file; of a failure the status is 0."""
    request, answer = exchange.request, exchange.answer
    milliseconds = round((exchange.ended - exchange.began) * 1000, 3)
    described: JsonObject = {
        "method": request.method,
        "url": base_url + request.target,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(request.headers),
        "queryString": [],
        "headersSize": -1,
        "bodySize": len(request.body or b""),
    }
    if request.body is not None:
        media_type = request.header("Content-Type") or ""
        described["postData"] = {"mimeType": media_type, "params": [], **_text_of(request.body)}
    return {
        "startedDateTime": datetime.fromtimestamp(exchange.began, UTC).isoformat(),
        "time": milliseconds,
        "request": described,
        "response": _described(answer),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
    }


def _described(answer: Response | NoAnswer) -> JsonObject:
    response = answer if isinstance(answer, Response) else Response(0, (), b"")
    media_type = response.header("Content-Type") or ""
    shown = [header for header in response.headers if header[0].lower() not in _OF_THE_CODING]
    return {
        "status": response.status,
        "statusText": "" if isinstance(answer, Response) else answer.reason,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(shown),
        "content": {"size": len(response.body), "mimeType": media_type, **_text_of(response.body)},
        "redirectURL": response.header("Location") or "",
        "headersSize": -1,
        "bodySize": len(response.body),
    }


def _pairs(headers: Iterable[tuple[str, str]]) -> list[JsonObject]:
    return [{"name": name, "value": value} for name, value in headers]


def _text_of(body: bytes) -> JsonObject:
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode(), "encoding": "base64"}
