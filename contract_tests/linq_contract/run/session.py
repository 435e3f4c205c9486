"""A session: sends requests through the wire, waits as a polite client does, and has all of it judged."""

from __future__ import annotations

import contextlib
import itertools
import json
import random
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from linq_contract.contract.expectation import FIELD, LIST, UPDATE, Authority
from linq_contract.contract.lines import Line
from linq_contract.contract.numbers import endless_fiction
from linq_contract.http.credentials import ACCOUNT_VARIABLE, OTHER_VARIABLE, placeholder
from linq_contract.http.messages import NoAnswer, Request, Response
from linq_contract.http.wire import SAFE_METHODS, RefusedError, Wire
from linq_contract.judge.auditor import Auditor
from linq_contract.judge.checks import Exchange
from linq_contract.judge.history import Chapter, named_key

_TRANSIENT = frozenset({500, 502, 503, 504})
_RETRIES = 5
_RETRIES_ONCE_PERSISTENT = 2
_RETRIES_OF_SILENCE = 1
_FIRST_TIMEOUT = 30.0
_SHORTEST_TIMEOUT = 5.0
_SHORTEST_TIMEOUT_ONCE_PERSISTENT = 0.5
_FIRST_BACKOFF = 0.05
_LONGEST_BACKOFF = 2.0
_SLOW = 0.15
_WEIGHT_OF_LATEST = 0.1
_AT_ONCE = 8
_MOST_ISOLATED = 40
_MOST_REPEATED_TOGETHER = 20
_MOST_SET_APART = 3
_LONGEST_REPRODUCING = 20.0
_NOT_FOUND = 404
_SECONDS_UNTIL_QUIET = 1.5
_SECONDS_WATCHED = 3.0
_LONGEST_WATCHED = 60.0
_SHARE_WATCHED = 0.1
_SECONDS_OF_A_BURST = 0.3
_TIMES_AS_LONG = (3.0, 5.0)
_SECONDS_LATE = 0.8
_TIMES = 3
_TIMES_WHERE_SHARED = 4
_RELISTS = 6
SUSPICIONS_THAT_ARE_PROOF = 3
_LOOKS_AFTER_LIMITS = 25
_LIMITS_WITHOUT_BRAKE = 2
_FIRST_RESET_NUMBER = 50


class OutOfTimeError(Exception):
    """The time limit of the run is reached."""


class RateLimitedError(Exception):
    """The server asks to wait for longer than the run is willing to."""


class UnreachableError(Exception):
    """The server gives no answer at all any more, or, if it `is_excessive`, one that nobody can read."""

    def __init__(self, answer: NoAnswer) -> None:
        super().__init__(answer.reason)
        self.is_excessive = answer.is_excessive


@dataclass(frozen=True, slots=True)
class Attempt:
    """One time that a request was sent, between two instants of the monotonic clock."""

    exchange: Exchange
    began: float
    ended: float


class Judge(Protocol):
    """How an answer is judged: with the history of the account, or by itself."""

    def __call__(self, request: Request, answer: Response | NoAnswer, *, final: bool) -> Exchange: ...


@dataclass
class Patience:
    """How long a run waits. Times are in seconds of the monotonic clock."""

    deadline: float
    longest_wait: float = 60.0

    @property
    def left(self) -> float:
        return self.deadline - time.monotonic()

    def check(self) -> None:
        """Raise OutOfTimeError when the time is up."""
        if self.left <= 0:
            raise OutOfTimeError

    def wait(self, seconds: float) -> None:
        """Wait, or raise RateLimitedError or OutOfTimeError when that would take too long."""
        if seconds > self.longest_wait:
            raise RateLimitedError(f"the server asked to wait for {seconds:g} s")
        if seconds > self.left:
            raise OutOfTimeError
        time.sleep(seconds)


