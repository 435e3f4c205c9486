"""One validation: connect, run the workloads in order, put everything back, and hand over the ledger."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase

import linq_document
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT
from linq_contract.http.messages import Request, printable
from linq_contract.http.wire import Wire
from linq_contract.judge.auditor import Auditor
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.ledger import Ledger, Verdict
from linq_contract.run.campaign import Campaign
from linq_contract.run.extent import EndedAsAskedError, Extent
from linq_contract.run.patience import OutOfTimeError, Patience, RateLimitedError
from linq_contract.run.phases import PHASES, Phase
from linq_contract.run.plan import plan
from linq_contract.run.restore import Restoration, put_back, restore_command
from linq_contract.run.result import NOTHING_TESTED, Gap, Options, Result
from linq_contract.run.session import Session, UnreachableError
from linq_contract.safety.guard import Guard
from linq_contract.safety.journal import Journal
from linq_contract.safety.journals import BusyError, in_the_way
from linq_contract.safety.records import JournalError
from linq_contract.safety.target import Target
from linq_document import Rule

_TIME_LIMIT = 300.0  # seconds, for the first look, and to put back what a killed run has left
_TIME_TO_RESTORE = 60.0  # seconds: what 24 lines take at five requests a second, three times over
_MOST_SHOWN_LINES = 50  # a screen to choose from
_MOST_SHOWN_CHANGES = 3  # one shows of what kind they are
_LOGIN = re.compile(r"log[-_]?in|sign[-_]?in|\bsso\b|oauth|openid|saml|authorize|/auth\b|cas/", re.IGNORECASE)
_MOST_SHOWN_OF_BODY = 200  # characters: the message of an error, not the page of a proxy
_STOPPING = (RateLimitedError, OutOfTimeError, UnreachableError, JournalError)
_NO_LIST = "Is the URL right, base path included? If it is, fix the list first."


class NotTestedError(Exception):
    """The server could not be reached, or not be judged; the message says why and what to do."""


class NotStartedError(Exception):
    """The run may not begin as things are; the message says why and what to do."""


class NotRestoredError(Exception):
    """A run that was broken off could not put everything back; the message says what to do."""

    def __init__(self, restoration: Restoration) -> None:
        super().__init__("\n".join(restoration.sentences))


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

    Raises NotStartedError when another run stands in the way or a line is not named that must be,
    NotTestedError when the server does not answer or refuses the token, and NotRestoredError when the
    run is broken off and cannot put everything back.
    """
    began, began_at = time.monotonic(), datetime.now(UTC)
    document, permissions = linq_document.load(), target.permissions
    rules = judged_rules(options.rules)
    ledger = Ledger(list(rules.values()))
    auditor = Auditor(document, ledger, permissions.other_line)
    guard = Guard(target, document, auditor.accounts)
    _refuse_unfinished(target, options)
    with _wire(target, guard, options) as wire:
        deadline = began + (options.time_limit or _TIME_LIMIT)
        patience = Patience(deadline, options.max_wait, is_fixed=options.time_limit is not None)
        session = Session(wire, auditor, patience, permissions.forward_to, is_exclusive=permissions.exclusive)
        campaign = Campaign(
            session,
            target,
            options.shard.seed(options.seed),
            options.budget.times_as_many_examples,
            options.examples,
        )
        restoration, ended_by = Restoration(), ""
        try:
            _first_look(session, guard, target)
        except UnreadableListError as error:
            gaps = [Gap(str(error), "Fix the list first.")]
        else:
            guard.begin(_begin_journal(campaign, options))
            if options.time_limit is None:
                intended = plan(target, rules, options.budget, phases)
                patience.deadline += intended.time_limit(session.latency) - _TIME_LIMIT
            session.extent = Extent(options.budget, lambda: _ends_at_once(ledger, options, began_at.date()))
            (gaps, ended_by), restoration = _run_and_put_back(campaign, guard, progress, phases, options)
            if auditor.accounts[ACCOUNT].lines is None and not gaps:
                gaps = [Gap("no list could be read", _NO_LIST)]
        if options.shard.is_part:
            ledger.explain("left to the other shards", "")
        _explain_untested(campaign, gaps, ended_by)
        if not (gaps or ledger.tested or options.shard.is_part):
            gaps = [NOTHING_TESTED]
        seconds, notes = time.monotonic() - began, [*campaign.notes, *_observations(campaign, ended_by)]
        return Result(
            target, options, ledger, began_at, wire.sent, seconds, notes, restoration, gaps, ended_by
        )


