"""The ledger: for each rule how often it was tested, and the smallest evidence that breaks it."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from linq_contract.http.messages import show
from linq_contract.judge.clauses import CLAUSES
from linq_contract.judge.coverage import Seen, seen_in
from linq_contract.judge.drift import Drift, drift_in
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.registry import Problem
from linq_contract.judge.traffic import Recording, Traffic, operation_of, status_of
from linq_document import Level, Rule

# What differs from one finding to the next of the same kind: texts, ids, numbers, places in arrays. The names
# of properties tell kinds apart, and so do statuses and error codes, which have three and four digits.
_KEPT_OR_VARYING = re.compile(
    r"(?P<kept>\"[^\"]*\" is a required property)|'[^']*'|\"[^\"]*\"|\bnull\b"
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{16,}\b|\+?\b(?!\d{3,4}\b)\d+\b"
)
_MOST_CAUSES = 20  # kept for each rule; of a server that is broken in more ways, these say enough
_MOST_INPUTS = 20_000  # counted for each rule; some five runs, and what passes through a proxy has no end
_MOST_DRIFT = 100  # kinds of it; of a server whose every answer is another, a list says nothing


class Verdict(StrEnum):
    """What a run, or a recording, has shown of a rule.

    Inconclusive: it looks broken in a recording, but somebody else may have caused that. Incomplete: it
    could have been tested, but the run ended early. Not tested: whoever asked for the run left it out, or the
    account has not what it needs.
    """

    PASSED = "passed"
    FAILED = "failed"
    ACCEPTED = "accepted"
    WARNING = "warning"
    INCONCLUSIVE = "inconclusive"
    INCOMPLETE = "incomplete"
    NOT_TESTED = "not tested"


@dataclass(frozen=True, eq=False)
class Finding:
    """A broken rule: what is wrong, and the exchanges that show it, in the order they were sent.

    Those of a race overlapped; sent one after the other they show nothing.
    """

    rule: str
    problem: Problem
    evidence: Sequence[Exchange]
    is_race: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Fewer requests are better evidence, then shorter ones."""
        return len(self.evidence), sum(exchange.request.size for exchange in self.evidence)

    @property
    def lines(self) -> Iterator[str]:
        """The problem, and its evidence in lines: requests by method and target, and what answered them."""
        yield self.problem
        for exchange in self.evidence:
            yield f"{exchange.request.method} {exchange.request.target}"
            yield from show(exchange.answer)

    @property
    def shape(self) -> str:
        """The problem with * for whatever differs from one finding to the next of the same kind."""
        return shape_of(self.problem)

    @property
    def cause(self) -> Hashable:
        """What findings have in common that one mistake explains: shape, operation and status."""
        last = self.evidence[-1]
        return self.shape, last.request.method, last.classified.path, last.status


def shape_of(problem: Problem) -> str:
    """A problem with * for whatever differs from one finding to the next of the same kind."""
    shape = _KEPT_OR_VARYING.sub(lambda match: match["kept"] or "*", problem)
    return "; ".join(dict.fromkeys(shape.split("; ")))


