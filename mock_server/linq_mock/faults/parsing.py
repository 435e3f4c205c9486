"""Faults of parsers: they show only in spellings of JSON, headers and ids that few clients use."""
# ruff: noqa: ARG002 - a step takes what all steps of its kind take

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, cast
from urllib.parse import unquote

from linq_mock.faults.base import Fault
from linq_mock.messages import Response
from linq_mock.problems import Code, Problem
from linq_mock.variation import with_error

if TYPE_CHECKING:
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call, Headers

FIELD = "forwarding_number"

# --- JSON ---------------------------------------------------------------------------------------


class CrashesOn(Fault):
    """Fails to read a body in which something is found."""

    pattern: ClassVar[re.Pattern[bytes]]

    def parse_body(self, call: Call) -> JsonObject:
        if self.pattern.search(call.body):
            raise Problem(Code.INTERNAL, "Internal server error")
        return super().parse_body(call)


class NonAsciiCrash(CrashesOn, name="update.schema/non-ascii-500", also=("update.invalid-body",)):
    """The body is logged as ASCII."""

    pattern = re.compile(rb"[\x80-\xff]")


class LongIntegerCrash(CrashesOn, name="update.schema/long-integer-500"):
    """An integer of more digits than the language reads is not caught."""

    pattern = re.compile(rb"[0-9]{4301}")


class EqualNamesCrash(CrashesOn, name="update.invalid-body/equal-names-500"):
    """The parser is strict about equal names, and its error is not caught."""

    pattern = re.compile(rb'"forwarding_number".*"forwarding_number"', re.DOTALL)


class Rewrites(Fault):
    """Reads a body as another one."""

    def rewritten(self, body: bytes) -> bytes:
        raise NotImplementedError

    def parse_body(self, call: Call) -> JsonObject:
        return super().parse_body(replace(call, body=self.rewritten(call.body)))


class LinesOfJson(Rewrites, name="update.invalid-body/last-of-several-lines"):
    """The parser is one of newline-delimited JSON."""

    def rewritten(self, body: bytes) -> bytes:
        return body.strip().rpartition(b"\n")[2] if body.startswith(b"{") else body


class TrimsUnicodeSpaces(Rewrites, name="update.invalid-body/trims-any-white-space"):
    """The body is trimmed by the rules of Unicode, not by those of JSON."""

    def rewritten(self, body: bytes) -> bytes:
        return body.decode("utf-8", "surrogateescape").strip().encode("utf-8", "surrogateescape")


class OverlongUtf8(Rewrites, name="update.invalid-body/overlong-utf-8"):
    """The decoder takes the two bytes that Java writes for a character."""

    def rewritten(self, body: bytes) -> bytes:
        return body.replace(b"\xc0\xab", b"+")


class LiteralsInCapitals(Rewrites, name="update.invalid-body/null-in-capitals"):
    """The parser ignores the case of its literals."""

    def rewritten(self, body: bytes) -> bytes:
        return body.replace(b" NULL", b" null")


class BeginsWithBrace(Fault, name="update.schema/begins-with-brace"):
    """Whether a body is JSON is told by its first byte."""

    def parse_body(self, call: Call) -> JsonObject:
        if call.body[:1] in b" \t\r\n":
            raise Problem(Code.INVALID_BODY, "The request body is not a JSON object")
        return super().parse_body(call)


class CompactBodyUnread(Fault, name="update.schema/compact-body-refused", also=("update.clear-null",)):
    """The body is read with a pattern, made after the example of the documentation, which has a space."""

    def parse_body(self, call: Call) -> JsonObject:
        if re.search(rb'_number":["n]', call.body):
            raise Problem(Code.INVALID_BODY, "The request body is not a JSON object")
        return super().parse_body(call)


class UnreadEscapes(Fault, name="update.schema/escapes-not-read"):
    """The number is cut out of the body as it was sent."""

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        if b'"\\u002b' in call.body:
            raise Problem(Code.NOT_E164, "The number must begin with +")
        return super().forwarding_number(call, body)


