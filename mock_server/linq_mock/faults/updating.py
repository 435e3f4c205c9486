"""Faults of the answer to an update, of clearing, and of repeating."""
# ruff: noqa: ARG002 - a step takes what all steps of its kind take

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from linq_mock.faults.base import Fault
from linq_mock.messages import Response
from linq_mock.problems import Code, Problem
from linq_mock.variation import sent_number

if TYPE_CHECKING:
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call

# --- update.schema ------------------------------------------------------------------------------


class NoContentOnClear(
    Fault, name="update.schema/204-on-clear", also=("update.clear-null", "update.clear-empty")
):
    """Clearing is answered like a deletion."""

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        response = await super().update_phone_number(call, account)
        return response if sent_number(call) else Response(status_code=204)


class CreatedOnFirst(Fault, name="update.schema/201-on-first-number"):
    """The first forwarding number of a line is created rather than updated."""

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        line = self.target(call, account)
        first = line is not None and line.get("forwarding_number") is None
        response = await super().update_phone_number(call, account)
        response.status_code = 201 if first and sent_number(call) else 200
        return response


class Accepted(Fault, name="update.schema/202"):
    """Updates are queued and only accepted."""

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        response = await super().update_phone_number(call, account)
        response.status_code = 202
        return response


class OtherAnswer(Fault):
    """Answers an update with another body."""

    def changed(self, body: JsonObject) -> JsonObject:
        raise NotImplementedError

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        return self.changed(super().update_body(call, line, number))


class Wrapped(OtherAnswer, name="update.schema/wrapped", also=("update.echo",)):
    """The line is wrapped into the object that the list has."""

    def changed(self, body: JsonObject) -> JsonObject:
        return {"phone_number": body}


class NoNumberOnClear(OtherAnswer, name="update.schema/no-phone-number-on-clear", also=("update.echo",)):
    """A cleared line is answered with its id alone."""

    def changed(self, body: JsonObject) -> JsonObject:
        return body if body["forwarding_number"] else {"id": body["id"], "forwarding_number": None}


class NullId(OtherAnswer, name="update.schema/null-id", also=("update.echo",)):
    """The serializer of updates does not know the id."""

    def changed(self, body: JsonObject) -> JsonObject:
        return {**body, "id": None}


class BareNumber(OtherAnswer, name="update.schema/phone-number-without-plus", also=("update.echo",)):
    """Answers to updates have the line's own number without its plus."""

    def changed(self, body: JsonObject) -> JsonObject:
        return {**body, "phone_number": body["phone_number"].removeprefix("+")}


class UnchangedIsEmpty(
    Fault, name="update.schema/empty-object-when-unchanged", also=("update.idempotent", "update.echo")
):
    """Only what changed is answered, so an update that changes nothing gets an empty object."""

    unchanged = False

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        self.unchanged = line.get("forwarding_number") == number
        await super().store(call, account, line, number)

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        return {} if self.unchanged else super().update_body(call, line, number)


# --- update.echo --------------------------------------------------------------------------------


class OldNumber(Fault, name="update.echo/old-number", also=("update.clear-null", "update.clear-empty")):
    """The answer is rendered from the row as it was read before the update."""

    old: str | None = None

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        self.old = line.get("forwarding_number")
        await super().store(call, account, line, number)

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        return super().update_body(call, line, self.old)


class FieldsSwapped(OtherAnswer, name="update.echo/fields-swapped"):
    """The two numbers change places in the answer."""

    def changed(self, body: JsonObject) -> JsonObject:
        own, other = body["phone_number"], body["forwarding_number"]
        return {**body, "phone_number": other, "forwarding_number": own} if other else body


class TrailingZeros(OtherAnswer, name="update.echo/trailing-zeros-lost"):
    """The number passes through a decimal type that drops zeros at the end."""

    def changed(self, body: JsonObject) -> JsonObject:
        number = body["forwarding_number"]
        return {**body, "forwarding_number": number.rstrip("0") if number else None}


class OtherIdOfAnswer(Fault, name="update.echo/id-of-first-line"):
    """The answer has the id of the account's first line."""

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        return {**super().update_body(call, line, number), "id": next(iter(self.accounts[0].lines))}


class NumberOfNeighbour(Fault, name="update.echo/phone-number-of-neighbour"):
    """For one line, the answer has the phone number of the line before."""

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        lines = list(self.accounts[0].lines.values())
        shown = lines[-2] if len(lines) > 1 and line is lines[-1] else line
        return {**super().update_body(call, line, number), "phone_number": shown["phone_number"]}


class NoNumberInAnswer(OtherAnswer, name="update.echo/no-forwarding-number"):
    """The answer always leaves the forwarding number out."""

    def changed(self, body: JsonObject) -> JsonObject:
        return {"id": body["id"], "phone_number": body["phone_number"]}


