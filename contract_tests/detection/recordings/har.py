"""The exchanges of a walk as a HAR file."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import httpx


class HarFile:
    """The entries of a HAR file, as a browser would write them."""

    def __init__(self) -> None:
        self._entries: list[dict[str, Any]] = []

    def record(
        self, request: httpx.Request, response: httpx.Response | None, began: float, ended: float
    ) -> None:
        """Add an exchange; without a response, with the status 0 that browsers write."""
        self._entries.append(
            {
                "startedDateTime": datetime.fromtimestamp(began, UTC).isoformat(),
                "time": (ended - began) * 1000,
                "request": _request(request),
                "response": _response(response),
                "cache": {},
                "timings": {"send": 0, "wait": (ended - began) * 1000, "receive": 0},
            }
        )

    def as_json(self) -> str:
        """What was recorded, as the text of a file."""
        creator = {"name": "walk", "version": "1"}
        content = {"log": {"version": "1.2", "creator": creator, "entries": self._entries}}
        return json.dumps(content)


def _request(request: httpx.Request) -> dict[str, Any]:
    body = request.content
    described: dict[str, Any] = {
        "method": request.method,
        "url": str(request.url),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": [],
        "headersSize": -1,
        "bodySize": len(body),
    }
    if body or request.method == "PUT":
        media_type = request.headers.get("Content-Type", "")
        described["postData"] = {
            "mimeType": media_type,
            "params": [],
            "text": body.decode("utf-8", "replace"),
        }
    return described


def _response(response: httpx.Response | None) -> dict[str, Any]:
    content = b"" if response is None else response.content
    headers = httpx.Headers() if response is None else response.headers
    return {
        "status": 0 if response is None else response.status_code,
        "statusText": "" if response is None else response.reason_phrase,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(headers),
        "content": {"size": len(content), "mimeType": headers.get("Content-Type", ""), **_text(content)},
        "redirectURL": headers.get("Location", ""),
        "headersSize": -1,
        "bodySize": len(content),
    }


def _headers(headers: httpx.Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.multi_items()]


def _text(content: bytes) -> dict[str, str]:
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(content).decode(), "encoding": "base64"}
