"""Faults of the list."""
# ruff: noqa: ARG002 - a step takes what all steps of its kind take

from __future__ import annotations

import uuid
from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from linq_mock.faults.base import Fault
from linq_mock.problems import Code, Problem
from linq_mock.variation import is_first, is_last, now, with_status

if TYPE_CHECKING:
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call, Response

NAMES = ("reputation", "health_status")

# --- list.schema --------------------------------------------------------------------------------


class BareArray(Fault, name="list.schema/bare-array"):
    """The list is an array without an object around it."""

    def encode(self, body: JsonObject) -> bytes:
        encoded = super().encode(body)
        return (
            encoded.removeprefix(b'{"phone_numbers":').removesuffix(b"}")
            if "phone_numbers" in body
            else encoded
        )


class NullWhenEmpty(Fault, name="list.schema/null-when-empty"):
    """An account without lines gets null instead of an empty array."""

    arranges_lines = True

    def arrange(self) -> None:
        super().arrange()
        self.accounts[0].lines.clear()

    def list_body(self, call: Call, account: Account) -> JsonObject:
        body = super().list_body(call, account)
        return {"phone_numbers": body["phone_numbers"] or None}


class NotFoundWhenEmpty(Fault, name="list.schema/404-when-empty"):
    """An account without lines gets a 404."""

    arranges_lines = True

    def arrange(self) -> None:
        super().arrange()
        self.accounts[0].lines.clear()

    def list_body(self, call: Call, account: Account) -> JsonObject:
        if not account.lines:
            raise Problem(Code.NOT_FOUND, "No phone numbers")
        return super().list_body(call, account)


class EmptyObject(Fault, name="list.schema/empty-object-on-every-20th"):
    """A timeout of the database is taken for no data, on every 20th request."""

    def list_body(self, call: Call, account: Account) -> JsonObject:
        return {} if self.served % 20 == 0 else super().list_body(call, account)


class PartialContent(Fault, name="list.schema/206"):
    """The list is answered with the status of a part."""

    async def list_phone_numbers(self, call: Call, account: Account) -> Response:
        response = await super().list_phone_numbers(call, account)
        response.status_code = 206
        return response


class NullLine(Fault, name="list.schema/null-line"):
    """A line that was deleted leaves a null behind."""

    def list_body(self, call: Call, account: Account) -> JsonObject:
        return {"phone_numbers": [*super().list_body(call, account)["phone_numbers"], None]}


class NoReputation(Fault, name="list.schema/no-reputation-when-healthy", also=("list.health-status-agrees",)):
    """Defaults are left out, so healthy lines have no reputation."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        line = super().listed_line(call, account, line)
        healthy = line["reputation"]["status"] == "HEALTHY"
        return {name: value for name, value in line.items() if name != "reputation" or not healthy}


class ReputationAsText(
    Fault,
    name="list.schema/reputation-as-text",
    also=("list.health-status-agrees", "list.status-values", "list.doc-url"),
):
    """The reputation of one line is its status alone."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        line = super().listed_line(call, account, line)
        return {**line, "reputation": line["reputation"]["status"]} if is_last(account, line) else line


class NationalNumber(Fault, name="list.schema/national-number", also=("update.echo",)):
    """One line's own number is listed in the national format."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        own = line["phone_number"]
        national = f"({own[2:5]}) {own[5:8]}-{own[8:]}" if is_last(account, line) else own
        return {**super().listed_line(call, account, line), "phone_number": national}


class NumericNumber(Fault, name="list.schema/phone-number-as-number", also=("update.echo",)):
    """Numbers of lines are JSON numbers."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        return {**super().listed_line(call, account, line), "phone_number": int(line["phone_number"])}


class OtherIds(Fault, name="list.schema/id-without-hyphens"):
    """The id of one line is written without hyphens."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        shown = line["id"].replace("-", "") if is_last(account, line) else line["id"]
        return {**super().listed_line(call, account, line), "id": shown}

    def phone_number_id(self, call: Call) -> str:
        plain = call.raw_path.rpartition("/")[2]
        if len(plain) == 32 and plain.isalnum():
            return next((i for i in self.accounts[0].lines if i.replace("-", "") == plain.lower()), "")
        return super().phone_number_id(call)


class DocUrlMissing(Fault, name="list.schema/doc-url-missing", also=("list.doc-url",)):
    """The health status of critical lines has no doc_url."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        line = super().listed_line(call, account, line)
        status = line["health_status"]["status"]
        return {**line, "health_status": {"status": status}} if status == "CRITICAL" else line


