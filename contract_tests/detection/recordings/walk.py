"""The walk: what a client, a developer and their mistakes ask of a server in a minute, always the same."""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import httpx

from linq_contract.contract.classification import FIELD, LIST, UPDATE
from linq_contract.contract.listing import read_listing
from linq_contract.contract.numbers import fiction
from linq_contract.http.credentials import ACCOUNT, Credentials
from linq_contract.http.messages import Response
from linq_contract.run.workloads.inputs import (
    EXTRA_PROPERTIES,
    INVALID_NUMBERS,
    MALFORMED_IDS,
    NOT_JSON_BODIES,
    NOT_OBJECTS,
    OBJECTS_WITHOUT_THE_FIELD,
    OTHER_MEDIA_TYPES,
    UNUSUAL_HEADERS,
    WRONG_TYPES,
    in_place_of_a_token,
    refused_authorizations,
)
from linq_document import load

_UNKNOWN = "5f0c9a52-98a8-4f0e-9a8c-2f6f7d1f2e11"
_MALFORMED = ("1", "main", "+12025550100", f"{_UNKNOWN}0", *MALFORMED_IDS[::4])
_LONGEST = 1_000  # characters: what is longer is no mistake that a client makes
_INVALID_NUMBERS = [number for number in INVALID_NUMBERS[::4] if len(number) < _LONGEST]
_NOT_JSON = [body for body in NOT_JSON_BODIES[::3] if len(body) < _LONGEST and body.isascii()]
_WRONG = [{FIELD: value} for value in WRONG_TYPES[:-2:3]]
_NO_OBJECTS = [*OBJECTS_WITHOUT_THE_FIELD[::3], *NOT_OBJECTS[:-1:3]]
_ORDINARY_HEADERS = (("Accept-Encoding", "identity"), ("Accept", "application/json"))
_LISTED_AFTER = 4  # mistakes, so that a list shows what any of them has changed
_DEFECTS: Sequence[tuple[str, object]] = (
    *((_UNKNOWN, {FIELD: None}), ("main", {FIELD: None}), ("+12025550100", {FIELD: None})),
    *((_UNKNOWN, b"{"), (_UNKNOWN, b""), (_UNKNOWN, b"{}"), (_UNKNOWN, {FIELD: "12025550123"})),
)
_VALID = ("+442079460018", "+33639980123", "+4930239990123", "+61491570156")
_TRIES = 3
_TIMEOUT = 5.0  # seconds

Record = Callable[[httpx.Request, httpx.Response | None, float, float], None]