def judged_rules(patterns: Sequence[str]) -> Mapping[str, Rule]:
    """The rules whose names match one of the patterns."""
    rules = linq_document.load().rules.items()
    return {name: rule for name, rule in rules if any(fnmatchcase(name, each) for each in patterns)}


def restore(target: Target, journal: Journal, options: Options, *, force: bool) -> Restoration:
    """Put back what the journal of a killed run has.

    Raises NotTestedError when the server does not answer, refuses the token, or sends no list to be read.
    """
    document = linq_document.load()
    auditor = Auditor(document, Ledger([]))
    guard = Guard(target, document, auditor.accounts)
    guard.restore(journal)
    with _wire(target, guard, options) as wire:
        session = Session(wire, auditor, Patience(time.monotonic() + _TIME_LIMIT, options.max_wait))
        try:
            _first_look(session, guard, target)
        except UnreadableListError as error:
            raise NotTestedError(f"Nothing was put back, since {error}. Fix the list first.") from error
        return put_back(session, guard, journal, options.given_to_reach, force=force)


def _wire(target: Target, guard: Guard, options: Options) -> Wire:
    return Wire(
        target.base_url,
        target.credentials,
        allow_writes=target.permissions.allow_writes,
        pace=target.pace,
        limits=options.limits,
        guards=(guard,),
    )


class UnreadableListError(Exception):
    """The server answers the first list with something that cannot be read; the ledger says what."""


def _refuse_unfinished(target: Target, options: Options) -> None:
    """Raise NotStartedError when a killed run has left changes on this server."""
    if target.ends_with_run:
        return
    try:
        left = in_the_way(target.server)
    except JournalError as error:
        if not target.permissions.allow_writes:
            return
        raise NotStartedError(str(error)) from error
    if left:
        commands = "\n".join(f"  {restore_command(path, options.given_to_reach)}" for path in left)
        raise NotStartedError(
            f"A run that was killed may have left forwarding numbers changed on {target.base_url}. "
            f"Put them back first:\n{commands}"
        )


def _begin_journal(campaign: Campaign, options: Options) -> Journal | None:
    """Write down what the lines to change forward to, before anything is changed."""
    target, permissions = campaign.target, campaign.permissions
    if not permissions.allow_writes:
        return None
    if permissions.lines is None and not target.is_local:
        raise NotStartedError(f"--allow-writes needs --line ID there. {_choice(campaign)}")
    if unknown := sorted((permissions.lines or frozenset()) - {line.key for line in campaign.lines}):
        raise NotStartedError(f"The account has no line {unknown[0]}. {_choice(campaign)}")
    lines = {ACCOUNT: campaign.chosen, OTHER_ACCOUNT: campaign.permitted_of_other}
    if target.ends_with_run:
        return Journal.in_memory(target.server, lines)
    try:
        return Journal.begin(target.server, lines, permissions.journal)
    except JournalError as error:
        raise NotStartedError("\n  ".join([str(error), *_to_finish(error, options)])) from error


def _to_finish(error: JournalError, options: Options) -> Sequence[str]:
    """The command that finishes the journal that is in the way, if one is."""
    return [restore_command(error.left, options.given_to_reach)] if error.left else []


