"""Recordings of a server that keeps the contract, and of others, as files of each kind."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from tests.honest import CONTRACT, OTHER, OWN, PATH, HonestServer, line

from linq_contract.http.messages import Request, Response
from linq_contract.judge.ledger import Ledger
from linq_contract.recorded.checking import check_recordings
from linq_contract.recorded.entries import Answer, Entry

BASE = "https://api.linqapp.com/api/partner"
TOKEN, OTHER_TOKEN = "canary-7c1f0e9d8b6a5f43", "second-9e8d7c6b5a4f3e2d"
TOKENS = {TOKEN: OWN, OTHER_TOKEN: OTHER}
IDS = [line(index)["id"] for index in range(5)]
UNKNOWN = "00000000-0000-4000-8000-000000000000"

Asked: TypeAlias = tuple[str, str, str | None, object]
"""Method, what follows the base URL, token and body."""


@dataclass
class Recorder:
    """Asks a server once a second, each time for 50 ms, and keeps what a recorder would."""

    server: HonestServer = field(default_factory=HonestServer)
    entries: list[Entry] = field(default_factory=list[Entry])
    now: Iterator[float] = field(default_factory=lambda: itertools.count(1_790_000_000.0, 1.0))

    def list(self, token: str | None = TOKEN) -> Response:
        return self.ask("GET", PATH, token)

    def put(self, index: int, number: object, token: str | None = TOKEN) -> Response:
        return self.ask("PUT", f"{PATH}/{[*IDS, UNKNOWN][index]}", token, {"forwarding_number": number})

    def ask(self, method: str, target: str, token: str | None = TOKEN, body: object = None) -> Response:
        content = None if body is None else json.dumps(body).encode()
        known = () if token is None else (("Authorization", f"Bearer {TOKENS.get(token, token)}"),)
        response = self.server.answer(Request(method, target, known, content))
        headers = () if token is None else (("authorization", f"Bearer {token}"),)
        media = () if content is None else (("content-type", "application/json"),)
        self.keep(method, target, (*headers, *media), content, response)
        return response

    def keep(
        self,
        method: str,
        target: str,
        headers: Sequence[tuple[str, str]],
        body: bytes | None,
        response: Response | None,
        **changes: Any,
    ) -> None:
        began = next(self.now)
        answer = None if response is None else Answer(response.status, response.headers, response.body)
        entry = Entry(
            f"a.har: log.entries[{len(self.entries)}]",
            method,
            BASE + target,
            tuple(headers),
            body,
            answer,
            began,
            began + 0.05,
        )
        self.entries.append(entry if not changes else _changed(entry, changes))

    def checked(self, **options: Any) -> Ledger:
        return checked(self.entries, **options)


def checked(entries: Sequence[Entry], **options: Any) -> Ledger:
    """The ledger of a recording."""
    ledger = Ledger([*CONTRACT.rules.values()])
    check_recordings([entries], CONTRACT, ledger, **options)
    return ledger


def broken(ledger: Ledger) -> set[str]:
    return set(ledger.broken_counts())


def undecided(ledger: Ledger) -> set[str]:
    return {name for name, entry in ledger.entries.items() if entry.undecided is not None}


def as_har(entries: Sequence[Entry]) -> dict[str, Any]:
    """The entries as a HAR file."""
    return {"log": {"version": "1.2", "entries": [_har_entry(entry) for entry in entries]}}


def as_cassette(entries: Sequence[Entry]) -> dict[str, Any]:
    """The entries as a cassette of vcrpy."""
    return {"version": 1, "interactions": [_interaction(entry) for entry in entries]}


def _har_entry(entry: Entry) -> dict[str, Any]:
    answer = entry.answer
    request: dict[str, Any] = {
        "method": entry.method,
        "url": entry.url,
        "headers": _pairs(entry.headers),
        "bodySize": len(entry.body or b""),
    }
    if entry.body is not None:
        request["postData"] = {"mimeType": "application/json", "text": entry.body.decode()}
    return {
        "startedDateTime": datetime.fromtimestamp(entry.began, UTC).isoformat(),
        "time": (entry.ended - entry.began) * 1000,
        "request": request,
        "response": {
            "status": answer.status if answer else 0,
            "headers": _pairs(answer.headers if answer else ()),
            "content": {"size": 1, "text": (answer.body or b"").decode() if answer else ""},
        },
    }


def _interaction(entry: Entry) -> dict[str, Any]:
    assert entry.answer is not None
    return {
        "request": {
            "method": entry.method,
            "uri": entry.url,
            "body": None if entry.body is None else entry.body.decode(),
            "headers": {name: [value] for name, value in entry.headers},
        },
        "response": {
            "status": {"code": entry.answer.status, "message": ""},
            "headers": {name: [value] for name, value in entry.answer.headers},
            "body": {"string": (entry.answer.body or b"").decode()},
        },
    }


def _pairs(headers: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _changed(entry: Entry, changes: Mapping[str, Any]) -> Entry:
    return replace(entry, **changes)
