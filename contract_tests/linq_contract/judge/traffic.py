"""The traffic of a run: how often and how soon each operation was answered, and a bounded recording of it."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from linq_contract.http.messages import NoAnswer, Request, Response
from linq_contract.judge.exchange import Exchange

NO_ANSWER = "none"
"""The status of a request that was not answered."""
OTHER_REQUESTS = "other requests"
"""The operation of a request that is to none of the document."""
_MOST_EXCHANGES = 10_000  # some three runs
_MOST_TIMED = 100_000  # answers; the hundredths of more are hardly others
_MOST_BYTES = 8 * 2**20  # of bodies; with as much again around them a viewer still opens the file
_LARGEST_BODY = 65_536  # bytes, some two hundred lines

Answer: TypeAlias = Response | NoAnswer


@dataclass
class Traffic:
    """What an operation was answered: the statuses, and the seconds that the latest answers took."""

    statuses: Counter[str] = field(default_factory=Counter[str])
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=_MOST_TIMED))


@dataclass(frozen=True, slots=True)
class Recorded:
    """An exchange as it was recorded; a body that was not kept is None, and its size is told all the same."""

    request: Request
    answer: Answer
    began: datetime
    seconds: float
    request_size: int
    answer_size: int
    is_whole: bool = True


class Recording:
    """The exchanges of a run, in the order in which they were judged, as many as there is room for.

    Their times are those of the monotonic clock, or, when they `are_dated`, seconds since 1970.
    """

    def __init__(self, *, are_dated: bool = False) -> None:
        self.exchanges: list[Recorded] = []
        self.left_out = 0
        self._room = _MOST_BYTES
        self._began = 0.0 if are_dated else time.monotonic()
        self._began_at = datetime.fromtimestamp(0, UTC) if are_dated else datetime.now(UTC)

    def enter(self, exchange: Exchange) -> None:
        if len(self.exchanges) >= _MOST_EXCHANGES:
            self.left_out += 1
            return
        request, answer = exchange.request, exchange.answer
        sizes = len(request.body or b""), len(answer.body) if isinstance(answer, Response) else 0
        is_kept = max(sizes) <= _LARGEST_BODY and sum(sizes) <= self._room
        if is_kept:
            self._room -= sum(sizes)
        if isinstance(answer, Response):  # without what has been read off the body
            answer = replace(answer, body=answer.body if is_kept else b"")
        if not is_kept and request.body:
            request = replace(request, body=None)
        began = self._began_at + timedelta(seconds=exchange.began - self._began)
        seconds = exchange.ended - exchange.began
        self.exchanges.append(Recorded(request, answer, began, seconds, *sizes, is_kept))


def operation_of(exchange: Exchange) -> str:
    """The id of the operation that a request is to, or what others are called together."""
    operation = exchange.classified.operation
    return OTHER_REQUESTS if operation is None else operation.operation_id


def status_of(exchange: Exchange) -> str:
    return NO_ANSWER if exchange.status is None else str(exchange.status)
