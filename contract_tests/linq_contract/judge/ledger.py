"""The ledger: for each rule how often it was exercised, and the smallest evidence that breaks it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from linq_contract.judge.clauses import CLAUSES
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.registry import Problem
from linq_document import Level, Rule


class Verdict(StrEnum):
    """What a run found out about a rule."""

    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"
    NOT_EXERCISED = "not exercised"


@dataclass(frozen=True)
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


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in a run: how many exchanges it had judged, and how many seconds it had lasted."""

    exchanges: int
    seconds: float


@dataclass
class Entry:
    """What a run has on one rule."""

    rule: Rule
    exercised: int = 0
    inputs: set[int] = field(default_factory=set[int])
    reached: set[str] = field(default_factory=set[str])
    broken: int = 0
    first_broken: Moment | None = None
    finding: Finding | None = None
    unexercised_because: str = "no request of this run could exercise it"

    @property
    def unreached(self) -> list[str]:
        """The clauses of the rule that no exchange has exercised."""
        return [clause for clause in CLAUSES.get(self.rule.name, ()) if clause not in self.reached]

    def reach(self, exchange: Exchange) -> None:
        """Mark the clauses that an exchange exercises."""
        clauses = CLAUSES.get(self.rule.name, {})
        if len(self.reached) < len(clauses):
            self.reached |= {
                name for name, applies in clauses.items() if name not in self.reached and applies(exchange)
            }

    def verdict(self, *, strict: bool = False) -> Verdict:
        if self.finding is not None:
            return Verdict.FAILED if strict or self.rule.level is Level.MUST else Verdict.WARNING
        return Verdict.PASSED if self.exercised else Verdict.NOT_EXERCISED


class Ledger:
    """The entries of the judged rules, family by family, in the order of the document."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        families = list(dict.fromkeys(rule.family for rule in rules))
        ordered = sorted(rules, key=lambda rule: families.index(rule.family))
        self.entries = {rule.name: Entry(rule) for rule in ordered}
        self.judged = 0
        self._began = time.monotonic()

    def exercise(self, rule: str, exchange: Exchange) -> None:
        """Count an exchange that exercises a rule."""
        entry = self.entries.get(rule)
        if entry is not None:
            entry.exercised += 1
            entry.inputs.add(hash(exchange.request))
            entry.reach(exchange)

    def report(self, finding: Finding) -> bool:
        """Record a broken rule, keeping the smallest evidence; True when it is the first for its rule."""
        entry = self.entries.get(finding.rule)
        if entry is None:
            return False
        entry.broken += 1
        first = entry.finding is None
        if first:
            entry.first_broken = Moment(self.judged, time.monotonic() - self._began)
        if entry.finding is None or finding.size < entry.finding.size:
            entry.finding = finding
        return first

    def broken_counts(self) -> Counter[str]:
        """How often each rule was broken so far."""
        return Counter({name: entry.broken for name, entry in self.entries.items() if entry.broken})

    def explain(self, reason: str, *prefixes: str) -> None:
        """Say why the rules with these prefixes could not be exercised."""
        for name, entry in self.entries.items():
            if name.startswith(prefixes):
                entry.unexercised_because = reason

    @property
    def exercised(self) -> int:
        """How many rules were exercised at all."""
        return sum(entry.exercised > 0 for entry in self.entries.values())

    def verdicts(self, *, strict: bool) -> Counter[Verdict]:
        """How many rules have each verdict."""
        return Counter(entry.verdict(strict=strict) for entry in self.entries.values())
