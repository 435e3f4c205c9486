"""Putting back what a run has changed, from its journal."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from linq_contract.contract.classification import FIELD
from linq_contract.http.messages import Request, printable
from linq_contract.run.patience import OutOfTimeError, RateLimitedError
from linq_contract.run.session import Session, UnreachableError
from linq_contract.safety.guard import Guard
from linq_contract.safety.journal import Journal
from linq_contract.safety.records import Original

# Seconds before each look at the accounts: the second reads back what the first had set, and in the later
# pauses failures pass.
_PAUSES = (0.0, 0.0, 0.4, 0.8, 1.6)
_CLEARS = (None, "")


class Fate(Enum):
    """What became of a line, as a sentence about it."""

    UNCHANGED = "Line {line} forwards to {original}, as before."
    RESTORED = "Line {line} forwards to {original} again."
    CHANGED_BY_OTHERS = (
        "Line {line} forwarded to {original} before the run and shows {shown} now, which the run "
        "did not set: it was left alone. --force puts the old number back."
    )
    NOT_LISTED = (
        "Line {line} forwarded to {original} before the run and is not listed any more. --force gives it up."
    )
    GONE = "Line {line} forwarded to {original} before the run, and the account does not have it any more."
    NOT_RESTORED = "Line {line} could not be set back to {original}."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a line: what it forwarded to before the run, and what the last list shows."""

    line_id: str
    original: str | None
    shown: object
    fate: Fate

    @property
    def is_good(self) -> bool:
        """Whether the line forwards to what it did before the run, or is no line of the account any more."""
        return self.fate in {Fate.UNCHANGED, Fate.RESTORED, Fate.GONE}

    def __str__(self) -> str:
        line = printable(self.line_id)
        return self.fate.value.format(line=line, original=_text(self.original), shown=_text(self.shown))


@dataclass(frozen=True)
class Restoration:
    """What became of the lines that a run changed, and the command that finishes what it could not."""

    outcomes: Sequence[Outcome] = ()
    command: str | None = None

    @property
    def failed(self) -> Sequence[str]:
        """The ids of the lines that do not forward to what they did before."""
        return [outcome.line_id for outcome in self.outcomes if not outcome.is_good]

    @property
    def sentences(self) -> Sequence[str]:
        """One for each line, and, if something is left to do, what to do."""
        said = [str(outcome) for outcome in self.outcomes]
        if self.failed and self.command:
            said.append(f"To finish: {self.command}")
        return said


def restore_command(journal: Path, given_to_reach: Sequence[str]) -> str:
    """The command that puts back what a journal has, with the options that say how to reach its server."""
    return shlex.join(["linq-contract", "restore", str(journal), *given_to_reach])


def put_back(
    session: Session,
    guard: Guard,
    journal: Journal,
    given_to_reach: Sequence[str] = (),
    *,
    force: bool = False,
) -> Restoration:
    """Put back what the journal has, read it back, and close the journal.

    What somebody else has changed since is left alone, unless `force`. Failures are retried within a
    bound; a line that is not well in the end stays in the journal, and then the command that finishes has
    the options `given_to_reach` the server.
    """
    originals = journal.contents.originals
    guard.permit(original.number for original in originals.values() if original.number)
    guard.restore(journal)
    outcomes = _PuttingBack(session, journal, force=force).outcomes()
    for key, outcome in outcomes.items():
        if outcome.is_good or (force and outcome.fate is Fate.NOT_LISTED):
            journal.settle(originals[key])
    command = restore_command(journal.path, given_to_reach) if journal.path else None
    journal.close(force=force)
    return Restoration(
        [
            outcome
            for key, outcome in outcomes.items()
            if originals[key].is_written or journal.is_resumed or not outcome.is_good
        ],
        command,
    )


