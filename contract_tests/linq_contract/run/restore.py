"""Putting back what a run has changed, from its journal."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from linq_contract.contract.expectation import FIELD
from linq_contract.http.messages import printable
from linq_contract.run.session import OutOfTimeError, RateLimitedError, Session, UnreachableError
from linq_contract.safety.journal import Entry, Journal

_ATTEMPTS = 5
_FIRST_PAUSE = 0.1
_NOT_FOUND = 404
_CLEARS = (None, "")


class Fate(Enum):
    """What became of a line."""

    UNCHANGED = auto()
    RESTORED = auto()
    CHANGED_BY_OTHERS = auto()
    NOT_LISTED = auto()
    GONE = auto()
    NOT_RESTORED = auto()


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
        line, original, shown = printable(self.line_id), _text(self.original), _text(self.shown)
        match self.fate:
            case Fate.UNCHANGED:
                return f"Line {line} forwards to {original}, as before."
            case Fate.RESTORED:
                return f"Line {line} forwards to {original} again."
            case Fate.CHANGED_BY_OTHERS:
                return (
                    f"Line {line} forwarded to {original} before the run and shows {shown} now, which the "
                    "run did not set: it was left alone. --force puts the old number back."
                )
            case Fate.GONE:
                return f"Line {line} forwarded to {original} before the run, and the account has it no more."
            case Fate.NOT_LISTED:
                return (
                    f"Line {line} forwarded to {original} before the run and is not listed any more. "
                    "--force gives it up."
                )
            case Fate.NOT_RESTORED:
                return f"Line {line} could not be given back {original}."


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


def put_back(session: Session, journal: Journal, *, force: bool = False) -> Restoration:
    """Put back what the journal has, read it back, and close the journal.

    What somebody else has changed since is left alone, unless `force`. Failures are retried within a
    bound; a line that is not well in the end stays in the journal.
    """
    entries = journal.contents.entries
    session.wire.permit({entry.original for entry in entries.values() if entry.original})
    outcomes = _PuttingBack(session, journal, force=force).outcomes()
    for key, outcome in outcomes.items():
        if outcome.is_good or (force and outcome.fate is Fate.NOT_LISTED):
            journal.settle(entries[key])
    command = journal.restore_command if journal.is_on_disk else None
    journal.close(force=force)
    return Restoration(
        [
            outcome
            for key, outcome in outcomes.items()
            if entries[key].is_written or journal.is_resumed or not outcome.is_good
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
        self._entries = journal.contents.pending
        self._tried: set[str] = set()
        self._outcomes = {entry.key: _outcome(entry, None, Fate.NOT_RESTORED) for entry in self._entries}

    def outcomes(self) -> dict[str, Outcome]:
        """What became of each line; one that is not known to be well counts as not restored."""
        accounts = list(dict.fromkeys(entry.variable for entry in self._entries))
        with contextlib.suppress(OutOfTimeError, UnreachableError, KeyboardInterrupt):
            for attempt in range(_ATTEMPTS):
                if attempt > 1:
                    self._session.patience.wait(_FIRST_PAUSE * 2**attempt)
                done = [self._is_done(variable, attempt) for variable in accounts]
                if all(done):
                    break
            for entry in self._entries:
                if self._outcomes[entry.key].fate is Fate.NOT_LISTED and self._is_gone(entry):
                    self._outcomes[entry.key] = _outcome(entry, None, Fate.GONE)
        return self._outcomes

    def _is_done(self, variable: str, attempt: int) -> bool:
        """Whether an account is well, or asks to be left alone for longer than the run is willing to."""
        try:
            return self._is_well(variable, attempt)
        except RateLimitedError:
            return True

    def _is_well(self, variable: str, attempt: int) -> bool:
        """Look at an account and set what is not well in it; True when there was nothing to set."""
        entries = [entry for entry in self._entries if entry.variable == variable]
        shown = _forwarding_numbers(self._session, variable)
        if shown is None:
            return False
        for entry in entries:
            self._outcomes[entry.key] = _outcome(entry, shown.get(entry.key), self._fate(entry, shown))
        ill = [entry for entry in entries if self._outcomes[entry.key].fate is Fate.NOT_RESTORED]
        for entry in ill:
            self._set_original(entry, attempt)
        self._tried |= {entry.key for entry in ill}
        return not ill

    def _fate(self, entry: Entry, shown: Mapping[str, object]) -> Fate:
        if entry.key not in shown:
            return Fate.NOT_LISTED
        number = shown[entry.key]
        if number == entry.original:
            return Fate.RESTORED if entry.key in self._tried else Fate.UNCHANGED
        if self._force or self._journal.contents.is_of_the_run(entry, number):
            return Fate.NOT_RESTORED
        if not self._journal.is_resumed and not entry.is_written:
            return Fate.UNCHANGED
        return Fate.CHANGED_BY_OTHERS

    def _set_original(self, entry: Entry, attempt: int) -> None:
        if entry.original is None:
            # Some servers, against the contract, clear a line with only one of the two values.
            self._update(entry, _CLEARS[attempt % len(_CLEARS)])
            return
        status = self._update(entry, entry.original)
        if status is not None and 400 <= status < 500:
            # Some servers, against the contract, set a number only where there is none.
            self._update(entry, None)
            self._update(entry, entry.original)

    def _is_gone(self, entry: Entry) -> bool:
        """Whether the account has a line no more that is not listed."""
        return self._update(entry, entry.original) == _NOT_FOUND

    def _update(self, entry: Entry, number: str | None) -> int | None:
        request = self._session.update_request(entry.line_id, {FIELD: number}, entry.variable)
        return self._session.send_aside(request)[-1].exchange.status


def _forwarding_numbers(session: Session, variable: str) -> Mapping[str, object] | None:
    """What the lines of an account forward to now; None when the answer was no list."""
    exchange = session.send_aside(session.list_request(variable))[-1].exchange
    if exchange.lines is None:
        return None
    return {key: line.forwarding_number for key, line in exchange.lines.items()}


def _outcome(entry: Entry, shown: object, fate: Fate) -> Outcome:
    return Outcome(entry.line_id, entry.original, shown, fate)


def _text(number: object) -> str:
    return "nothing" if number is None else printable(str(number))
