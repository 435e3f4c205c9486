"""Freedoms of the lines that an account has."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from linq_mock.accounts import STATUSES, made_up_lines, with_reputation
from linq_mock.freedoms.base import Freedom

if TYPE_CHECKING:
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call

_COUNTRIES = (
    # Reserved for fiction where a country has such numbers, and elsewhere visibly made up.
    "+12025550123", "+442079460018", "+447700900123", "+33199000123", "+33639980123", "+61255500123",
    "+61491570156", "+353209100123", "+4930239990123", "+46317401234", "+358457001234", "+3614500123",
    "+390600000123", "+34900000123", "+351210000123", "+31200000123", "+3220000123", "+41440000123",
    "+431000012345", "+48220000123", "+420200000123", "+302100000123", "+4521000123", "+4721000123",
    "+81300000123", "+82200000123", "+6560000123", "+911100000123", "+551100000123", "+525500000123",
    "+27110000123", "+2342000123",
)  # fmt: skip


class Size(Freedom):
    """Gives the first account as many lines."""

    arranges_lines = True
    lines: ClassVar[int] = 0

    def arrange(self) -> None:
        super().arrange()
        account = self.accounts[0]
        account.lines.clear()
        account.lines.update({line["id"]: line for line in made_up_lines(self.lines)})


class NoLines(Size, name="0-lines"):
    """The account has no line."""


class OneLine(Size, name="1-line"):
    """The account has one line."""

    lines = 1


class TwoLines(Size, name="2-lines"):
    """The account has two lines."""

    lines = 2


class ManyLines(Size, name="5000-lines"):
    """The account has five thousand lines."""

    lines = 5000


class ThirtyCountries(Freedom, name="thirty-countries"):
    """The account has lines of some thirty countries."""

    arranges_lines = True

    def arrange(self) -> None:
        super().arrange()
        account = self.accounts[0]
        lines = made_up_lines(len(_COUNTRIES))
        account.lines.clear()
        for line, number in zip(lines, _COUNTRIES, strict=True):
            account.lines[line["id"]] = {**line, "phone_number": number}


class ShortestAndLongest(Freedom, name="shortest-and-longest-numbers"):
    """Lines have, and forward to, the shortest and the longest numbers that E.164 allows."""

    arranges_lines = True

    def arrange(self) -> None:
        super().arrange()
        lines = list(self.accounts[0].lines.values())
        lines[0].update(phone_number="+99", forwarding_number="+999000000000001")
        lines[-1].update(phone_number="+999000000000002", forwarding_number="+98")


class SameForwarding(Freedom, name="same-forwarding-number"):
    """All lines forward to the same number."""

    arranges_lines = True

    def arrange(self) -> None:
        super().arrange()
        for line in self.accounts[0].lines.values():
            line["forwarding_number"] = "+13105550100"


class ForwardsToLine(Freedom, name="forwards-to-own-lines"):
    """Every line forwards to a line of the account, the last one to itself."""

    arranges_lines = True

    def arrange(self) -> None:
        super().arrange()
        lines = list(self.accounts[0].lines.values())
        for line in lines:
            line["forwarding_number"] = lines[-1]["phone_number"]


class NoForwarding(Freedom, name="no-line-forwards"):
    """No line forwards."""

    arranges_lines = True

    def arrange(self) -> None:
        super().arrange()
        for line in self.accounts[0].lines.values():
            line.pop("forwarding_number", None)


class AllHealthy(Freedom, name="all-healthy"):
    """All lines are healthy."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        return with_reputation({**super().listed_line(call, account, line), "reputation": "HEALTHY"})


class MovingReputation(Freedom, name="moving-reputation"):
    """The reputation of every line moves between any two calls."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        offset = self.served + len(str(line["phone_number"]))
        status = STATUSES[offset % len(STATUSES)]
        return with_reputation({**super().listed_line(call, account, line), "reputation": status})
