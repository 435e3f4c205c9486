"""Which lines and numbers a request may name, and what is recorded before it may change one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_to_bytes

from linq_contract.contract.classification import FIELD, UPDATE
from linq_contract.contract.lines import Accounts, Line
from linq_contract.contract.numbers import could_ring_a_stranger, is_e164, lenient_reading
from linq_contract.http.credentials import ACCOUNT
from linq_contract.http.messages import SAFE_METHODS, Request, json_object, parse_json
from linq_contract.http.wire import RefusedError
from linq_contract.safety.journal import Journal
from linq_contract.safety.target import Target
from linq_document import Document

_NOT_HEX = re.compile(r"[^0-9a-f]+")
_NUMBER = re.compile(r"[0-9]{7,}")
_DIGITS_OF_A_UUID = 32  # RFC 9562


class Guard:
    """A guard of the wire: keeps requests to the permitted lines and numbers, and feeds the journal.

    A line is named when the digits of its id are in the path, in whatever spelling; with a list of
    permitted lines, also when they are in the body.
    """

    def __init__(self, target: Target, document: Document, accounts: Accounts) -> None:
        self.journal: Journal | None = None
        self._is_restoring = False
        self._target = target
        self._document = document
        self._accounts = accounts
        self._numbers = set(target.permissions.forward_to)

    def permit(self, numbers: Iterable[str]) -> None:
        """Let numbers be set although they are not fictional, since lines forward to them already."""
        self._numbers.update(numbers)

    def begin(self, journal: Journal | None) -> None:
        """Write down in a journal what is about to be changed; without one nothing may be."""
        self.journal = journal

    def restore(self, journal: Journal) -> None:
        """Let the lines of a journal be put back, which needs no journal of its own."""
        self.journal = journal
        self._is_restoring = True

    def __call__(self, request: Request) -> None:
        """Raise RefusedError, or JournalError, when the request must not be sent."""
        number = (json_object(parse_json(request.body or b"")) or {}).get(FIELD)
        if isinstance(number, str) and number not in self._numbers and could_ring_a_stranger(number):
            raise RefusedError("the forwarding number could be a stranger's")
        if self._target.permissions.lines is not None:
            self._refuse_other_lines(request)
        if request.method in SAFE_METHODS:
            return
        self._refuse_unknown_writes(request)
        if self.journal is None:
            raise RefusedError(f"{request.method} before there is a journal")
        if not self._is_restoring:
            named = list(self._named(request.target.encode()))
            self._refuse_lines_left_alone(line for _, line in named)
            self.journal.sending(named, _numbers_in(request.body or b""))

    def _refuse_other_lines(self, request: Request) -> None:
        in_body = self._named(request.body or b"")
        for _, line in itertools.chain(self._named(request.target.encode()), in_body):
            if not self._target.permissions.permits(line.key):
                raise RefusedError(f"line {line.id} is not one of those that --line names")

    def _refuse_lines_left_alone(self, lines: Iterable[Line]) -> None:
        for line in lines:
            if line.key in self._accounts[ACCOUNT].left_alone:
                raise RefusedError(f"line {line.id} could not be put back")

    def _refuse_unknown_writes(self, request: Request) -> None:
        """Refuse, on a server that is not the user's own machine, what is no update of a line.

        Nobody knows what it would do there, and that alone can be put back.
        """
        path, _ = self._document.match(request.target.partition("?")[0])
        operation = self._document.operation_at(request.method, path)
        if not self._target.is_local and operation != self._document.operations[UPDATE]:
            raise RefusedError(f"{request.method} is no update of a line there, and could not be put back")

    def _named(self, text: bytes) -> Iterator[tuple[str, Line]]:
        """The lines that a text names, with their accounts."""
        for line_id in _ids_in(unquote_to_bytes(text).decode("utf-8", "replace").lower()):
            for name, account in self._accounts.items():
                line = account.find(line_id)
                if line is not None:
                    yield name, line


def _ids_in(text: str) -> Iterator[str]:
    """Every id that a text could name: each segment of a path, and each run of 32 hexadecimal digits."""
    yield from text.partition("?")[0].split("/")
    digits = _NOT_HEX.sub("", text)
    for start in range(len(digits) - _DIGITS_OF_A_UUID + 1):
        part = digits[start : start + _DIGITS_OF_A_UUID]
        yield f"{part[:8]}-{part[8:12]}-{part[12:16]}-{part[16:20]}-{part[20:]}"


def _numbers_in(body: bytes) -> set[str]:
    """The E.164 numbers that a server, however lenient, could take from a body."""
    value = (json_object(parse_json(body)) or {}).get(FIELD)
    texts = [value] if isinstance(value, str) else []
    texts += _NUMBER.findall(body.decode("utf-8", "replace"))
    return {number for number in map(lenient_reading, texts) if is_e164(number)}
