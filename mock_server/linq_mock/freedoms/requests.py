"""Freedoms of what a server takes, refuses, and looks at first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from linq_mock.freedoms.base import Freedom
from linq_mock.problems import Code, Problem
from linq_mock.routes import operation_of

if TYPE_CHECKING:
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call, Response

FIELD = "forwarding_number"

# --- the number ---------------------------------------------------------------------------------


class RefusesImplausible(Freedom):
    """Takes a number only if it can exist in its country."""

    def is_e164(self, call: Call, number: str) -> bool:
        import phonenumbers  # noqa: PLC0415 - it takes long to import, and only this freedom needs it

        if not super().is_e164(call, number):
            return False
        try:
            return phonenumbers.is_possible_number(phonenumbers.parse(number))
        except phonenumbers.NumberParseException:
            return False


class ImplausibleRefused(RefusesImplausible, name="implausible-numbers-refused"):
    """A number that cannot exist in its country is refused, although it is E.164."""


class LegacyNumbers(RefusesImplausible, name="legacy-numbers"):
    """Two lines forward to numbers that would be refused today."""

    arranges_lines = True

    def arrange(self) -> None:
        super().arrange()
        for line, number in zip(self.accounts[0].lines.values(), ("+12", "+99912"), strict=False):
            line[FIELD] = number


# --- the body -----------------------------------------------------------------------------------


class StrictBody(Freedom, name="strict-body"):
    """Unknown properties are refused, once the number is valid."""

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        number = super().forwarding_number(call, body)
        _refuse_others(body)
        return number


class StrictBodyFirst(Freedom, name="strict-body-first"):
    """Unknown properties are refused before anything else in the body."""

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        _refuse_others(body)
        return super().forwarding_number(call, body)


def _refuse_others(body: JsonObject) -> None:
    if body.keys() - {FIELD}:
        raise Problem(Code.INVALID_PARAMETER, "The body has unknown properties")


class EmptyBodyAsMissing(Freedom, name="empty-body-as-1001"):
    """An empty body is one without the field."""

    def parse_body(self, call: Call) -> JsonObject:
        return super().parse_body(call) if call.body else {}


class OtherType(Freedom):
    """Reports a value of a wrong type, or a body that is not an object, with another code."""

    value_code: ClassVar[int] = Code.INVALID_PARAMETER
    body_code: ClassVar[int] = Code.INVALID_BODY

    def parse_body(self, call: Call) -> JsonObject:
        try:
            return super().parse_body(call)
        except Problem as problem:
            if "not a JSON object" in problem.message:
                problem.code = self.body_code
            raise

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        value: Any = body.get(FIELD, "")
        if value is not None and not isinstance(value, str):
            raise Problem(self.value_code, "forwarding_number must be a string or null")
        return super().forwarding_number(call, body)


class TypeAsNumber(OtherType, name="wrong-type-as-1002"):
    """A value of a wrong type is not E.164, and a body that is not an object lacks the field."""

    value_code = Code.NOT_E164
    body_code = Code.MISSING_FIELD


class TypeAsBody(OtherType, name="wrong-type-as-1003"):
    """A value of a wrong type makes the body invalid, and no object is an invalid value."""

    value_code = Code.INVALID_BODY
    body_code = Code.INVALID_PARAMETER


class MediaTypeAsBody(Freedom, name="media-type-as-1003"):
    """A body of another media type is a bad request."""

    def check_content_type(self, call: Call) -> None:
        try:
            super().check_content_type(call)
        except Problem as problem:
            raise Problem(Code.INVALID_BODY, problem.message) from problem


class MediaTypeRequired(Freedom, name="media-type-required"):
    """A body without a media type is refused."""

    def check_content_type(self, call: Call) -> None:
        if not call.headers.get("Content-Type"):
            raise Problem(Code.INVALID_BODY, "The body needs a media type", status=415)
        super().check_content_type(call)


class BomTaken(Freedom, name="byte-order-mark-taken"):
    """A byte order mark before a body is skipped."""

    def parse_body(self, call: Call) -> JsonObject:
        call.body = call.body.removeprefix(b"\xef\xbb\xbf")
        return super().parse_body(call)


class BodyFirst(Freedom, name="body-before-id"):
    """After the token, the body is judged before the id."""

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        self.check_content_type(call)
        self.forwarding_number(call, self.parse_body(call))
        return await super().update_phone_number(call, account)


class MediaTypeLast(Freedom, name="media-type-after-body"):
    """The media type is looked at after everything else."""

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        self.find_line(call, account, self.phone_number_id(call))
        self.forwarding_number(call, self.parse_body(call))
        return await super().update_phone_number(call, account)


# --- the id -------------------------------------------------------------------------------------


class BareIds(Freedom, name="ids-without-hyphens-taken"):
    """An id may lack its hyphens."""

    def phone_number_id(self, call: Call) -> str:
        written = call.raw_path.rpartition("/")[2].lower()
        if re.fullmatch("[0-9a-f]{32}", written):
            return "-".join((written[:8], written[8:12], written[12:16], written[16:20], written[20:]))
        return super().phone_number_id(call)


class ExactIds(Freedom, name="ids-in-exact-case-only"):
    """An id in the other letter case is not found."""

    def find_line(self, call: Call, account: Account, phone_number_id: str) -> Line:
        line = super().find_line(call, account, phone_number_id)
        if call.raw_path.rpartition("/")[2] != line["id"]:
            raise Problem(Code.NOT_FOUND, "Phone number not found")
        return line


class MalformedNotFound(Freedom, name="malformed-id-as-404"):
    """An id that is no UUID is simply not found."""

    def phone_number_id(self, call: Call) -> str:
        try:
            return super().phone_number_id(call)
        except Problem as problem:
            raise Problem(Code.NOT_FOUND, "Phone number not found") from problem


class OtherAccountDenied(Freedom, name="403-for-other-account"):
    """Access to a line of another account is denied."""

    def find_line(self, call: Call, account: Account, phone_number_id: str) -> Line:
        if phone_number_id not in account.lines and any(phone_number_id in a.lines for a in self.accounts):
            raise Problem(Code.FORBIDDEN, "Access denied")
        return super().find_line(call, account, phone_number_id)


# --- the method and the token -------------------------------------------------------------------


class MethodFirst(Freedom, name="405-before-401"):
    """The method is judged before the token."""

    async def handle(self, call: Call) -> Response:
        if call.method != "OPTIONS":
            try:
                operation_of(self.routes.find(call.raw_path)[0], call.method)
            except Problem as problem:
                if problem.status == 405:
                    raise
        return await super().handle(call)


class HeadRefused(Freedom, name="head-and-options-405"):
    """HEAD and OPTIONS are unknown methods."""

    async def handle(self, call: Call) -> Response:
        if call.method in {"HEAD", "OPTIONS"}:
            self.authenticate(call)
            route, _ = self.routes.find(call.raw_path)
            allow = ", ".join(sorted(route.operations))
            raise Problem(Code.INVALID_PARAMETER, "Unknown method", status=405, headers={"Allow": allow})
        return await super().handle(call)


class OpenOptions(Freedom, name="options-200-with-body"):
    """OPTIONS needs no token and gets a body, as for a browser's preflight."""

    async def handle(self, call: Call) -> Response:
        if call.method != "OPTIONS":
            return await super().handle(call)
        route, _ = self.routes.find(call.raw_path)
        response = self.json_response(200, self.encode({"methods": sorted(route.operations)}))
        response.headers["Allow"] = route.allow
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response


