"""A session: sends requests through the wire, waits as a polite client does, and has all of it judged.

Threads only send. What came back is judged, and the account is looked at, by one thread at a time.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, MutableSequence, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import quote

from linq_contract.contract.classification import FIELD, LIST, UPDATE
from linq_contract.contract.lines import Line
from linq_contract.contract.numbers import endless_fiction
from linq_contract.http.credentials import ACCOUNT, placeholder
from linq_contract.http.messages import SAFE_METHODS, TRANSIENT, Attempt, NoAnswer, Request, Response
from linq_contract.http.wire import Wire
from linq_contract.judge.auditor import Auditor
from linq_contract.judge.exchange import Exchange
from linq_contract.run.causes import Causes, Timing
from linq_contract.run.extent import Extent
from linq_contract.run.patience import Patience, UnsaidWait, WaitAfterFailures, backoff

_RETRIES = 5  # with the pauses between them some three seconds, which a passing failure does not last
_RETRIES_ONCE_PERSISTENT = 2  # enough to see that it still fails
_RETRIES_OF_PROXY = 3  # a proxy that was busy is not for a second
_RETRIES_OF_SILENCE = 1  # each costs a timeout, which is long
_FIRST_TIMEOUT = 30.0  # seconds: a server that was asleep may need that to answer at all
_SHORTEST_TIMEOUT = 5.0  # seconds: of a server that answers at once, nothing takes longer by accident
_SHORTEST_TIMEOUT_ONCE_PERSISTENT = 0.5  # seconds: the silence is known, and only confirmed
_SLOW = 0.015  # seconds that even the quickest answer takes; a server on this machine takes a tenth of it
_LATEST = 20  # answers of which the quickest counts: on a busy machine any other may be late
_SENT_LAST = 4  # requests: the one that found the server gone, and those that may have ended it
_AT_ONCE = 48  # requests under way to a slow server on this machine; elsewhere the pace has its own bound
_LOOKS_AFTER_LIMITS = 25  # in a run: each costs a list, and a defect there shows at the first few
_LONGEST_PROLONGED = 120.0  # seconds: a limit that counts by the minute lets a request through by then
_LIMITS_WITHOUT_BRAKE = 2  # a limit that says too short a time twice is one that cannot tell
_FIRST_RESET_NUMBER = 50  # among the fictional ones, so that lines are set apart with other numbers


class UnreachableError(Exception):
    """The server gives no answer at all any more, or, if it `is_excessive`, one that nobody can read."""

    def __init__(self, answer: NoAnswer) -> None:
        super().__init__(answer.reason)
        self.is_excessive = answer.is_excessive
        self.instead_of_server = answer.instead_of_server
        self.advice = answer.advice


@dataclass(frozen=True, slots=True)
class Repeated:
    """A request that is sent again and again while others are under way, at least and at most so often."""

    request: Request
    at_least: int
    at_most: int


class Session:
    """The requests of a run, by what they mean. `numbers` are set instead of fictional ones.

    What a workload asks for counts into the `extent` of the run; what follows from that does not: what is
    sent again, and what finds out why a list differs.
    """

    def __init__(
        self,
        wire: Wire,
        auditor: Auditor,
        patience: Patience,
        numbers: Sequence[str] = (),
        timing: Timing | None = None,
        *,
        is_exclusive: bool = False,
    ) -> None:
        self.wire = wire
        self.auditor = auditor
        self.patience = patience
        self.extent = Extent()
        own_numbers = itertools.cycle(numbers) if numbers else endless_fiction(_FIRST_RESET_NUMBER)
        self.causes = Causes(self, auditor, own_numbers, timing, is_exclusive=is_exclusive)
        self.limited = 0
        self.healed = 0
        self._list, self._update = (auditor.document.operations[name] for name in (LIST, UPDATE))
        self._slowest: float | None = None
        self._latest: deque[float] = deque(maxlen=_LATEST)
        self._unsaid_wait = UnsaidWait()
        self._wait_after_failures = WaitAfterFailures()
        self._persistent: set[tuple[str, ...]] = set()
        self._looks_after_limits = 0
        self._inside: int | None = None
        self.sent_last: deque[Request] = deque(maxlen=_SENT_LAST)

    # --- requests as values ---

    def list_request(self, account: str = ACCOUNT) -> Request:
        """The list of an account."""
        return Request(self._list.method, self._list.path, (authorization(account),))

    def update_request(self, line_id: str, body: object, account: str = ACCOUNT) -> Request:
        """The update of a line with a body: bytes as they are, anything else as JSON."""
        headers = (authorization(account), ("Content-Type", "application/json"))
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Request(self._update.method, self.update_target(segment_of(line_id)), headers, data)

    def update_target(self, segment: str) -> str:
        """The target of an update whose path parameter is encoded already."""
        return self._update.without_parameter + segment

    # --- sending ---

    def send(self, request: Request) -> Exchange:
        """Send a request until it has an answer that stands; judge every answer.

        A 429 is waited for as long as it asks, which the time limit does not count unless it is fixed; a 5xx
        or a broken connection is tried again a few times. Raises OutOfTimeError, RateLimitedError or
        UnreachableError when that leads nowhere, and EndedAsAskedError when the run has come as far as it
        was to go.
        """
        with self._alone(1):
            for attempt in self._attempts(request):
                if attempt.status == 404:
                    self._look_for_line(request)
                exchange = self._judge(attempt)
                if attempt.pause is None:
                    return exchange
                self.patience.wait(attempt.pause)
                if attempt.status == 429:
                    self._look_after_limit(exchange)
            raise AssertionError  # the last attempt has no pause

    def send_aside(self, request: Request) -> Exchange:
        """Do as `send` does, and leave the model of the account alone."""
        with self._alone(1):
            return self._judged_alone(list(self._waiting_attempts(request)))[-1]

    def send_all_aside(self, requests: Sequence[Request]) -> Sequence[Exchange]:
        """Do as `send_all` does, and leave the model of the account alone."""
        if not self.is_slow or len(requests) < 2:
            return [self.send_aside(request) for request in requests]
        return [exchange for exchange in self.send_together(_shares(requests)) if exchange.final]

    @property
    def latency(self) -> float:
        """The seconds that the quickest of the latest answers took."""
        return min(self._latest, default=0.0)

    @property
    def is_slow(self) -> bool:
        """Whether most of the time is spent waiting, so that several answers should be waited for at once."""
        return self.latency >= _SLOW

    def in_step(self, sequences: Sequence[Sequence[Request]]) -> None:
        """Send sequences, each of which names a line of its own, with a list after each request.

        One sequence comes after the other; to a slow server all go at once, in step, and share the lists.
        """
        one_by_one = ([request] for sequence in sequences for request in sequence)
        for step in itertools.zip_longest(*sequences) if self.is_slow else one_by_one:
            requests = [request for request in step if request is not None]
            self.send_all(requests)
            accounts = [self.auditor.account_of_line(request) or ACCOUNT for request in requests]
            self.list_all([*dict.fromkeys(accounts)])

    def send_all(self, requests: Sequence[Request]) -> Sequence[Exchange]:
        """Send requests whose order does not matter: several at once if the server is slow.

        The exchanges are returned in the order in which their answers came.
        """
        if not self.is_slow or len(requests) < 2:
            return [self.send(request) for request in requests]
        attempts: list[Attempt] = []
        exchanges: list[Exchange] = []
        with self._alone(len(requests)):
            try:
                self._send_by_threads(_shares(requests), attempts)
            finally:
                exchanges += self._take_in(attempts)
        return exchanges

    def send_together(
        self,
        sequences: Sequence[Sequence[Request]],
        meanwhile: Sequence[Repeated] = (),
        then: Sequence[Request] = (),
    ) -> Sequence[Exchange]:
        """Send sequences of requests at the same time; return every exchange in the order of their ends.

        What is sent `meanwhile` goes on until they are answered. What comes `then` is sent as soon as all
        is, before anything is judged, which takes time.
        Nobody knows in which order a server saw them: of the lines that they update, the model knows nothing
        until there is a list.
        """
        attempts: list[Attempt] = []
        most = sum(map(len, [*sequences, then])) + sum(each.at_most for each in meanwhile)
        with self._alone(most):
            self.auditor.unsettle(request for requests in (*sequences, then) for request in requests)
            try:
                self._send_by_threads(sequences, attempts, meanwhile)
                for request in then:
                    attempts += self._waiting_attempts(request)
            finally:
                exchanges = self._judged_alone(sorted(attempts, key=lambda attempt: attempt.ended))
            return exchanges

    def update(self, line_id: str, forwarding_number: object, account: str = ACCOUNT) -> Exchange:
        """Send an update of a line."""
        return self.send(self.update_request(line_id, {FIELD: forwarding_number}, account))

    # --- looking at an account ---

    def list(self, account: str = ACCOUNT) -> Exchange:
        """List an account, compare it with the model, and judge what differs; see `causes`."""
        with self._alone(1):
            listing = self.look(account)
            self.causes.compare(listing)
            return listing

    def list_all(self, accounts: Sequence[str]) -> None:
        """List several accounts: at the same time if the server is slow."""
        self.compare_all([self.list_request(account) for account in accounts])

    def compare_all(self, lists: Sequence[Request]) -> Sequence[Exchange]:
        """Do as `list` does with several requests of lists: at the same time if the server is slow."""
        compared: list[Exchange] = []
        for group in [lists] if self.is_slow else [[each] for each in lists]:
            with self._alone(len(group)):
                for listing in self.send_all(group):
                    self.causes.compare(_answered(listing))
                    compared.append(listing)
        return compared

    def listed(self, account: str = ACCOUNT) -> Sequence[Line]:
        """The lines of an account as the model has them after a fresh list."""
        self.list(account)
        return list((self.auditor.accounts[account].lines or {}).values())

    def look(self, account: str = ACCOUNT) -> Exchange:
        """The list of an account, which is not yet compared with anything."""
        return _answered(self.send(self.list_request(account)))

    @contextlib.contextmanager
    def _alone(self, requests: int) -> Generator[None]:
        """Make sure that no two threads look at the account: what one has sent the other would judge.

        The requests count if a workload asks for them, and not the session itself in the course of others.
        """
        outer, me = self._inside, threading.get_ident()
        assert outer in {None, me}, "two threads look at the account at once"
        if outer is None:
            self.extent.take(requests)
        self._inside = me
        try:
            yield
        finally:
            self._inside = outer

    def _look_for_line(self, request: Request) -> None:
        """List before an update of a line that is said to be unknown is judged: it may have been released."""
        account = self.auditor.account_of_line(request)
        if account is not None:
            self.list(account)

    def _forget_if_released(self, request: Request) -> None:
        """Do as `_look_for_line` does where the model is left alone."""
        account = self.auditor.account_of_line(request) or ACCOUNT
        self.auditor.forget_if_released(request, self.send_aside(self.list_request(account)))

    def _look_after_limit(self, exchange: Exchange) -> None:
        """List before a write that was answered 429 is sent again: it must have changed nothing."""
        if exchange.request.method in SAFE_METHODS or self._looks_after_limits >= _LOOKS_AFTER_LIMITS:
            return
        self._looks_after_limits += 1
        self.auditor.record_refusal(exchange)
        self.list(exchange.classified.account or ACCOUNT)

    # --- what threads do ---

    def _send_by_threads(
        self,
        sequences: Sequence[Sequence[Request]],
        attempts: MutableSequence[Attempt],
        meanwhile: Sequence[Repeated] = (),
    ) -> None:
        """Send sequences at the same time, adding to `attempts`; in the end raise what one has raised."""
        barrier = threading.Barrier(len(sequences) + len(meanwhile))
        under_way: list[Future[None]] = []

        def send(requests: Iterable[Request]) -> None:
            barrier.wait()
            for request in requests:
                for attempt in self._waiting_attempts(request):
                    attempts.append(attempt)

        def repeated(each: Repeated) -> Iterator[Request]:
            for times in range(each.at_most):
                if times >= each.at_least and all(sent.done() for sent in under_way):
                    return
                yield each.request

        with ThreadPoolExecutor(barrier.parties) as pool:
            under_way += [pool.submit(send, requests) for requests in sequences]
            for sent in [*under_way, *(pool.submit(send, repeated(each)) for each in meanwhile)]:
                sent.result()

    def _waiting_attempts(self, request: Request) -> Generator[Attempt]:
        """Each time that a request is sent, with the pauses in between."""
        for attempt in self._attempts(request):
            yield attempt
            if attempt.pause is not None:
                self.patience.wait(attempt.pause)

    def _attempts(self, request: Request) -> Generator[Attempt]:
        """Each time that a request is sent until an answer stands. Whoever asks waits in between."""
        if request not in self.sent_last:
            self.sent_last.append(request)
        is_persistent = self.auditor.rules_tested_by(request) in self._persistent
        retries = limits = unsaid = 0
        asked = 0.0
        while True:
            self.patience.check()
            began = time.monotonic()
            answer = self._answer(request, self._timeout(retries, is_persistent=is_persistent))
            ended = time.monotonic()
            if isinstance(answer, Response) and answer.status == 429:
                if answer.says_when:
                    limits += 1
                    pause = _pause_after_limit(answer, limits)
                else:
                    unsaid += 1
                    pause = self._unsaid_wait.pause(unsaid)
                if asked < _LONGEST_PROLONGED:
                    self.patience.prolong(pause)
                asked += pause
            elif not _is_failure(answer) or retries >= _allowed_retries(answer, is_persistent=is_persistent):
                if isinstance(answer, NoAnswer) and answer.is_away:
                    raise UnreachableError(answer)
                if unsaid:
                    self._unsaid_wait.was_enough(unsaid)
                yield Attempt(request, answer, began, ended, retries)
                return
            else:
                wanted = answer.retry_after if isinstance(answer, Response) else 0
                pause = self._wait_after_failures.pause(wanted, retries)
                retries += 1
            yield Attempt(request, answer, began, ended, retries, pause)

    def _answer(self, request: Request, timeout: float) -> Response | NoAnswer:
        """What comes back. What a proxy says instead is waited out, and then ends the run."""
        for retries in itertools.count():
            answer = self.wire.send(request, timeout=timeout)
            if not (isinstance(answer, NoAnswer) and answer.instead_of_server):
                return answer
            if retries == _RETRIES_OF_PROXY:
                raise UnreachableError(answer)
            self.patience.wait(backoff(retries))
        raise AssertionError  # the count does not end

    def _timeout(self, retries: int, *, is_persistent: bool) -> float:
        """A timeout that suits a server as slow as this one has been."""
        if self._slowest is None:
            return _FIRST_TIMEOUT
        if is_persistent:
            return min(max(_SHORTEST_TIMEOUT_ONCE_PERSISTENT, 4 * self._slowest), _FIRST_TIMEOUT)
        one_by_one = 2 * _AT_ONCE * self.latency  # twice what a server takes that answers one at a time
        usual = max(_SHORTEST_TIMEOUT, 10 * self._slowest, one_by_one)
        return min(usual * 2.0**retries, _FIRST_TIMEOUT)

    # --- what one thread does ---

    def _take_in(self, attempts: Sequence[Attempt]) -> Iterator[Exchange]:
        """Judge what threads have sent. Lines that seem to have been released are looked for once."""
        lost = [attempt for attempt in attempts if self._lost_line_of(attempt)]
        for attempt in (attempt for attempt in attempts if attempt not in lost):
            exchange = self._judge(attempt)
            if attempt.status == 429 and exchange.could_write:
                self.auditor.record_refusal(exchange)
            if attempt.is_final:
                yield exchange
        for account in dict.fromkeys(map(self._lost_line_of, lost)):
            self.list(account or ACCOUNT)
        yield from map(self._judge, lost)

    def _judged_alone(self, attempts: Sequence[Attempt]) -> Sequence[Exchange]:
        """Judge what was sent aside, in its order; a line that was lost is one until then."""
        lost = [place for place, attempt in enumerate(attempts) if self._lost_line_of(attempt)]
        kept = [place for place in range(len(attempts)) if place not in lost]
        judged = {place: self._judge(attempts[place], aside=True) for place in kept}
        for request in dict.fromkeys(attempts[place].request for place in lost):
            self._forget_if_released(request)
        judged |= {place: self._judge(attempts[place], aside=True) for place in lost}
        return [judged[place] for place in range(len(attempts))]

    def _lost_line_of(self, attempt: Attempt) -> str | None:
        """The account of the known line that an attempt names and a server says is unknown."""
        return self.auditor.account_of_line(attempt.request) if attempt.status == 404 else None

    def _judge(self, attempt: Attempt, *, aside: bool = False) -> Exchange:
        """Have an attempt judged, and learn from it how slow the server is, and what it keeps failing."""
        judge = self.auditor.judge_alone if aside else self.auditor.judge
        exchange = judge(self.auditor.exchange_of(attempt))
        self.causes.remember(exchange)
        if not aside:
            self.causes.remember_refusal(exchange)
        if isinstance(attempt.answer, Response):
            seconds = attempt.ended - attempt.began
            self._slowest = max(self._slowest or 0, seconds)
            self._latest.append(seconds)
        self.limited += attempt.status == 429
        if attempt.is_final and _is_failure(attempt.answer):
            self._persistent.add(exchange.expectation.rules if exchange.expectation is not None else ())
        elif attempt.is_final:
            self.healed += attempt.failures
        return exchange


def segment_of(line_id: str) -> str:
    """An id as it stands in a path, whatever a server sent as one."""
    return quote(line_id, safe="", errors="replace")


def authorization(account: str) -> tuple[str, str]:
    """The header that presents the token of an account."""
    return "Authorization", f"Bearer {placeholder(account)}"


def _shares(requests: Sequence[Request]) -> Sequence[Sequence[Request]]:
    """The requests as sequences that go to a slow server at the same time."""
    return [requests[start::_AT_ONCE] for start in range(min(_AT_ONCE, len(requests)))]


def _answered(listing: Exchange) -> Exchange:
    """A list that has an answer. Raises UnreachableError, since a server that does not list is gone."""
    if isinstance(listing.answer, NoAnswer):
        raise UnreachableError(listing.answer)
    return listing


def _is_failure(answer: Response | NoAnswer) -> bool:
    return isinstance(answer, NoAnswer) or answer.status in TRANSIENT


def _allowed_retries(answer: Response | NoAnswer, *, is_persistent: bool) -> int:
    """How often to try again: less for what has failed to the end before, and for silence."""
    if isinstance(answer, NoAnswer) and answer.is_excessive:
        return 0
    if isinstance(answer, NoAnswer) and answer.timed_out:
        return 0 if is_persistent else _RETRIES_OF_SILENCE
    return _RETRIES_ONCE_PERSISTENT if is_persistent else _RETRIES


def _pause_after_limit(answer: Response, limits: int) -> float:
    """As long as the server asks, and longer each time where that has not been long enough."""
    brake = limits - _LIMITS_WITHOUT_BRAKE - 1
    return max(answer.retry_after, backoff(brake)) if brake >= 0 else answer.retry_after
