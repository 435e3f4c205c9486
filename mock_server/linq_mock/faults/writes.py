"""Faults of what is stored, when an update is accepted and when it is refused."""
# ruff: noqa: ARG002 - a step takes what all steps of its kind take

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, ClassVar

from linq_mock.faults.base import Fault
from linq_mock.problems import Code, Problem
from linq_mock.variation import is_last, now, sent_number

if TYPE_CHECKING:
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call, Response

# --- update.read-your-writes --------------------------------------------------------------------


class Stale(Fault):
    """Lists older values of the lines; `replica` is what the list shows instead of a number."""

    def arrange(self) -> None:
        super().arrange()
        self.replica: dict[str, str | None] = {}

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        shown = super().listed_line(call, account, line)
        if line["id"] in self.replica:
            return {**shown, "forwarding_number": self.replica[line["id"]]}
        return shown


class StaleByOne(
    Stale,
    name="update.read-your-writes/stale-by-one",
    also=("update.atomic", "update.clear-null", "update.clear-empty"),
):
    """The list comes from a replica that is always one write behind."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        self.replica.clear()
        self.replica[line["id"]] = line.get("forwarding_number")
        await super().store(call, account, line, number)


class StaleFor(Stale):
    """Shows the old value of a line for some seconds after a write."""

    seconds: ClassVar[float] = 0

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        self.replica[line["id"]] = line.get("forwarding_number")
        asyncio.get_running_loop().call_later(self.seconds, self.replica.pop, line["id"], None)
        await super().store(call, account, line, number)


class StaleForTwoSeconds(
    StaleFor,
    name="update.read-your-writes/stale-for-2-s",
    also=("update.atomic", "update.clear-null", "update.clear-empty"),
):
    """The list is cached, and a write shows two seconds later."""

    seconds = 2


class StaleForBlink(
    StaleFor,
    name="update.read-your-writes/stale-for-50-ms",
    also=("update.atomic", "update.clear-null", "update.clear-empty"),
):
    """A replica lags 50 milliseconds behind."""

    seconds = 0.05


class CachedList(
    Stale,
    name="update.read-your-writes/list-cached-for-1-s",
    also=("update.atomic", "update.clear-null", "update.clear-empty"),
):
    """A list is served again for a second, whatever was written meanwhile."""

    until = 0.0

    async def list_phone_numbers(self, call: Call, account: Account) -> Response:
        if now() >= self.until:
            self.until = now() + 1
            self.replica = {
                line["id"]: line.get("forwarding_number")
                for each in self.accounts
                for line in each.lines.values()
            }
        return await super().list_phone_numbers(call, account)


class EverySecondList(
    Stale, name="update.read-your-writes/every-second-list", also=("update.atomic", "list.safe")
):
    """One of two replicas does not get the writes until a third list."""

    lists = 0

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        self.replica.setdefault(line["id"], line.get("forwarding_number"))
        await super().store(call, account, line, number)

    async def list_phone_numbers(self, call: Call, account: Account) -> Response:
        self.lists += 1
        behind = self.replica
        if self.lists % 2:
            self.replica = {}
        response = await super().list_phone_numbers(call, account)
        self.replica = {} if self.lists % 4 == 0 else behind
        return response


class Loses(Fault):
    """Answers some updates without storing them."""

    def loses(self, account: Account, line: Line, number: str | None) -> bool:
        raise NotImplementedError

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        if not self.loses(account, line, number):
            await super().store(call, account, line, number)


class EveryTenthLost(Loses, name="update.read-your-writes/every-10th-write-lost"):
    """Every tenth write is acknowledged and lost."""

    writes = 0

    def loses(self, account: Account, line: Line, number: str | None) -> bool:
        self.writes += 1
        return self.writes % 10 == 0


class LastLineLost(
    Loses,
    name="update.read-your-writes/last-line-never-stored",
    also=("update.clear-null", "update.clear-empty"),
):
    """One line is read-only in the database and nobody looks at the error."""

    def loses(self, account: Account, line: Line, number: str | None) -> bool:
        return is_last(account, line)


class NoRowLost(Loses, name="update.read-your-writes/lost-without-forwarding"):
    """A line that has no forwarding number has no row to update."""

    def loses(self, account: Account, line: Line, number: str | None) -> bool:
        return number is not None and line.get("forwarding_number") is None


class NeverForwardedLost(Loses, name="update.read-your-writes/lost-when-never-set"):
    """A line whose forwarding was never set has no row, so nothing is updated."""

    def loses(self, account: Account, line: Line, number: str | None) -> bool:
        return "forwarding_number" not in line


class CriticalLost(Loses, name="update.read-your-writes/lost-when-critical"):
    """Updates of critical lines wait for a review that nobody makes."""

    def loses(self, account: Account, line: Line, number: str | None) -> bool:
        return bool(line["reputation"]["status"] == "CRITICAL")


class SecondWriteLost(
    Loses,
    name="update.read-your-writes/second-write-within-1-s-lost",
    also=("update.clear-null", "update.clear-empty", "update.atomic"),
):
    """A second write to a line within a second is taken for a double click."""

    def arrange(self) -> None:
        super().arrange()
        self.written: dict[str, float] = {}

    def loses(self, account: Account, line: Line, number: str | None) -> bool:
        if now() < self.written.get(line["id"], -1) + 1:
            return True
        self.written[line["id"]] = now()
        return False


class SameAreaLost(Loses, name="update.read-your-writes/same-last-digits-lost"):
    """Change detection compares the last four digits only."""

    def loses(self, account: Account, line: Line, number: str | None) -> bool:
        old = line.get("forwarding_number")
        return bool(number and old and old[-4:] == number[-4:])


class SecondAccountLost(Loses, name="update.read-your-writes/second-account-never-stored"):
    """The second account is on a database that is read-only."""

    def loses(self, account: Account, line: Line, number: str | None) -> bool:
        return account is self.accounts[1]


class RememberedOnConnection(
    Fault,
    name="update.read-your-writes/remembers-on-connection",
    also=("update.clear-null", "update.clear-empty", "update.isolated"),
):
    """An update that is the last one of its connection once more is answered from memory."""

    def arrange(self) -> None:
        super().arrange()
        self.last: dict[object, tuple[str, bytes]] = {}

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        if self.last.get(call.client) != (call.raw_path, call.body):
            await super().store(call, account, line, number)
        self.last[call.client] = call.raw_path, call.body


class RevertsLater(
    Fault, name="update.read-your-writes/reverts-after-3-requests", also=("list.safe", "update.idempotent")
):
    """A transaction that was never committed is rolled back three requests later."""

    def arrange(self) -> None:
        super().arrange()
        self.open: tuple[int, Line, str | None] | None = None

    async def respond(self, call: Call) -> Response:
        if self.open is not None and self.served >= self.open[0] + 3:
            _, line, old = self.open
            line["forwarding_number"] = old
            self.open = None
        return await super().respond(call)

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        self.open = self.served, line, line.get("forwarding_number")
        await super().store(call, account, line, number)


class TrailingZerosLost(Fault, name="update.read-your-writes/trailing-zeros-lost"):
    """The number is stored in a decimal column that drops zeros at the end."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number and number.rstrip("0"))