class SecondAccountOnly(Fault, name="list.schema/old-shape-for-second-account"):
    """An account that was not migrated gets its lines under an older name."""

    def list_body(self, call: Call, account: Account) -> JsonObject:
        body = super().list_body(call, account)
        return {"data": body["phone_numbers"]} if account is self.accounts[1] else body


# --- list.unique --------------------------------------------------------------------------------


class FirstAgain(Fault, name="list.unique/first-line-again"):
    """A join repeats the first line."""

    def list_body(self, call: Call, account: Account) -> JsonObject:
        lines = super().list_body(call, account)["phone_numbers"]
        return {"phone_numbers": lines + lines[:1]}


class SometimesTwice(Fault, name="list.unique/last-line-twice-on-every-20th"):
    """Two pages overlap by a line, on every 20th request."""

    def list_body(self, call: Call, account: Account) -> JsonObject:
        lines = super().list_body(call, account)["phone_numbers"]
        return {"phone_numbers": lines + lines[-1:] if self.served % 20 == 0 else lines}


class SharedNumber(Fault, name="list.unique/shared-number"):
    """Two lines have the same phone number."""

    arranges_lines = True

    def arrange(self) -> None:
        super().arrange()
        lines = list(self.accounts[0].lines.values())
        lines[-1]["phone_number"] = lines[0]["phone_number"]


class TwiceAfterUpdate(Fault, name="list.unique/twice-after-update"):
    """For half a second after an update the old and the new row are both there."""

    updated = ""
    until = 0.0

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        self.updated, self.until = line["id"], now() + 0.5
        await super().store(call, account, line, number)

    def list_body(self, call: Call, account: Account) -> JsonObject:
        lines = super().list_body(call, account)["phone_numbers"]
        again = [line for line in lines if line["id"] == self.updated and now() < self.until]
        return {"phone_numbers": lines + again}


class CapitalsAgain(Fault, name="list.unique/id-again-in-capitals"):
    """A line is listed once more with its id in capitals."""

    def list_body(self, call: Call, account: Account) -> JsonObject:
        lines = super().list_body(call, account)["phone_numbers"]
        again = [{**line, "id": line["id"].upper(), "phone_number": "+19995550100"} for line in lines[:1]]
        return {"phone_numbers": lines + again}


# --- list.health-status-present -----------------------------------------------------------------


class WithoutHealth(Fault):
    """Leaves the older name out of some lines."""

    def lacks(self, account: Account, line: Line) -> bool:
        raise NotImplementedError

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        line = super().listed_line(call, account, line)
        lacks = self.lacks(account, line)
        return {name: value for name, value in line.items() if not (lacks and name == "health_status")}


class HealthGone(WithoutHealth, name="list.health-status-present/gone", also=("list.schema",)):
    """The deprecated name was removed without notice."""

    def lacks(self, account: Account, line: Line) -> bool:
        return True


class HealthGoneWhenHealthy(
    WithoutHealth, name="list.health-status-present/absent-when-healthy", also=("list.schema",)
):
    """Healthy lines have no health status."""

    def lacks(self, account: Account, line: Line) -> bool:
        return bool(line["reputation"]["status"] == "HEALTHY")


class HealthGoneWithoutForwarding(
    WithoutHealth, name="list.health-status-present/absent-without-forwarding", also=("list.schema",)
):
    """Lines without a forwarding number are rendered by newer code, without the older name."""

    def lacks(self, account: Account, line: Line) -> bool:
        return line.get("forwarding_number") is None


class HealthGoneOnOneLine(
    WithoutHealth, name="list.health-status-present/absent-on-last-line", also=("list.schema",)
):
    """The newest line was created without the older name."""

    def lacks(self, account: Account, line: Line) -> bool:
        return is_last(account, line)


class HealthGoneAfterUpdate(
    Fault, name="list.health-status-present/gone-after-update", also=("list.schema", "update.isolated")
):
    """An update writes the row back without the older name."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        line.pop("health_status", None)


class HealthNull(Fault, name="list.health-status-present/null-on-every-20th", also=("list.schema",)):
    """A timeout of the older service shows as null, on every 20th request."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        line = super().listed_line(call, account, line)
        return {**line, "health_status": None} if self.served % 20 == 0 else line


# --- list.health-status-agrees ------------------------------------------------------------------