def _choice(campaign: Campaign) -> str:
    lines = [f"  {printable(line.id)}  {printable(line.phone_number)}" for line in campaign.lines]
    if not lines:
        return "It has no line at all."
    more = [f"  and {len(lines) - _MOST_SHOWN_LINES:,} more"] if len(lines) > _MOST_SHOWN_LINES else []
    return "\n".join(["Its lines are:", *lines[:_MOST_SHOWN_LINES], *more])


def _run_and_put_back(
    campaign: Campaign, guard: Guard, progress: Progress, phases: Sequence[Phase], options: Options
) -> tuple[tuple[list[Gap], str], Restoration]:
    try:
        ended = _run_phases(campaign, progress, phases, options)
    except BaseException as error:
        restoration = _restore_after(campaign.session, guard, options)
        if restoration.failed:
            raise NotRestoredError(restoration) from error
        raise
    return ended, _restore_after(campaign.session, guard, options)


def _restore_after(session: Session, guard: Guard, options: Options) -> Restoration:
    if guard.journal is None:
        return Restoration()
    session.patience, session.extent = Patience(time.monotonic() + _TIME_TO_RESTORE), Extent()
    return put_back(session, guard, guard.journal, options.given_to_reach)


def _first_look(session: Session, guard: Guard, target: Target) -> None:
    """List the accounts for the first time."""
    for account in target.credentials.tokens:
        exchange = _reach(session, account)
        if exchange.status in {401, 403}:
            body = exchange.response.body.decode("utf-8", "replace")[:_MOST_SHOWN_OF_BODY]
            raise NotTestedError(
                f"The server refuses the token in {account} with {exchange.status}: {printable(body)}\n"
                "Is it the token of this server?"
            )
        if page := _login_page(exchange):
            raise NotTestedError(
                f"Instead of the server a login page answers, to which {exchange.status} redirects: {page}\n"
                "What stands before the server wants to know who asks: --header sends what it gives out for "
                "that, as a header from the environment, and --certificate a client certificate."
            )
        lines = (exchange.lines or {}).values()
        guard.permit(line.forwarding_number for line in lines if line.forwarding_number)


def _login_page(exchange: Exchange) -> str | None:
    """Where a redirect leads, if that looks like a page to log in."""
    location = exchange.response.header("Location") or ""
    is_redirect = exchange.status in {301, 302, 303, 307, 308}
    if not is_redirect or not _LOGIN.search(location):
        return None
    return printable(location.partition("?")[0])


def _reach(session: Session, account: str) -> Exchange:
    try:
        return session.list(account)
    except UnreachableError as error:
        if error.is_excessive:
            raise UnreadableListError(f"the list cannot be read: {error}") from error
        raise NotTestedError(f"The server does not answer: {error}\n{error.advice}") from error
    except RateLimitedError as error:
        raise NotTestedError(f"The server answers 429 from the start, and {error}.") from error
    except OutOfTimeError as error:
        raise NotTestedError("The time limit was reached before the first answer.") from error


def _run_phases(
    campaign: Campaign, progress: Progress, phases: Sequence[Phase], options: Options
) -> tuple[list[Gap], str]:
    """Run the phases that can test a judged rule.

    Returns what stood in the way of some, and which option, if any, ended the run before they were over.
    """
    gaps: list[Gap] = []
    try:
        gaps.extend(_gaps_in_phases(campaign, progress, phases, options))
    except EndedAsAskedError as error:
        return [*gaps, *_look_once_more(campaign, options)], str(error)
    return gaps, ""


def _look_once_more(campaign: Campaign, options: Options) -> list[Gap]:
    """Judge what was sent since the last list."""
    campaign.session.extent = Extent()
    try:
        campaign.session.list()
    except _STOPPING as error:
        return [_gap(error, options, campaign.session.sent_last)]
    return []


