"""Faults of the id in the path: which line it names, and what it may look like."""
# ruff: noqa: ARG002 - a step takes what all steps of its kind take

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote

from linq_mock.faults.base import Fault
from linq_mock.problems import Code, Problem
from linq_mock.variation import is_last, sent_number

if TYPE_CHECKING:
    from linq_mock.accounts import Account, Line
    from linq_mock.messages import Call, Response

# --- update.unknown-id --------------------------------------------------------------------------


class Confuses(Fault):
    """Takes an unknown id for that of a line."""

    def is_meant(self, account: Account, line: Line, phone_number_id: str) -> bool:
        raise NotImplementedError

    def find_line(self, call: Call, account: Account, phone_number_id: str) -> Line:
        known = any(phone_number_id in each.lines for each in self.accounts)
        for line in () if known else account.lines.values():
            if self.is_meant(account, line, phone_number_id):
                return line
        return super().find_line(call, account, phone_number_id)


class FirstGroup(Confuses, name="update.unknown-id/first-group", also=("update.isolated", "update.echo")):
    """Only the first group of an id is compared."""

    def is_meant(self, account: Account, line: Line, phone_number_id: str) -> bool:
        return bool(line["id"].lower()[:8] == phone_number_id[:8])


class LastGroup(Confuses, name="update.unknown-id/last-group", also=("update.isolated", "update.echo")):
    """Only the last group of an id is compared."""

    def is_meant(self, account: Account, line: Line, phone_number_id: str) -> bool:
        return bool(line["id"].lower()[-12:] == phone_number_id[-12:])


class LastDigit(
    Confuses, name="update.unknown-id/ignores-last-digit", also=("update.isolated", "update.echo")
):
    """The column of ids is one character too short."""

    def is_meant(self, account: Account, line: Line, phone_number_id: str) -> bool:
        return bool(line["id"].lower()[:-1] == phone_number_id[:-1])


class FirstDigit(
    Confuses, name="update.unknown-id/ignores-first-digit", also=("update.isolated", "update.echo")
):
    """The first digit says in which shard a line is, and is not compared."""

    def is_meant(self, account: Account, line: Line, phone_number_id: str) -> bool:
        return bool(line["id"].lower()[1:] == phone_number_id[1:])


class NilIsFirst(
    Confuses, name="update.unknown-id/nil-is-last-line", also=("update.isolated", "update.echo")
):
    """The id of zeros means the newest line."""

    def is_meant(self, account: Account, line: Line, phone_number_id: str) -> bool:
        return phone_number_id == str(uuid.UUID(int=0)) and is_last(account, line)


class Creates(Fault, name="update.unknown-id/creates", also=("update.isolated",)):
    """An unknown id creates a line."""

    def find_line(self, call: Call, account: Account, phone_number_id: str) -> Line:
        known = any(phone_number_id in each.lines for each in self.accounts)
        if not known and account.lines and isinstance(sent_number(call), str):
            model = next(iter(account.lines.values()))
            number = f"+1999555{len(account.lines):04}"
            account.lines[phone_number_id] = {**model, "id": phone_number_id, "phone_number": number}
        return super().find_line(call, account, phone_number_id)


class Ghost(Fault, name="update.unknown-id/200-without-effect", also=("update.read-your-writes",)):
    """An update that matches no row is a success."""

    def find_line(self, call: Call, account: Account, phone_number_id: str) -> Line:
        if any(phone_number_id in each.lines for each in self.accounts):
            return super().find_line(call, account, phone_number_id)
        return {"id": phone_number_id, "phone_number": "+12025550100"}


class GhostOnClear(Fault, name="update.unknown-id/clear-is-200"):
    """Clearing what is not there is a success."""

    def find_line(self, call: Call, account: Account, phone_number_id: str) -> Line:
        known = any(phone_number_id in each.lines for each in self.accounts)
        if known or sent_number(call) is not None or b"null" not in call.body:
            return super().find_line(call, account, phone_number_id)
        return {"id": phone_number_id, "phone_number": "+12025550100"}


class UnknownAs(Fault):
    """Reports an unknown id in another way."""

    code: ClassVar[int] = 0

    def find_line(self, call: Call, account: Account, phone_number_id: str) -> Line:
        if any(phone_number_id in each.lines for each in self.accounts):
            return super().find_line(call, account, phone_number_id)
        raise Problem(self.code, "The phone number cannot be used")


class UnknownAsInvalid(UnknownAs, name="update.unknown-id/400"):
    """An unknown id is an invalid value."""

    code = Code.INVALID_PARAMETER


class UnknownAsDenied(UnknownAs, name="update.unknown-id/403"):
    """What is not there cannot be accessed."""

    code = Code.FORBIDDEN


class UnknownCrash(UnknownAs, name="update.unknown-id/500"):
    """Nothing was found, and nobody asked whether."""

    code = Code.INTERNAL


# --- update.malformed-id ------------------------------------------------------------------------


class Understands(Fault):
    """Makes an id of a path that is not one."""

    def understood(self, written: str, ids: list[str]) -> str:
        """Return the id that is meant, or what was written."""
        raise NotImplementedError

    def find_id(self, written: str) -> str:
        return self.understood(written, list(self.accounts[0].lines))

    def phone_number_id(self, call: Call) -> str:
        try:
            return super().phone_number_id(call)
        except Problem:
            meant = self.find_id(unquote(call.raw_path.rpartition("/")[2]))
            if meant in self.accounts[0].lines:
                return meant
            raise


