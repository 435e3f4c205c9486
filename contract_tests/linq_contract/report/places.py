"""The findings of a run, each at the place in the document that states the rule it breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from linq_contract.judge.ledger import Verdict
from linq_contract.report.description import CauseDescription, Description, RuleDescription, causes_of

DOCUMENT = "openapi.yaml"
"""What the document is called where it is kept, and in the package."""


class Severity(StrEnum):
    """What a finding does to the run: it fails it, warns, is undecided, or was accepted; the worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"
    ACCEPTED = "accepted"


_SEVERITIES = {Verdict.WARNING.value: Severity.WARNING, Verdict.INCONCLUSIVE.value: Severity.NOTICE}


@dataclass(frozen=True)
class PlacedFinding:
    """One way in which a rule is broken, and what it does to the run."""

    rule: RuleDescription
    cause: CauseDescription
    severity: Severity

    @property
    def line(self) -> int:
        return self.rule["line"]

    @property
    def problem(self) -> str:
        return self.cause.get("problem", "")

    @property
    def sentence(self) -> str:
        """The rule and the problem, in a line."""
        return f"{self.rule['rule']}: {self.problem}"


def findings_of(description: Description) -> Iterator[PlacedFinding]:
    """Every finding, in the order of the rules; a rule that was required and not tested is one, too."""
    for rule in description["rules"]:
        causes = [*causes_of(rule)]
        if not causes and "problem" in rule:
            yield PlacedFinding(rule, rule, Severity.ERROR)
        for cause in causes:
            yield PlacedFinding(rule, cause, _severity(rule, cause))


def by_weight(description: Description) -> list[PlacedFinding]:
    """Every finding, those that fail the run first, and of each severity the first of each rule."""
    seen: dict[str, int] = {}
    ranked: list[tuple[int, int, PlacedFinding]] = []
    for finding in findings_of(description):
        name = finding.rule["rule"]
        seen[name] = seen.get(name, 0) + 1
        ranked.append(([*Severity].index(finding.severity), seen[name], finding))
    return [finding for *_, finding in sorted(ranked, key=lambda each: each[:2])]


def _severity(rule: RuleDescription, cause: CauseDescription) -> Severity:
    if "accepted" in cause:
        return Severity.ACCEPTED
    return _SEVERITIES.get(rule["verdict"], Severity.ERROR)
