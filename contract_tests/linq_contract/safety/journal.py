"""The journal of a run: what lines forwarded to before, on disk before anything is changed.

A journal is a file of lines, each a checksum and a JSON record, that only grows; a line that was cut short
is one whose update was never sent. It holds no token. It is locked as long as its run lives and removed
once every line is settled, so that a journal that is found unlocked is what a killed run has left. All
journals of a user are in one folder, or have a link there, whose lock keeps two runs off one line.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shlex
import threading
import zlib
from collections.abc import Collection, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import platformdirs

from linq_contract.contract.lines import Line
from linq_contract.contract.numbers import is_e164
from linq_contract.safety.target import is_loopback

_SUFFIX = ".journal"


class JournalError(Exception):
    """The journal cannot be kept, so nothing may be changed; the message says why and what to do."""


class BusyError(JournalError):
    """Another run, alive or killed, has to do with a line."""


class UnreadableError(JournalError):
    """A file is no journal."""


@dataclass
class Entry:
    """What a line forwarded to before the run, and the variable that holds the token of its account."""

    line_id: str
    key: str
    variable: str
    original: str | None
    is_written: bool = False
    is_settled: bool = False


@dataclass
class Contents:
    """What a journal says: the server, the entries by key, and every number that the run may have set.

    A run that could not put everything back and lived to say so is reported.
    """

    server: str = ""
    is_reported: bool = False
    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])
    sent: set[str] = field(default_factory=set[str])
    damaged: int = 0

    @property
    def is_in_the_way(self) -> bool:
        """Whether no other run may begin before this is put back.

        On this machine a server that was reported to keep what it should not is most likely being mended,
        and to judge it again is the way to do that.
        """
        return not (self.is_reported and self._is_local)

    @property
    def pending(self) -> list[Entry]:
        """The lines that are not known to forward to what they did before."""
        return [entry for entry in self.entries.values() if not entry.is_settled]

    def is_of_the_run(self, entry: Entry, number: object) -> bool:
        """Whether a line may show that number because of the run, rather than of somebody else.

        A line that no request of the run has named may be cleared by a broken server, which is likelier on
        this machine, or by somebody else, which is likelier elsewhere.
        """
        if number is None:
            return entry.is_written or self._is_local
        return number in self.sent or not is_e164(number)

    @property
    def _is_local(self) -> bool:
        return is_loopback(httpx.URL(self.server).host)


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
        return cls(Contents(server, entries=_entries(lines)))

    @classmethod
    def begin(cls, server: str, lines: Mapping[str, Iterable[Line]], path: Path | None = None) -> Journal:
        """Write the journal of a run that is about to change lines, given by the variable of their token.

        Raises BusyError when another run has to do with one of them, and JournalError when the file
        cannot be written.
        """
        entries = _entries(lines)
        with _registry() as folder:
            _refuse_busy(folder, server, set(entries))
            began = datetime.now(UTC)
            link = folder / f"{began:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}{_SUFFIX}"
            path = link if path is None else path.resolve()
            journal = cls(Contents(server), path, _create(path))
            header = {"journal": 1, "server": server, "began": began.isoformat(), "process": os.getpid()}
            try:
                journal._append([header, *map(_record, entries.values())], durable=True)
                journal._make_findable(link)
            except JournalError:
                journal._discard()
                raise
        journal.contents.entries = entries
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
        if not _try_to_lock(file):
            os.close(file)
            raise BusyError(f"The run that keeps the journal {path} is still going on.")
        try:
            return cls(_contents(path), path, file, is_resumed=True)
        except UnreadableError:
            os.close(file)
            raise

    @property
    def is_on_disk(self) -> bool:
        return self._file is not None

    @property
    def restore_command(self) -> str:
        """The command that puts back what this journal has."""
        return f"linq-contract restore {shlex.quote(str(self.path))}"

    def sending(self, lines: Collection[tuple[str, Line]], numbers: Collection[str]) -> None:
        """Record what is about to be sent, before it is.

        `lines` are those that it names, with the variable of their token, and `numbers` those that a
        server could make of the body. Raises BusyError or JournalError, and then it must not be sent.
        """
        with self._lock:
            for variable, line in lines:
                self._enter(line, variable)
            news = [number for number in numbers if number not in self.contents.sent]
            self._append([{"sent": number} for number in news])
            self.contents.sent.update(news)

    def settle(self, entry: Entry) -> None:
        """Record that nothing is left to do for a line."""
        with self._lock, contextlib.suppress(JournalError):
            entry.is_settled = True
            self._append([{"settled": entry.key}])

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

    def _enter(self, line: Line, variable: str) -> None:
        entry = self.contents.entries.get(line.key)
        if entry is None:
            entry = _entry(line, variable)
            if self._file is not None:
                with _registry() as folder:
                    _refuse_busy(folder, self.contents.server, {line.key}, but=self.path)
                    self._append([_record(entry)], durable=True)
            self.contents.entries[line.key] = entry
        elif not entry.is_written and not self._is_untouched(entry, line):
            # Somebody changed the line after the run began and before its first update of it.
            entry.original = line.forwarding_number
            self._append([_record(entry)], durable=True)
        if not entry.is_written:
            self._append([{"written": line.key}])
            entry.is_written = True

    def _is_untouched(self, entry: Entry, line: Line) -> bool:
        number = line.forwarding_number
        return number == entry.original or self.contents.is_of_the_run(entry, number)

    def _append(self, records: Iterable[Mapping[str, Any]], *, durable: bool = False) -> None:
        """Append records in one go. Raises JournalError; then nothing can be appended any more."""
        data = b"".join(map(_line, records))
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
                _sync_folder(folder)
        except OSError as error:
            raise _unwritable(self.path, error.strerror) from error

    def _discard(self) -> None:
        assert self._file is not None
        assert self.path is not None
        self.path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = None


def unfinished() -> list[Path]:
    """The journals that runs have left. Raises JournalError."""
    with _registry() as folder:
        return [path for path, _, is_alive in _journals(folder) if not is_alive]


def in_the_way(server: str) -> list[Path]:
    """The journals that have to be finished before another run on a server. Raises JournalError."""
    with _registry() as folder:
        left = [(path, contents) for path, contents, is_alive in _journals(folder) if not is_alive]
        return [path for path, contents in left if contents.server == server and contents.is_in_the_way]


def _refuse_busy(folder: Path, server: str, keys: set[str], but: Path | None = None) -> None:
    for path, contents, is_alive in _journals(folder):
        shared = [entry.line_id for entry in contents.pending if entry.key in keys]
        if contents.server != server or path == but or not shared or not (is_alive or contents.is_in_the_way):
            continue
        lines = f"line {shared[0]}" + (f" and {len(shared) - 1} more" if len(shared) > 1 else "")
        if is_alive:
            raise BusyError(f"Another run is changing {lines} of {server} at this moment: wait for its end.")
        raise BusyError(f"A killed run has left {lines}: run linq-contract restore {shlex.quote(str(path))}")


def _journals(folder: Path) -> Generator[tuple[Path, Contents, bool]]:
    """The journals in the folder, with whether their runs are alive; those of no more use are removed."""
    for link in sorted(folder.glob(f"*{_SUFFIX}")):
        path = link.resolve()
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            link.unlink(missing_ok=True)
            continue
        except OSError as error:
            raise UnreadableError(f"The journal {path} cannot be opened: {error.strerror}.") from error
        try:
            is_alive = not _try_to_lock(file, shared=True)
            contents = _contents(path)
            if not is_alive and not contents.pending and not contents.damaged:
                path.unlink(missing_ok=True)
                link.unlink(missing_ok=True)
                continue
        finally:
            os.close(file)
        yield path, contents, is_alive


def state_folder() -> Path:
    """Where the journals of a user are, and whatever else outlives a run."""
    return platformdirs.user_state_path("linq-contract", appauthor=False)


@contextlib.contextmanager
def _registry() -> Generator[Path]:
    """The folder of journals, while no other process looks at it. Raises JournalError."""
    folder = state_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise JournalError(
            f"The folder of journals, {folder}, cannot be used: {error.strerror}. "
            "XDG_STATE_HOME names another one; without it nothing is written to the server."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(lock)


def _create(path: Path) -> int:
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise JournalError(
            f"{path} exists already: name another journal, or finish this one with "
            f"linq-contract restore {shlex.quote(str(path))}"
        ) from error
    except OSError as error:
        raise _unwritable(path, error.strerror) from error
    _try_to_lock(file)
    return file


def _contents(path: Path) -> Contents:
    """Read a journal. Raises UnreadableError when it is none."""
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise UnreadableError(f"The journal {path} cannot be read: {error.strerror}.") from error
    if lines and not lines[-1].endswith(b"\n"):
        lines.pop()
    contents = Contents()
    for line in lines:
        _take_in(contents, _parsed(line))
    if lines and not contents.server:
        raise UnreadableError(f"{path} is not a journal.")
    return contents


def _take_in(contents: Contents, record: Any) -> None:
    match record:
        case {"journal": 1, "server": str(server)}:
            contents.server = server
        case {"line": str(line_id), "key": str(key), "variable": str(variable), "forwarding_number": number}:
            contents.entries[key] = Entry(line_id, key, variable, number)
        case {"sent": str(number)}:
            contents.sent.add(number)
        case {"written": str(key)} if key in contents.entries:
            contents.entries[key].is_written = True
        case {"settled": str(key)} if key in contents.entries:
            contents.entries[key].is_settled = True
        case {"reported": True}:
            contents.is_reported = True
        case {"written": str()} | {"settled": str()}:
            pass  # of a line whose own record is damaged, and counted there
        case _:
            contents.damaged += 1


def _line(record: Mapping[str, Any]) -> bytes:
    text = json.dumps(record).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _parsed(line: bytes) -> Any:
    """The record in a line; None when the line is not what was written."""
    checksum, _, text = line.rstrip(b"\n").partition(b" ")
    try:
        return json.loads(text) if int(checksum, 16) == zlib.crc32(text) else None
    except ValueError:
        return None


def _entries(lines: Mapping[str, Iterable[Line]]) -> dict[str, Entry]:
    return {line.key: _entry(line, variable) for variable, some in lines.items() for line in some}


def _entry(line: Line, variable: str) -> Entry:
    return Entry(line.id, line.key, variable, line.forwarding_number)


def _record(entry: Entry) -> Mapping[str, Any]:
    return {
        "line": entry.line_id,
        "key": entry.key,
        "variable": entry.variable,
        "forwarding_number": entry.original,
    }


def _try_to_lock(file: int, *, shared: bool = False) -> bool:
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _unwritable(path: Path | None, reason: str | None) -> JournalError:
    return JournalError(
        f"The journal {path} cannot be written ({reason}), and without it nothing is changed on the server. "
        "--journal names another file."
    )