class ExactScheme(Freedom, name="scheme-in-exact-case-only"):
    """The scheme is taken as Bearer only."""

    def authenticate(self, call: Call) -> Account:
        if not call.headers.get("Authorization", "").startswith("Bearer "):
            raise Problem(Code.UNAUTHORIZED, "Missing or invalid bearer token")
        return super().authenticate(call)


class AllowMore(Freedom, name="allow-without-spaces"):
    """Allow lists the methods in another order and without spaces."""

    def problem_response(self, call: Call, problem: Problem) -> Response:
        if "Allow" in problem.headers:
            problem.headers["Allow"] = ",".join(reversed(problem.headers["Allow"].split(", ")))
        return super().problem_response(call, problem)


class Challenge(Freedom, name="challenge-on-401"):
    """A 401 has a WWW-Authenticate header that says what is expected."""

    async def respond(self, call: Call) -> Response:
        response = await super().respond(call)
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="linq", error="invalid_token"'
        return response


class BodyBeforeMethod(Freedom, name="body-before-method"):
    """A body is asked for at the path of a line, whatever the method."""

    async def handle(self, call: Call) -> Response:
        self.authenticate(call)
        _, parameters = self.routes.find(call.raw_path)
        if parameters and call.method not in {"HEAD", "OPTIONS", "PUT"}:
            self.parse_body(call)
        return await super().handle(call)