def _gaps_in_phases(
    campaign: Campaign, progress: Progress, phases: Sequence[Phase], options: Options
) -> Iterator[Gap]:
    phases = [phase for phase in phases if phase.is_due(campaign)]
    for position, phase in enumerate(phases, 1):
        if not phase.is_due(campaign):
            continue  # no line is left to update
        progress(Step(phase, position, len(phases), campaign.ledger))
        try:
            phase.run(campaign)
        except EndedAsAskedError:
            raise
        except _STOPPING as error:
            yield _gap(error, options, campaign.session.sent_last)
            return
        except Exception as error:  # noqa: BLE001 - a server so odd that it trips a phase is judged by the others
            yield _defect(phase, error)


def _ends_at_once(ledger: Ledger, options: Options, day: date) -> bool:
    """Whether a rule is broken, unless that is accepted, and the run is to end at the first."""
    return options.fail_fast and any(
        entry.broken and options.verdict(entry, day) is Verdict.FAILED for entry in ledger.entries.values()
    )


def _gap(error: Exception, options: Options, sent_last: Iterable[Request]) -> Gap:
    """What has ended a run before all of it was done."""
    match error:
        case RateLimitedError():
            return Gap(f"rate limited: {error}", "Try again later, or raise --max-wait.")
        case OutOfTimeError():
            return Gap("the time limit was reached", "Raise --time-limit, or check fewer rules with --rules.")
        case UnreachableError():
            remedy = error.advice if error.instead_of_server else "Look into its log, and run again."
            before = () if error.instead_of_server else tuple(sent_last)
            return Gap(f"the server stopped answering: {error}", remedy, sent_last=before)
        case BusyError():
            finish = [f"{command} finishes that." for command in _to_finish(error, options)]
            return Gap(str(error).removesuffix("."), " ".join([*finish, "Run again then."]))
        case _:
            return Gap(str(error).removesuffix("."), "Make room for it, and run again.")


def _defect(phase: Phase, error: Exception) -> Gap:
    return Gap(
        f"the phase '{phase.name}' was ended by a bug in linq-contract: {type(error).__name__}: {error}",
        "Report it with the seed. The other phases were run.",
        phase.rules,
    )


def _observations(campaign: Campaign, ended_by: str) -> Iterator[str]:
    """What was seen in a run, and not held against the server."""
    session, changes = campaign.session, campaign.session.causes.changes_by_others
    if ended_by:
        yield f"{ended_by}; what comes after that was left out"
    if changes:
        yield (
            "somebody else changed the account during the run; that was not held against the server: "
            + ", ".join(changes[:_MOST_SHOWN_CHANGES])
            + (f", and {len(changes) - _MOST_SHOWN_CHANGES} more" if changes[_MOST_SHOWN_CHANGES:] else "")
            + "; if nobody else uses it, --exclusive holds such changes against the server"
        )
    if session.limited or session.healed:
        counted = {"answers with 429": session.limited, "failures that passed": session.healed}
        told = "; ".join(f"{what}: {number:,}" for what, number in counted.items() if number)
        yield f"{told}; each of those requests was sent again"
    if campaign.examples and campaign.examples.failure:
        yield f"not all examples could be read or kept: {campaign.examples.failure}"


def _explain_untested(campaign: Campaign, gaps: Sequence[Gap], ended_by: str) -> None:
    """Say of each rule why it was not tested, if it was not: what was left out goes before what failed."""
    ledger, updates = campaign.ledger, ("update.", "auth.no-write")
    if ended_by:
        ledger.explain(ended_by, "")
    for gap in gaps:
        ledger.explain(gap.reason, *gap.rules, could_be_tested=True)
    if not (campaign.has_other or campaign.permissions.other_line):
        ledger.explain(f"needs a second account: set {OTHER_ACCOUNT} and --other-line", "auth.tenant")
    if not campaign.allow_writes:
        ledger.explain("needs updates: --allow-writes permits them", *updates, "auth.first")
    elif campaign.auditor.accounts[ACCOUNT].lines == {}:
        ledger.explain("the account has no lines", *updates)
    elif campaign.lines and not campaign.chosen:
        ledger.explain("no line is left to update: each was left alone", *updates)
