"""Judging a client: its program in every situation, and a verdict for each rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from linq_contract.clients.checks import CHECKS, Problem
from linq_contract.clients.program import BASE_URL, NotRunError, Performance, perform
from linq_contract.clients.rules import client_rules
from linq_contract.clients.situations import HONEST, SITUATIONS, Situation
from linq_contract.http.credentials import ACCOUNT
from linq_contract.judge.ledger import Verdict
from linq_contract.run.result import ExitCode
from linq_document import Level, Rule


@dataclass
class ClientEntry:
    """What was found out about a rule: how often it applied, in which situations, what breaks it first."""

    rule: Rule
    applied: int = 0
    situations: list[Situation] = field(default_factory=list[Situation])
    problem: Problem | None = None
    broken_in: Performance | None = None

    def verdict(self, *, strict: bool) -> Verdict:
        """The verdict; `strict` lets a broken SHOULD fail, too."""
        if self.problem is not None:
            return Verdict.FAILED if strict or self.rule.level is Level.MUST else Verdict.WARNING
        return Verdict.PASSED if self.applied else Verdict.NOT_TESTED


@dataclass(frozen=True)
class ClientResult:
    """What was found out about a client."""

    command: Sequence[str]
    entries: Mapping[str, ClientEntry]
    performances: Sequence[Performance]
    strict: bool

    @property
    def exit_code(self) -> ExitCode:
        """1 when a rule is broken that fails a client, else 0."""
        failed = any(entry.verdict(strict=self.strict) is Verdict.FAILED for entry in self.entries.values())
        return ExitCode.RULES_BROKEN if failed else ExitCode.CONFORMS


def judge_program(
    command: Sequence[str], seconds: float, *, strict: bool, told: Callable[[Situation], None]
) -> ClientResult:
    """Run a program once in each situation, for so many seconds at most, and judge it.

    Raises NotRunError when it cannot be run, or does nothing with the honest server that could be judged.
    """
    performances: list[Performance] = []
    for situation in SITUATIONS:
        told(situation)
        performances.append(perform(command, situation, seconds))
        if situation is HONEST:
            _refuse_what_shows_nothing(performances[0])
    entries = {name: ClientEntry(rule) for name, rule in client_rules().items()}
    for here in performances:
        for name, look in CHECKS.items():
            _enter(entries[name], here, list(look(here, performances[0])))
    return ClientResult(command, entries, performances, strict)


def _enter(entry: ClientEntry, here: Performance, outcomes: Sequence[Problem | None]) -> None:
    if outcomes:
        entry.applied += len(outcomes)
        entry.situations.append(here.situation)
    problem = next(filter(None, outcomes), None)
    if problem and entry.problem is None:
        entry.problem, entry.broken_in = problem, here


def _refuse_what_shows_nothing(honest: Performance) -> None:
    if not honest.seen:
        raise NotRunError(
            f"The program sent no request, and {honest.ending}. Does it take its URL from {BASE_URL} and its "
            f"token from {ACCOUNT}? It said:\n{honest.last_words}"
        )
    if not honest.ended_well:
        raise NotRunError(
            f"With a server that does nothing wrong, {honest.ending}, so that nothing else can be told. "
            f"It said:\n{honest.last_words}"
        )
