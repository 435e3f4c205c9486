"""A transport of httpx that judges what a client of a user's own sends and is answered.

It keeps a copy of each exchange, and so reads an answer to its end before the client has it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import httpx

import linq_document
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.ledger import Finding, Ledger
from linq_contract.live.judge import LiveJudge, WatchedLedger
from linq_contract.recorded.entries import Answer, Entry, RecordingError, in_plain
from linq_contract.recorded.server import RecordedServer, find_server
from linq_document import Level

OnBroken: TypeAlias = Literal["collect", "raise"]


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that a server has broken: its name, and what is wrong."""

    rule: str
    problem: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.problem}"


class BrokenRuleError(AssertionError):
    """A server has broken rules of the contract. `broken` says which, and how."""

    def __init__(self, broken: Sequence[BrokenRule]) -> None:
        super().__init__("\n".join(map(str, broken)))
        self.broken = broken


class ValidatingTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends through another transport, and holds the server to every rule that an exchange tests.

    With "collect", `broken` has what was found; with "raise", a request whose answer breaks a rule raises
    BrokenRuleError. `finish` decides what only the whole can tell. Other requests pass and are not judged.

    Args:
        transport: What sends: an `httpx.HTTPTransport` for a client, an `httpx.AsyncHTTPTransport` for an
            asynchronous one.
        on_broken: What to do about a broken rule.
        base_url: The base URL of the server; without it, that of the first request for what the contract has.
        strict: Whether SHOULD rules count.
        exclusive: Whether nobody else changes the account meanwhile.

    """

    def __init__(
        self,
        transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None = None,
        *,
        on_broken: OnBroken = "collect",
        base_url: str | None = None,
        strict: bool = False,
        exclusive: bool = False,
    ) -> None:
        self._transport = transport if transport is not None else httpx.HTTPTransport()
        self._raises = on_broken == "raise"
        self._is_strict = strict
        self._is_exclusive = exclusive
        self._document = linq_document.load()
        self._ledger = WatchedLedger([*self._document.rules.values()])
        self._judge = self._judge_of(RecordedServer.at(base_url)) if base_url else None
        self._found: list[Finding] = []
        self._lock = threading.Lock()

    # --- what was found ---

    @property
    def ledger(self) -> Ledger:
        """The ledger of all rules."""
        return self._ledger

    @property
    def broken(self) -> Sequence[BrokenRule]:
        """What was found broken so far."""
        if self._judge is not None:
            self._judge.settle()
        return [BrokenRule(each.rule, each.problem) for each in self._found if self._counts(each)]

    def finish(self) -> Sequence[BrokenRule]:
        """Judge what only the whole can tell, and return all that is broken. Nothing may be sent any more.

        Raises BrokenRuleError if that is what to do about it.
        """
        if self._judge is not None:
            self._judge.finish()
            self._found += self._ledger.news()
            self._judge = None
        broken = self.broken
        if broken and self._raises:
            raise BrokenRuleError(broken)
        return broken

    # --- as httpx calls it ---

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(self._transport, httpx.BaseTransport), "an AsyncClient needs an asynchronous one"
        request.read()
        judge, began = self._begin(request)
        try:
            response = self._transport.handle_request(request)
            response.stream = httpx.ByteStream(_read(response))
        except BaseException:
            _end(judge, request, None, began)
            raise
        _end(judge, request, response, began)
        self._raise_if_broken()
        return response

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(self._transport, httpx.AsyncBaseTransport), "a Client needs a synchronous one"
        await request.aread()
        judge, began = self._begin(request)
        try:
            response = await self._transport.handle_async_request(request)
            response.stream = httpx.ByteStream(await _read_async(response))
        except BaseException:
            _end(judge, request, None, began)
            raise
        _end(judge, request, response, began)
        self._raise_if_broken()
        return response

    def close(self) -> None:
        """Close what sends."""
        if isinstance(self._transport, httpx.BaseTransport):
            self._transport.close()

    async def aclose(self) -> None:
        """Close what sends."""
        if isinstance(self._transport, httpx.AsyncBaseTransport):
            await self._transport.aclose()

    # --- judging ---

    def _begin(self, request: httpx.Request) -> tuple[LiveJudge | None, float]:
        """Who judges a request, if it is known by now which server is to be, and when it began."""
        with self._lock:
            self._judge = judge = self._judge or self._found_for(request)
        return judge, judge.began() if judge else time.time()

    def _found_for(self, request: httpx.Request) -> LiveJudge | None:
        """A judge of the server that a request goes to, if it is for what the contract has."""
        with contextlib.suppress(RecordingError):
            return self._judge_of(find_server([_entry(request, None, 0)], self._document))
        return None

    def _judge_of(self, server: RecordedServer) -> LiveJudge:
        return LiveJudge(self._document, self._ledger, server, self._hear, exclusive=self._is_exclusive)

    def _hear(self, _exchange: Exchange, findings: Sequence[Finding]) -> None:
        self._found += findings

    def _raise_if_broken(self) -> None:
        if self._raises and (broken := self.broken):
            self._found = []
            raise BrokenRuleError(broken)

    def _counts(self, finding: Finding) -> bool:
        return self._is_strict or self._document.rules[finding.rule].level is Level.MUST


def _end(
    judge: LiveJudge | None, request: httpx.Request, response: httpx.Response | None, began: float
) -> None:
    if judge is not None:
        judge.ended(_entry(request, response, began))


def _entry(request: httpx.Request, response: httpx.Response | None, began: float) -> Entry:
    is_bodiless = not {"content-length", "transfer-encoding"} & request.headers.keys()
    return Entry(
        "the transport: now",
        request.method,
        str(request.url),
        tuple(request.headers.multi_items()),
        None if is_bodiless else request.content,
        None if response is None else _answer(response),
        began,
        time.time(),
    )


def _answer(response: httpx.Response) -> Answer:
    """What has come, and has been read to its end."""
    assert isinstance(response.stream, httpx.ByteStream)
    headers = tuple(response.headers.multi_items())
    return in_plain(Answer(response.status_code, headers, b"".join(response.stream)))


def _read(response: httpx.Response) -> bytes:
    assert isinstance(response.stream, httpx.SyncByteStream)
    try:
        return b"".join(response.stream)
    finally:
        response.stream.close()


async def _read_async(response: httpx.Response) -> bytes:
    assert isinstance(response.stream, httpx.AsyncByteStream)
    try:
        return b"".join([chunk async for chunk in response.stream])
    finally:
        await response.stream.aclose()
