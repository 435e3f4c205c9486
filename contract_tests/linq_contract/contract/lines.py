"""The model of the accounts: what their lines must be, given the requests that they have seen.

A server is compared with this model at every list. `None` stands for no forwarding.
"""

from __future__ import annotations

import functools
import json
import re
import string
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT
from linq_contract.http.messages import JsonObject

_REMEMBERED = 200_000  # lines: the largest account that is tried has 100,000, and each is seen anew when set
_Numbers: TypeAlias = set[str | None]
UNSETTLED: Any = object()
"""The forwarding number of a line that a failed update, or several at once, left in doubt."""
_WIDTHS = (8, 4, 4, 4, 12)  # digits of the groups of a uuid: RFC 9562, section 4
_WRAPPED = 38  # characters: those of a uuid, and one at each end
_GROUPS = re.compile("-".join(f"0*([0-9A-Fa-f]{{1,{width}}})" for width in _WIDTHS))


@functools.lru_cache(maxsize=_REMEMBERED)
def line_key(line_id: str) -> str:
    """The id in the one form that all its spellings share: lower case, hyphenated.

    A spelling is what a common parser takes for the same uuid: that of Python, of Go (google/uuid looks at
    neither end of 38 characters), of Java, which takes groups with leading zeros left out or added, and those
    of .NET and Spring, which do not look at white space at the ends.
    """
    trimmed = line_id.strip(string.whitespace)
    try:
        return str(uuid.UUID(trimmed))
    except ValueError:
        groups = _GROUPS.fullmatch(trimmed) or (len(trimmed) == _WRAPPED and _GROUPS.fullmatch(trimmed[1:-1]))
        if not groups:
            return line_id
        padded = (digits.zfill(width) for digits, width in zip(groups.groups(), _WIDTHS, strict=True))
        return "-".join(padded).lower()


class Line(NamedTuple):
    """A line: its id as the server writes it and as a key, its number, and where it forwards to."""

    id: str
    key: str
    phone_number: str
    forwarding_number: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a list differs from the model."""

    key: str
    what: str
    expected: object
    shown: object

    def __str__(self) -> str:
        match self.what:
            case "missing":
                return f"line {self.key} is no longer listed"
            case "extra":
                return f"line {self.key} is listed and was not there before"
            case _:
                shown, expected = _text(self.shown), _text(self.expected)
                return f"line {self.key} shows {self.what} {shown}, expected {expected}"


@dataclass
class Account:
    """The lines of one account by key; None before the first list.

    `replaced` are the forwarding numbers that changes replaced, `overdue` those that the list after
    an update did not show, and `left_alone` the keys of lines that no update may name.
    """

    lines: dict[str, Line] | None = None
    replaced: dict[str, _Numbers] = field(default_factory=dict[str, _Numbers])
    overdue: dict[str, object] = field(default_factory=dict[str, object])
    left_alone: set[str] = field(default_factory=set[str])

    def find(self, line_id: str) -> Line | None:
        """The line with this id in any spelling."""
        return (self.lines or {}).get(line_key(line_id))

    def adopt(self, listed: Mapping[str, Line]) -> None:
        """Take a list as the truth from now on."""
        self.lines = dict(listed)

    def set(self, key: str, forwarding_number: str | None) -> None:
        """Record an update; `UNSETTLED` when it is not known whether it took place."""
        if self.lines is not None and key in self.lines:
            line = self.lines[key]
            self.overdue.pop(key, None)
            if line.forwarding_number != forwarding_number:
                self.replaced.setdefault(key, set()).add(line.forwarding_number)
            self.lines[key] = line._replace(forwarding_number=forwarding_number)

    def unsettle(self, key: str) -> None:
        """Record updates of which nobody knows which comes last."""
        if self.lines is not None and key in self.lines:
            self.overdue.pop(key, None)
            self.lines[key] = self.lines[key]._replace(forwarding_number=UNSETTLED)

    def is_late(self, difference: Difference) -> bool:
        """Whether a list shows at last what an earlier one should have shown."""
        return (
            difference.what == "forwarding_number"
            and difference.key in self.overdue
            and difference.shown == self.overdue[difference.key]
        )

    def differences(self, shown: Mapping[str, Line]) -> Iterator[Difference]:
        """Compare a list with the model."""
        if self.lines is None or shown == self.lines:
            return
        for key, line in self.lines.items():
            other = shown.get(key)
            if other is None:
                yield Difference(key, "missing", line, None)
                continue
            if other == line:
                continue
            if other.phone_number != line.phone_number:
                yield Difference(key, "phone_number", line.phone_number, other.phone_number)
            if line.forwarding_number is not UNSETTLED and other.forwarding_number != line.forwarding_number:
                yield Difference(key, "forwarding_number", line.forwarding_number, other.forwarding_number)
        for key in shown.keys() - self.lines.keys():
            yield Difference(key, "extra", None, shown[key])


class Accounts:
    """The accounts of a run. Each is named by the variable that holds its token."""

    def __init__(self) -> None:
        self._accounts = {name: Account() for name in (ACCOUNT, OTHER_ACCOUNT)}

    def __getitem__(self, name: str) -> Account:
        return self._accounts.setdefault(name, Account())

    def items(self) -> Iterable[tuple[str, Account]]:
        """The accounts with their names."""
        return self._accounts.items()

    def others_of(self, name: str) -> Account:
        """What an account must never see anything of: the lines of all others, as of one account."""
        others = [account for other, account in self._accounts.items() if other != name]
        if len(others) == 1:
            return others[0]
        known = [account.lines for account in others if account.lines is not None]
        return Account({key: line for lines in known for key, line in lines.items()} if known else None)


def listed_lines(items: Iterable[JsonObject]) -> Iterator[Line]:
    """The lines among the items of a list response, as far as they have the shape of one.

    A number that is no text stands in its line as JSON.
    """
    for item in items:
        line_id, forwarding_number = item.get("id"), item.get("forwarding_number")
        if isinstance(line_id, str):
            forwards_to = None if forwarding_number is None else _as_text(forwarding_number)
            yield _line(line_id, _as_text(item.get("phone_number")), forwards_to)


@functools.lru_cache(maxsize=_REMEMBERED)
def _line(line_id: str, phone_number: str, forwarding_number: str | None) -> Line:
    return Line(line_id, line_key(line_id), phone_number, forwarding_number)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _text(value: object) -> str:
    return "null" if value is None else repr(value)