class TrimmedId(Understands, name="update.malformed-id/trimmed"):
    """Punctuation at the end of an id is stripped, since links in texts often have some."""

    def understood(self, written: str, ids: list[str]) -> str:
        return written.rstrip(".,;").lower()


class CutAtNulId(Understands, name="update.malformed-id/cut-at-nul"):
    """An id ends at its first NUL."""

    def understood(self, written: str, ids: list[str]) -> str:
        return written.partition("\0")[0].lower()


class PrefixOfId(Understands, name="update.malformed-id/prefix"):
    """The beginning of an id is enough when it is unique."""

    def understood(self, written: str, ids: list[str]) -> str:
        meant = [known for known in ids if known.startswith(written.lower())]
        return meant[0] if len(meant) == 1 and len(written) >= 8 else written


class LongerId(Understands, name="update.malformed-id/anything-after"):
    """What follows the 36 characters of an id is not looked at."""

    def understood(self, written: str, ids: list[str]) -> str:
        return written[:36].lower()


class Suffix(Understands, name="update.malformed-id/format-suffix"):
    """The suffix of a format is split off the path."""

    def understood(self, written: str, ids: list[str]) -> str:
        return re.sub(r"\.[a-z]+$", "", written.lower())


class PathParameters(Understands, name="update.malformed-id/path-parameters"):
    """What follows a semicolon in a path is a parameter of the path."""

    def understood(self, written: str, ids: list[str]) -> str:
        return written.partition(";")[0].lower()


class EncodedSlash(Understands, name="update.malformed-id/encoded-slash"):
    """An encoded slash ends the id."""

    def understood(self, written: str, ids: list[str]) -> str:
        return written.partition("/")[0].lower()


class PhoneNumberAsId(Understands, name="update.malformed-id/phone-number"):
    """A line is found by its phone number as well."""

    def shown(self, phone_number: str) -> str:
        return phone_number

    def understood(self, written: str, ids: list[str]) -> str:
        by_number = {
            self.shown(line["phone_number"]): known for known, line in self.accounts[0].lines.items()
        }
        return by_number.get(written, written)


class DigitsAsId(PhoneNumberAsId, name="update.malformed-id/phone-number-without-plus"):
    """A line is found by the digits of its phone number as well, which is what the table of numbers has."""

    def shown(self, phone_number: str) -> str:
        return phone_number[1:]


class Position(Understands, name="update.malformed-id/position"):
    """A number is the position of a line."""

    def understood(self, written: str, ids: list[str]) -> str:
        position = int(written) if re.fullmatch("[0-9]{1,5}", written) else len(ids)
        return ids[position] if position < len(ids) else written


class OtherHyphens(Understands, name="update.malformed-id/underscores"):
    """Any sign between the groups of an id counts as a hyphen."""

    def understood(self, written: str, ids: list[str]) -> str:
        return re.sub("[_ .:\u2010-\u2015\u2212]", "-", written.lower())


class MalformedAs(Fault):
    """Reports a malformed id in another way."""

    code: ClassVar[int] = 0
    status: ClassVar[int | None] = None

    def concerns(self, written: str) -> bool:
        return True

    def phone_number_id(self, call: Call) -> str:
        try:
            return super().phone_number_id(call)
        except Problem as problem:
            if self.concerns(unquote(call.raw_path.rpartition("/")[2])):
                raise Problem(self.code, "The id cannot be used", status=self.status) from problem
            raise


class MalformedAsNumber(MalformedAs, name="update.malformed-id/as-1002"):
    """The path has a phone number, which is not in E.164 format."""

    code = Code.NOT_E164


class MalformedUnprocessable(MalformedAs, name="update.malformed-id/422"):
    """A malformed id gets the status of the framework's validator."""

    code = Code.INVALID_PARAMETER
    status = 422


class MalformedCrash(MalformedAs, name="update.malformed-id/500"):
    """The database refuses to cast the id."""

    code = Code.INTERNAL


class NulCrash(MalformedAs, name="update.malformed-id/500-on-nul"):
    """A NUL in an id crashes the database driver."""

    code = Code.INTERNAL

    def concerns(self, written: str) -> bool:
        return "\0" in written


class LongCrash(MalformedAs, name="update.malformed-id/500-on-long"):
    """A very long id crashes."""

    code = Code.INTERNAL

    def concerns(self, written: str) -> bool:
        return len(written) > 200


class NonAsciiCrash(MalformedAs, name="update.malformed-id/500-on-non-ascii"):
    """An id that is not ASCII crashes."""

    code = Code.INTERNAL

    def concerns(self, written: str) -> bool:
        return not written.isascii()


class MalformedIsSuccess(Fault, name="update.malformed-id/200-without-effect"):
    """A malformed id is an update without rows, and a success."""

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        try:
            self.phone_number_id(call)
        except Problem:
            self.parse_body(call)
            body = {"id": str(uuid.UUID(int=0)), "phone_number": "+12025550100", "forwarding_number": None}
            return self.json_response(200, self.encode(body))
        return await super().update_phone_number(call, account)
