"""How the mock is asked to behave: for all, for an account, for a request."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from linq_mock.accounts import Account, Accounts, made_up_lines
from linq_mock.behaviour import Behaviour
from linq_mock.catalogues import faults, found, freedoms
from linq_mock.problems import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linq_document import Document
    from linq_mock.messages import Call, Response
    from linq_mock.variation import Variation

HEADER = "X-Mock-Behaviour"


@dataclass(frozen=True)
class Setting:
    """What is asked for; without any of it, the honest server.

    Attributes:
        faults: Names of faults.
        freedoms: Names of freedoms.
        latency: Seconds that every answer waits.
        status: The error status that every request is answered with, instead of being handled.
        retry_after: Seconds that this error tells the client to wait; with 429 it is 1 unless given.
        every: Every how manieth request is concerned.
        next: How many requests are concerned, until it is over; None for all.

    """

    faults: tuple[str, ...] = ()
    freedoms: tuple[str, ...] = ()
    latency: float = 0.0
    status: int | None = None
    retry_after: int | None = None
    every: int = 1
    next: int | None = None

    @classmethod
    def of(cls, stated: Mapping[str, Any]) -> Setting:
        """Return the setting of a JSON object whose properties are its attributes."""
        given = {name: value for name, value in stated.items() if value is not None}
        for name in ("faults", "freedoms"):
            given[name] = tuple(given.get(name, ()))
        return cls(**given)

    @classmethod
    def named(cls, text: str) -> Setting:
        """Return the setting of the header: names of faults, freedoms and error statuses, with commas.

        Raises UnknownVariationError.
        """
        names = [name.strip() for name in text.split(",") if name.strip()]
        statuses = [int(name) for name in names if name.isascii() and name.isdecimal()]
        named = [name for name in names if not name.isdecimal()]
        return cls(
            faults=tuple(name for name in named if name in faults()),
            freedoms=tuple(name for name in named if name not in faults()),
            status=statuses[0] if statuses else None,
        )

    def stated(self) -> dict[str, Any]:
        """Return the JSON object of the setting."""
        return {**asdict(self), "faults": list(self.faults), "freedoms": list(self.freedoms)}

    def variations(self) -> list[type[Variation]]:
        """Return the faults and the freedoms. Raises UnknownVariationError."""
        return [
            *(found(faults(), name) for name in self.faults),
            *(found(freedoms(), name) for name in self.freedoms),
        ]

    def names(self) -> str:
        """What an exchange is marked with in the log."""
        latency = [f"latency {self.latency:g} s"] if self.latency else []
        status = [str(self.status)] if self.status else []
        return ", ".join([*self.faults, *self.freedoms, *status, *latency])


class InForce:
    """A setting, and what has become of it: its own behaviour, and how many requests it has seen.

    Raises ValueError when something that it names does not exist.
    """

    def __init__(self, setting: Setting, accounts: Accounts, base_path: str, document: Document) -> None:
        variations = setting.variations() if setting.faults or setting.freedoms else []
        self.setting = setting
        self.names = setting.names()
        self.arranges_lines = any(variation.arranges_lines for variation in variations)
        self.varies = bool(variations)
        self.is_plain = not (
            setting.latency or setting.status or setting.every > 1 or setting.next is not None
        )
        """Whether it is its behaviour that answers every request, at once."""
        self._seen = 0
        self._left = setting.next
        kind: type[Behaviour] = Behaviour
        if variations:
            from linq_mock.variation import mixed  # noqa: PLC0415 - the honest server starts sooner without

            kind = mixed(variations)
        problem = _problem(setting, document)
        self.behaviour = (
            Refusing(accounts, base_path, document, problem)
            if problem
            else kind(accounts, base_path, document)
        )

    @property
    def left(self) -> int | None:
        """For how many requests it is still in force; None for all."""
        return self._left

    def stated(self) -> dict[str, Any]:
        """Return the JSON object of the setting, with what is left of its next requests."""
        return {**self.setting.stated(), "next": self._left}

    def concerns_next(self) -> bool:
        """Count a request, and say whether it is concerned."""
        if self._left == 0:
            return False
        self._seen += 1
        if self._seen % self.setting.every:
            return False
        if self._left is not None:
            self._left -= 1
        return True

    async def respond(self, call: Call) -> Response:
        if self.setting.latency:
            await asyncio.sleep(self.setting.latency)
        return await self.behaviour.respond(call)


class Refusing(Behaviour):
    """A server that answers every request with the same error."""

    def __init__(self, accounts: Accounts, base_path: str, document: Document, problem: Problem) -> None:
        super().__init__(accounts, base_path, document)
        self._problem = problem

    async def handle(self, call: Call) -> Response:  # noqa: ARG002 - whatever it is
        raise self._problem.with_traceback(None)


def _problem(setting: Setting, document: Document) -> Problem | None:
    if setting.status is None:
        return None
    codes = [code for code, status in document.error_codes.items() if status == setting.status]
    if not codes:
        known = ", ".join(map(str, sorted(set(document.error_codes.values()))))
        raise ValueError(f"no error of the contract has the status {setting.status}; they have {known}")
    meaning = next(entry["meaning"] for entry in document.raw["x-error-codes"] if entry["code"] == codes[0])
    if setting.status == 429:
        wait = 1 if setting.retry_after is None else setting.retry_after
        return Problem(Code.RATE_LIMITED, meaning, retry_after=wait)
    headers = {} if setting.retry_after is None else {"Retry-After": str(setting.retry_after)}
    return Problem(codes[0], meaning, headers=headers)


class Settings:
    """The settings in force: one for all, others for single accounts, and those of headers.

    The narrowest that concerns a request decides: a header, then an account, then all.
    """

    _MOST_HEADERS = 64

    def __init__(self, setting: Setting, accounts: Accounts, base_path: str, document: Document) -> None:
        self._place = base_path, document
        self._accounts = accounts
        self._at_start = setting
        self._honest = InForce(Setting(), accounts, base_path, document)
        self._for_account: dict[str, InForce] = {}
        self._for_header: dict[tuple[str, str], InForce] = {}
        self._last_varied = False
        self.for_all = InForce(setting, accounts, base_path, document)

    @property
    def plain(self) -> Behaviour | None:
        """The behaviour of all requests without a header; None when it depends."""
        if self._for_account or self._last_varied or not self.for_all.is_plain:
            return None
        return self.for_all.behaviour

    def of_account(self, name: str) -> InForce | None:
        """Return what is in force for an account alone."""
        return self._for_account.get(name)

    def stated_for_accounts(self) -> dict[str, dict[str, Any]]:
        """Return the JSON objects of the settings of single accounts, by their names."""
        return {name: own.stated() for name, own in self._for_account.items()}

    def set_for_all(self, setting: Setting) -> None:
        """Raises ValueError when it cannot be, and then changes nothing."""
        self.for_all = InForce(setting, self._accounts, *self._place)
        self._for_header.clear()
        self._accounts.forget_encoded_lists()

    def set_for_account(self, name: str, setting: Setting) -> None:
        """Raises ValueError when it cannot be, and then changes nothing."""
        accounts = self._accounts.beginning_with(self._accounts.by_name[name])
        self._for_account[name] = InForce(setting, accounts, *self._place)
        self._accounts.forget_encoded_lists()

    def forget_account(self, name: str) -> None:
        """Let what is for all be in force for an account, too."""
        self._for_account.pop(name, None)
        self._for_header = {key: value for key, value in self._for_header.items() if key[0] != name}
        self._accounts.forget_encoded_lists()

    def try_out(self, setting: Setting) -> None:
        """Raise ValueError when a setting cannot be."""
        InForce(setting, Accounts([Account.of("token", made_up_lines(2))]), *self._place)

    def start_with(self, setting: Setting) -> None:
        """Have a reset return to another setting. Raises ValueError when it cannot be."""
        self.try_out(setting)
        self._at_start = setting

    def reset(self) -> None:
        """Return to the setting of the start."""
        self._for_account.clear()
        self.set_for_all(self._at_start)

    def choose(self, call: Call, header: str | None) -> InForce:
        """Return what is in force for a request, for one with a header what that names.

        Raises Problem 400 when it names nothing.
        """
        name = call.account.name if call.account else ""
        own = self._for_account.get(name)
        if header is not None:
            chosen = self._asked_for(name, header)
        elif own and own.concerns_next():
            chosen = own
        else:
            chosen = self.for_all if self.for_all.concerns_next() else self._honest
        if self._last_varied and not chosen.varies:
            self._accounts.forget_encoded_lists()
        self._last_varied = chosen.varies
        if own and own.left == 0:
            del self._for_account[name]
        return chosen

    def _asked_for(self, name: str, header: str) -> InForce:
        if (name, header) not in self._for_header:
            if len(self._for_header) >= self._MOST_HEADERS:
                del self._for_header[next(iter(self._for_header))]
            self._for_header[name, header] = self._of_header(name, header)
        return self._for_header[name, header]

    def _of_header(self, name: str, header: str) -> InForce:
        account = self._accounts.by_name.get(name)
        accounts = self._accounts.beginning_with(account) if account else self._accounts
        try:
            setting = Setting.named(header)
            _refuse_arranging(setting)
            return InForce(setting, accounts, *self._place)
        except ValueError as error:
            raise Problem(Code.INVALID_PARAMETER, f"{HEADER}: {error}") from error


def _refuse_arranging(setting: Setting) -> None:
    for variation in setting.variations():
        if variation.arranges_lines:
            raise ValueError(f"{variation.name} changes the lines, and cannot be had for one request")
