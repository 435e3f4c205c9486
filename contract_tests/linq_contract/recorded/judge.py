"""The judge of recorded traffic: an auditor that knows nothing of the accounts at first, and sends nothing.

What the recording alone cannot tell is left open. An answer is held against a server where nothing that is
not in the recording could explain it; see `suspicions` for what lies between two lists.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from linq_contract.contract.classification import Subject
from linq_contract.contract.lines import UNSETTLED, Line
from linq_contract.http.credentials import ACCOUNT
from linq_contract.http.messages import SAFE_METHODS, Attempt, Request
from linq_contract.judge.auditor import Auditor
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.ledger import Finding, Ledger
from linq_contract.judge.races import Race
from linq_contract.judge.registry import checked
from linq_contract.recorded.attempts import attempt_of
from linq_contract.recorded.entries import Entry
from linq_contract.recorded.server import RecordedServer, is_of_contract
from linq_contract.recorded.suspicions import Suspicions
from linq_contract.recorded.tokens import Tokens
from linq_document import Document

_MOST_IN_A_RACE = 40  # exchanges; an order of more takes too long to be searched for
_MOST_OPEN = 1_000  # outcomes that wait for the next list; of a client that never lists, the newest
_PERSISTS = 3  # times that the same request fails in a row, until that is no passing failure
_SHOW_OTHERWISE = "somebody who is not in the recording may have done that"
_TOKEN_IN_DOUBT = "nothing in the recording tells whether the token was valid"  # noqa: S105 - no password
_FAILURE_IN_DOUBT = "a failure that may have been a passing one was not tried again"


class RecordingJudge:
    """Judges what was asked of one server, in the order in which it went on.

    `ignored` counts what was left out, by the reason. An `exclusive` recording has all that happened to the
    accounts meanwhile.
    """

    def __init__(
        self,
        document: Document,
        ledger: Ledger,
        server: RecordedServer,
        tokens: Tokens,
        *,
        exclusive: bool = False,
    ) -> None:
        self.ledger = ledger
        self.ignored: Counter[str] = Counter()
        self._document = document
        self._server = server
        self._tokens = tokens
        self._auditor = Auditor(document, ledger)
        self._suspicions = Suspicions(self._auditor, tokens, exclusive=exclusive)
        self._failures: dict[Request, int] = {}
        self._surprises: deque[Exchange] = deque(maxlen=_MOST_OPEN)
        self._is_exclusive = exclusive

    def concerns(self, entry: Entry) -> bool:
        """Whether an entry is to be judged; if it is not, it is counted."""
        reason = self._why_ignored(entry)
        if reason:
            self.ignored[reason] += 1
        return not reason

    def take(self, entries: Sequence[Entry]) -> Sequence[Exchange]:
        """Judge exchanges of which each overlapped another; mostly it is one."""
        attempts = [self._attempt(entry) for entry in sorted(entries, key=lambda entry: entry.ended)]
        kept = [attempt for entry, attempt in attempts if self._is_whole(entry, attempt)]
        return self._together(kept) if len(kept) > 1 else [self._alone(attempt) for attempt in kept]

    def finish(self) -> None:
        """Decide what could be decided only at the end."""
        for surprise in self._surprises:
            self._leave_open(surprise, _SHOW_OTHERWISE)
        self._suspicions.decide()

    # --- which exchanges ---

    def _why_ignored(self, entry: Entry) -> str:
        if not self._server.has(entry.url):
            return "of other hosts"
        if not is_of_contract(entry, self._server, self._document):
            return "of paths that the contract does not have"
        return "answered by a cache" if entry.is_of_a_cache else ""

    def _attempt(self, entry: Entry) -> tuple[Entry, Attempt]:
        return entry, attempt_of(entry, self._server.target_of(entry.url) or "", self._tokens)

    def _is_whole(self, entry: Entry, attempt: Attempt) -> bool:
        """Whether an exchange has its bodies. One that has not may have changed something all the same."""
        if not entry.lacks_body and (entry.answer is None or entry.answer.body is not None):
            return True
        self.ignored["without the body, which the recording did not keep"] += 1
        exchange = self._auditor.exchange_of(attempt)
        self._doubt_line_of(exchange)
        return False

    # --- one after the other ---

    def _alone(self, attempt: Attempt) -> Exchange:
        exchange = self._auditor.judge(self._weighed(attempt))
        self._remember(exchange)
        self._settle_surprises(exchange)
        if (chapter := self._auditor.chapter(exchange)) is not None:
            self._suspicions.take(chapter)
        return exchange

    def _remember(self, exchange: Exchange) -> None:
        """Have the model know what an outcome that was not judged may have changed."""
        if exchange.final:
            return
        if exchange.status == 429:
            if exchange.could_write:
                self._auditor.record_refusal(exchange)
        elif exchange.could_write:
            self._auditor.record_write(exchange)

    def _weighed(self, attempt: Attempt) -> Exchange:
        """The exchange as one whose outcome counts, or does not."""
        exchange = self._auditor.exchange_of(attempt)
        if exchange.status == 429:
            return replace(exchange, final=False)
        if not exchange.final:
            self._leave_open(exchange, _TOKEN_IN_DOUBT)
            return exchange
        if exchange.status is not None and exchange.status >= 500:
            return self._weighed_failure(exchange)
        self._failures.pop(exchange.request, None)
        if self._is_surprising(exchange) and not self._is_exclusive:
            self._surprises.append(replace(exchange, final=False))
            return replace(exchange, final=False)
        return exchange

    def _weighed_failure(self, exchange: Exchange) -> Exchange:
        times = self._failures.pop(exchange.request, 0) + 1
        self._failures[exchange.request] = times
        if len(self._failures) > _MOST_OPEN:
            del self._failures[next(iter(self._failures))]
        if times >= _PERSISTS:
            return exchange
        self._leave_open(exchange, _FAILURE_IN_DOUBT)
        return replace(exchange, final=False)

    def _is_surprising(self, exchange: Exchange) -> bool:
        """Whether an answer is wrong, unless lines were added or released since the last list."""
        if exchange.request.method in SAFE_METHODS:
            return False
        is_released = exchange.classified.subject is Subject.LINE and exchange.status == 404
        is_added = exchange.classified.subject is Subject.UNKNOWN and exchange.is_success
        return is_released or is_added

    def _settle_surprises(self, listing: Exchange) -> None:
        """Hold against the server what the next list of the account shows to have been wrong."""
        if listing.lines is None or self._tokens.are_taken_out:
            return
        account = listing.classified.account or ACCOUNT
        for surprise in [x for x in self._surprises if (x.classified.account or ACCOUNT) == account]:
            self._surprises.remove(surprise)
            key, was_known = surprise.named_key, surprise.classified.subject is Subject.LINE
            if (key in listing.lines) is was_known and (
                was_known or key not in self._tokens.ever_listed(account)
            ):
                self._report(replace(surprise, final=True), listing)

    def _report(self, exchange: Exchange, listing: Exchange) -> None:
        rules = exchange.expectation.rules if exchange.expectation is not None else ()
        for rule, problem in checked(exchange):
            if rule in rules:
                self.ledger.record_tests([rule], exchange)
                if problem:
                    self.ledger.report(Finding(rule, problem, (exchange, listing)))

    def _leave_open(self, exchange: Exchange, because: str) -> None:
        for rule in exchange.expectation.rules if exchange.expectation is not None else ():
            self.ledger.leave_open(rule, because)

    # --- at the same time ---

    def _together(self, attempts: Sequence[Attempt]) -> Sequence[Exchange]:
        """Judge what overlapped: the order is not known in which the server saw it."""
        before = {
            key: line
            for _, account in self._auditor.accounts.items()
            for key, line in (account.lines or {}).items()
        }
        exchanges = [self._auditor.judge_alone(self._weighed(attempt)) for attempt in attempts]
        writes = [exchange for exchange in exchanges if exchange.could_write]
        if not writes:
            return self._only_reads(exchanges)
        for exchange in writes:
            self._auditor.record_write(exchange)
        named = Counter(exchange.named_key for exchange in writes)
        for exchange in writes:
            if named[exchange.named_key] > 1:
                self._doubt_line_of(exchange)
        if len(exchanges) <= _MOST_IN_A_RACE:
            for race in self._races(before, exchanges):
                self._suspicions.take_race(race)
        return exchanges

    def _only_reads(self, exchanges: Sequence[Exchange]) -> Sequence[Exchange]:
        for exchange in exchanges:
            self._settle_surprises(exchange)
            if (chapter := self._auditor.chapter(exchange)) is not None:
                self._suspicions.take(chapter)
        return exchanges

    def _races(self, before: Mapping[str, Line], exchanges: Sequence[Exchange]) -> Iterator[Race]:
        """What the lists among overlapping exchanges show of the lines that were updated meanwhile."""
        lists = [exchange for exchange in exchanges if exchange.lines is not None and exchange.final]
        updated = {exchange.named_key for exchange in exchanges if exchange.is_update}
        for key in updated & before.keys():
            if lists and before[key].forwarding_number is not UNSETTLED:
                yield Race(before[key], exchanges, lists[-1])

    def _doubt_line_of(self, exchange: Exchange) -> None:
        line = exchange.classified.line
        if line is not None and exchange.could_write:
            self._auditor.account_of(exchange).set(line.key, UNSETTLED)


def in_clusters(entries: Iterable[Entry]) -> Iterator[Sequence[Entry]]:
    """Entries in the order of their begins; those that overlapped, one way or another, together."""
    cluster: list[Entry] = []
    end = 0.0
    for entry in sorted(entries, key=lambda entry: entry.began):
        if cluster and entry.began >= end:
            yield cluster
            cluster = []
        end = max(end, entry.ended) if cluster else entry.ended
        cluster.append(entry)
    if cluster:
        yield cluster
