"""One validation: connect, run the workloads in order, put everything back, and hand over the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from fnmatch import fnmatchcase

from linq_contract import document
from linq_contract.account import UNSETTLED, Line
from linq_contract.auditor import Auditor
from linq_contract.campaign import Campaign
from linq_contract.checks import Exchange
from linq_contract.credentials import ACCOUNT_VARIABLE, OTHER_VARIABLE
from linq_contract.exchange import show
from linq_contract.ledger import Ledger, Verdict
from linq_contract.phases import PHASES, Phase
from linq_contract.session import OutOfTimeError, Patience, RateLimitedError, Session, UnreachableError
from linq_contract.target import Target
from linq_contract.wire import Wire

_ATTEMPTS_TO_RESTORE = 3
_TIME_TO_RESTORE = 30.0


class ExitCode(IntEnum):
    """What the exit code of a validation says."""

    CONFORMS = 0
    RULES_BROKEN = 1
    WRONG_USE = 2
    NOT_JUDGED = 3


class NotJudgedError(Exception):
    """The server could not be reached, or not be judged; the message says why and what to do."""


@dataclass(frozen=True)
class Options:
    """How to judge. `rules` are shell patterns of rule names; times are in seconds."""

    seed: int
    rules: Sequence[str] = ("*",)
    strict: bool = False
    time_limit: float = 300
    max_wait: float = 60


@dataclass(frozen=True)
class Result:
    """What a validation found out."""

    target: Target
    options: Options
    ledger: Ledger
    requests: int
    seconds: float
    notes: Sequence[str]
    unrestored: Sequence[str]

    @property
    def exit_code(self) -> ExitCode:
        """1 when a rule is broken, 3 when no rule was exercised, 0 otherwise."""
        if self.ledger.verdicts(strict=self.options.strict)[Verdict.FAILED]:
            return ExitCode.RULES_BROKEN
        return ExitCode.CONFORMS if self.ledger.exercised else ExitCode.NOT_JUDGED


@dataclass(frozen=True)
class Step:
    """A phase about to run: its position from 1, how many there are, and the ledger so far."""

    phase: Phase
    position: int
    count: int
    ledger: Ledger

    @property
    def broken(self) -> int:
        """How many rules look broken so far."""
        return len(self.ledger.broken_counts())


Progress = Callable[[Step], None]
"""Told before each phase; what it raises ends the run, after everything was put back."""


def validate(
    target: Target, options: Options, progress: Progress, phases: Sequence[Phase] = PHASES
) -> Result:
    """Judge a server.

    Raises NotJudgedError when the server does not answer or refuses the token.
    """
    began = time.monotonic()
    contract = document.load()
    rules = [
        rule for rule in contract.rules.values() if any(fnmatchcase(rule.name, p) for p in options.rules)
    ]
    auditor = Auditor(contract, Ledger(rules))
    with Wire(target.base_url, target.credentials, allow_writes=target.allow_writes) as wire:
        session = Session(wire, auditor, Patience(began + options.time_limit, options.max_wait))
        campaign = Campaign(session, target, options.seed)
        before = _first_look(session, target)
        try:
            notes = _run_phases(campaign, progress, phases)
        finally:
            unrestored = _restore(session, before)
        _explain_unexercised(campaign)
        return Result(target, options, auditor.ledger, wire.sent, time.monotonic() - began, notes, unrestored)


def _first_look(session: Session, target: Target) -> dict[str, Sequence[Line]]:
    """The lines of the accounts before the run, by the variable of their token."""
    before: dict[str, Sequence[Line]] = {}
    variables = [ACCOUNT_VARIABLE, OTHER_VARIABLE] if target.credentials.has_other else [ACCOUNT_VARIABLE]
    for variable in variables:
        exchange = _reach(session, variable)
        if exchange.status in {401, 403}:
            answer = " ".join(show(exchange.answer)[-1:])
            raise NotJudgedError(
                f"The server refuses the token in {variable} with {exchange.status}: {answer[:200]}\n"
                "Is it the token of this server?"
            )
        before[variable] = list((exchange.lines or {}).values())
        session.wire.permit({line.forwarding_number for line in before[variable] if line.forwarding_number})
    if target.other_line:
        session.auditor.strangers |= {target.other_line.lower()}
    return before


def _reach(session: Session, variable: str) -> Exchange:
    try:
        return session.list(variable)
    except UnreachableError as error:
        raise NotJudgedError(
            f"The server does not answer: {error}\nIs it running, and is the URL right, base path included?"
        ) from error
    except RateLimitedError as error:
        raise NotJudgedError(f"The server answers 429 from the start, and {error}.") from error
    except OutOfTimeError as error:
        raise NotJudgedError("The time limit was reached before the first answer.") from error


def _run_phases(campaign: Campaign, progress: Progress, phases: Sequence[Phase]) -> list[str]:
    """Run the phases that can exercise a judged rule; return what stood in the way of the others."""
    phases = [phase for phase in phases if phase.is_due(campaign)]
    notes: list[str] = []
    for position, phase in enumerate(phases, 1):
        progress(Step(phase, position, len(phases), campaign.ledger))
        try:
            phase.run(campaign)
        except RateLimitedError as error:
            notes.append(f"rate limited: {error}")
            break
        except OutOfTimeError:
            notes.append("the time limit was reached")
            break
        except UnreachableError as error:
            notes.append(f"the server stopped answering: {error}")
            break
    if notes:
        campaign.ledger.explain(notes[-1], "")
    if campaign.auditor.is_shared:
        notes.append(
            "somebody else changed the account during the run; those changes were not held against the server"
        )
    return notes


def _explain_unexercised(campaign: Campaign) -> None:
    ledger, target = campaign.ledger, campaign.target
    if not (target.credentials.has_other or target.other_line):
        ledger.explain(f"needs a second account: set {OTHER_VARIABLE} and --other-line", "auth.tenant")
    if not campaign.allow_writes:
        ledger.explain("needs updates: --allow-writes permits them", "update.", "auth.no-write", "auth.first")
    elif not campaign.lines:
        ledger.explain("the account has no lines", "update.", "auth.no-write")


def _restore(session: Session, before: dict[str, Sequence[Line]]) -> list[str]:
    """Put back every forwarding number that the run changed; return the ids where that failed."""
    session.patience = Patience(time.monotonic() + _TIME_TO_RESTORE)
    failed: list[str] = []
    for variable, lines in before.items():
        account = session.auditor.other if variable == OTHER_VARIABLE else session.auditor.own
        pending = [line for line in lines if line.key in account.changed_by_run]
        for _ in range(_ATTEMPTS_TO_RESTORE):
            if not pending:
                break
            try:
                pending = _restore_once(session, variable, pending)
            except (RateLimitedError, OutOfTimeError, UnreachableError):
                break
        failed += [line.id for line in pending]
    return failed


def _restore_once(session: Session, variable: str, lines: Sequence[Line]) -> list[Line]:
    """Set the old forwarding numbers and read them back; return the lines that show something else."""
    account = session.auditor.other if variable == OTHER_VARIABLE else session.auditor.own
    for line in lines:
        session.send_aside(
            session.update_request(line.id, {"forwarding_number": line.forwarding_number}, variable)
        )
        account.set(line.key, UNSETTLED)
    shown = {line.key: line.forwarding_number for line in session.listed(variable)}
    return [line for line in lines if shown.get(line.key, line.forwarding_number) != line.forwarding_number]
