"""Faults by which an update changes more than the forwarding number of its own line."""
# ruff: noqa: ARG002 - a step takes what all steps of its kind take

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

from linq_mock.faults.base import Fault
from linq_mock.problems import Code, Problem
from linq_mock.variation import now

if TYPE_CHECKING:
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call

# --- update.isolated ----------------------------------------------------------------------------


class AlsoOthers(Fault):
    """Gives other lines of the account the same number, or takes theirs away."""

    def others(self, lines: list[Line], line: Line, number: str | None) -> list[Line]:
        raise NotImplementedError

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        others = self.others(list(account.lines.values()), line, number)
        await super().store(call, account, line, number)
        for other in others:
            other["forwarding_number"] = number


class Neighbour(AlsoOthers, name="update.isolated/neighbour"):
    """The next line gets the number too."""

    def others(self, lines: list[Line], line: Line, number: str | None) -> list[Line]:
        return lines[lines.index(line) :][1:2]


class ClearsAll(AlsoOthers, name="update.isolated/clear-clears-all"):
    """Clearing forgets to say which line."""

    def others(self, lines: list[Line], line: Line, number: str | None) -> list[Line]:
        return lines if number is None else []


class SameOldNumber(AlsoOthers, name="update.isolated/lines-with-same-number-follow"):
    """Rows are updated by the old number, so lines that forward to the same number follow."""

    def others(self, lines: list[Line], line: Line, number: str | None) -> list[Line]:
        old = line.get("forwarding_number")
        return [other for other in lines if old and other.get("forwarding_number") == old]


class SameStatus(AlsoOthers, name="update.isolated/lines-with-same-status-follow"):
    """Lines that have the same status share a record."""

    def others(self, lines: list[Line], line: Line, number: str | None) -> list[Line]:
        return [other for other in lines if other["reputation"]["status"] == line["reputation"]["status"]]


class EveryTenthNeighbour(AlsoOthers, name="update.isolated/every-10th-write"):
    """Every tenth write hits the first line too."""

    writes = 0

    def others(self, lines: list[Line], line: Line, number: str | None) -> list[Line]:
        self.writes += 1
        return lines[:1] if self.writes % 10 == 0 else []


class TakesAway(Fault, name="update.isolated/takes-number-from-others"):
    """A number forwards one line only, so any other line that has it loses it."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        for other in account.lines.values():
            if number and other is not line and other.get("forwarding_number") == number:
                other["forwarding_number"] = None
        await super().store(call, account, line, number)


class OtherAccount(Fault, name="update.isolated/other-account"):
    """The line at the same position of the other account is changed as well."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        position = list(account.lines.values()).index(line)
        for other in self.accounts:
            if other is not account:
                for its in list(other.lines.values())[position : position + 1]:
                    its["forwarding_number"] = number


class NewId(Fault, name="update.isolated/new-id", also=("update.idempotent", "update.read-your-writes")):
    """A row is deleted and inserted anew, with a new id."""

    updates = 0

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        self.updates += 1
        if self.updates % 5 == 0:
            fresh = str(uuid.UUID(int=self.updates, version=4))
            account.lines = {
                (fresh if kept is line else known): kept for known, kept in account.lines.items()
            }

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        known = next(known for known, kept in account.lines.items() if kept is line)
        return {**super().listed_line(call, account, line), "id": known}


class GoneForMoment(Fault, name="update.isolated/gone-for-300-ms", also=("update.read-your-writes",)):
    """The line is missing from the list while its row is moved."""

    moved = ""
    until = 0.0

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        self.moved, self.until = line["id"], now() + 0.3

    def list_body(self, call: Call, account: Account) -> JsonObject:
        lines = super().list_body(call, account)["phone_numbers"]
        return {"phone_numbers": [line for line in lines if line["id"] != self.moved or now() >= self.until]}


class OwnNumberToo(Fault, name="update.isolated/own-number-becomes-forwarding-number", also=("update.echo",)):
    """For one line the own number is overwritten as well."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        if number and line["reputation"]["status"] == "CRITICAL":
            line["phone_number"] = number


class WholeTable(
    Fault,
    name="update.isolated/concurrent-updates-undo-each-other",
    also=("update.read-your-writes", "update.atomic"),
):
    """All lines are read, one is changed, and all are written back after a pause."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        table = {known: kept.get("forwarding_number") for known, kept in account.lines.items()}
        await asyncio.sleep(0.01)
        table[line["id"].lower()] = number
        for known, old in table.items():
            if known in account.lines and account.lines[known].get("forwarding_number") != old:
                account.lines[known]["forwarding_number"] = old
        await super().store(call, account, line, number)


