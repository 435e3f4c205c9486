"""A server that keeps the contract, in memory: what tests judge, and what they break in one respect."""

from __future__ import annotations

import itertools
import json
from typing import Any, TypeAlias

import linq_document
from linq_contract.contract.numbers import fiction, is_e164
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT, placeholder
from linq_contract.http.messages import Request, Response, json_object, parse_json

CONTRACT = linq_document.load()
PATH = "/v3/phone_numbers"
OWN, OTHER = placeholder(ACCOUNT), placeholder(OTHER_ACCOUNT)
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
GUIDE = "https://docs.linqapp.com/guides/phone-reputation/"

Stored: TypeAlias = dict[str, Any]


def respond(status: int, body: object, **headers: str | None) -> Response:
    """Answer with what every answer has, and with other headers, such as Allow; None leaves one out."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"Content_Type": "application/json", "X_Trace_ID": TRACE_ID, **headers}
    sent = tuple((name.replace("_", "-"), value) for name, value in named.items() if value is not None)
    return Response(status, sent, content)


def refuse(status: int, code: int, trace_id: str = TRACE_ID, /, **changes: Any) -> Response:
    """Answer with the envelope of an error, some of whose properties may be others."""
    return respond(status, envelope(status, code, trace_id, **changes), X_Trace_ID=trace_id)


def envelope(status: int, code: int, trace_id: str = TRACE_ID, /, **changes: Any) -> Stored:
    """Return the body of a refusal."""
    error = {"status": status, "code": code, "message": "no", "doc_url": CONTRACT.error_doc_url(code)}
    return {"success": False, "error": {**error, **changes}, "trace_id": trace_id}


def line(index: int, status: str = "HEALTHY", **changes: Any) -> Stored:
    """Return a line as a list shows it."""
    reputation = {"status": status, "doc_url": f"{GUIDE}#{status.lower()}"}
    return {
        "id": f"3f2b8c1e-6a4d-4e59-9b70-1d2c3e4f5a6{index}",
        "phone_number": f"+1202555014{index}",
        "reputation": reputation,
        "health_status": dict(reputation),
        **changes,
    }


class HonestServer:
    """Five lines: the first three belong to one account, the others to another."""

    def __init__(self) -> None:
        lines = [line(index, forwarding_number=fiction(1) if index % 2 else None) for index in range(5)]
        self.accounts = {
            token: {one["id"]: one for one in each} for token, each in ((OWN, lines[:3]), (OTHER, lines[3:]))
        }
        self._trace_ids = (f"{number:032x}" for number in itertools.count(1))

    def answer(self, request: Request) -> Response:
        token = (request.header("Authorization") or "").removeprefix("Bearer ")
        if token not in self.accounts:
            self.on_refused(request)
            return self.refuse(401, 2004)
        if request.method == "GET":
            return self.respond({"phone_numbers": self.listed(token)})
        return self.update(
            token, request.target.rpartition("/")[2], json_object(parse_json(request.body or b""))
        )

    def update(self, token: str, line_id: str, body: Stored | None) -> Response:
        line = self.find(token, line_id)
        if line is None:
            return self.refuse(404, 2019)
        if body is None:
            return self.refuse(400, 1003)
        if "forwarding_number" not in body:
            return self.refuse(400, 1001)
        number = body["forwarding_number"]
        if number and not is_e164(number):
            self.on_rejected(line)
            return self.refuse(400, 1002)
        self.store(line, number, body)
        return self.respond(self.updated(line, number))

    def respond(self, body: Stored, **headers: str) -> Response:
        return respond(200, body, X_Trace_ID=next(self._trace_ids), **headers)

    def refuse(self, status: int, code: int, **changes: Any) -> Response:
        return refuse(status, code, next(self._trace_ids), **changes)

    # What a liar does differently.

    def listed(self, token: str) -> list[Stored]:
        return list(self.accounts[token].values())

    def find(self, token: str, line_id: str) -> Stored | None:
        return self.accounts[token].get(line_id)

    def store(self, line: Stored, number: str | None, _body: Stored) -> None:
        line["forwarding_number"] = number or None

    def updated(self, line: Stored, number: str | None) -> Stored:
        return {"id": line["id"], "phone_number": line["phone_number"], "forwarding_number": number or None}

    def on_rejected(self, line: Stored) -> None:
        pass

    def on_refused(self, request: Request) -> None:
        pass