@dataclass
class Cause:
    """One of the ways in which a rule is broken: its smallest finding, and how often it was seen."""

    finding: Finding
    times: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in a run: how many exchanges it had judged, and how many seconds it had lasted."""

    exchanges: int
    seconds: float


@dataclass
class Entry:
    """What a run has on one rule. `seconds` are those that the exchanges took which tested it."""

    rule: Rule
    tested: int = 0
    seconds: float = 0.0
    inputs: set[int] = field(default_factory=set[int])
    reached: set[str] = field(default_factory=set[str])
    broken: int = 0
    first_broken: Moment | None = None
    untested_because: str = "no request of this run could test it"
    could_be_tested: bool = False
    undecided_because: str = ""
    undecided: Finding | None = None
    dropped_causes: int = 0
    _causes: dict[Hashable, Cause] = field(default_factory=dict[Hashable, Cause])

    @property
    def finding(self) -> Finding | None:
        """The smallest finding."""
        return self.causes[0].finding if self._causes else None

    @property
    def causes(self) -> Sequence[Cause]:
        """The ways in which the rule is broken: first one for each problem, the smallest before others."""
        of_shape: Counter[str] = Counter()
        ranked: list[tuple[int, Cause]] = []
        for cause in sorted(self._causes.values(), key=lambda cause: cause.finding.size):
            ranked.append((of_shape[cause.finding.shape], cause))
            of_shape[cause.finding.shape] += 1
        return [cause for _, cause in sorted(ranked, key=lambda pair: pair[0])]

    def add(self, finding: Finding) -> None:
        """Keep a finding if it is the smallest of its cause."""
        self.broken += 1
        key = finding.cause
        cause = self._causes.get(key)
        if cause is None:
            self._causes[key] = Cause(finding, 1)
            self._drop_largest()
            return
        cause.times += 1
        if finding.size < cause.finding.size:
            cause.finding = finding
            self._causes[key] = self._causes.pop(key)  # of findings of one size the first comes first

    def _drop_largest(self) -> None:
        if len(self._causes) > _MOST_CAUSES:
            del self._causes[max(self._causes, key=lambda key: self._causes[key].finding.size)]
            self.dropped_causes += 1

    @property
    def unreached(self) -> list[str]:
        """The clauses of the rule that no exchange has tested."""
        return [clause for clause in CLAUSES.get(self.rule.name, ()) if clause not in self.reached]

    def reach(self, exchange: Exchange) -> None:
        """Mark the clauses that an exchange tests."""
        clauses = CLAUSES.get(self.rule.name, {})
        if len(self.reached) < len(clauses):
            for name, applies in clauses.items():
                if name not in self.reached and applies(exchange):
                    self.reached.add(name)

    def verdict(self, *, strict: bool = False) -> Verdict:
        if self.broken:
            return Verdict.FAILED if strict or self.rule.level is Level.MUST else Verdict.WARNING
        if self.undecided or (self.undecided_because and not self.tested):
            return Verdict.INCONCLUSIVE
        if self.tested:
            return Verdict.PASSED
        return Verdict.INCOMPLETE if self.could_be_tested else Verdict.NOT_TESTED


class Ledger:
    """The entries of the judged rules, family by family, in the order of the document."""

    def __init__(self, rules: Sequence[Rule], *, are_dated: bool = False) -> None:
        families = list(dict.fromkeys(rule.family for rule in rules))
        ordered = sorted(rules, key=lambda rule: families.index(rule.family))
        self.entries = {rule.name: Entry(rule) for rule in ordered}
        self.judged = 0
        self.drift: Counter[Drift] = Counter()
        self.seen: Counter[tuple[str, Seen]] = Counter()
        self.traffic: defaultdict[str, Traffic] = defaultdict(Traffic)
        self.recording = Recording(are_dated=are_dated)
        self._began = time.monotonic()

    def enter(self, exchange: Exchange) -> None:
        """Count an exchange, the drift that it shows, and what of the document it tests; record it."""
        self.judged += 1
        self.recording.enter(exchange)
        self.seen.update((body, seen) for body, found in seen_in(exchange) for seen in found)
        traffic = self.traffic[operation_of(exchange)]
        traffic.statuses[status_of(exchange)] += 1
        if exchange.status is not None:
            traffic.seconds.append(exchange.ended - exchange.began)
        for drift in drift_in(exchange):
            if drift in self.drift or len(self.drift) < _MOST_DRIFT:
                self.drift[drift] += 1

    def record_tests(self, rules: Iterable[str], exchange: Exchange) -> None:
        """Count an exchange that tests these rules."""
        seconds, number = exchange.ended - exchange.began, exchange.input
        for rule in rules:
            if (entry := self.entries.get(rule)) is not None:
                entry.tested += 1
                entry.seconds += seconds
                if len(entry.inputs) < _MOST_INPUTS:
                    entry.inputs.add(number)
                entry.reach(exchange)

    def report(self, finding: Finding) -> bool:
        """Record a broken rule, keeping the smallest evidence; True when it is the first for its rule."""
        entry = self.entries.get(finding.rule)
        if entry is None:
            return False
        first = not entry.broken
        if first:
            entry.first_broken = Moment(self.judged, time.monotonic() - self._began)
        entry.add(finding)
        return first

    def leave_open(self, rule: str, because: str, finding: Finding | None = None) -> None:
        """Record what might break a rule, or might have tested it, and why that cannot be told."""
        entry = self.entries.get(rule)
        if entry is not None and (entry.undecided is None or finding is not None):
            entry.undecided_because = because
            if entry.undecided is None or (finding and finding.size < entry.undecided.size):
                entry.undecided = finding

    def broken_counts(self) -> Counter[str]:
        """How often each rule was broken so far."""
        return Counter({name: entry.broken for name, entry in self.entries.items() if entry.broken})

    def explain(self, reason: str, *prefixes: str, could_be_tested: bool = False) -> None:
        """Say why the rules with these prefixes were not tested, if they were not."""
        for name, entry in self.entries.items():
            if name.startswith(prefixes):
                entry.untested_because, entry.could_be_tested = reason, could_be_tested

    @property
    def tested(self) -> int:
        """How many rules were tested at all."""
        return sum(entry.tested > 0 for entry in self.entries.values())
