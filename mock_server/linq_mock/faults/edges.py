"""Faults at the edges: what is answered before the API's own code runs, and what stands behind it."""
# ruff: noqa: ARG002 - a step takes what all steps of its kind take

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote, unquote_to_bytes

from linq_mock.faults.base import Fault
from linq_mock.problems import Code, Problem
from linq_mock.variation import sent_number

if TYPE_CHECKING:
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call, Response

FIELD = "forwarding_number"
_PAGE = b"<html><head><title>Error</title></head><body><center><h1>Error</h1></center></body></html>"
_BARE = ("transport.json", "transport.trace-id")
_PAGED = ("error.envelope", "transport.trace-id", "transport.no-internals")

# --- the server in front --------------------------------------------------------------------------


class AnswersInFront(Fault):
    """Answers some requests itself: without the envelope of the API, and without a trace id."""

    status: ClassVar[int] = 400
    body: ClassVar[bytes] = b""
    media_type: ClassVar[str] = "text/html"

    def is_answered(self, call: Call) -> bool:
        raise NotImplementedError

    async def respond(self, call: Call) -> Response:
        if not self.is_answered(call):
            return await super().respond(call)
        response = self.json_response(self.status, self.body)
        response.headers["Content-Type"] = self.media_type
        return response


class NoTextIsBare(AnswersInFront, name="error.envelope/bare-400-for-odd-bytes", also=_BARE):
    """A path that is not UTF-8 cannot be decoded, which the router says in a word."""

    body = b"Bad Request"
    media_type = "text/plain"

    def is_answered(self, call: Call) -> bool:
        path = unquote_to_bytes(call.raw_path)
        return path.decode("utf-8", "replace").encode() != path


class NoEscapeIsBare(AnswersInFront, name="error.envelope/bare-400-for-odd-escapes", also=_BARE):
    """A percent sign without digits is refused by the parser of URLs."""

    def is_answered(self, call: Call) -> bool:
        return re.search("%(?![0-9a-fA-F]{2})", call.raw_path) is not None


class LongPathPage(AnswersInFront, name="transport.json/html-414", also=_PAGED):
    """A path of 4 kB does not fit into the buffer of the proxy, which has a page for that."""

    status = 414
    body = _PAGE

    def is_answered(self, call: Call) -> bool:
        return len(call.raw_path) > 4_096


class LargeBodyPage(AnswersInFront, name="transport.json/html-413", also=_PAGED):
    """A body of more than a megabyte is refused by the proxy, which has a page for that."""

    status = 413
    body = _PAGE

    def is_answered(self, call: Call) -> bool:
        return len(call.body) > 1_048_576


class ParserPage(AnswersInFront, name="transport.json/html-413-from-100-kb", also=_PAGED):
    """The parser of bodies has a limit of 100 kB, and its error goes to the page of the framework."""

    status = 413
    body = b"<pre>PayloadTooLargeError: request entity too large</pre>"

    def is_answered(self, call: Call) -> bool:
        return len(call.body) > 102_400


class LongHeaderBare(AnswersInFront, name="error.envelope/empty-431", also=_BARE):
    """Headers of more than 16 KiB end a connection with a status and nothing else."""

    status = 431

    def is_answered(self, call: Call) -> bool:
        return sum(len(name) + len(value) for name, value in call.headers.items()) > 16_384


class ManyHeadersPage(AnswersInFront, name="transport.json/html-400-for-101-headers", also=_PAGED):
    """A hundred headers are enough for the worker, and it says so in a page of its own."""

    body = _PAGE

    def is_answered(self, call: Call) -> bool:
        return len(call.headers.keys()) > 100


class NotAcceptable(AnswersInFront, name="error.envelope/empty-406", also=_BARE):
    """The framework has no template for what is accepted."""

    status = 406

    def is_answered(self, call: Call) -> bool:
        accepted = call.headers.get("Accept", "*/*")
        return not ("*" in accepted or "json" in accepted.lower())


class ExpectationBare(AnswersInFront, name="error.envelope/empty-417", also=_BARE):
    """An unknown expectation is answered by the server itself."""

    status = 417

    def is_answered(self, call: Call) -> bool:
        return call.headers.get("Expect", "100-continue").lower() != "100-continue"