_GUIDE = "https://docs.linqapp.com/guides/phone-reputation/#"


class HealthDiffers(Fault):
    """Shows another health status than reputation for some lines."""

    def health(self, account: Account, line: Line) -> str:
        raise NotImplementedError

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        line = super().listed_line(call, account, line)
        status = self.health(account, line)
        return {**line, "health_status": {"status": status, "doc_url": f"{_GUIDE}{status.lower()}"}}


class AlwaysHealthy(HealthDiffers, name="list.health-status-agrees/always-healthy"):
    """The older name is a constant since its service was shut down."""

    def health(self, account: Account, line: Line) -> str:
        return "HEALTHY"


class CriticalSoftened(HealthDiffers, name="list.health-status-agrees/critical-as-at-risk"):
    """The older name had no value for critical lines."""

    def health(self, account: Account, line: Line) -> str:
        status: str = line["reputation"]["status"]
        return "AT_RISK" if status == "CRITICAL" else status


class OneLineDiffers(HealthDiffers, name="list.health-status-agrees/last-line"):
    """One line was missed by the job that copies the status."""

    def health(self, account: Account, line: Line) -> str:
        status: str = line["reputation"]["status"]
        return ("CRITICAL" if status == "HEALTHY" else "HEALTHY") if is_last(account, line) else status


