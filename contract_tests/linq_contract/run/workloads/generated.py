"""What Schemathesis generates from the document, in its coverage, fuzzing and stateful phases.

Schemathesis does not know the server. It tests a gateway inside this process that passes its requests
on through the session, so they meet the same layer, the same limits and the same auditor as all
others, and the token is a placeholder to it as well.
"""

from __future__ import annotations

import io
import json
import os
import threading
import time
import warnings
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID

import platformdirs
import schemathesis
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.errors import HypothesisWarning
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response as SchemathesisResponse
from schemathesis.engine import from_schema
from schemathesis.engine.events import Interrupted
from schemathesis.generation.case import Case

from linq_contract.contract.classification import FIELD
from linq_contract.contract.lines import line_key
from linq_contract.contract.numbers import could_ring_a_stranger, is_e164, is_fiction
from linq_contract.http.credentials import ACCOUNT
from linq_contract.http.messages import NoAnswer, Request, json_object, parse_json
from linq_contract.http.wire import RefusedError
from linq_contract.judge.exchange import Exchange
from linq_contract.run.campaign import Campaign
from linq_contract.run.session import authorization, segment_of

_OF_THE_TEST_CLIENT = frozenset(
    f"HTTP_{name}"
    for name in (
        *("HOST", "COOKIE", "USER_AGENT", "ACCEPT", "ACCEPT_ENCODING", "CONNECTION"),
        "X_SCHEMATHESIS_TESTCASEID",
    )
)
_DOCUMENT_PATH = "/openapi.json"
_BROKEN = "X-Broken-Rules"
_EXAMPLES = 40  # per operation and phase; with more the phases took half of a run and found no more
_EXAMPLES_FOR_A_LARGE_ACCOUNT = 25  # each comes with lists that take long
_SECONDS = 12  # twice what the phases take on a quiet machine
_SECONDS_IF_SLOW = 5  # other phases send more in the same time
_REQUESTS = 410  # the most that were counted, for the time at a limited rate
_WRITES_BEFORE_A_LIST = 8  # as few as a chapter needs to be looked into quickly
_WRITES_BEFORE_A_LARGE_LIST = 40  # which takes as long as so many of them
_LARGE_LISTS_ASKED_FOR = 10  # every tenth of those that Schemathesis wants
_OUT_OF_FOUR_TO_KNOWN_LINES = 3  # the others keep their ids, which mostly are of no line


def run_schemathesis(campaign: Campaign) -> None:
    """Run the three phases of Schemathesis through a gateway; raise what stopped the session."""
    set_hypothesis_home_dir(_home_of_hypothesis())
    gateway = _Gateway(campaign)
    with warnings.catch_warnings():
        # Nothing is kept of the examples, so it does not matter that they cannot be.
        warnings.filterwarnings("ignore", "The database setting is not configured", HypothesisWarning)
        _run(gateway, _config(campaign))
    if gateway.stopped_by is not None:
        raise gateway.stopped_by
    campaign.session.list()


def _run(gateway: _Gateway, config: SchemathesisConfig) -> None:
    schema = schemathesis.openapi.from_wsgi(_DOCUMENT_PATH, gateway, config=config)
    stream = from_schema(schema).execute()
    for event in stream:
        if gateway.is_closed:
            stream.stop()
        elif isinstance(event, Interrupted):
            # Schemathesis takes Ctrl-C for an end of its own alone.
            raise KeyboardInterrupt


def _home_of_hypothesis() -> Path:
    """Where Hypothesis keeps what it has worked out; nowhere for a user without a home."""
    try:
        return platformdirs.user_cache_path("linq-contract", appauthor=False) / "hypothesis"
    except RuntimeError:
        return Path(os.devnull)


@schemathesis.check
def no_rule_is_broken(_ctx: object, response: SchemathesisResponse, _case: Case[Any]) -> None:
    """Fail on the responses that the auditor found a rule broken in, so that Schemathesis shrinks them."""
    broken = response.headers.get(_BROKEN.lower())
    if broken:
        raise AssertionError(broken[0])


def _config(campaign: Campaign) -> SchemathesisConfig:
    examples = _EXAMPLES_FOR_A_LARGE_ACCOUNT if campaign.is_large else _EXAMPLES
    examples *= campaign.times_as_many_examples
    config = SchemathesisConfig.from_dict(  # pyright: ignore[reportUnknownMemberType] - it takes a bare dict
        {
            "seed": campaign.seed,
            "continue-on-failure": True,
            "checks": {"enabled": False, no_rule_is_broken.__name__: {"enabled": True}},
            "generation": {"max-examples": examples, "database": "none"},
            "phases": {"examples": {"enabled": False}, "coverage": {"unexpected-methods": []}},
        }
    )
    # Set apart from the others, because from_dict would look the placeholder up in the environment.
    default = config.projects.default
    default.update(headers=dict([authorization(ACCOUNT)]))  # pyright: ignore[reportUnknownMemberType] - the same
    return config