class StoredShort(Fault, name="update.read-your-writes/stored-without-last-digit"):
    """The column is one character too short for the numbers of one line."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number[:-1] if number and is_last(account, line) else number)


# --- update.rejected-unchanged ------------------------------------------------------------------


class ChangesOnRejection(Fault):
    """Changes the line when it refuses an update."""

    codes: ClassVar[tuple[int, ...]] = ()
    status: ClassVar[int] = 400

    def changed(self, call: Call, old: str | None) -> str | None:
        return None

    def change(self, line: Line, number: str | None) -> None:
        line["forwarding_number"] = number

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        try:
            return await super().update_phone_number(call, account)
        except Problem as problem:
            line = self.target(call, account)
            if line is not None and problem.code in self.codes and problem.status == self.status:
                self.change(line, self.changed(call, line.get("forwarding_number")))
            raise


class ClearsOnInvalid(ChangesOnRejection, name="update.rejected-unchanged/clears-on-1002"):
    """The old number is removed before the new one is validated."""

    codes = (Code.NOT_E164,)


class ClearsOnMissing(ChangesOnRejection, name="update.rejected-unchanged/clears-on-1001"):
    """A missing field clears before it is reported."""

    codes = (Code.MISSING_FIELD,)


class ClearsOnInvalidBody(ChangesOnRejection, name="update.rejected-unchanged/clears-on-1003"):
    """A body that does not parse clears before it is reported."""

    codes = (Code.INVALID_BODY,)


class ClearsOnType(ChangesOnRejection, name="update.rejected-unchanged/clears-on-wrong-type"):
    """A value of the wrong type becomes null in the record before it is reported."""

    codes = (Code.INVALID_PARAMETER,)


class ClearsOnFalse(ChangesOnRejection, name="update.rejected-unchanged/clears-on-false"):
    """False becomes null in the record before it is reported."""

    codes = (Code.INVALID_PARAMETER,)

    def changed(self, call: Call, old: str | None) -> str | None:
        return None if sent_number(call) is False else old


class ClearsLater(ChangesOnRejection, name="update.rejected-unchanged/clears-half-a-second-later"):
    """A queue carries out half a second later what was refused."""

    codes = (Code.NOT_E164,)

    def change(self, line: Line, number: str | None) -> None:
        asyncio.get_running_loop().call_later(0.5, super().change, line, number)


class KeepsFittingPart(ChangesOnRejection, name="update.rejected-unchanged/stores-first-15-digits"):
    """The part of a number that fits its column is stored, and the rest reported."""

    codes = (Code.NOT_E164,)

    def changed(self, call: Call, old: str | None) -> str | None:
        match = re.match(r"\+[1-9][0-9]{14}", str(sent_number(call)))
        return match[0] if match else old


class WritesOnMediaType(ChangesOnRejection, name="update.rejected-unchanged/writes-on-415"):
    """The media type is only looked at when the answer is written."""

    codes = (Code.INVALID_BODY,)
    status = 415

    def changed(self, call: Call, old: str | None) -> str | None:
        number = sent_number(call)
        return number if isinstance(number, str) and self.is_e164(call, number) else old


class RollsBackLate(
    ChangesOnRejection,
    name="update.rejected-unchanged/rolls-back-100-ms-later",
    also=("list.schema", "list.forwarding-number"),
):
    """A refused number is stored, and rolled back a tenth of a second after the answer."""

    codes = (Code.NOT_E164,)

    def changed(self, call: Call, old: str | None) -> str | None:
        return str(sent_number(call))

    def change(self, line: Line, number: str | None) -> None:
        old = line.get("forwarding_number")
        super().change(line, number)
        asyncio.get_running_loop().call_later(0.1, super().change, line, old)


class ClearsSecondAccount(ChangesOnRejection, name="update.rejected-unchanged/only-second-account"):
    """The second account is on older code, which clears before it validates."""

    codes = (Code.NOT_E164,)

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        self.account = account
        return await super().update_phone_number(call, account)

    def changed(self, call: Call, old: str | None) -> str | None:
        return None if self.account is self.accounts[1] else old


class UnknownIdTouchesFirst(
    Fault, name="update.rejected-unchanged/unknown-id-clears-first-line", also=("update.isolated",)
):
    """Not found is index -1, and what stands there is cleared before the check."""

    def find_line(self, call: Call, account: Account, phone_number_id: str) -> Line:
        if phone_number_id not in account.lines and account.lines:
            list(account.lines.values())[-1]["forwarding_number"] = None
        return super().find_line(call, account, phone_number_id)


class PatchWrites(Fault, name="update.rejected-unchanged/patch-writes-on-405"):
    """PATCH reaches the handler of updates and its answer is replaced by a 405."""

    async def handle(self, call: Call) -> Response:
        if call.method == "PATCH" and "PUT" in self.routes.find(call.raw_path)[0].operations:
            account = self.authenticate(call)
            line, number = self.target(call, account), sent_number(call)
            if line is not None and isinstance(number, str) and self.is_e164(call, number):
                line["forwarding_number"] = number
        return await super().handle(call)