class SpreadBody(Fault, name="update.echo/spreads-the-body"):
    """The answer is the line with the body of the request spread over it."""

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        body = super().update_body(call, line, number)
        sent = {name: value for name, value in self.parse_body(call).items() if isinstance(value, str)}
        return {**body, **sent, "forwarding_number": number}


class CamelCaseFirst(Fault, name="update.echo/camel-case-goes-first", also=("update.no-mass-assignment",)):
    """The spelling of the SDK goes before that of the API where a body has both."""

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        if "forwarding_number" in body and isinstance(body.get("forwardingNumber"), str):
            body = {**body, "forwarding_number": body["forwardingNumber"]}
        return super().forwarding_number(call, body)


class AnswerOfTheOther(Fault, name="update.echo/answer-of-a-concurrent-update"):
    """The answer is read back after a pause, in which another update may have come."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        await asyncio.sleep(0.01)

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        return super().update_body(call, line, line["forwarding_number"])


class OwnNumber(OtherAnswer, name="update.echo/every-20th-is-of-another-line"):
    """A buffer is reused, so that every 20th answer is the one before."""

    before: JsonObject | None = None

    def changed(self, body: JsonObject) -> JsonObject:
        shown = self.before if self.before is not None and self.served % 20 < 2 else body
        self.before = body
        return shown


# --- update.clear-null --------------------------------------------------------------------------


class OnClear(Fault):
    """Does something else than clearing on some ways to clear."""

    null = False
    empty = False

    def concerns(self, call: Call) -> bool:
        number = sent_number(call)
        return (self.null and number is None) or (self.empty and number == "")


class NullIgnored(OnClear, name="update.clear-null/ignored"):
    """Null means "no change" to the library that merges updates."""

    null = True

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        if not self.concerns(call):
            await super().store(call, account, line, number)

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        return super().update_body(call, line, line.get("forwarding_number"))


class NullInAnswerOnly(OnClear, name="update.clear-null/in-answer-only", also=("update.read-your-writes",)):
    """Null is answered as cleared, and the row keeps its number."""

    null = True

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        if not self.concerns(call):
            await super().store(call, account, line, number)


class NullRefused(Fault, name="update.clear-null/as-missing-field"):
    """Null counts as missing."""

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        if "forwarding_number" in body and body["forwarding_number"] is None:
            raise Problem(Code.MISSING_FIELD, "forwarding_number is required")
        return super().forwarding_number(call, body)


class NullAsType(Fault, name="update.clear-null/as-wrong-type"):
    """Null is no string and therefore refused."""

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        if "forwarding_number" in body and body["forwarding_number"] is None:
            raise Problem(Code.INVALID_PARAMETER, "forwarding_number must be a string")
        return super().forwarding_number(call, body)


class NullAsText(
    OnClear,
    name="update.clear-null/stored-as-text",
    also=("list.schema", "list.forwarding-number", "update.read-your-writes"),
):
    """Null is stored as a word."""

    null = True

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, "null" if self.concerns(call) else number)


class NullToOwn(OnClear, name="update.clear-null/own-number-instead", also=("update.read-your-writes",)):
    """A line that shall not forward forwards to itself."""

    null = True

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, line["phone_number"] if self.concerns(call) else number)


class ClearReturns(
    OnClear, name="update.clear-null/returns-after-a-second", also=("update.read-your-writes",)
):
    """A cleared number comes back from another copy of the data a second later."""

    null = True

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        old = line.get("forwarding_number")
        await super().store(call, account, line, number)
        if self.concerns(call) and old:
            asyncio.get_running_loop().call_later(1, self.restore, line, old)

    def restore(self, line: Line, old: str) -> None:
        if line["forwarding_number"] is None:
            line["forwarding_number"] = old


class NothingToClear(
    Fault, name="update.clear-null/nothing-to-clear-is-400", also=("update.idempotent", "update.clear-empty")
):
    """Clearing a line that does not forward is an error."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        if number is None and line.get("forwarding_number") is None:
            raise Problem(Code.INVALID_PARAMETER, "There is no forwarding number to clear")
        await super().store(call, account, line, number)


# --- update.clear-empty -------------------------------------------------------------------------


class EmptyStored(
    OnClear,
    name="update.clear-empty/stored",
    also=("list.schema", "list.forwarding-number", "update.read-your-writes"),
):
    """The empty string is stored as it is, and answered as null."""

    empty = True

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, "" if self.concerns(call) else number)


class EmptyRefused(Fault, name="update.clear-empty/refused"):
    """The empty string is not in E.164 format."""

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        if body.get("forwarding_number") == "":
            raise Problem(Code.NOT_E164, "forwarding_number must be in E.164 format")
        return super().forwarding_number(call, body)


class EmptyMissing(Fault, name="update.clear-empty/as-missing-field"):
    """The empty string counts as missing."""

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        if body.get("forwarding_number") == "":
            raise Problem(Code.MISSING_FIELD, "forwarding_number is required")
        return super().forwarding_number(call, body)


