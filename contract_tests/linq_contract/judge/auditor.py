"""The auditor: sees every exchange of a run, in whatever order it is produced, and judges it.

It generates no requests. It holds what a conforming server must remember, the model of the accounts,
and compares each list with it; the workloads (directed probes, state machines, Schemathesis) only
decide what is sent. It is used by one thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from linq_contract.contract.classification import FIELD, VALID_BODIES, classify
from linq_contract.contract.expectation import expect
from linq_contract.contract.lines import UNSETTLED, Account, Accounts, Difference, Line, line_key
from linq_contract.http.credentials import ACCOUNT, ACCOUNTS
from linq_contract.http.messages import SAFE_METHODS, Attempt, Request
from linq_contract.judge.checks import TraceId, is_answered
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.history import Chapter
from linq_contract.judge.ledger import Finding, Ledger
from linq_contract.judge.registry import Subject, checked
from linq_document import Document

_MOST_REMEMBERED = 10_000  # exchanges, some three runs: what passes through a proxy has no end


@dataclass(frozen=True, slots=True)
class SetAside:
    """A chapter that is over and was not judged. Only such a one can be held against a server later on."""

    chapter: Chapter


class Auditor:
    """Judges exchanges one by one, and the histories that they make up.

    `other_line` is the id of a line that is known to belong to the other account.
    """

    def __init__(self, document: Document, ledger: Ledger, other_line: str | None = None) -> None:
        self.document = document
        self.ledger = ledger
        self.accounts = Accounts()
        self._strangers = frozenset({line_key(other_line)} if other_line else ())
        self._refused_numbers: dict[tuple[str, object], Exchange] = {}
        self._written = {name: _newest() for name in ACCOUNTS}
        self._readings = _newest()
        self._previous_update: dict[str, Exchange] = {}
        self._repeats: deque[tuple[Exchange, Exchange]] = deque(maxlen=_MOST_REMEMBERED)
        self._trace_ids: dict[str, Exchange] = {}

    # --- exchanges ---

    def exchange_of(self, attempt: Attempt) -> Exchange:
        """What an attempt was, given the lines that are known by now."""
        return Exchange.of(attempt, self.document, self.accounts)

    def judge(self, exchange: Exchange) -> Exchange:
        """Hold one exchange to every rule that applies to it, and remember what follows from it."""
        self.judge_alone(exchange)
        if exchange.final and exchange.could_write:
            self.record_write(exchange)
        elif exchange.lines is None or not exchange.classified.is_plain:
            self._readings.append(exchange)
        return exchange

    def judge_alone(self, exchange: Exchange) -> Exchange:
        """Hold one exchange to the rules of single exchanges, and leave the model as it is."""
        if exchange.could_write:
            self._record_number(exchange)
        self.ledger.enter(exchange)
        self.hold(exchange)
        self._hold_trace_id(exchange)
        return exchange

    def hold(self, subject: Subject) -> list[str]:
        """Hold a subject to every check of its kind; return the rules that it breaks."""
        findings = [finding for _, finding in self.hold_open(subject) if finding]
        for finding in findings:
            self.ledger.report(finding)
        return [finding.rule for finding in findings]

    def hold_open(self, subject: Subject) -> list[tuple[str, Finding | None]]:
        """Hold a subject to every check of its kind; return what is found of each rule, and report none."""
        problems = list(checked(subject))
        rules = {rule for rule, _ in problems}
        for exchange in subject.tested:
            self.ledger.record_tests(rules, exchange)
        return [
            (rule, Finding(rule, problem, tuple(subject.evidence), subject.is_race) if problem else None)
            for rule, problem in problems
        ]

    def rules_tested_by(self, request: Request) -> tuple[str, ...]:
        """The rules that the outcome of a request is judged by."""
        expectation = expect(classify(request, self.document, self.accounts), self.document)
        return expectation.rules if expectation is not None else ()

    def account_of_line(self, request: Request) -> str | None:
        """The account whose known line a request names with the token of that account."""
        classified = classify(request, self.document, self.accounts)
        return classified.account if classified.line is not None else None

    def forget_if_released(self, request: Request, listing: Exchange) -> None:
        """Take the line that a request names out of the model if a later list does not have it."""
        line = classify(request, self.document, self.accounts).line
        lines = self.account_of(listing).lines
        if line is not None and lines and listing.lines is not None and line.key not in listing.lines:
            lines.pop(line.key, None)

    def unsettle(self, requests: Iterable[Request]) -> None:
        """Let any list show what it will of the lines that these requests update, until one was compared."""
        for request in requests:
            classified = classify(request, self.document, self.accounts)
            if classified.line is not None and classified.account and request.method not in SAFE_METHODS:
                self.accounts[classified.account].unsettle(classified.line.key)
                self._previous_update.pop(classified.line.key, None)

    def account_of(self, exchange: Exchange) -> Account:
        """The account that an exchange is of."""
        return self.accounts[exchange.classified.account or ACCOUNT]

    def record_refusal(self, exchange: Exchange) -> None:
        """Take a write that was refused for now, and will be sent again, for one that must change nothing."""
        for written in self._written.values():
            written.append(exchange)

    def record_write(self, exchange: Exchange) -> None:
        """Take a write for what its answer says, or for one in doubt, whether that was judged or not."""
        for written in self._written.values():
            written.append(exchange)
        self._update_model(exchange)
        request = exchange.classified
        if exchange.is_update and request.line and request.account == ACCOUNT:
            self._record_repeat(exchange)

    # --- chapters ---

    def chapter(self, listing: Exchange) -> Chapter | None:
        """What a list says about the writes since the last one, or None for anything but a list."""
        name = listing.classified.account
        if listing.lines is None or name is None:
            return None
        account, is_own = self.accounts[name], name == ACCOUNT
        # What comes late was held against its update when the list after it did not show it.
        differences = tuple(d for d in account.differences(listing.lines) if not account.is_late(d))
        return Chapter(
            account=name,
            listing=listing,
            is_first=account.lines is None,
            writes=self._late_writes(differences) or tuple(self._written[name]),
            differences=differences,
            readings=tuple(self._readings),
            strangers=self._strangers if is_own else frozenset(self.accounts[ACCOUNT].lines or ()),
            repeats=tuple(self._repeats) if is_own else (),
            undone=self._undone(account, listing.lines) if is_own else {},
        )

    def close(self, chapter: Chapter) -> list[str]:
        """Judge a chapter, and begin the next; return the rules that it breaks."""
        broken = [] if chapter.is_first else self.hold(chapter)
        self.set_aside(chapter)
        return broken

    def set_aside(self, chapter: Chapter) -> SetAside:
        """Begin the next chapter without judging this one."""
        self._remember_unshown(chapter)
        self._begin_chapter(chapter)
        return SetAside(chapter)

    def blame(self, suspect: SetAside) -> list[str]:
        """Judge a chapter as a whole, when none of its writes shows the difference by itself."""
        return self.hold(suspect.chapter)

    def forget_updates(self, keys: Iterable[str]) -> None:
        """Compare lines no longer with what they showed before their last updates."""
        for key in keys:
            self._previous_update.pop(key, None)

    def _late_writes(self, differences: Sequence[Difference]) -> tuple[Exchange, ...]:
        """The requests, refused long ago, whose numbers the lines that differ show now."""
        forwarding = (d for d in differences if d.what == "forwarding_number")
        late = [self._refused_numbers.get((difference.key, difference.shown)) for difference in forwarding]
        return tuple(dict.fromkeys(x for x in late if x is not None))

    def _undone(self, account: Account, listed: Mapping[str, Line]) -> dict[str, Exchange]:
        """The last updates of the lines that show again what they showed at some time before them."""
        known = account.lines or {}
        return {
            key: update
            for key, update in self._previous_update.items()
            if key in listed
            and key in known
            and known[key].forwarding_number != listed[key].forwarding_number
            and listed[key].forwarding_number in account.replaced.get(key, ())
        }

    def _remember_unshown(self, chapter: Chapter) -> None:
        updated = {x.named_key for x in chapter.accepted}
        unshown = {
            difference.key: difference.expected
            for difference in chapter.differences
            if difference.what == "forwarding_number" and difference.key in updated
        }
        self.accounts[chapter.account].overdue |= unshown
        self.forget_updates(unshown)

    def _begin_chapter(self, chapter: Chapter) -> None:
        self._written[chapter.account].clear()
        self._readings.clear()
        self.accounts[chapter.account].adopt(chapter.listed)
        if chapter.account == ACCOUNT:
            self._repeats.clear()
        else:
            self._strangers |= chapter.listed.keys()

    # --- what is remembered of an exchange ---

    def _update_model(self, exchange: Exchange) -> None:
        request = exchange.classified
        if request.line is None:
            return
        account = self.account_of(exchange)
        if not exchange.is_update:
            # Another method that is answered as done breaks its own rule, whatever it has done.
            if exchange.is_success:
                account.set(request.line.key, UNSETTLED)
        elif exchange.accepted and request.body in VALID_BODIES and request.account:
            account.set(request.line.key, request.forwarding_number)
        elif exchange.accepted and request.body is None and FIELD in exchange.response.object:
            # Whichever of the two values a server goes by, the list must show what the answer does.
            account.set(request.line.key, exchange.response.object[FIELD])
        elif exchange.accepted or exchange.status is None or exchange.status >= 500:
            account.set(request.line.key, UNSETTLED)

    def _record_number(self, exchange: Exchange) -> None:
        number = (exchange.named_key, exchange.number)
        if exchange.is_refused and isinstance(exchange.number, str):
            self._refused_numbers[number] = exchange
            _forget_oldest(self._refused_numbers)
        elif isinstance(exchange.number, str):
            self._refused_numbers.pop(number, None)

    def _record_repeat(self, exchange: Exchange) -> None:
        key = exchange.named_key
        previous = self._previous_update.get(key)
        has_answer = exchange.status is not None and exchange.status < 500
        if has_answer and previous is not None and previous.request == exchange.request:
            self._repeats.append((previous, exchange))
        if exchange.accepted:
            self._previous_update[key] = exchange
        else:
            self._previous_update.pop(key, None)

    def _hold_trace_id(self, exchange: Exchange) -> None:
        trace_id = exchange.response.trace_id if is_answered(exchange) else None
        if not trace_id:
            return
        self.hold(TraceId(exchange, self._trace_ids.get(trace_id)))
        self._trace_ids.setdefault(trace_id, exchange.slim())
        _forget_oldest(self._trace_ids)


def _newest() -> deque[Exchange]:
    return deque(maxlen=_MOST_REMEMBERED)


def _forget_oldest(remembered: dict[Any, Exchange]) -> None:
    if len(remembered) > _MOST_REMEMBERED:
        del remembered[next(iter(remembered))]