class Walk:
    """Sends the requests to a server, and has each of them recorded."""

    def __init__(self, base_url: str, tokens: Sequence[str], record: Record) -> None:
        self._base_url = base_url
        self._token = tokens[0]
        self._own, self._others = (f"Bearer {token}" for token in tokens)
        self._record = record
        self._client = httpx.Client(timeout=_TIMEOUT, trust_env=False)
        self._numbers = map(fiction, itertools.count(7, 101))
        self._list, self._update = (load().operations[name] for name in (LIST, UPDATE))

    def go(self) -> None:
        """Walk from the first list to the last."""
        with self._client:
            own, others = self._lines(self._own), self._lines(self._others)
            self._lines(self._own)
            for step in (self._without_token, self._with_wrong_tokens):
                step(own[:1] or [_UNKNOWN])
            self._beside_the_contract(own[:1] or [_UNKNOWN])
            self._ids()
            for line in own[:2] + own[-1:]:
                self._updates(line)
            for line in own[:1]:
                self._mistakes(line)
                self._trespasses(line, others)
            self._at_once(own[:4])
            self._lines(self._own)
            self._lines(self._others)

    # --- the steps ---

    def _without_token(self, lines: Sequence[str]) -> None:
        self._ask("GET", self._list.path, None)
        for name, value in in_place_of_a_token(self._token):
            self._ask("GET", self._list.path, None, headers={name: value})
        self._ask("GET", f"{self._list.path}?access_token={self._token}", None)
        self._unauthorized(lines[0], None)

    def _with_wrong_tokens(self, lines: Sequence[str]) -> None:
        wrong = "Bearer 1f0e2d3c4b5a69788796a5b4c3d2e1f0"
        self._ask("GET", self._list.path, wrong)
        tokens = Credentials({ACCOUNT: self._token})
        for text in [*refused_authorizations(ACCOUNT, wrong[7:])][1::2]:
            authorization = tokens.resolve(text or "")
            if authorization.isascii() and authorization == authorization.strip():
                self._ask("GET", self._list.path, authorization)
        for authorization in (wrong, f"Bearer {self._token}x"):
            self._unauthorized(lines[0], authorization)
        self._ask("GET", self._list.path, wrong)

    def _unauthorized(self, line: str, authorization: str | None) -> None:
        for value in (next(self._numbers), None, next(self._numbers), ""):
            self._put(line, {FIELD: value}, authorization)
            self._lines(self._own)
        for other, body in _DEFECTS:
            self._put(other, body, authorization)
        self._put(line, {FIELD: None}, authorization, media_type="text/plain")
        self._lines(self._own)

    def _beside_the_contract(self, lines: Sequence[str]) -> None:
        target = self._update.without_parameter + lines[0]
        for method, path in (("POST", self._list.path), ("DELETE", self._list.path), ("DELETE", target)):
            self._ask(method, path, self._own)
        self._ask("GET", target, self._own)
        self._ask("PATCH", target, self._own, b'{"forwarding_number": null}')
        offered = "4bf92f3577b34da6a3ce929d0e0e4736"
        for headers in ({"traceparent": f"00-{offered}-00f067aa0ba902b7-01"}, {"X-Trace-ID": offered}):
            self._ask("GET", self._list.path, self._own, headers=headers)
        self._lines(self._own)

    def _ids(self) -> None:
        for line in (_UNKNOWN, *_MALFORMED):
            self._put(line, {FIELD: next(self._numbers)})
            self._lines(self._own)

    def _updates(self, line: str) -> None:
        number = next(self._numbers)
        for value in (number, number, next(self._numbers), None, next(self._numbers), "", *_VALID):
            self._put(line, {FIELD: value})
            self._lines(self._own)
        self._lines(self._own)

    def _mistakes(self, line: str) -> None:
        self._put(line, {FIELD: next(self._numbers)})
        self._lines(self._own)
        bodies = [*({FIELD: number} for number in _INVALID_NUMBERS), *_WRONG, *_NO_OBJECTS, *_NOT_JSON]
        for position, body in enumerate(bodies):
            self._put(line, body)
            if position % _LISTED_AFTER == 0:
                self._lines(self._own)
        for more in EXTRA_PROPERTIES:
            self._put(line, {FIELD: next(self._numbers), **more})
            self._lines(self._own)
        for media_type in OTHER_MEDIA_TYPES[::4]:
            self._put(line, {FIELD: next(self._numbers)}, media_type=media_type)
            self._lines(self._own)
        for name, value in (*UNUSUAL_HEADERS, *_ORDINARY_HEADERS):
            if value.isascii():
                self._ask("GET", self._list.path, self._own, headers={name: value})

    def _trespasses(self, line: str, others: Sequence[str]) -> None:
        self._put(line, {FIELD: next(self._numbers)}, self._others)
        self._lines(self._own)
        self._lines(self._others)
        for other in others[:1]:
            self._put(other, {FIELD: next(self._numbers)})
            self._lines(self._others)
            self._put(other, {FIELD: next(self._numbers)}, self._others)
            self._lines(self._others)
            self._lines(self._own)

    def _at_once(self, lines: Sequence[str]) -> None:
        """Updates of several lines, and of one line, and lists, each time at once."""
        for named in [[*lines], [*lines[:1]] * 3] * 2 if lines else []:
            with ThreadPoolExecutor(len(named) + 2) as pool:
                for line in named:
                    pool.submit(self._put, line, {FIELD: next(self._numbers)})
                for _ in range(2):
                    pool.submit(self._lines, self._own)
            self._lines(self._own)

    # --- sending ---

    def _lines(self, authorization: str) -> list[str]:
        response = self._ask("GET", self._list.path, authorization)
        listing = read_listing(response.content) if response is not None and response.is_success else None
        return [line.id for line in listing.in_order] if listing else []

    def _put(
        self, line: str, body: object, authorization: str | None = "", *, media_type: str = "application/json"
    ) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        presented = self._own if authorization == "" else authorization
        target = self._update.without_parameter + quote(line, safe="")
        self._ask("PUT", target, presented, content, {"Content-Type": media_type})

    def _ask(
        self,
        method: str,
        path: str,
        authorization: str | None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response | None:
        """Send a request, and once more where that is what a client does."""
        presented = {} if authorization is None else {"Authorization": authorization}
        response = None
        for _ in range(_TRIES):
            response = self._send(method, path, {**presented, **(headers or {})}, body)
            if response is not None and response.status_code < 500 and response.status_code != 429:
                break
            if response is not None and response.status_code == 429:
                time.sleep(min(1.0, _asked_to_wait(response)))
        return response

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> httpx.Response | None:
        request = self._client.build_request(method, self._base_url + path, headers=headers, content=body)
        began, response = time.time(), None
        with contextlib.suppress(httpx.HTTPError):
            response = self._client.send(request)
        self._record(request, response, began, time.time())
        return response


def _asked_to_wait(response: httpx.Response) -> float:
    return Response(response.status_code, tuple(response.headers.multi_items()), b"").retry_after