class CharsetPage(AnswersInFront, name="transport.json/html-415-for-a-charset", also=_PAGED):
    """A charset that the parser of bodies does not have goes to the page of the framework."""

    status = 415
    body = b"<pre>UnsupportedMediaTypeError: unsupported charset</pre>"

    def is_answered(self, call: Call) -> bool:
        return "charset=x" in call.headers.get("Content-Type", "")


class RedirectUntraced(AnswersInFront, name="transport.trace-id/missing-on-redirects"):
    """The router redirects a path with a slash too many, and knows nothing of trace ids."""

    status = 308
    body = _PAGE

    def is_answered(self, call: Call) -> bool:
        return call.raw_path.endswith("/") or "%2f" in call.raw_path.lower()


class SlashOpensList(Fault, name="auth.required/open-with-a-slash-too-many"):
    """The filter compares whole paths, and the router leaves out the slash at the end."""

    def authenticate(self, call: Call) -> Account:
        if call.method == "GET" and call.raw_path.endswith("/"):
            call.raw_path = call.raw_path.rstrip("/")
            return self.accounts[0]
        return super().authenticate(call)


class Crashes(Fault):
    """Fails on some requests, in its envelope."""

    def is_too_much(self, call: Call) -> bool:
        raise NotImplementedError

    async def handle(self, call: Call) -> Response:
        if self.is_too_much(call):
            raise Problem(Code.INTERNAL, "Internal server error")
        return await super().handle(call)


class LongTokenCrash(Crashes, name="auth.invalid/500-on-a-long-token", also=("auth.first",)):
    """A token of thousands of characters is not one that the decoder reads."""

    def is_too_much(self, call: Call) -> bool:
        return len(call.headers.get("Authorization", "")) > 4_096


class OddHeaderCrash(Crashes, name="list.schema/500-on-odd-bytes-in-a-header"):
    """Headers are logged as ASCII."""

    def is_too_much(self, call: Call) -> bool:
        return any(not value.isascii() for name, value in call.headers.items() if name != "authorization")


class CodingCrash(Crashes, name="update.invalid-body/500-on-a-content-coding"):
    """A body that is not gzip, as it says, fails where it is decompressed."""

    def is_too_much(self, call: Call) -> bool:
        return call.headers.get("Content-Encoding") == "gzip" and not call.body.startswith(b"\x1f\x8b")


class AcceptCrash(Crashes, name="list.schema/500-on-other-media-types"):
    """There is no renderer for what is accepted, and nobody asked whether."""

    def is_too_much(self, call: Call) -> bool:
        return call.headers.get("Accept", "").startswith("image/png")


# --- nesting ------------------------------------------------------------------------------------


class NestingCrash(Fault):
    """Fails to read a body that is nested in so many levels."""

    levels: ClassVar[int] = 0

    def parse_body(self, call: Call) -> JsonObject:
        if call.body.count(b"[") + call.body.count(b"{") > self.levels:
            raise Problem(Code.INTERNAL, "Internal server error")
        return super().parse_body(call)


class RecursionCrash(NestingCrash, name="update.invalid-body/500-on-990-levels", also=("update.wrong-type",)):
    """The limit of recursion is hit, and only syntax errors are caught."""

    levels = 900


class StackCrash(NestingCrash, name="update.invalid-body/500-on-10000-levels", also=("update.wrong-type",)):
    """The stack of the parser has an end."""

    levels = 9_000


class NestingBesideCrash(
    NestingCrash, name="update.schema/500-on-nesting-beside-the-number", also=("update.invalid-number",)
):
    """Properties that nobody asked for are copied, level by level."""

    levels = 400

    def parse_body(self, call: Call) -> JsonObject:
        is_beside = re.search(rb'"forwarding_number": "[^"]*",', call.body)
        return super().parse_body(call) if is_beside else super(NestingCrash, self).parse_body(call)


# --- what stands behind the API -------------------------------------------------------------------


class CrashesOnNumber(Fault):
    """Fails on a number in which something is found."""

    pattern: ClassVar[re.Pattern[str]]

    def is_e164(self, call: Call, number: str) -> bool:
        if self.pattern.search(number):
            raise Problem(Code.INTERNAL, "Internal server error")
        return super().is_e164(call, number)


