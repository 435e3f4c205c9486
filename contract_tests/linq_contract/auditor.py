"""The auditor: sees every exchange of a run, in whatever order it is produced, and judges it.

It generates no requests. It holds what a conforming server must remember, the model of the two
accounts, and compares each list with it; the workloads (directed probes, state machines,
Schemathesis) only decide what is sent.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from linq_contract.account import UNSETTLED, Account, Line
from linq_contract.checks import EXCHANGE_CHECKS, Exchange, Problem, is_answered
from linq_contract.classify import FIELD, FREE_METHODS, VALID_BODIES, Authority, classify, expect
from linq_contract.document import Document
from linq_contract.exchange import NoAnswer, Request, Response, json_object, parse_json
from linq_contract.history import HISTORY_CHECKS, Chapter, named_key
from linq_contract.ledger import Finding, Ledger
from linq_contract.numbers import is_e164

UNIQUE = "transport.trace-id-unique"


class Auditor:
    """Judges exchanges one by one, and the histories that they make up."""

    def __init__(self, document: Document, ledger: Ledger) -> None:
        self.document = document
        self.ledger = ledger
        self.own = Account()
        self.other = Account()
        self.strangers: frozenset[str] = frozenset()
        self.is_shared = False
        self._heard_of: set[object] = {None}
        self._chapters: dict[Authority, list[Exchange]] = {Authority.ACCOUNT: [], Authority.OTHER: []}
        self._previous_update: dict[str, Exchange] = {}
        self._repeats: list[tuple[Exchange, Exchange]] = []
        self._trace_ids: dict[str, Exchange] = {}
        self._lock = threading.RLock()

    def judge(self, request: Request, answer: Response | NoAnswer, *, final: bool = True) -> Exchange:
        """Hold one exchange to every rule that applies to it, and remember what follows from it."""
        with self._lock:
            exchange = self.judge_alone(request, answer, final=final)
            if final and _could_write(exchange):
                self._record_write(exchange)
            return exchange

    def judge_alone(self, request: Request, answer: Response | NoAnswer, *, final: bool = True) -> Exchange:
        """Hold one exchange to the rules of single exchanges, and leave the model as it is."""
        classified = classify(request, self.document, self.own, self.other)
        expectation = expect(classified, self.document)
        exchange = Exchange(self.document, request, answer, classified, expectation, final)
        with self._lock:
            self.ledger.judged += 1
            applying = [check for check in EXCHANGE_CHECKS if check.applies(exchange)]
            problems = [(check.rule, check.judge(exchange)) for check in applying]
            self._note(problems, [exchange], exchange)
            self._check_trace_id(exchange)
        return exchange

    def rules_exercised_by(self, request: Request) -> tuple[str, ...]:
        """The rules that the outcome of a request is judged by."""
        expectation = expect(classify(request, self.document, self.own, self.other), self.document)
        return expectation.rules if expectation is not None else ()

    def account_of(self, exchange: Exchange) -> Account:
        """The account that a list is of."""
        return self.other if exchange.classified.authority is Authority.OTHER else self.own

    def pending(self, authority: Authority) -> Sequence[Exchange]:
        """The writes since the last list of an account."""
        return self._chapters[authority]

    def chapter(self, exchange: Exchange) -> Chapter | None:
        """What a list says about the writes since the last one, or None for anything but a list."""
        owner = exchange.classified.authority
        if exchange.lines is None or owner not in self._chapters:
            return None
        account = self.account_of(exchange)
        strangers = self.strangers if owner is Authority.ACCOUNT else frozenset(self.own.lines or ())
        return Chapter(
            owner=owner,
            writes=tuple(self._chapters[owner]),
            differences=tuple(account.differences(exchange.lines)),
            listed=exchange.lines.keys(),
            strangers=strangers,
            repeats=tuple(self._repeats) if owner is Authority.ACCOUNT else (),
            undone=self._undone(account, exchange.lines) if owner is Authority.ACCOUNT else {},
        )

    def _undone(self, account: Account, listed: Mapping[str, Line]) -> dict[str, Exchange]:
        """The last updates of the lines that show again what they showed before them."""
        known = account.lines or {}
        return {
            key: update
            for key, update in self._previous_update.items()
            if key in listed
            and key in known
            and key in account.replaced
            and known[key].forwarding_number != listed[key].forwarding_number == account.replaced[key]
        }

    def close_chapter(self, exchange: Exchange, *, judged: bool = True) -> list[str]:
        """Judge the chapter that a list ends, and begin the next; return the rules that it breaks."""
        with self._lock:
            chapter = self.chapter(exchange)
            if chapter is None or exchange.lines is None:
                return []
            known = self.account_of(exchange).lines is not None
            broken = self._judge_chapter(chapter, exchange) if judged and known else []
            self._begin_chapter(exchange, exchange.lines)
            return broken

    def shows_unheard_of_number(self, chapter: Chapter) -> bool:
        """Whether a line forwards to an E.164 number that this run has neither seen nor sent."""
        return any(
            is_e164(difference.shown) and difference.shown not in self._heard_of
            for difference in chapter.differences
            if difference.what == "forwarding_number"
        )

    def blame(self, chapter: Chapter, exchange: Exchange) -> list[str]:
        """Judge a chapter as a whole, when none of its writes shows the difference by itself."""
        with self._lock:
            return self._judge_chapter(chapter, exchange)

    def _judge_chapter(self, chapter: Chapter, exchange: Exchange) -> list[str]:
        problems = [(check.rule, check.judge(chapter)) for check in HISTORY_CHECKS if check.applies(chapter)]
        subject = chapter.writes[-1] if chapter.writes else exchange
        earlier = [*(first for first, _ in chapter.repeats), *chapter.undone.values()]
        before = [x for x in dict.fromkeys(earlier) if x not in chapter.writes]
        self._note(problems, [*before, *chapter.writes, exchange], subject)
        return [rule for rule, problem in problems if problem]

    def _begin_chapter(self, exchange: Exchange, lines: Mapping[str, Line]) -> None:
        owner = exchange.classified.authority
        self._chapters[owner] = []
        self.account_of(exchange).adopt(lines)
        self._heard_of.update(line.forwarding_number for line in lines.values())
        if owner is Authority.ACCOUNT:
            self._repeats = []
        else:
            self.strangers |= lines.keys()

    def _record_write(self, exchange: Exchange) -> None:
        for chapter in self._chapters.values():
            chapter.append(exchange)
        self._update_model(exchange)
        if (
            exchange.is_update
            and exchange.classified.line
            and exchange.classified.authority is Authority.ACCOUNT
        ):
            self._record_repeat(exchange)

    def _update_model(self, exchange: Exchange) -> None:
        request = exchange.classified
        sent = (json_object(parse_json(exchange.request.body or b"")) or {}).get(FIELD)
        if isinstance(sent, str):
            self._heard_of.add(sent)
        if not exchange.is_update or request.line is None:
            return
        account = self.account_of(exchange)
        if exchange.accepted and request.body in VALID_BODIES and request.authority in self._chapters:
            account.set(request.line.key, request.forwarding_number)
        elif exchange.accepted or exchange.status is None or exchange.status >= 500:
            account.set(request.line.key, UNSETTLED)

    def _record_repeat(self, exchange: Exchange) -> None:
        key = named_key(exchange)
        previous = self._previous_update.get(key)
        has_answer = exchange.status is not None and exchange.status < 500
        if has_answer and previous is not None and previous.request == exchange.request:
            self._repeats.append((previous, exchange))
        if exchange.accepted:
            self._previous_update[key] = exchange
        else:
            self._previous_update.pop(key, None)

    def _check_trace_id(self, exchange: Exchange) -> None:
        if not is_answered(exchange) or not exchange.response.trace_id:
            return
        trace_id = exchange.response.trace_id
        first = self._trace_ids.get(trace_id)
        if first is None:
            self._trace_ids[trace_id] = exchange.slim()
        problem = None if first is None else f"the trace id {trace_id} was sent before"
        self._note([(UNIQUE, problem)], [first or exchange, exchange], exchange)

    def _note(
        self, problems: Sequence[tuple[str, Problem | None]], evidence: Sequence[Exchange], subject: Exchange
    ) -> None:
        """Enter what the checks of an exchange or a chapter found; `subject` is what they are about."""
        for rule in {rule for rule, _ in problems}:
            self.ledger.exercise(rule, subject)
        for rule, problem in problems:
            if problem:
                self.ledger.report(Finding(rule, problem, tuple(evidence)))


def _could_write(exchange: Exchange) -> bool:
    return exchange.request.method not in FREE_METHODS and exchange.request.method != "GET"
