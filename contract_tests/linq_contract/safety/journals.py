"""The journals of a user, all in one folder or linked there, whose lock keeps two runs off a line."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator
from pathlib import Path

import platformdirs

from linq_contract.safety.records import Contents, JournalError, UnreadableError, read

SUFFIX = ".journal"


class BusyError(JournalError):
    """Another run, alive or killed, has to do with a line."""


def unfinished() -> list[Path]:
    """The journals that runs have left. Raises JournalError."""
    with locked_folder() as folder:
        return [path for path, _, is_alive in _journals(folder) if not is_alive]


def in_the_way(server: str) -> list[Path]:
    """The journals that have to be finished before another run on a server. Raises JournalError."""
    with locked_folder() as folder:
        left = [(path, contents) for path, contents, is_alive in _journals(folder) if not is_alive]
        return [path for path, contents in left if contents.server == server and contents.is_in_the_way]


def refuse_busy(folder: Path, server: str, keys: set[str], but: Path | None = None) -> None:
    """Raise BusyError when another journal than `but` has one of these lines."""
    for path, contents, is_alive in _journals(folder):
        shared = [original.line_id for original in contents.pending if original.key in keys]
        if contents.server != server or path == but or not shared or not (is_alive or contents.is_in_the_way):
            continue
        lines = f"line {shared[0]}" + (f" and {len(shared) - 1} more" if len(shared) > 1 else "")
        if is_alive:
            raise BusyError(f"Another run is changing {lines} of {server} at this moment: wait for its end.")
        raise BusyError(f"A killed run has left {lines} of {server} changed.", path)


def _journals(folder: Path) -> Generator[tuple[Path, Contents, bool]]:
    """The journals in the folder, with whether their runs are alive; those of no more use are removed."""
    for link in sorted(folder.glob(f"*{SUFFIX}")):
        path = link.resolve()
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            link.unlink(missing_ok=True)
            continue
        except OSError as error:
            raise UnreadableError(f"The journal {path} cannot be opened: {error.strerror}.") from error
        try:
            is_alive = not try_to_lock(file, shared=True)
            contents = read(path)
            if not is_alive and not contents.pending and not contents.damaged:
                path.unlink(missing_ok=True)
                link.unlink(missing_ok=True)
                continue
        finally:
            os.close(file)
        yield path, contents, is_alive


def state_folder() -> Path:
    """Where the journals of a user are, and whatever else outlives a run. Raises JournalError."""
    try:
        return platformdirs.user_state_path("linq-contract", appauthor=False)
    except RuntimeError as error:  # there is neither HOME nor an entry of the user
        raise JournalError(
            "This user has no home, so there is no folder of journals: XDG_STATE_HOME names one; "
            "without it nothing is written to the server."
        ) from error


@contextlib.contextmanager
def locked_folder() -> Generator[Path]:
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
        _lock(lock, "LOCK_EX")
        yield folder
    finally:
        os.close(lock)


def try_to_lock(file: int, *, shared: bool = False) -> bool:
    """Lock a file until it is closed; False when a living run has it."""
    try:
        _lock(file, "LOCK_SH" if shared else "LOCK_EX", "LOCK_NB")
    except BlockingIOError:
        return False
    return True


def _lock(file: int, *operations: str) -> None:
    """Lock a file as flock(2) does. Raises JournalError where there is no such thing."""
    try:
        import fcntl  # noqa: PLC0415 - the mock and what only reads do without
    except ImportError as error:
        raise JournalError(
            "Updates need a journal, which needs the file locks of a POSIX system, and this is none."
        ) from error
    fcntl.flock(file, sum(getattr(fcntl, operation) for operation in operations))


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk. Raises OSError."""
    file = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