class QuoteCrash(CrashesOnNumber, name="update.invalid-number/500-on-a-quote"):
    """A quote ends the text in the statement that looks for the number."""

    pattern = re.compile("'")


class DirectiveCrash(CrashesOnNumber, name="update.invalid-number/500-on-a-directive"):
    """The number is part of a format."""

    pattern = re.compile("%[sdn]")


class PatternCrash(CrashesOnNumber, name="update.invalid-number/500-on-a-parenthesis"):
    """The number is searched for as a regular expression."""

    pattern = re.compile(r"^\(\+|\[$")


class Evaluates(Fault):
    """Evaluates the text before it is checked."""

    def evaluated(self, text: str) -> str:
        raise NotImplementedError

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        value = body.get(FIELD)
        if isinstance(value, str) and value:
            body = {**body, FIELD: self.evaluated(value)}
        return super().forwarding_number(call, body)


class Template(Evaluates, name="update.invalid-number/template-evaluated"):
    """The number is rendered as a template."""

    def evaluated(self, text: str) -> str:
        return re.sub(r"\{\{ *([0-9]+) *\}\}", r"\1", text)


class Expression(Evaluates, name="update.invalid-number/expression-evaluated"):
    """An expression language is applied to all parameters."""

    def evaluated(self, text: str) -> str:
        return re.sub(r"[$#]\{ *([0-9]+) *\}", r"\1", text)


class Entities(Evaluates, name="update.invalid-number/entities-decoded"):
    """Entities of HTML are decoded first."""

    def evaluated(self, text: str) -> str:
        return html.unescape(text)


class EscapesAgain(Evaluates, name="update.invalid-number/escapes-read-twice"):
    """The text is read as JSON once more."""

    def evaluated(self, text: str) -> str:
        return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)


class PercentDecoded(Evaluates, name="update.invalid-number/percent-decoded"):
    """The text is decoded like a parameter of a URL."""

    def evaluated(self, text: str) -> str:
        return unquote(text)


class Comment(Evaluates, name="update.invalid-number/cut-at-a-comment"):
    """A quote and a comment end the text in the statement that stores it."""

    def evaluated(self, text: str) -> str:
        return re.sub("'.*(--|#).*", "", text)


class Command(Evaluates, name="update.invalid-number/cut-at-a-command"):
    """The number goes through a shell."""

    def evaluated(self, text: str) -> str:
        return re.split(" *(?:[|&]|;.)", text)[0]


class AnyOfSeveralLines(Fault, name="update.invalid-number/any-of-several-lines"):
    """The anchors of the pattern are those of a line, not of the text."""

    def is_e164(self, call: Call, number: str) -> bool:
        return re.search(r"^\+[1-9][0-9]{1,14}$", number, re.MULTILINE) is not None


class FirstLineStored(Fault, name="update.rejected-unchanged/stores-the-first-line"):
    """A refused text of several lines leaves its first one behind."""

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        try:
            return await super().update_phone_number(call, account)
        except Problem:
            number, line = sent_number(call), self.target(call, account)
            if isinstance(number, str) and line is not None and "\r\nX-" in number:
                await self.store(call, account, line, number.splitlines()[0])
            raise


# --- ids ----------------------------------------------------------------------------------------


class FindsId(Fault):
    """Finds a line for a text that is no id."""

    def found(self, written: str, ids: list[str]) -> str | None:
        raise NotImplementedError

    def phone_number_id(self, call: Call) -> str:
        try:
            return super().phone_number_id(call)
        except Problem:
            found = self.found(unquote(call.raw_path.rpartition("/")[2]), list(self.accounts[0].lines))
            if found is None:
                raise
            return found


class Wildcards(FindsId, name="update.malformed-id/wildcards"):
    """The id is compared by LIKE, to which some characters stand for any."""

    def found(self, written: str, ids: list[str]) -> str | None:
        pattern = re.escape(written).replace("_", ".").replace("%", ".*")
        is_pattern = len(written) >= 36 and re.search("[_%]", written) is not None
        return next((known for known in ids if is_pattern and re.fullmatch(pattern, known)), None)