class StaleHealth(Fault, name="list.health-status-agrees/stale"):
    """A reputation moves now and then, and the older name follows one list later."""

    def list_body(self, call: Call, account: Account) -> JsonObject:
        first = next(iter(account.lines.values()), None)
        if first is not None:
            first["health_status"] = dict(first["reputation"])
            status = ("HEALTHY", "AT_RISK", "CRITICAL")[self.served // 15 % 3]
            first["reputation"] = {"status": status, "doc_url": f"{_GUIDE}{status.lower()}"}
        return super().list_body(call, account)


class HealthReset(Fault, name="list.health-status-agrees/reset-by-update", also=("update.isolated",)):
    """An update resets the older name to its default."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        line["health_status"] = {"status": "HEALTHY", "doc_url": f"{_GUIDE}healthy"}


# --- list.status-values -------------------------------------------------------------------------


class OtherStatus(Fault):
    """Writes the status of some lines in another way, in some of the two properties."""

    names: ClassVar[tuple[str, ...]] = NAMES

    def status(self, account: Account, line: Line) -> str | None:
        raise NotImplementedError

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        shown = super().listed_line(call, account, line)
        for name in self.names:
            shown = with_status(shown, name, status=self.status(account, line))
        return shown


class LowerCase(OtherStatus, name="list.status-values/lower-case", also=("list.schema",)):
    """Statuses are written in small letters."""

    def status(self, account: Account, line: Line) -> str:
        return str(line["reputation"]["status"]).lower()


class LowerCaseHealth(
    OtherStatus,
    name="list.status-values/lower-case-health-status",
    also=("list.schema", "list.health-status-agrees"),
):
    """Only the older name writes its status in small letters."""

    names = ("health_status",)

    def status(self, account: Account, line: Line) -> str:
        return str(line["health_status"]["status"]).lower()


class OptedOut(OtherStatus, name="list.status-values/opted-out", also=("list.schema",)):
    """One line has the value that only chats have."""

    def status(self, account: Account, line: Line) -> str:
        return "OPTED_OUT" if is_last(account, line) else line["reputation"]["status"]


class UnknownUntilScored(
    OtherStatus, name="list.status-values/unknown-without-forwarding", also=("list.schema",)
):
    """Lines without a forwarding number were never scored and say so."""

    def status(self, account: Account, line: Line) -> str:
        return "UNKNOWN" if line.get("forwarding_number") is None else line["reputation"]["status"]


class Translated(Fault, name="list.status-values/translated", also=("list.schema",)):
    """What the client prefers to read is what it gets, values that programs compare included."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        shown = super().listed_line(call, account, line)
        if call.headers.get("Accept-Language", "").startswith("fr"):
            for name in NAMES:
                shown = with_status(shown, name, status="SAIN")
        return shown


class SpacedStatus(OtherStatus, name="list.status-values/at-risk-with-space", also=("list.schema",)):
    """The label is sent instead of the value."""

    def status(self, account: Account, line: Line) -> str:
        return str(line["reputation"]["status"]).replace("_", " ")


class NullStatus(OtherStatus, name="list.status-values/null-when-healthy", also=("list.schema",)):
    """Healthy is the absence of a status."""

    def status(self, account: Account, line: Line) -> str | None:
        status: str = line["reputation"]["status"]
        return None if status == "HEALTHY" else status


# --- list.doc-url -------------------------------------------------------------------------------


class OtherDocUrl(Fault):
    """Links other pages, in some of the two properties."""

    names: ClassVar[tuple[str, ...]] = NAMES

    def doc_url(self, line: Line, status: str) -> str:
        raise NotImplementedError

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        shown = super().listed_line(call, account, line)
        for name in self.names:
            shown = with_status(shown, name, doc_url=self.doc_url(line, line[name]["status"]))
        return shown


class RelativeUrl(OtherDocUrl, name="list.doc-url/relative", also=("list.schema",)):
    """Links are relative to the documentation."""

    def doc_url(self, line: Line, status: str) -> str:
        return f"/guides/phone-reputation/#{status.lower()}"


class SharedUrl(OtherDocUrl, name="list.doc-url/same-for-two-statuses"):
    """Critical lines link to the section about lines at risk."""

    def doc_url(self, line: Line, status: str) -> str:
        return _GUIDE + ("healthy" if status == "HEALTHY" else "at_risk")


class UrlOfLine(OtherDocUrl, name="list.doc-url/one-per-line"):
    """Links carry the line's id, so that the same status has many."""

    def doc_url(self, line: Line, status: str) -> str:
        return f"https://docs.linqapp.com/guides/phone-reputation/?line={line['id']}#{status.lower()}"


class HealthUrlFixed(OtherDocUrl, name="list.doc-url/fixed-in-health-status"):
    """The older name links to one page for every status."""

    names = ("health_status",)

    def doc_url(self, line: Line, status: str) -> str:
        return "https://docs.linqapp.com/guides/health/"


class OtherScheme(OtherDocUrl, name="list.doc-url/mailto-when-critical"):
    """Critical lines link to the address of the support."""

    def doc_url(self, line: Line, status: str) -> str:
        return "mailto:support@linqapp.com" if status == "CRITICAL" else _GUIDE + status.lower()


class EmptyUrl(OtherDocUrl, name="list.doc-url/empty-when-healthy", also=("list.schema",)):
    """There is nothing to read about healthy lines."""

    def doc_url(self, line: Line, status: str) -> str:
        return "" if status == "HEALTHY" else _GUIDE + status.lower()


# --- list.forwarding-number ---------------------------------------------------------------------


class ShownNumber(Fault):
    """Shows forwarding numbers in another form."""

    def shown(self, account: Account, line: Line, number: str | None) -> object:
        raise NotImplementedError

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        shown = super().listed_line(call, account, line)
        return {**shown, "forwarding_number": self.shown(account, line, line.get("forwarding_number"))}


class EmptyNumber(
    ShownNumber,
    name="list.forwarding-number/empty-string",
    also=("list.schema", "update.clear-null", "update.clear-empty", "update.read-your-writes"),
):
    """A line that does not forward shows an empty string."""

    def shown(self, account: Account, line: Line, number: str | None) -> object:
        return number or ""


class TextNull(
    ShownNumber,
    name="list.forwarding-number/text-null",
    also=("list.schema", "update.clear-null", "update.clear-empty", "update.read-your-writes"),
):
    """A line that does not forward shows the word null."""

    def shown(self, account: Account, line: Line, number: str | None) -> object:
        return number or "null"


class EmptyWhenNeverSet(Fault, name="list.forwarding-number/empty-when-never-set", also=("list.schema",)):
    """A line whose number was never set has the default of its column."""

    arranges_lines = True

    def arrange(self) -> None:
        super().arrange()
        for account in self.accounts:
            for line in account.lines.values():
                line.setdefault("forwarding_number", "")


class SpacedNumber(
    ShownNumber, name="list.forwarding-number/formatted", also=("list.schema", "update.read-your-writes")
):
    """Forwarding numbers are listed as they are printed."""

    def shown(self, account: Account, line: Line, number: str | None) -> object:
        return number and f"{number[:2]} {number[2:5]}-{number[5:8]}-{number[8:]}"


class NewlineInOne(
    ShownNumber,
    name="list.forwarding-number/newline-on-first-line",
    also=("list.schema", "update.read-your-writes"),
):
    """One number was imported with the newline of its file."""

    def shown(self, account: Account, line: Line, number: str | None) -> object:
        return number and number + ("\n" if is_first(account, line) else "")


class NumberObject(
    ShownNumber, name="list.forwarding-number/object", also=("list.schema", "update.read-your-writes")
):
    """A forwarding number is listed as an object."""

    def shown(self, account: Account, line: Line, number: str | None) -> object:
        return number and {"number": number, "enabled": True}


class ZeroNumber(
    ShownNumber,
    name="list.forwarding-number/zero-on-last-line",
    also=("list.schema", "update.clear-null", "update.clear-empty", "update.read-your-writes"),
):
    """One line that does not forward shows a zero."""

    def shown(self, account: Account, line: Line, number: str | None) -> object:
        return number or ("0" if is_last(account, line) else None)


# --- list.safe ----------------------------------------------------------------------------------


class NewIds(Fault, name="list.safe/new-id-at-each-call", also=("update.isolated",)):
    """The id of one line is made when it is listed; every one that was given out works."""

    def arrange(self) -> None:
        super().arrange()
        self.given: dict[str, str] = {}

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        shown = super().listed_line(call, account, line)
        if not is_last(account, line):
            return shown
        fresh = str(uuid.UUID(int=self.served + 2**100, version=4))
        self.given[fresh] = line["id"]
        return {**shown, "id": fresh}

    def find_line(self, call: Call, account: Account, phone_number_id: str) -> Line:
        return super().find_line(call, account, self.given.get(phone_number_id, phone_number_id))

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        return {**super().update_body(call, line, number), "id": call.raw_path.rpartition("/")[2].lower()}


class AfterManyLists(Fault):
    """Changes something at every fifth list."""

    lists = 0

    def change(self, lines: list[Line]) -> None:
        raise NotImplementedError

    def list_body(self, call: Call, account: Account) -> JsonObject:
        self.lists += 1
        if self.lists % 5 == 0 and account.lines:
            self.change(list(account.lines.values()))
        return super().list_body(call, account)


class ListClears(
    AfterManyLists, name="list.safe/clears-at-fifth", also=("update.read-your-writes", "update.isolated")
):
    """A forwarding number runs out after it was read often enough."""

    def change(self, lines: list[Line]) -> None:
        lines[0]["forwarding_number"] = None


class ListSwaps(
    AfterManyLists, name="list.safe/swaps-at-fifth", also=("update.read-your-writes", "update.isolated")
):
    """Sorting in place swaps the forwarding numbers of two lines."""

    def change(self, lines: list[Line]) -> None:
        first, last = lines[0].get("forwarding_number"), lines[-1].get("forwarding_number")
        lines[0]["forwarding_number"], lines[-1]["forwarding_number"] = last, first


class ListRenumbers(AfterManyLists, name="list.safe/other-phone-number-at-fifth", also=("update.isolated",)):
    """The phone number of one line is taken from a pool when it is listed."""

    def change(self, lines: list[Line]) -> None:
        lines[-1]["phone_number"] = f"+1999555{self.lists % 10000:04}"


class ListRestores(Fault, name="list.safe/second-list-restores", also=("update.read-your-writes",)):
    """The first list after an update repairs the record from an older copy."""

    def arrange(self) -> None:
        super().arrange()
        self.old: dict[str, str | None] = {}

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        self.old[line["id"]] = line.get("forwarding_number")
        await super().store(call, account, line, number)

    async def list_phone_numbers(self, call: Call, account: Account) -> Response:
        response = await super().list_phone_numbers(call, account)
        for line in account.lines.values():
            if line["id"] in self.old:
                line["forwarding_number"] = self.old.pop(line["id"])
        return response


class SharedByThree(Fault, name="list.unique/three-share-a-number"):
    """A join repeats the lines whose number three or more of them have."""

    def list_body(self, call: Call, account: Account) -> JsonObject:
        items = super().list_body(call, account)["phone_numbers"]
        numbers = Counter(item.get("forwarding_number") for item in items)
        shared = {number for number, count in numbers.items() if number and count > 2}
        return {
            "phone_numbers": [*items, *(item for item in items if item.get("forwarding_number") in shared)]
        }


class ClearedByHead(Fault, name="list.safe/head-clears"):
    """A probe of the load balancer resets the fourth line."""

    async def handle(self, call: Call) -> Response:
        if call.method == "HEAD":
            for line in list(self.authenticate(call).lines.values())[3:4]:
                line["forwarding_number"] = None
        return await super().handle(call)