class _Gateway:
    """A WSGI application that is the server to Schemathesis, and a client of the session."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.stopped_by: Exception | None = None
        seconds = _SECONDS_IF_SLOW if campaign.session.is_slow else _SECONDS
        self._closes_at = time.monotonic() + campaign.times_as_many_examples * max(
            seconds, _REQUESTS / (campaign.target.requests_per_second or _REQUESTS)
        )
        self._known = set(campaign.ledger.broken_counts())
        self._writes = 0
        self._lists = 0
        self._last_list: Exchange | None = None
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == _DOCUMENT_PATH:
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps({**self.campaign.auditor.document.raw, "servers": [{"url": "/"}]}).encode()]
        with self._lock:
            return self._pass_on(request_from(environ), start_response)

    @property
    def is_closed(self) -> bool:
        """Whether nothing is passed on any more: the time is up, or the session cannot go on."""
        return self.stopped_by is not None or time.monotonic() > self._closes_at

    def _pass_on(self, request: Request, start_response: Callable[..., object]) -> Iterable[bytes]:
        before = self.campaign.ledger.broken_counts()
        exchange = self._send(request)
        broken = (self.campaign.ledger.broken_counts() - before).keys() - self._known
        if exchange is None or isinstance(exchange.answer, NoAnswer):
            start_response("204 No Content", [])
            return []
        hop_by_hop = {"transfer-encoding", "connection", "content-length", "content-encoding", "keep-alive"}
        headers = [
            (name, value) for name, value in exchange.response.headers if name.lower() not in hop_by_hop
        ]
        if broken:
            headers.append((_BROKEN, ", ".join(sorted(broken))))
        start_response(f"{exchange.response.status} Status", headers)
        return [self._shortened(exchange)]

    def _shortened(self, exchange: Exchange) -> bytes:
        """The body with the list of a large account cut to the lines that are tried; links need no more."""
        if not (self.campaign.is_large and exchange.items):
            return exchange.response.body
        keys = {line.key for line in self.campaign.chosen}
        items = [item for item in exchange.items if line_key(str(item.get("id"))) in keys]
        return json.dumps({"phone_numbers": items}).encode()

    def _send(self, request: Request) -> Exchange | None:
        session = self.campaign.session
        if self.is_closed:
            return None
        try:
            request = self._made_useful(request)
            if request == session.list_request():
                return self._list()
            exchange = session.send(request)
            self._look_now_and_then(exchange)
        except RefusedError:
            return None
        except Exception as error:  # noqa: BLE001 - Schemathesis would take a bug of ours for the server's
            self.stopped_by = error
            return None
        return exchange

    def _list(self) -> Exchange:
        """List the account; a large one only now and then, and the list before in between."""
        self._lists += 1
        if self._last_list is None or not self.campaign.is_large or self._lists % _LARGE_LISTS_ASKED_FOR == 0:
            self._last_list = self.campaign.session.list()
        return self._last_list

    def _look_now_and_then(self, exchange: Exchange) -> None:
        self._writes += exchange.request.method != "GET"
        limit = _WRITES_BEFORE_A_LARGE_LIST if self.campaign.is_large else _WRITES_BEFORE_A_LIST
        if self._writes >= limit:
            self._writes = 0
            self.campaign.session.list()

    def _made_useful(self, request: Request) -> Request:
        """Aim most random ids at lines of the account, and give valid numbers to nobody."""
        _, parameter = self.campaign.auditor.document.match(request.target)
        lines = self.campaign.chosen
        chance = zlib.crc32(request.target.encode() + (request.body or b""))
        if (
            parameter is not None
            and lines
            and chance % 4 < _OUT_OF_FOUR_TO_KNOWN_LINES
            and _is_uuid(parameter)
        ):
            target = self.campaign.session.update_target(segment_of(lines[chance % len(lines)].id))
            request = replace(request, target=target)
        body = json_object(parse_json(request.body or b""))
        number = (body or {}).get(FIELD)
        if body is None or not isinstance(number, str) or self._is_harmless(number):
            return request
        if is_e164(number) or could_ring_a_stranger(number):
            mine = self.campaign.numbered(chance)
            body = {**body, FIELD: mine if is_e164(number) else f"x{mine}"}
            request = replace(request, body=json.dumps(body).encode())
        return request

    def _is_harmless(self, number: str) -> bool:
        own = self.campaign.permissions.forward_to
        return number in own if own else is_fiction(number)


def request_from(environ: dict[str, Any]) -> Request:
    """The request that a WSGI environment describes, as it would have gone over the wire."""
    headers = [
        (key.removeprefix("HTTP_").replace("_", "-").title(), value)
        for key, value in environ.items()
        if key.startswith("HTTP_") and key not in _OF_THE_TEST_CLIENT
    ]
    if environ.get("CONTENT_TYPE"):
        headers.append(("Content-Type", environ["CONTENT_TYPE"]))
    length = environ.get("CONTENT_LENGTH")
    body = environ.get("wsgi.input", io.BytesIO()).read(int(length)) if length else None
    target = environ.get("RAW_URI") or quote(environ["PATH_INFO"].encode("latin-1"))
    return Request(environ["REQUEST_METHOD"], target, tuple(headers), body)


def _is_uuid(parameter: str) -> bool:
    try:
        return str(UUID(unquote(parameter))) == unquote(parameter).lower()
    except ValueError:
        return False
