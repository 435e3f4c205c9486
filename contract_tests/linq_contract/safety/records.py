"""The records of a journal: a file of lines, each a checksum and a JSON record, that only grows.

A line that was cut short is one whose update was never sent. No record holds a token.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from linq_contract.contract.lines import Line
from linq_contract.contract.numbers import is_e164
from linq_contract.http.environment import is_loopback


class JournalError(Exception):
    """The journal cannot be kept, so nothing may be changed; the message says why and what to do.

    Where that is to finish another journal first, it is the one that was `left`.
    """

    def __init__(self, problem: str, left: Path | None = None) -> None:
        super().__init__(problem)
        self.left = left


class UnreadableError(JournalError):
    """A file is no journal."""


@dataclass
class Original:
    """What a line forwarded to before the run, and its account."""

    line_id: str
    key: str
    account: str
    number: str | None
    is_written: bool = False
    is_settled: bool = False


@dataclass
class Contents:
    """What a journal says: the server, the originals by key, and every number that the run may have set.

    A run that could not put everything back and lived to say so is reported.
    """

    server: str = ""
    is_reported: bool = False
    originals: dict[str, Original] = field(default_factory=dict[str, Original])
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
    def pending(self) -> list[Original]:
        """The lines that are not known to forward to what they did before."""
        return [original for original in self.originals.values() if not original.is_settled]

    def is_of_the_run(self, original: Original, number: object) -> bool:
        """Whether a line may show that number because of the run, rather than of somebody else.

        A line that no request of the run has named may be cleared by a broken server, which is likelier on
        this machine, or by somebody else, which is likelier elsewhere.
        """
        if number is None:
            return original.is_written or self._is_local
        return number in self.sent or not is_e164(number)

    @property
    def _is_local(self) -> bool:
        return is_loopback(httpx.URL(self.server).host)


def read(path: Path) -> Contents:
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
        case {"line": str(line_id), "key": str(key), "variable": str(account), "forwarding_number": number}:
            contents.originals[key] = Original(line_id, key, account, number)
        case {"sent": str(number)}:
            contents.sent.add(number)
        case {"written": str(key)} if key in contents.originals:
            contents.originals[key].is_written = True
        case {"settled": str(key)} if key in contents.originals:
            contents.originals[key].is_settled = True
        case {"reported": True}:
            contents.is_reported = True
        case {"written": str()} | {"settled": str()}:
            pass  # of a line whose own record is damaged, and counted there
        case _:
            contents.damaged += 1


def encoded(record: Mapping[str, Any]) -> bytes:
    """A record as a line of the file."""
    text = json.dumps(record).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _parsed(line: bytes) -> Any:
    """The record in a line; None when the line is not what was written."""
    checksum, _, text = line.rstrip(b"\n").partition(b" ")
    try:
        return json.loads(text) if int(checksum, 16) == zlib.crc32(text) else None
    except ValueError:
        return None


def originals_of(lines: Mapping[str, Iterable[Line]]) -> dict[str, Original]:
    """What lines, given by their account, forward to now."""
    return {line.key: original_of(line, account) for account, some in lines.items() for line in some}


def original_of(line: Line, account: str) -> Original:
    """What a line forwards to now."""
    return Original(line.id, line.key, account, line.forwarding_number)


def record_of(original: Original) -> Mapping[str, Any]:
    """The record of what a line forwarded to."""
    return {
        "line": original.line_id,
        "key": original.key,
        "variable": original.account,
        "forwarding_number": original.number,
    }