class AnyDepth(
    Fault, name="update.no-mass-assignment/field-at-any-depth", also=("update.echo", "update.schema")
):
    """A streaming parser takes the field wherever it is, and the last one wins."""

    def parse_body(self, call: Call) -> JsonObject:
        body = super().parse_body(call)
        members = [cast("JsonObject", member) for member in body.values() if isinstance(member, dict)]
        nested = [member[FIELD] for member in members if FIELD in member]
        return {**body, FIELD: nested[-1]} if FIELD in body and nested else body


class FirstInAnswer(Fault, name="update.read-your-writes/equal-names-told-apart", also=("update.echo",)):
    """Of two equal names the validator takes the first one, and the store the last."""

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        first: list[Any] = []

        def look(pairs: list[tuple[str, Any]]) -> None:
            first.extend(value for name, value in pairs if name == FIELD)

        json.loads(call.body, object_pairs_hook=look, parse_int=float)
        return super().update_body(call, line, first[0] or None)


class FromPrototype(Fault, name="update.missing-field/from-the-prototype"):
    """A __proto__ in the body supplies what is missing in it."""

    def parse_body(self, call: Call) -> JsonObject:
        body = super().parse_body(call)
        prototype = body.get("__proto__")
        return {**prototype, **body} if isinstance(prototype, dict) else body


