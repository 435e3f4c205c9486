"""The exchanges of a run as an HTTP Archive (HAR 1.2), which browsers and proxies open.

A token is its placeholder here, as everywhere. What was not kept of a body, the comment beside it says.
"""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import parse_qsl, quote

from linq_contract.http.messages import JsonObject, NoAnswer, Request, Response, printable
from linq_contract.judge.traffic import Recorded, Recording
from linq_contract.report.description import Description, count

_UNKNOWN = -1  # as HAR 1.2 writes a size or a time that nobody knows
_VERSION = "HTTP/1.1"
_OF_URLS = "!$&'()*+,/:;=?@~%"
_NO_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


def as_har(recording: Recording, description: Description) -> JsonObject:
    """The archive of a run."""
    comment = f"Validated against the contract, seed {description['seed']}. Tokens are placeholders."
    if recording.left_out:
        comment += f" Not recorded: {count(recording.left_out, 'further exchange')}."
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "linq-contract", "version": description["tool_version"]},
            "entries": [_entry(each, description["base_url"]) for each in recording.exchanges],
            "comment": comment,
        }
    }


def _entry(recorded: Recorded, base_url: str) -> JsonObject:
    milliseconds = round(1_000 * recorded.seconds, 3)
    return {
        "startedDateTime": recorded.began.isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": _request(recorded, base_url),
        "response": _response(recorded),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
    }


def _request(recorded: Recorded, base_url: str) -> JsonObject:
    request = recorded.request
    described: JsonObject = {
        "method": request.method,
        "url": _url(base_url + request.target),
        "_target": printable(request.target),
        "httpVersion": _VERSION,
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": [
            {"name": printable(name), "value": printable(value)}
            for name, value in parse_qsl(request.target.partition("?")[2], keep_blank_values=True)
        ],
        "headersSize": _UNKNOWN,
        "bodySize": recorded.request_size,
    }
    if recorded.request_size or request.body is not None:
        described["postData"] = _post_data(request, recorded)
    return described


def _url(text: str) -> str:
    """The URL with everything escaped that has no place in one; `_target` has it as it was sent."""
    return _NO_ESCAPE.sub("%25", quote(text, safe=_OF_URLS, errors="backslashreplace"))


def _post_data(request: Request, recorded: Recorded) -> JsonObject:
    media_type = printable(request.header("Content-Type") or "")
    if request.body is None:
        return {"mimeType": media_type, "text": "", "comment": _not_kept(recorded.request_size)}
    try:
        return {"mimeType": media_type, "text": request.body.decode()}
    except UnicodeDecodeError:
        text = request.body.decode("utf-8", "backslashreplace")
        return {
            "mimeType": media_type,
            "text": text,
            "comment": "Bytes that are no UTF-8 are written as \\xNN.",
        }


def _response(recorded: Recorded) -> JsonObject:
    answer = recorded.answer
    if isinstance(answer, NoAnswer):
        return {
            **_answered(0, ()),
            "statusText": "",
            "content": {"size": 0, "mimeType": "x-unknown"},
            "comment": printable(answer.reason),
        }
    return {**_answered(answer.status, answer.headers), "content": _content(answer, recorded)}


def _answered(status: int, headers: tuple[tuple[str, str], ...]) -> JsonObject:
    location = next((value for name, value in headers if name.lower() == "location"), "")
    return {
        "status": status,
        "statusText": "",
        "httpVersion": _VERSION,
        "cookies": [],
        "headers": _headers(headers),
        "redirectURL": printable(location),
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }


def _content(answer: Response, recorded: Recorded) -> JsonObject:
    content: JsonObject = {
        "size": recorded.answer_size,
        "mimeType": printable(answer.header("Content-Type") or "x-unknown"),
    }
    if not recorded.is_whole:
        return {**content, "comment": _not_kept(recorded.answer_size)}
    try:
        return {**content, "text": answer.body.decode()}
    except UnicodeDecodeError:
        return {**content, "text": base64.b64encode(answer.body).decode(), "encoding": "base64"}


def _not_kept(size: int) -> str:
    return f"{count(size, 'byte')}, which were not kept"


def _headers(headers: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
    return [{"name": printable(name), "value": printable(value)} for name, value in headers]
