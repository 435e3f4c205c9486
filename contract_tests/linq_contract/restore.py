"""Putting back what a run has changed, from its journal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from linq_contract.exchange import printable
from linq_contract.journal import Entry, Journal
from linq_contract.session import OutOfTimeError, RateLimitedError, Session, UnreachableError

_ATTEMPTS = 5
_FIRST_PAUSE = 0.1
_NOT_FOUND = 404


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
    outcomes: dict[str, Outcome] = {}
    for variable in dict.fromkeys(entry.variable for entry in journal.contents.pending):
        pending = [entry for entry in journal.contents.pending if entry.variable == variable]
        outcomes |= _put_back_account(session, journal, variable, pending, force=force)
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


def _put_back_account(
    session: Session, journal: Journal, variable: str, entries: Sequence[Entry], *, force: bool
) -> dict[str, Outcome]:
    outcomes = {entry.key: _outcome(entry, None, Fate.NOT_RESTORED) for entry in entries}
    tried: set[str] = set()
    try:
        for attempt in range(_ATTEMPTS):
            if attempt > 1:
                session.patience.wait(_FIRST_PAUSE * 2**attempt)
            shown = _forwarding_numbers(session, variable)
            if shown is None:
                continue
            for entry in entries:
                fate = _fate(journal, entry, shown, is_tried=entry.key in tried, force=force)
                outcomes[entry.key] = _outcome(entry, shown.get(entry.key), fate)
            open_entries = [entry for entry in entries if outcomes[entry.key].fate is Fate.NOT_RESTORED]
            if not open_entries:
                break
            _set_original(session, open_entries)
            tried |= {entry.key for entry in open_entries}
        unlisted = [entry for entry in entries if outcomes[entry.key].fate is Fate.NOT_LISTED]
        gone = [entry for entry in unlisted if _is_gone(session, entry)]
        outcomes |= {entry.key: _outcome(entry, None, Fate.GONE) for entry in gone}
    except (RateLimitedError, OutOfTimeError, UnreachableError, KeyboardInterrupt):
        # What is not known to be well counts as not restored, and the journal keeps it.
        pass
    for entry in entries:
        if outcomes[entry.key].is_good or (force and outcomes[entry.key].fate is Fate.NOT_LISTED):
            journal.settle(entry)
    return outcomes


def _fate(journal: Journal, entry: Entry, shown: dict[str, object], *, is_tried: bool, force: bool) -> Fate:
    if entry.key not in shown:
        return Fate.NOT_LISTED
    number = shown[entry.key]
    if number == entry.original:
        return Fate.RESTORED if is_tried else Fate.UNCHANGED
    if force or journal.contents.is_of_the_run(entry, number):
        return Fate.NOT_RESTORED
    if not journal.is_resumed and not entry.is_written:
        return Fate.UNCHANGED
    return Fate.CHANGED_BY_OTHERS


def _forwarding_numbers(session: Session, variable: str) -> dict[str, object] | None:
    """What the lines of an account forward to now; None when the answer was no list."""
    exchange = session.send_aside(session.list_request(variable))[-1].exchange
    if exchange.lines is None:
        return None
    return {key: line.forwarding_number for key, line in exchange.lines.items()}


def _set_original(session: Session, entries: Iterable[Entry]) -> None:
    for entry in entries:
        status = _update(session, entry, entry.original)
        if entry.original is not None and status is not None and 400 <= status < 500:
            # Some servers, against the contract, set a number only where there is none.
            _update(session, entry, None)
            _update(session, entry, entry.original)


def _is_gone(session: Session, entry: Entry) -> bool:
    """Whether the account has a line no more that is not listed."""
    return _update(session, entry, entry.original) == _NOT_FOUND


def _update(session: Session, entry: Entry, number: str | None) -> int | None:
    request = session.update_request(entry.line_id, {"forwarding_number": number}, entry.variable)
    return session.send_aside(request)[-1].exchange.status


def _outcome(entry: Entry, shown: object, fate: Fate) -> Outcome:
    return Outcome(entry.line_id, entry.original, shown, fate)


def _text(number: object) -> str:
    return "nothing" if number is None else printable(str(number))