class SharedVariable(
    Fault,
    name="update.isolated/concurrent-updates-mix-lines",
    also=("update.read-your-writes", "update.echo"),
):
    """The number is kept in a variable that all requests share, so that two lines get the same."""

    number: str | None = None

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        self.number = number
        await asyncio.sleep(0.005)
        await super().store(call, account, line, self.number)


# --- update.no-mass-assignment ------------------------------------------------------------------


class Assigns(Fault):
    """Copies a further property of the body into the line."""

    prop = ""

    def is_taken(self, value: Any) -> bool:
        return isinstance(value, str)

    def assign(self, line: Line, value: Any) -> None:
        line[self.prop] = value

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        value = self.parse_body(call).get(self.prop)
        if self.is_taken(value):
            self.assign(line, value)
        await super().store(call, account, line, number)


class AssignsPhoneNumber(
    Assigns, name="update.no-mass-assignment/phone-number", also=("update.isolated", "update.echo")
):
    """A phone_number in the body replaces that of the line."""

    prop = "phone_number"

    def is_taken(self, value: Any) -> bool:
        return isinstance(value, str) and value.startswith("+")


class AssignsStatus(Assigns):
    """A status in the body, bare or in an object, replaces that of the line."""

    def is_taken(self, value: Any) -> bool:
        return self.status(value) in {"HEALTHY", "AT_RISK", "CRITICAL"}

    def status(self, value: Any) -> str:
        return str(value.get("status") if isinstance(value, dict) else value)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - it is what a client sent

    def assign(self, line: Line, value: Any) -> None:
        status = self.status(value)
        url = f"https://docs.linqapp.com/guides/phone-reputation/#{status.lower()}"
        line[self.prop] = {"status": status, "doc_url": url}


class AssignsReputation(
    AssignsStatus,
    name="update.no-mass-assignment/reputation",
    also=("update.isolated", "list.health-status-agrees"),
):
    """A reputation in the body replaces that of the line."""

    prop = "reputation"


class AssignsReputationAsText(
    AssignsReputation,
    name="update.no-mass-assignment/reputation-as-text",
    also=("update.isolated", "list.health-status-agrees"),
):
    """A reputation in the body replaces that of the line when it is a bare status."""

    def is_taken(self, value: Any) -> bool:
        return isinstance(value, str) and super().is_taken(value)


class AssignsHealth(
    AssignsStatus,
    name="update.no-mass-assignment/health-status",
    also=("update.isolated", "list.health-status-agrees"),
):
    """A health_status in the body replaces that of the line."""

    prop = "health_status"


class AssignsId(
    Assigns,
    name="update.no-mass-assignment/id",
    also=("update.isolated", "update.echo", "update.read-your-writes", "list.schema"),
):
    """An id in the body becomes that of the line."""

    prop = "id"

    def assign(self, line: Line, value: Any) -> None:
        line["id"] = value


class BodyIdWins(
    Fault,
    name="update.no-mass-assignment/id-of-body-wins",
    also=("update.isolated", "update.echo", "update.read-your-writes"),
):
    """An id in the body says which line is meant."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        meant = self.parse_body(call).get("id")
        known = account.lines.get(meant.lower()) if isinstance(meant, str) else None
        await super().store(call, account, known or line, number)


class RefusesAndAssigns(
    Fault,
    name="update.no-mass-assignment/refused-but-phone-number-changed",
    also=("update.rejected-unchanged",),
):
    """Further properties are refused after the first of them was stored."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        body = self.parse_body(call)
        if body.keys() - {"forwarding_number"}:
            value = body.get("phone_number")
            if isinstance(value, str) and value.startswith("+"):
                line["phone_number"] = value
            raise Problem(Code.INVALID_PARAMETER, "The body has unknown properties")
        await super().store(call, account, line, number)


class NullRemoves(
    Fault,
    name="update.no-mass-assignment/null-removes",
    also=("update.isolated", "list.schema", "list.health-status-present"),
):
    """A merge patch of the whole line removes what the body sets to null."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        for name, value in self.parse_body(call).items():
            if value is None and name in {"reputation", "health_status"}:
                line.pop(name, None)
        await super().store(call, account, line, number)


class TakenFromOtherAccount(Fault, name="update.isolated/takes-number-from-other-account"):
    """A forwarding number is unique in the table, whoever's it is."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        for other in self.accounts:
            for one in other.lines.values():
                if other is not account and number is not None and one.get("forwarding_number") == number:
                    one["forwarding_number"] = None
        await super().store(call, account, line, number)
