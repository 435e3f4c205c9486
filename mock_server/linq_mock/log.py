"""What was asked and answered, and what changed: the newest of it, kept to be looked at."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Generator

    from linq_mock.messages import Call, RawHeaders, Response

MOST_ENTRIES = 500
MOST_BYTES = 16 * 1024 * 1024
"""How many entries, and how many bytes of bodies, are kept at most; the oldest go first."""
LONGEST_BODY = 64 * 1024
"""The bytes of a body that are kept."""


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule of the contract that an exchange breaks, and how."""

    rule: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The names of the rules that an exchange kept, and those that it broke."""

    passed: tuple[str, ...]
    broken: tuple[BrokenRule, ...]


class Judge(Protocol):
    """Says which rules of the contract an exchange kept and broke.

    It is asked when somebody looks, in the order of the exchanges, and never about one whose body was
    too long to keep. A gap in their numbers means that some were dropped before anybody looked.
    """

    def judge(self, exchange: Exchange) -> Verdict: ...


@dataclass(slots=True)
class Exchange:
    """A request and its answer. Times are in seconds, `at` since the epoch.

    `behaviour` names what the answer was asked to be like, if it was. `is_cut` when one of the bodies
    is longer than what is kept of it.
    """

    number: int
    at: float
    seconds: float
    call: Call
    status: int
    headers: RawHeaders
    body: bytes
    behaviour: str = ""
    is_cut: bool = False
    verdict: Verdict | None = None

    @property
    def account(self) -> str:
        """The name of the account, empty when there is none with that token."""
        return self.call.account.name if self.call.account else ""

    @property
    def size(self) -> int:
        return len(self.call.body) + len(self.body)


@dataclass(slots=True)
class Change:
    """Something that changed by itself or through the control API: `what`, and of which account."""

    number: int
    at: float
    what: str
    account: str = ""
    size: int = 0


Entry: TypeAlias = Exchange | Change


class Log:
    """The newest exchanges and changes. Their numbers begin with 1 and have no gaps."""

    def __init__(self) -> None:
        self.judge: Judge | None = None
        self._entries: deque[Entry] = deque()
        self._numbers = itertools.count(1)
        self._bytes = 0
        self._judged = 0
        self._listeners: set[asyncio.Event] = set()
        self.requests = 0

    def add(self, call: Call, response: Response, started: float, behaviour: str = "") -> Exchange:
        """Keep an exchange that began at `started`, on the clock of time.perf_counter."""
        body = response.body
        exchange = Exchange(
            next(self._numbers),
            time.time(),
            time.perf_counter() - started,
            call,
            response.status_code,
            response.raw_headers,
            body,
            behaviour,
        )
        if len(body) > LONGEST_BODY or len(call.body) > LONGEST_BODY:
            exchange.body, call.body, exchange.is_cut = body[:LONGEST_BODY], call.body[:LONGEST_BODY], True
        self.requests += 1
        self._keep(exchange)
        return exchange

    def begin_with(self, exchanges: list[Exchange]) -> None:
        """Keep exchanges of before; the numbers go on after them."""
        for exchange in exchanges:
            self._keep(exchange)
        self._numbers = itertools.count(self.newest + 1)

    def note(self, what: str, account: str = "") -> None:
        """Keep a change."""
        self._keep(Change(next(self._numbers), time.time(), what, account))

    def clear(self) -> None:
        """Forget what there is; the numbers go on."""
        self._entries.clear()
        self._bytes = 0

    def after(self, number: int) -> list[Entry]:
        """Return what came after the entry of a number, as far as it is kept."""
        found = list(itertools.takewhile(lambda entry: entry.number > number, reversed(self._entries)))
        return found[::-1]

    def exchanges(self) -> list[Exchange]:
        """Return the exchanges that are kept, in order."""
        return [entry for entry in self._entries if isinstance(entry, Exchange)]

    @property
    def newest(self) -> int:
        """The number of the newest entry that is kept, 0 when there is none."""
        return self._entries[-1].number if self._entries else 0

    def judged(self, exchange: Exchange) -> Verdict | None:
        """Return what the judge says of an exchange; None without a judge, or when a body is cut."""
        if self.judge is not None:
            for entry in self.after(self._judged):
                if entry.number > exchange.number:
                    break
                if isinstance(entry, Exchange) and not entry.is_cut:
                    entry.verdict = self.judge.judge(entry)
                self._judged = entry.number
        return exchange.verdict

    @contextmanager
    def listening(self) -> Generator[asyncio.Event]:
        """Return an event that is set whenever something is added."""
        event = asyncio.Event()
        self._listeners.add(event)
        try:
            yield event
        finally:
            self._listeners.discard(event)

    def _keep(self, entry: Entry) -> None:
        entries = self._entries
        entries.append(entry)
        self._bytes += entry.size
        while len(entries) > MOST_ENTRIES or self._bytes > MOST_BYTES:
            self._bytes -= entries.popleft().size
        for listener in self._listeners:
            listener.set()
