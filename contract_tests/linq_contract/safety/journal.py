"""The journal of a run: what lines forwarded to before, on disk before anything is changed.

It is locked as long as its run lives and removed once every line is settled, so that a journal that is
found unlocked is what a killed run has left.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from linq_contract.contract.lines import Line
from linq_contract.safety import journals, records
from linq_contract.safety.journals import BusyError
from linq_contract.safety.records import Contents, JournalError, Original, UnreadableError


class Journal:
    """The journal of a run that is going on; in memory alone when `file` is None."""

    def __init__(
        self,
        contents: Contents,
        path: Path | None = None,
        file: int | None = None,
        *,
        is_resumed: bool = False,
    ) -> None:
        self.contents = contents
        self.is_resumed = is_resumed
        self.path = path
        self._file = file
        self._is_cut = False
        self._lock = threading.RLock()

    @classmethod
    def in_memory(cls, server: str, lines: Mapping[str, Iterable[Line]]) -> Journal:
        """A journal for a server that ends with the run; `lines` are as in `begin`."""
        return cls(Contents(server, originals=records.originals_of(lines)))

    @classmethod
    def begin(cls, server: str, lines: Mapping[str, Iterable[Line]], path: Path | None = None) -> Journal:
        """Write the journal of a run that is about to change lines, given by their account.

        Raises BusyError when another run has to do with one of them, and JournalError when the file
        cannot be written.
        """
        originals = records.originals_of(lines)
        with journals.locked_folder() as folder:
            journals.refuse_busy(folder, server, set(originals))
            began = datetime.now(UTC)
            link = folder / f"{began:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}{journals.SUFFIX}"
            path = link if path is None else path.resolve()
            journal = cls(Contents(server), path, _create(path))
            header = {"journal": 1, "server": server, "began": began.isoformat(), "process": os.getpid()}
            try:
                journal._append([header, *map(records.record_of, originals.values())], durable=True)
                journal._make_findable(link)
            except JournalError:
                journal._discard()
                raise
        journal.contents.originals = originals
        return journal

    @classmethod
    def resume(cls, path: Path) -> Journal:
        """Take up the journal that a killed run has left.

        Raises BusyError when its run is still alive, UnreadableError when it is no journal.
        """
        try:
            file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        except OSError as error:
            raise UnreadableError(f"The journal {path} cannot be opened: {error.strerror}.") from error
        if not journals.try_to_lock(file):
            os.close(file)
            raise BusyError(f"The run that keeps the journal {path} is still going on.")
        try:
            return cls(records.read(path), path, file, is_resumed=True)
        except UnreadableError:
            os.close(file)
            raise

    def sending(self, lines: Collection[tuple[str, Line]], numbers: Collection[str]) -> None:
        """Record what is about to be sent, before it is.

        `lines` are those that it names, with their account, and `numbers` those that a
        server could make of the body. Raises BusyError or JournalError, and then it must not be sent.
        """
        with self._lock:
            for account, line in lines:
                self._enter(line, account)
            news = [number for number in numbers if number not in self.contents.sent]
            self._append([{"sent": number} for number in news])
            self.contents.sent.update(news)

    def settle(self, original: Original) -> None:
        """Record that nothing is left to do for a line."""
        with self._lock, contextlib.suppress(JournalError):
            original.is_settled = True
            self._append([{"settled": original.key}])

    def close(self, *, force: bool = False) -> None:
        """Remove the journal if every line is settled; otherwise leave it to `restore`.

        A damaged one is removed by `force` alone.
        """
        with self._lock:
            if self._file is None:
                return
            if self.contents.pending or (self.contents.damaged and not force):
                with contextlib.suppress(JournalError):
                    self._append([{"reported": True}])
                self.let_go()
            else:
                self._discard()

    def let_go(self) -> None:
        """Close the file and say nothing, as the end of the process does."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _enter(self, line: Line, account: str) -> None:
        original = self.contents.originals.get(line.key)
        if original is None:
            original = records.original_of(line, account)
            if self._file is not None:
                with journals.locked_folder() as folder:
                    journals.refuse_busy(folder, self.contents.server, {line.key}, but=self.path)
                    self._append([records.record_of(original)], durable=True)
            self.contents.originals[line.key] = original
        elif not original.is_written and not self._is_untouched(original, line):
            # Somebody changed the line after the run began and before its first update of it.
            original.number = line.forwarding_number
            self._append([records.record_of(original)], durable=True)
        if not original.is_written:
            self._append([{"written": line.key}])
            original.is_written = True

    def _is_untouched(self, original: Original, line: Line) -> bool:
        number = line.forwarding_number
        return number == original.number or self.contents.is_of_the_run(original, number)

    def _append(self, entries: Iterable[Mapping[str, Any]], *, durable: bool = False) -> None:
        """Append records in one go. Raises JournalError; then nothing can be appended any more."""
        data = b"".join(map(records.encoded, entries))
        if self._file is None or not data:
            return
        if self._is_cut:
            raise _unwritable(self.path, "it was cut short before")
        try:
            self._is_cut = os.write(self._file, data) < len(data)
            if durable:
                os.fsync(self._file)
        except OSError as error:
            self._is_cut = True
            raise _unwritable(self.path, error.strerror) from error
        if self._is_cut:
            raise _unwritable(self.path, "no space left for all of it")

    def _make_findable(self, link: Path) -> None:
        assert self.path is not None
        try:
            if self.path != link:
                link.symlink_to(self.path)
            for folder in {self.path.parent, link.parent}:
                journals.sync_folder(folder)
        except OSError as error:
            raise _unwritable(self.path, error.strerror) from error

    def _discard(self) -> None:
        assert self._file is not None
        assert self.path is not None
        self.path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = None


def _create(path: Path) -> int:
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise JournalError(
            f"{path} exists already: name another journal, or finish this one.", path
        ) from error
    except OSError as error:
        raise _unwritable(path, error.strerror) from error
    journals.try_to_lock(file)
    return file


def _unwritable(path: Path | None, reason: str | None) -> JournalError:
    return JournalError(
        f"The journal {path} cannot be written ({reason}), and without it nothing is changed on the server. "
        "--journal names another file."
    )