class _PuttingBack:
    """Sets the lines of each account that are not well, until a look at all accounts finds none.

    At all, because a broken server may change a line of one account with a line of another.
    """

    def __init__(self, session: Session, journal: Journal, *, force: bool) -> None:
        self._session = session
        self._journal = journal
        self._force = force
        self._originals = journal.contents.pending
        self._tried: set[str] = set()
        self._outcomes = {each.key: _outcome(each, None, Fate.NOT_RESTORED) for each in self._originals}

    def outcomes(self) -> dict[str, Outcome]:
        """What became of each line; one that is not known to be well counts as not restored."""
        accounts = list(dict.fromkeys(original.account for original in self._originals))
        with contextlib.suppress(OutOfTimeError, RateLimitedError, UnreachableError, KeyboardInterrupt):
            for attempt, pause in enumerate(_PAUSES):
                self._session.patience.wait(pause)
                at_once = [accounts] if self._session.is_slow else [[account] for account in accounts]
                done = [self._are_done(each, attempt) for each in at_once]
                if all(done):
                    break
            for original in self._originals:
                if self._outcomes[original.key].fate is Fate.NOT_LISTED and self._is_gone(original):
                    self._outcomes[original.key] = _outcome(original, None, Fate.GONE)
        return self._outcomes

    def _are_done(self, accounts: Sequence[str], attempt: int) -> bool:
        """Whether accounts are well, or ask to be left alone for longer than the run is willing to."""
        try:
            return self._are_well(accounts, attempt)
        except RateLimitedError:
            if len(accounts) == 1:
                return True
            done = [self._are_done([account], attempt) for account in accounts]
            return all(done)

    def _are_well(self, accounts: Sequence[str], attempt: int) -> bool:
        """Look at accounts and set what is not well in them; True when there was nothing to set."""
        shown = _forwarding_numbers(self._session, accounts)
        originals = [each for each in self._originals if each.account in shown]
        for original in originals:
            numbers = shown[original.account]
            self._outcomes[original.key] = _outcome(
                original, numbers.get(original.key), self._fate(original, numbers)
            )
        ill = [each for each in originals if self._outcomes[each.key].fate is Fate.NOT_RESTORED]
        self._set_originals(ill, attempt)
        self._tried |= {original.key for original in ill}
        return len(shown) == len(accounts) and not ill

    def _fate(self, original: Original, shown: Mapping[str, object]) -> Fate:
        if original.key not in shown:
            return Fate.NOT_LISTED
        number = shown[original.key]
        if number == original.number:
            return Fate.RESTORED if original.key in self._tried else Fate.UNCHANGED
        if self._force or self._journal.contents.is_of_the_run(original, number):
            return Fate.NOT_RESTORED
        if not self._journal.is_resumed and not original.is_written:
            return Fate.UNCHANGED
        return Fate.CHANGED_BY_OTHERS

    def _set_originals(self, originals: Sequence[Original], attempt: int) -> None:
        # Some servers, against the contract, clear a line with only one of the two values.
        clear = _CLEARS[attempt % len(_CLEARS)]
        refused = self._update_all(originals, lambda each: clear if each.number is None else each.number)
        # Some servers, against the contract, set a number only where there is none.
        again = [original for original in refused if original.number is not None]
        self._update_all(again, lambda _: None)
        self._update_all(again, lambda each: each.number)

    def _update_all(
        self, originals: Sequence[Original], number: Callable[[Original], str | None]
    ) -> Sequence[Original]:
        """Update the lines, several at once if the server is slow; return those whose update is refused."""
        updates = {self._update(original, number(original)): original for original in originals}
        return [updates[x.request] for x in self._session.send_all_aside([*updates]) if x.is_refused]

    def _is_gone(self, original: Original) -> bool:
        """Whether the account has a line no more that is not listed."""
        return self._session.send_aside(self._update(original, original.number)).status == 404

    def _update(self, original: Original, number: str | None) -> Request:
        return self._session.update_request(original.line_id, {FIELD: number}, original.account)


def _forwarding_numbers(session: Session, accounts: Sequence[str]) -> Mapping[str, Mapping[str, object]]:
    """What the lines of each account forward to now; without those whose answer was no list."""
    lists = {session.list_request(account): account for account in accounts}
    return {
        lists[exchange.request]: {key: line.forwarding_number for key, line in exchange.lines.items()}
        for exchange in session.send_all_aside([*lists])
        if exchange.lines is not None
    }


def _outcome(original: Original, shown: object, fate: Fate) -> Outcome:
    return Outcome(original.line_id, original.number, shown, fate)


def _text(number: object) -> str:
    return "nothing" if number is None else printable(str(number))