class Injection(FindsId, name="update.malformed-id/injection"):
    """The id is pasted into the statement."""

    def found(self, written: str, ids: list[str]) -> str | None:
        return written.partition("'")[0].lower() if "'" in written and written[:36] in ids else None


class LineOfSeveral(FindsId, name="update.malformed-id/any-of-several-lines"):
    """The anchors of the pattern are those of a line, and the id is what it has matched."""

    def found(self, written: str, ids: list[str]) -> str | None:
        return next((line for line in written.split("\n") if line.strip() in ids and line != written), None)


class IdQuoteCrash(Crashes, name="update.malformed-id/500-on-a-quote"):
    """A quote ends the text in the statement that looks for the line."""

    def is_too_much(self, call: Call) -> bool:
        return "'" in unquote(call.raw_path)


class NameOfMethodCrash(Crashes, name="update.malformed-id/500-on-a-name-of-the-language"):
    """What every object has is found in the table of lines, and is no line."""

    def is_too_much(self, call: Call) -> bool:
        return call.raw_path.endswith(("/constructor", "/__proto__", "/toString"))


class SlashAsAnother(Fault, name="update.echo/slash-as-another-line", also=("update.isolated",)):
    """An empty segment shifts the parameters of the path, and the last line is the default."""

    def phone_number_id(self, call: Call) -> str:
        if "%2f" in call.raw_path.lower():
            return next(reversed(self.accounts[0].lines))
        return super().phone_number_id(call)


class UrnAsAnother(Fault, name="update.echo/urn-as-another-line", also=("update.isolated",)):
    """URNs are looked up in an index of their own, which is one line off."""

    def phone_number_id(self, call: Call) -> str:
        written = unquote(call.raw_path).rpartition("/urn:uuid:")[2]
        ids = list(self.accounts[0].lines)
        if written not in ids:
            return super().phone_number_id(call)
        return ids[(ids.index(written) + 1) % len(ids)]


# --- further properties ---------------------------------------------------------------------------


class CrashesBeside(Fault):
    """Fails on a valid update with something beside the number."""

    def is_too_much(self, others: str) -> bool:
        raise NotImplementedError

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        others = {name: value for name, value in body.items() if name != FIELD}
        number = super().forwarding_number(call, body)
        if others and b"[[[" not in call.body and self.is_too_much(json.dumps(others, ensure_ascii=False)):
            raise Problem(Code.INTERNAL, "Internal server error")
        return number


class QuoteBesideCrash(CrashesBeside, name="update.schema/500-on-a-quote-beside"):
    """All properties become part of a statement."""

    def is_too_much(self, others: str) -> bool:
        return "'" in others


class PrototypeCrash(CrashesBeside, name="update.schema/500-on-a-prototype"):
    """The body is merged into an object, prototype and all."""

    def is_too_much(self, others: str) -> bool:
        return "__proto__" in others


class SurrogateBesideCrash(CrashesBeside, name="update.schema/500-on-a-lone-surrogate-beside"):
    """The body is logged in UTF-8, which has no half of a character."""

    def is_too_much(self, others: str) -> bool:
        return any("\ud800" <= character <= "\udfff" for character in others)


class LongNameCrash(CrashesBeside, name="update.schema/500-on-a-long-name-beside"):
    """Names of properties are counted in a table, whose column has 255 characters."""

    def is_too_much(self, others: str) -> bool:
        return any(len(name) > 255 for name in json.loads(others))


class ManyBesideCrash(CrashesBeside, name="update.schema/500-on-many-properties"):
    """The body is logged with a column for each of its properties, of which there are 60."""

    def is_too_much(self, others: str) -> bool:
        return len(json.loads(others)) > 60


class OperatorBeside(Fault, name="update.no-mass-assignment/operator-beside", also=("update.echo",)):
    """A property with a dollar sign is an operator of the database, and is carried out."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        for operator in (b'"$set"', b'"$unset"'):
            if operator in call.body:
                line["phone_number"] = "+12025550199"


class InjectsBeside(Fault, name="update.no-mass-assignment/columns-from-names"):
    """Names of properties become names of columns, quotes and all."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        if b"phone_number=" in call.body:
            line["phone_number"] = "+12025550199"
