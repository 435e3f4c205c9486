"""The accounts of the mock: a token each, and lines, made up or read from a file."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, overload

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

Line: TypeAlias = dict[str, Any]
"""A line as the list shows it, in the schema of PhoneNumber."""

DEFAULT_LINES = 5
OTHER_LINES = 3

_GUIDE = "https://docs.linqapp.com/guides/phone-reputation/"
STATUSES = ("HEALTHY", "AT_RISK", "CRITICAL")
_AREA_CODES = (
    (202, 206, 212, 213, 214, 215, 303, 305, 312, 313, 404, 415, 503, 512, 602, 612, 615, 617, 702, 713),
    (416, 514, 604, 613, 403, 204, 902, 506, 709, 306),
)
_FORWARD_AREA_CODES = (310, 646, 773, 832, 917)


@dataclass(slots=True)
class Account:
    """An account of a partner.

    `lines` are found by their ids in small letters. `encoded_list` is the body of the list as it is
    now; None until it is asked for. `added` counts the lines that it was given later.
    """

    token: str
    lines: dict[str, Line]
    name: str = ""
    encoded_list: bytes | None = None
    added: int = 0

    @classmethod
    def of(cls, token: str, lines: Iterable[Line], name: str = "") -> Account:
        """Return an account that finds its lines by their ids in small letters."""
        return cls(token, {line["id"].lower(): line for line in lines}, name)


class Accounts(Sequence[Account]):
    """The accounts of a server, in order, by their tokens and by their names."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._accounts = list(accounts)
        self.by_token = {account.token: account for account in self._accounts}
        self.by_name = {account.name: account for account in self._accounts}

    def add(self, account: Account) -> None:
        """Add an account, whose token and name no other one has."""
        self._accounts.append(account)
        self.by_token[account.token] = account
        self.by_name[account.name] = account

    def remove(self, account: Account) -> None:
        self._accounts.remove(account)
        del self.by_token[account.token]
        del self.by_name[account.name]

    def beginning_with(self, account: Account) -> Accounts:
        """Return the same accounts with one of them in the first place."""
        return Accounts([account, *(other for other in self._accounts if other is not account)])

    def forget_encoded_lists(self) -> None:
        """Take notice that any line may not be as it was."""
        for account in self._accounts:
            account.encoded_list = None

    @overload
    def __getitem__(self, index: int) -> Account: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Account]: ...
    def __getitem__(self, index: int | slice) -> Account | Sequence[Account]:
        return self._accounts[index]

    def __len__(self) -> int:
        return len(self._accounts)


def two_accounts(tokens: Sequence[str], lines: int | Sequence[Line]) -> tuple[Account, Account]:
    """Return an account with `lines`, or that many made up, and another with a few made up ones."""
    own = made_up_lines(lines) if isinstance(lines, int) else lines
    taken = {line["phone_number"] for line in own}
    others = made_up_lines(OTHER_LINES, series=1, taken=taken)
    return Account.of(tokens[0], own, "account-1"), Account.of(tokens[1], others, "account-2")


def made_up_lines(count: int, *, series: int = 0, taken: Collection[str] = (), owner: str = "") -> list[Line]:
    """Return `count` lines that are the same in every run.

    Their numbers are reserved for fiction (+1 NPA 555 0100 to 0199) as long as those of the
    area codes of the `series` (0 or 1) last, and then begin with +999, a country code that is
    assigned to nobody. Numbers in `taken` are left out. Lines of different owners have different ids.
    """
    numbers = (_number(series, index) for index in range(count + len(taken)))
    free = [number for number in numbers if number not in taken]
    return [_line(number, index, owner) for index, number in enumerate(free[:count])]


def reputation_of(status: str) -> dict[str, str]:
    """Return a `reputation`, or a `health_status`, of a status."""
    return {"status": status, "doc_url": f"{_GUIDE}#{status.lower()}"}


def with_reputation(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties of a line, for which a reputation may be its status alone."""
    status = properties.get("reputation")
    if status not in STATUSES:
        return dict(properties)
    return {**properties, "reputation": reputation_of(status), "health_status": reputation_of(status)}


def _number(series: int, index: int) -> str:
    area_codes = _AREA_CODES[series]
    turn, which = divmod(index, len(area_codes))
    return f"+1{area_codes[which]}55501{turn:02}" if turn < 100 else f"+999{series}{index:08}"


def _line(number: str, index: int, owner: str) -> Line:
    """Return the line with a number; every 4th sends a null for "not forwarded", every 4th nothing."""
    digest = hashlib.blake2b(f"{owner}{number}".encode(), digest_size=16).digest()
    reputation = reputation_of(STATUSES[index % len(STATUSES)])
    line: Line = {
        "id": str(uuid.UUID(bytes=digest, version=4)),
        "phone_number": number,
        "reputation": reputation,
        "health_status": dict(reputation),
    }
    match index % 4:
        case 1:
            line["forwarding_number"] = None
        case 3:
            pass
        case _:
            area_code = _FORWARD_AREA_CODES[index % len(_FORWARD_AREA_CODES)]
            line["forwarding_number"] = f"+1{area_code}55501{index % 100:02}"
    return line
