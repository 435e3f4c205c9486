"""The auditor: sees every exchange of a run, in whatever order it is produced, and judges it.

It generates no requests. It holds what a conforming server must remember, the model of the two
accounts, and compares each list with it; the workloads (directed probes, state machines,
Schemathesis) only decide what is sent.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from linq_contract.contract.expectation import FIELD, FREE_METHODS, VALID_BODIES, Authority, classify, expect
from linq_contract.contract.lines import UNSETTLED, Account, Difference, Line
from linq_contract.contract.numbers import is_e164
from linq_contract.http.credentials import ACCOUNT_VARIABLE, OTHER_VARIABLE
from linq_contract.http.messages import NoAnswer, Request, Response, json_object, parse_json
from linq_contract.judge.checks import EXCHANGE_CHECKS, Exchange, Problem, is_answered
from linq_contract.judge.history import HISTORY_CHECKS, Chapter, named_key
from linq_contract.judge.ledger import Finding, Ledger
from linq_document import Document

UNIQUE = "transport.trace-id-unique"
_SENT_LAST = 3


class Auditor:
    """Judges exchanges one by one, and the histories that they make up."""

    def __init__(self, document: Document, ledger: Ledger) -> None:
        self.document = document
        self.ledger = ledger
        self.own = Account()
        self.other = Account()
        self.strangers: frozenset[str] = frozenset()
        self.changes_by_others: list[str] = []
        self._heard_of: set[object] = {None}
        self._original: set[tuple[str, object]] = set()
        self._sent: set[tuple[str, object]] = set()
        self._sent_last: dict[str, deque[str]] = {}
        self._refused_numbers: dict[tuple[str, object], Exchange] = {}
        self._refusals: dict[tuple[str, int, object], Exchange] = {}
        self._chapters: dict[Authority, list[Exchange]] = {Authority.ACCOUNT: [], Authority.OTHER: []}
        self._readings: list[Exchange] = []
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
            elif exchange.lines is None or not exchange.classified.is_plain:
                self._readings.append(exchange)
            return exchange

    def judge_alone(self, request: Request, answer: Response | NoAnswer, *, final: bool = True) -> Exchange:
        """Hold one exchange to the rules of single exchanges, and leave the model as it is."""
        classified = classify(request, self.document, self.own, self.other)
        expectation = expect(classified, self.document)
        exchange = Exchange(self.document, request, answer, classified, expectation, final)
        with self._lock:
            if _could_write(exchange):
                self._record_number(exchange)
            self.ledger.judged += 1
            applying = [check for check in EXCHANGE_CHECKS if check.applies(exchange)]
            problems = [(check.rule, check.judge(exchange)) for check in applying]
            self._note(problems, [exchange], exchange)
            self._check_trace_id(exchange)
        return exchange

    def account_of_line(self, request: Request) -> str | None:
        """The variable of the account whose known line a request names with the token of that account."""
        classified = classify(request, self.document, self.own, self.other)
        if classified.line is None:
            return None
        variables = {Authority.ACCOUNT: ACCOUNT_VARIABLE, Authority.OTHER: OTHER_VARIABLE}
        return variables.get(classified.authority)

    def forget_if_released(self, request: Request, listing: Exchange) -> None:
        """Take the line that a request names out of the model if a later list does not have it."""
        with self._lock:
            line = classify(request, self.document, self.own, self.other).line
            lines = self.account_of(listing).lines
            if line is not None and lines and listing.lines is not None and line.key not in listing.lines:
                lines.pop(line.key, None)

    def rules_exercised_by(self, request: Request) -> tuple[str, ...]:
        """The rules that the outcome of a request is judged by."""
        expectation = expect(classify(request, self.document, self.own, self.other), self.document)
        return expectation.rules if expectation is not None else ()

    @property
    def is_shared(self) -> bool:
        """Whether somebody else was seen to change the account."""
        return bool(self.changes_by_others)

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
        # What comes late was held against its update when the list after it did not show it.
        differences = tuple(d for d in account.differences(exchange.lines) if not account.is_late(d))
        return Chapter(
            owner=owner,
            writes=self._late_writes(differences) or tuple(self._chapters[owner]),
            differences=differences,
            readings=tuple(self._readings),
            listed=exchange.lines.keys(),
            strangers=strangers,
            repeats=tuple(self._repeats) if owner is Authority.ACCOUNT else (),
            undone=self._undone(account, exchange.lines) if owner is Authority.ACCOUNT else {},
        )

    def _late_writes(self, differences: Sequence[Difference]) -> tuple[Exchange, ...]:
        """The requests, refused long ago, whose numbers the lines that differ show now."""
        forwarding = (d for d in differences if d.what == "forwarding_number")
        late = [self._refused_numbers.get((difference.key, difference.shown)) for difference in forwarding]
        return tuple(dict.fromkeys(x for x in late if x is not None))

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
            self._remember_unshown(chapter, self.account_of(exchange))
            self._begin_chapter(exchange, exchange.lines)
            return broken

    def shows_unheard_of_number(self, chapter: Chapter) -> bool:
        """Whether a line forwards to an E.164 number that this run has neither seen nor sent."""
        return any(
            is_e164(difference.shown) and difference.shown not in self._heard_of
            for difference in chapter.differences
            if difference.what == "forwarding_number"
        )

    def could_be_others(self, chapter: Chapter) -> bool:
        """Whether somebody else who uses the account could have caused all that differs.

        Others buy and release lines, clear them, and set numbers; but hardly those that this run sent
        to the same line, or the one that the line had at first. Where others were seen, they can have set
        these, too, but for those that the run sent last.
        """
        return all(self._could_be_others(difference, chapter) for difference in chapter.differences)

    def _could_be_others(self, difference: Difference, chapter: Chapter) -> bool:
        if difference.what != "forwarding_number":
            return difference.what in {"missing", "extra"}
        number = (difference.key, difference.shown)
        is_ours = number in self._sent or number in self._original
        if is_ours and self.is_shared:
            is_ours = self._is_of_late(number, chapter)
        return difference.shown is None or (is_e164(difference.shown) and not is_ours)

    def _is_of_late(self, number: tuple[str, object], chapter: Chapter) -> bool:
        """Whether a number was sent to a line in this chapter, or was among the last that were."""
        key, shown = number
        in_chapter = ((named_key(x), _number_in(x)) for x in self._chapters[chapter.owner])
        return shown in self._sent_last.get(key, ()) or number in in_chapter

    def hold_against_others(self, chapter: Chapter) -> None:
        """Remember what somebody else has changed."""
        self.changes_by_others += [str(difference) for difference in chapter.differences]

    def refused(self, keys: Iterable[str]) -> Sequence[Exchange]:
        """The last writes that named these lines and were refused, one for each kind of refusal."""
        wanted = set(keys)
        return [x for (key, *_), x in self._refusals.items() if key in wanted]

    def record_refusal(self, exchange: Exchange) -> None:
        """Take a write that was refused for now, and will be sent again, for one that must change nothing."""
        with self._lock:
            for chapter in self._chapters.values():
                chapter.append(exchange)

    def forget_updates(self, keys: Iterable[str]) -> None:
        """Compare lines no longer with what they showed before their last updates."""
        for key in keys:
            self._previous_update.pop(key, None)

    def blame(self, chapter: Chapter, exchange: Exchange) -> list[str]:
        """Judge a chapter as a whole, when none of its writes shows the difference by itself."""
        with self._lock:
            return self._judge_chapter(chapter, exchange)

    def _judge_chapter(self, chapter: Chapter, exchange: Exchange) -> list[str]:
        problems = [(check.rule, check.judge(chapter)) for check in HISTORY_CHECKS if check.applies(chapter)]
        subject = chapter.writes[-1] if chapter.writes else exchange
        readings = () if chapter.writes or not chapter.differences else chapter.readings
        earlier = [*(first for first, _ in chapter.repeats), *chapter.undone.values()]
        before = [x for x in dict.fromkeys(earlier) if x not in chapter.writes]
        self._note(problems, [*before, *readings, *chapter.writes, exchange], subject)
        return [rule for rule, problem in problems if problem]

    def _remember_unshown(self, chapter: Chapter, account: Account) -> None:
        updated = {named_key(x) for x in chapter.accepted}
        unshown = {
            difference.key: difference.expected
            for difference in chapter.differences
            if difference.what == "forwarding_number" and difference.key in updated
        }
        account.overdue |= unshown
        self.forget_updates(unshown)

    def _begin_chapter(self, exchange: Exchange, lines: Mapping[str, Line]) -> None:
        owner = exchange.classified.authority
        self._chapters[owner] = []
        self._readings = []
        if self.account_of(exchange).lines is None:
            self._original |= {(key, line.forwarding_number) for key, line in lines.items()}
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
        if exchange.status is not None and 400 <= exchange.status < 500:
            code = (exchange.response.error or {}).get("code")
            self._refusals[named_key(exchange), exchange.status, code if isinstance(code, int) else None] = (
                exchange
            )
        if (
            exchange.is_update
            and exchange.classified.line
            and exchange.classified.authority is Authority.ACCOUNT
        ):
            self._record_repeat(exchange)

    def _update_model(self, exchange: Exchange) -> None:
        request = exchange.classified
        if not exchange.is_update or request.line is None:
            return
        account = self.account_of(exchange)
        if exchange.accepted and request.body in VALID_BODIES and request.authority in self._chapters:
            account.set(request.line.key, request.forwarding_number)
        elif exchange.accepted and request.body is None and FIELD in exchange.response.object:
            # Whichever of the two values a server goes by, the list must show what the answer does.
            account.set(request.line.key, exchange.response.object[FIELD])
        elif exchange.accepted or exchange.status is None or exchange.status >= 500:
            account.set(request.line.key, UNSETTLED)

    def _record_number(self, exchange: Exchange) -> None:
        sent = _number_in(exchange)
        if not isinstance(sent, str):
            return
        key = named_key(exchange)
        self._heard_of.add(sent)
        self._sent.add((key, sent))
        self._sent_last.setdefault(key, deque(maxlen=_SENT_LAST)).append(sent)
        if exchange.status is not None and 400 <= exchange.status < 500:
            self._refused_numbers[key, sent] = exchange
        else:
            self._refused_numbers.pop((key, sent), None)

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


def _number_in(exchange: Exchange) -> object:
    return (json_object(parse_json(exchange.request.body or b"")) or {}).get(FIELD)


def _could_write(exchange: Exchange) -> bool:
    return exchange.request.method not in FREE_METHODS and exchange.request.method != "GET"