class EmptyIgnored(OnClear, name="update.clear-empty/ignored"):
    """Empty form fields mean "no change"."""

    empty = True

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        if not self.concerns(call):
            await super().store(call, account, line, number)

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        return super().update_body(call, line, line.get("forwarding_number"))


class EmptyInAnswerOnly(OnClear, name="update.clear-empty/in-answer-only", also=("update.read-your-writes",)):
    """The empty string is answered as cleared, and the row keeps its number."""

    empty = True

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        if not self.concerns(call):
            await super().store(call, account, line, number)


class EmptyAnswered(OnClear, name="update.clear-empty/answered-as-sent", also=("update.schema",)):
    """The row is cleared, and the answer repeats the empty string."""

    empty = True

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        body = super().update_body(call, line, number)
        return {**body, "forwarding_number": ""} if self.concerns(call) else body


# --- update.idempotent --------------------------------------------------------------------------


class Toggle(Fault, name="update.idempotent/toggles", also=("update.echo", "update.read-your-writes")):
    """Sending the number that is set already takes it away."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, None if line.get("forwarding_number") == number else number)

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        return super().update_body(call, line, line["forwarding_number"])


class RefusesRepeat(Fault):
    """Refuses an update that changes nothing."""

    problem = Code.INVALID_PARAMETER, 400

    def refuses(self, number: str | None) -> bool:
        return True

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        if line.get("forwarding_number", "never set") == number and self.refuses(number):
            code, status = self.problem
            raise Problem(code, "Nothing to change", status=status)
        await super().store(call, account, line, number)


class RefusesSameNumber(RefusesRepeat, name="update.idempotent/same-number-is-400"):
    """A number that is set already is an invalid value."""

    def refuses(self, number: str | None) -> bool:
        return number is not None


class RefusesSameClear(
    RefusesRepeat,
    name="update.idempotent/second-clear-is-404",
    also=("update.clear-null", "update.clear-empty"),
):
    """What was cleared before is not found."""

    problem = Code.NOT_FOUND, 404

    def refuses(self, number: str | None) -> bool:
        return number is None


class NotModified(Fault, name="update.idempotent/304-when-unchanged", also=("update.schema",)):
    """An update that changes nothing is answered with 304."""

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        line = self.target(call, account)
        before = line.get("forwarding_number", "") if line is not None else ""
        response = await super().update_phone_number(call, account)
        same = line is not None and before == line["forwarding_number"]
        return Response(status_code=304) if same else response


class RepeatAnswersNull(Fault, name="update.idempotent/repeat-answers-null", also=("update.echo",)):
    """Only changed fields are filled in, so that a repeated update shows no number."""

    unchanged = False

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        self.unchanged = line.get("forwarding_number") == number
        await super().store(call, account, line, number)

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        return super().update_body(call, line, None if self.unchanged else number)


class ReplayProtection(Fault, name="update.idempotent/third-time-is-400"):
    """The same request for the third time in a row is taken for an attack."""

    last = b""
    times = 0

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        request = call.raw_path.encode() + call.body
        self.times = self.times + 1 if request == self.last else 1
        self.last = request
        if self.times >= 3:
            raise Problem(Code.INVALID_PARAMETER, "Duplicate request")
        await super().store(call, account, line, number)


class LimitedAfterWriting(Fault, name="update.rejected-unchanged/429-after-writing"):
    """The limit is counted after the work is done, and every twentieth update is over it."""

    written = 0

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        self.written += 1
        if self.written % 20 == 0:
            raise Problem(Code.RATE_LIMITED, "Rate limit exceeded", retry_after=0)


class AssignedOnRefusal(
    Fault, name="update.no-mass-assignment/on-refusal", also=("update.rejected-unchanged", "update.isolated")
):
    """Properties are assigned before the number is validated."""

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        line = next((line for key, line in self.accounts[0].lines.items() if key in call.raw_path), None)
        phone_number = body.get("phone_number")
        if line is not None and isinstance(phone_number, str) and body.get("forwarding_number") == "x":
            line["phone_number"] = phone_number
        return super().forwarding_number(call, body)


class FloatsTaken(Fault, name="update.wrong-type/whole-floats"):
    """A number with a fraction of nothing is written as a text."""

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        number = body.get("forwarding_number")
        if b".0" in call.body and isinstance(number, float) and number > 10:
            body = {**body, "forwarding_number": f"+{number:.0f}"}
        return super().forwarding_number(call, body)


class FirstClearLost(
    Fault, name="update.clear-null/first-write", also=("update.clear-empty", "update.read-your-writes")
):
    """What a line forwarded to when it was migrated can be replaced, but not cleared."""

    def arrange(self) -> None:
        self.migrated = {line["id"] for account in self.accounts for line in account.lines.values()}

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        if number is not None:
            self.migrated.discard(line["id"])
        elif line["id"] in self.migrated:
            return
        await super().store(call, account, line, number)