class Session:
    """The requests of a run, by what they mean."""

    def __init__(self, wire: Wire, auditor: Auditor, patience: Patience, numbers: Sequence[str] = ()) -> None:
        self.wire = wire
        self.auditor = auditor
        self.patience = patience
        self._list, self._update = (auditor.document.operations[name] for name in (LIST, UPDATE))
        self._list_headers: tuple[tuple[str, str], ...] = ()
        self._numbers = itertools.cycle(numbers) if numbers else endless_fiction(_FIRST_RESET_NUMBER)
        self._slowest: float | None = None
        self._usual = 0.0
        self._persistent: set[tuple[str, ...]] = set()
        self._suspicions = 0
        self._suspected_at = time.monotonic()
        self._seconds_reproducing = 0.0
        self._looks_after_limits = 0
        self.limited = 0
        self.healed = 0

    # --- requests as values ---

    def list_request(self, variable: str = ACCOUNT_VARIABLE) -> Request:
        """The list of an account, named by the variable that holds its token."""
        return Request(self._list.method, self._list.path, (authorization(variable), *self._list_headers))

    def update_request(self, line_id: str, body: object, variable: str = ACCOUNT_VARIABLE) -> Request:
        """The update of a line with a body: bytes as they are, anything else as JSON."""
        segment = quote(line_id, safe="", errors="replace")
        headers = (authorization(variable), ("Content-Type", "application/json"))
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Request(self._update.method, self.update_target(segment), headers, data)

    def update_target(self, segment: str) -> str:
        """The target of an update whose path parameter is encoded already."""
        template = self._update.path
        return template[: template.index("{")] + segment

    @contextlib.contextmanager
    def listing_with(self, *headers: tuple[str, str]) -> Generator[None]:
        """Ask for lists with further headers."""
        self._list_headers = headers
        try:
            yield
        finally:
            self._list_headers = ()

    # --- sending ---

    def send(self, request: Request) -> Exchange:
        """Send a request until it has an answer that stands; judge every answer.

        A 429 is waited for as long as it asks; a 5xx or a broken connection is tried again a few
        times. Raises OutOfTimeError, RateLimitedError or UnreachableError when that leads nowhere.
        """
        return self._send(request, self.auditor.judge)[-1].exchange

    def send_all(self, requests: Sequence[Request]) -> None:
        """Send requests whose order does not matter: several at once if the server is slow."""
        if self._usual < _SLOW:
            for request in requests:
                self.send(request)
            return
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            for sent in [threads.submit(self.send, request) for request in requests]:
                sent.result()

    def send_aside(self, request: Request) -> Sequence[Attempt]:
        """Do as `send` does, from several threads at once: the model of the account is left alone."""
        return self._send(request, self.auditor.judge_alone)

    def _send(self, request: Request, judge: Judge) -> list[Attempt]:
        rules = self.auditor.rules_exercised_by(request)
        attempts: list[Attempt] = []
        retries = limits = 0
        while True:
            self.patience.check()
            began = time.monotonic()
            answer = self._send_once(request, retries, is_persistent=rules in self._persistent)
            ended = time.monotonic()
            if isinstance(answer, Response) and answer.status == _NOT_FOUND:
                self._look_for_line(request, aside=judge != self.auditor.judge)
            is_limited = isinstance(answer, Response) and answer.status == 429
            is_failure = isinstance(answer, NoAnswer) or answer.status in _TRANSIENT
            final = not is_limited and (not is_failure or retries >= self._allowed_retries(answer, rules))
            attempts.append(Attempt(judge(request, answer, final=final), began, ended))
            if final:
                if is_failure:
                    self._persistent.add(rules)
                else:
                    self.healed += retries
                return attempts
            asked = answer.retry_after if isinstance(answer, Response) else 0
            if is_limited:
                limits += 1
                self.limited += 1
                if limits > _LIMITS_WITHOUT_BRAKE:
                    asked = max(asked, _backoff(limits - _LIMITS_WITHOUT_BRAKE - 1))
            else:
                asked = max(asked, _backoff(retries))
                retries += 1
            self.patience.wait(asked)
            if is_limited and judge == self.auditor.judge:
                self._look_after_limit(attempts[-1].exchange)

    def _look_for_line(self, request: Request, *, aside: bool) -> None:
        """List before an update of a line that is said to be unknown is judged: it may have been released."""
        account = self.auditor.account_of_line(request)
        if account is None:
            return
        if aside:
            listing = self.send_aside(self.list_request(account))[-1].exchange
            self.auditor.forget_if_released(request, listing)
        else:
            self.list(account)

    def _look_after_limit(self, exchange: Exchange) -> None:
        """List before a write that was answered 429 is sent again: it must have changed nothing."""
        if exchange.request.method in SAFE_METHODS or self._looks_after_limits >= _LOOKS_AFTER_LIMITS:
            return
        self._looks_after_limits += 1
        self.auditor.record_refusal(exchange)
        is_of_other = exchange.classified.authority is Authority.OTHER
        self.list(OTHER_VARIABLE if is_of_other else ACCOUNT_VARIABLE)

    def _send_once(self, request: Request, retries: int, *, is_persistent: bool) -> Response | NoAnswer:
        """Send with a timeout that suits a server as slow as this one has been."""
        if self._slowest is None:
            timeout = _FIRST_TIMEOUT
        elif is_persistent:
            timeout = max(_SHORTEST_TIMEOUT_ONCE_PERSISTENT, 4 * self._slowest)
        else:
            timeout = max(_SHORTEST_TIMEOUT, 10 * self._slowest) * 2**retries
        began = time.monotonic()
        answer = self.wire.send(request, timeout=min(timeout, _FIRST_TIMEOUT))
        if isinstance(answer, Response):
            seconds = time.monotonic() - began
            self._slowest = max(self._slowest or 0, seconds)
            self._usual += _WEIGHT_OF_LATEST * (seconds - self._usual)
        return answer

    def _allowed_retries(self, answer: Response | NoAnswer, rules: tuple[str, ...]) -> int:
        """How often to try again: less for what has failed to the end before, and for silence."""
        if isinstance(answer, NoAnswer) and answer.is_excessive:
            return 0
        if isinstance(answer, NoAnswer) and answer.timed_out:
            return 0 if rules in self._persistent else _RETRIES_OF_SILENCE
        return _RETRIES_ONCE_PERSISTENT if rules in self._persistent else _RETRIES

    def update(self, line_id: str, forwarding_number: object, variable: str = ACCOUNT_VARIABLE) -> Exchange:
        """Send an update of a line."""
        return self.send(self.update_request(line_id, {FIELD: forwarding_number}, variable))

    def list(self, variable: str = ACCOUNT_VARIABLE) -> Exchange:
        """List an account and compare it with the model.

        When several writes could have caused a difference, each is sent again by itself, so that
        the rule that is named and the evidence for it are those of a single request. What may be the
        work of somebody else who uses the account is held against the server only when it comes again.
        """
        exchange = self._list_once(variable)
        chapter = self.auditor.chapter(exchange)
        if chapter is None or not chapter.differences:
            self.auditor.close_chapter(exchange)
            return exchange
        could_be_others = self.auditor.could_be_others(chapter)
        unheard_of = self.auditor.shows_unheard_of_number(chapter)
        is_plain = self._is_plain(chapter)
        if is_plain and not could_be_others:
            self.auditor.close_chapter(exchange)
            return exchange
        self.auditor.close_chapter(exchange, judged=False)
        if is_plain and not self.auditor.is_shared and self._repeats(chapter, variable):
            self.auditor.blame(chapter, exchange)
            return exchange
        if self._reproduce(chapter, variable, times=self._times(could_be_others=could_be_others)):
            return exchange
        if not could_be_others:
            self.auditor.blame(chapter, exchange)
        elif unheard_of or self.auditor.is_shared:
            self.auditor.hold_against_others(chapter)
        elif self._comes_late(chapter, variable):
            return exchange
        elif self._is_by_others(chapter, variable):
            self.auditor.hold_against_others(chapter)
        elif self._suspicions >= SUSPICIONS_THAT_ARE_PROOF:
            self.auditor.blame(chapter, exchange)
        return exchange

    def _times(self, *, could_be_others: bool) -> int:
        """How often a difference has to come again before it is held against the server."""
        if not could_be_others:
            return 1
        return _TIMES_WHERE_SHARED if self.auditor.is_shared else _TIMES

    def _is_by_others(self, chapter: Chapter, variable: str) -> bool:
        """Whether somebody else is seen at work; after some times in vain it is not looked for any more."""
        if self._suspicions < SUSPICIONS_THAT_ARE_PROOF:
            if self._watch(chapter, variable):
                return True
            self._suspicions += 1
            self._suspected_at = time.monotonic()
        return False

    def _is_plain(self, chapter: Chapter) -> bool:
        """Whether one write was sent, and the line that it names differs."""
        if len(chapter.writes) != 1 or self.auditor.shows_unheard_of_number(chapter):
            return False
        return {difference.key for difference in chapter.differences} == {named_key(chapter.writes[0])}

    def _repeats(self, chapter: Chapter, variable: str) -> bool:
        """Whether a list differs again when the last write is sent again: nobody else is that quick twice."""
        self.send(chapter.writes[-1].request)
        found = self._look(variable)
        return found is not None and bool(found.differences)

    def _watch(self, suspicious: Chapter, variable: str) -> bool:
        """Whether lines that differed change while nothing is sent, and what was sent has had its effect."""
        seconds = self._seconds_to_watch()
        self.patience.wait(_SECONDS_UNTIL_QUIET)
        self._look(variable)
        self._set_apart(None, suspicious)
        return self._changes_by_itself(variable, seconds)

    def _seconds_to_watch(self) -> float:
        """As long as since the last suspicion: who was at work then is likely to be seen at work again."""
        since = time.monotonic() - self._suspected_at
        return min(max(since, _SECONDS_WATCHED), _LONGEST_WATCHED, self.patience.left * _SHARE_WATCHED)

    def watch_line(self, line: Line) -> bool:
        """Whether somebody else changes the account while a line is set and nothing more is sent."""
        self.update(line.id, next(self._numbers))
        self._look(ACCOUNT_VARIABLE)
        return self._changes_by_itself(ACCOUNT_VARIABLE, _SECONDS_WATCHED)

    def _changes_by_itself(self, variable: str, seconds: float) -> bool:
        self.patience.wait(seconds)
        chapter = self._look(variable)
        if chapter is None or not chapter.differences or not self.auditor.could_be_others(chapter):
            return False
        self.auditor.hold_against_others(chapter)
        return True

    def _look(self, variable: str) -> Chapter | None:
        """List without judging: what the list shows is the truth from now on."""
        exchange = self._list_once(variable)
        chapter = self.auditor.chapter(exchange)
        self.auditor.close_chapter(exchange, judged=False)
        return chapter

    def listed(self, variable: str = ACCOUNT_VARIABLE) -> Sequence[Line]:
        """The lines of an account as the model has them after a fresh list."""
        self.list(variable)
        account = self.auditor.other if variable == OTHER_VARIABLE else self.auditor.own
        return list((account.lines or {}).values())

    def _list_once(self, variable: str) -> Exchange:
        exchange = self.send(self.list_request(variable))
        if isinstance(exchange.answer, NoAnswer):
            raise UnreachableError(exchange.answer)
        return exchange

    def _reproduce(self, chapter: Chapter, variable: str, times: int) -> bool:
        """Look for a difference again, after each request by itself and after all; True when it comes again.

        It has to come so many times for every request, so that a change by others is not taken for it.
        """
        began = time.monotonic()
        suspects = chapter.writes or chapter.readings
        tries = [[suspect] for suspect in suspects[-_MOST_ISOLATED:]]
        if 1 < len(suspects) <= _MOST_REPEATED_TOGETHER:
            tries.append(list(suspects))
        for sent in tries or [[]]:
            if self._seconds_reproducing > _LONGEST_REPRODUCING:
                return False
            found = self._comes_again(sent, chapter, variable, times)
            self._seconds_reproducing += time.monotonic() - began
            began = time.monotonic()
            if found:
                return True
        return False

    def _comes_again(
        self, sent: Sequence[Exchange], chapter: Chapter, variable: str, times: int, seconds: float = 0.0
    ) -> bool:
        """Whether a difference comes each time, so long after requests are sent, and not while nothing is."""
        for _ in range(times - 1):
            began = time.monotonic()
            if not self._differs_after(sent, chapter, variable, judged=False, seconds=seconds):
                return False
            self._wait_for_others(time.monotonic() - began)
            quiet = self._look(variable)
            if sent and quiet is not None and any(d.what != "extra" for d in quiet.differences):
                return False
        return self._differs_after(sent, chapter, variable, seconds=seconds)

    def _wait_for_others(self, seconds_of_ours: float) -> None:
        """Give others several times as long as our requests took, and never fall into step with them."""
        times_as_long = random.uniform(*_TIMES_AS_LONG)  # noqa: S311 - any length will do
        self.patience.wait(max(_SECONDS_OF_A_BURST, times_as_long * seconds_of_ours))

    def _comes_late(self, chapter: Chapter, variable: str) -> bool:
        """Whether lines differ a while after they were named by requests that were refused, each time."""
        refused = self.auditor.refused(difference.key for difference in chapter.differences)
        if self._suspicions >= SUSPICIONS_THAT_ARE_PROOF or not refused:
            return False
        self._set_apart(None, chapter)
        return self._differs_after(refused, chapter, variable, judged=False, seconds=_SECONDS_LATE) and any(
            self._comes_again([each], chapter, variable, _TIMES, _SECONDS_LATE) for each in refused
        )

    def _differs_after(
        self,
        sent: Sequence[Exchange],
        chapter: Chapter,
        variable: str,
        *,
        judged: bool = True,
        seconds: float = 0.0,
    ) -> bool:
        """Whether a list differs from the model so many seconds after requests are sent again."""
        if len(sent) == 1:
            self._set_apart(sent[0], chapter)
        for exchange in sent:
            self.send(exchange.request)
        if not sent:
            self._set_apart(None, chapter)
        if seconds:
            self.patience.wait(seconds)
        for _ in range(1 if sent else _RELISTS):
            listing = self._list_once(variable)
            found = self.auditor.chapter(listing)
            broken = self.auditor.close_chapter(listing, judged=judged)
            if broken if judged else found and found.differences:
                return True
        return False

    def _set_apart(self, sent: Exchange | None, chapter: Chapter) -> None:
        """Give the lines that a request names or changed numbers of their own, so that any change shows."""
        keys = [named_key(sent)] if sent is not None else []
        keys += [difference.key for difference in chapter.differences[:_MOST_SET_APART]]
        for variable, account in ((ACCOUNT_VARIABLE, self.auditor.own), (OTHER_VARIABLE, self.auditor.other)):
            lines = [line for line in map(account.find, dict.fromkeys(keys)) if line is not None]
            for line in lines:
                with contextlib.suppress(RefusedError):
                    self.update(line.id, next(self._numbers), variable)
            if lines:
                self._look(variable)
                self.auditor.forget_updates(line.key for line in lines)


def _backoff(times: int) -> float:
    """The seconds to wait before a request is sent again that was in vain so many times before."""
    return min(_FIRST_BACKOFF * 2.0**times, _LONGEST_BACKOFF)


def authorization(variable: str) -> tuple[str, str]:
    """The header that presents the token in that variable."""
    return "Authorization", f"Bearer {placeholder(variable)}"