class BareInfinity(Fault, name="transport.json/infinity-in-error"):
    """The error quotes the value that it refuses, even one that JSON does not have."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        return with_error(body, value=float("inf")) if b"e400" in call.body else body

    def encode(self, body: JsonObject) -> bytes:
        return json.dumps(body, separators=(",", ":")).encode()


# --- headers ------------------------------------------------------------------------------------


class RefusesList(Fault):
    """Refuses some lists with an error that they do not deserve."""

    status: ClassVar[int] = 500
    code: ClassVar[int] = Code.INTERNAL

    def is_refused(self, headers: Headers) -> bool:
        raise NotImplementedError

    async def list_phone_numbers(self, call: Call, account: Account) -> Response:
        if self.is_refused(call.headers):
            raise Problem(self.code, "The headers cannot be read", status=self.status)
        return await super().list_phone_numbers(call, account)


class AcceptOfJavaCrash(RefusesList, name="list.schema/accept-of-java-500"):
    """A lone asterisk in Accept, as old clients send it, is not caught."""

    def is_refused(self, headers: Headers) -> bool:
        return any(part.partition(";")[0].strip() == "*" for part in headers.get("Accept", "").split(","))


class TypeWithoutBody(RefusesList, name="list.schema/content-type-without-body-400"):
    """A body is read whenever a Content-Type says that there is one."""

    status = 400
    code = Code.INVALID_BODY

    def is_refused(self, headers: Headers) -> bool:
        return "Content-Type" in headers


class TraceparentCrash(RefusesList, name="list.schema/malformed-traceparent-500"):
    """A traceparent of another form is not caught."""

    def is_refused(self, headers: Headers) -> bool:
        return "traceparent" in headers and headers["traceparent"].count("-") != 3


class CharsetInCapitals(Fault, name="update.schema/charset-in-capitals-415"):
    """The media type is compared as a text."""

    def check_content_type(self, call: Call) -> None:
        if "UTF-8" in call.headers.get("Content-Type", ""):
            raise Problem(Code.INVALID_BODY, "The charset must be utf-8", status=415)
        super().check_content_type(call)


class MediaTypeCrash(Fault, name="update.content-type/without-slash-500"):
    """A media type without a slash is not caught."""

    def check_content_type(self, call: Call) -> None:
        if "/" not in call.headers.get("Content-Type", "/"):
            raise Problem(Code.INTERNAL, "Internal server error")
        super().check_content_type(call)


class XmlForBrowsers(Fault, name="transport.json/xml-for-browsers", also=("list.schema",)):
    """The framework can write XML as well, and a browser asks for it."""

    async def list_phone_numbers(self, call: Call, account: Account) -> Response:
        if "application/xml" in call.headers.get("Accept", ""):
            return Response(b"<phone_numbers/>", media_type="application/xml")
        return await super().list_phone_numbers(call, account)


class AcceptCharset(Fault, name="transport.json/accept-charset", also=("list.schema",)):
    """The encoding is the one that the client likes best."""

    async def list_phone_numbers(self, call: Call, account: Account) -> Response:
        response = await super().list_phone_numbers(call, account)
        if "utf-16" in call.headers.get("Accept-Charset", ""):
            response.body = bytes(response.body).decode().encode("utf-16")
            response.headers["Content-Length"] = str(len(response.body))
        return response


class EmptyHeader(Fault, name="auth.required/empty-header", also=("auth.invalid",)):
    """An empty header is taken for one that a proxy has dealt with."""

    def authenticate(self, call: Call) -> Account:
        return self.accounts[0] if call.headers.get("Authorization") == "" else super().authenticate(call)


class AdoptsUuid(Fault, name="transport.trace-id-unique/adopts-uuid"):
    """A trace id of the client is adopted once it is a uuid, less its hyphens."""

    def new_trace_id(self, call: Call) -> str:
        offered = call.headers.get("X-Trace-ID", "")
        return offered.replace("-", "") if offered.count("-") == 4 else super().new_trace_id(call)


class MethodOverride(Fault, name="transport.unknown-method/override-by-header"):
    """A middleware takes the method from a header, for clients that have no PUT."""

    async def respond(self, call: Call) -> Response:
        return await super().respond(
            replace(call, method=call.headers.get("X-HTTP-Method-Override", call.method))
        )


# --- ids ----------------------------------------------------------------------------------------


class ReadsId(Fault):
    """Reads the id in the path as another one."""

    def rewritten(self, call: Call, phone_number_id: str) -> str:
        raise NotImplementedError

    def phone_number_id(self, call: Call) -> str:
        path, slash, last = call.raw_path.rpartition("/")
        return super().phone_number_id(replace(call, raw_path=path + slash + self.rewritten(call, last)))


class DecodedTwice(ReadsId, name="update.malformed-id/decoded-twice"):
    """Both the proxy and the framework decode the path."""

    def rewritten(self, call: Call, phone_number_id: str) -> str:
        return unquote(phone_number_id)


class NoneIsFirst(Fault, name="update.malformed-id/none-is-the-first-line"):
    """A path without an id finds the first line that there is."""

    async def handle(self, call: Call) -> Response:
        if call.method == "PUT" and call.raw_path.endswith("/phone_numbers/"):
            call = replace(call, raw_path=call.raw_path + next(iter(self.authenticate(call).lines)))
        return await super().handle(call)


# --- numbers ------------------------------------------------------------------------------------


class RefusesPlausible(Fault):
    """Takes some plausible numbers for invalid ones."""

    refused: ClassVar[re.Pattern[str]]

    def is_e164(self, call: Call, number: str) -> bool:
        return super().is_e164(call, number) and not self.refused.match(number)


class AbroadRefused(RefusesPlausible, name="update.schema/refuses-other-countries"):
    """Numbers are validated for the country that the API was made in."""

    refused = re.compile(r"\+[^1]")


class UnknownPlansRefused(RefusesPlausible, name="update.schema/refuses-all-but-two-countries"):
    """Numbers are validated for the countries that the first customers were in."""

    refused = re.compile(r"\+(?!1|44)")


class TollFreeRefused(RefusesPlausible, name="update.schema/refuses-toll-free"):
    """Numbers whose area is none are not in the table of areas."""

    refused = re.compile(r"\+18(?:00|33|44|55|66|77|88)")


class FoundValidBefore(Fault, name="update.invalid-number/digits-found-valid-before"):
    """What the validator has found valid is remembered by its digits."""

    def arrange(self) -> None:
        super().arrange()
        self.valid: set[str] = set()

    def is_e164(self, call: Call, number: str) -> bool:
        digits = re.sub("[^0-9]", "", number)
        if super().is_e164(call, number):
            self.valid.add(digits)
        return digits in self.valid


class StripsMarkup(Fault, name="update.invalid-number/strips-markup"):
    """A filter against cross-site scripting removes tags from every text."""

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        value = body.get(FIELD)
        if isinstance(value, str):
            body = {**body, FIELD: re.sub("<[^>]*>", "", value) or value}
        return super().forwarding_number(call, body)
