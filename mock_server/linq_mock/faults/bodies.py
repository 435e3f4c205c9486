"""Faults of the body of an update: missing fields, types, syntax and media types."""
# ruff: noqa: ARG002 - a step takes what all steps of its kind take

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING, Any, ClassVar, cast
from urllib.parse import parse_qs

from linq_mock.faults.base import Fault
from linq_mock.problems import Code, Problem

if TYPE_CHECKING:
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call

FIELD = "forwarding_number"

# --- update.missing-field -----------------------------------------------------------------------


class MissingClears(Fault, name="update.missing-field/clears"):
    """A missing field has the default null."""

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        return super().forwarding_number(call, {FIELD: None, **body})


class MissingIsNoChange(Fault, name="update.missing-field/no-change"):
    """A missing field means that nothing changes, and that is a success."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        if FIELD in self.parse_body(call):
            await super().store(call, account, line, number)

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        return super().forwarding_number(call, body) if FIELD in body else None

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        return super().update_body(call, line, line.get(FIELD))


class MissingWithOthers(Fault, name="update.missing-field/clears-with-other-properties"):
    """A body with any property passes the check of the schema."""

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        return super().forwarding_number(call, {FIELD: None, **body} if body else body)


class MissingAs(Fault):
    """Reports a missing field in another way."""

    code: ClassVar[int] = 0

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        if FIELD not in body:
            raise Problem(self.code, "The body has no forwarding_number")
        return super().forwarding_number(call, body)


class MissingAsNumber(MissingAs, name="update.missing-field/as-1002"):
    """A missing field is an empty number, and that is not E.164."""

    code = Code.NOT_E164


class MissingAsBody(MissingAs, name="update.missing-field/as-1003"):
    """A missing field makes the body invalid."""

    code = Code.INVALID_BODY


class MissingCrash(MissingAs, name="update.missing-field/500"):
    """A missing field is a KeyError that nobody catches."""

    code = Code.INTERNAL


class AnyLetterCase(Fault, name="update.missing-field/any-letter-case"):
    """Names of properties are matched without regard to case."""

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        return super().forwarding_number(call, {name.lower(): value for name, value in body.items()})


class CamelCase(Fault, name="update.missing-field/camel-case"):
    """The name in camel case is an alias."""

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        alias = {FIELD: body["forwardingNumber"]} if "forwardingNumber" in body else {}
        return super().forwarding_number(call, {**alias, **body})


# --- update.wrong-type --------------------------------------------------------------------------


class Coerces(Fault):
    """Makes a value of another type one that is accepted."""

    def coerced(self, value: Any) -> Any:
        raise NotImplementedError

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        value = body.get(FIELD, "")
        if value is not None and not isinstance(value, str):
            body = {**body, FIELD: self.coerced(value)}
        return super().forwarding_number(call, body)


class NumberAsText(Coerces, name="update.wrong-type/number-as-text"):
    """A JSON number is taken for the digits of a phone number."""

    def coerced(self, value: Any) -> Any:
        return f"+{value:.0f}" if isinstance(value, float) and value > 1 else value


class FalsyClears(Coerces, name="update.wrong-type/falsy-clears"):
    """Everything that counts as false clears."""

    def coerced(self, value: Any) -> Any:
        return value or None


class FalseClears(Coerces, name="update.wrong-type/false-clears"):
    """False switches forwarding off."""

    def coerced(self, value: Any) -> Any:
        return None if value is False else value


class EmptyObjectClears(Coerces, name="update.wrong-type/empty-object-clears"):
    """An empty object clears, as an empty message does in another protocol."""

    def coerced(self, value: Any) -> Any:
        return None if value == {} else value


class FirstOfArray(Coerces, name="update.wrong-type/first-of-array"):
    """An array is taken for its first element."""

    def coerced(self, value: Any) -> Any:
        match value:
            case [first, *_]:
                return first
            case _:
                return value


class NoStringClears(Coerces, name="update.wrong-type/true-clears"):
    """True is turned into a text and found empty of digits."""

    def coerced(self, value: Any) -> Any:
        return "" if value is True else value


class TypeAs(Fault):
    """Reports a value of a wrong type in another way."""

    code: ClassVar[int] = 0

    def concerns(self, value: Any) -> bool:
        return True

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        value = body.get(FIELD, "")
        if value is not None and not isinstance(value, str) and self.concerns(value):
            raise Problem(self.code, "The value cannot be used")
        return super().forwarding_number(call, body)


class TypeAsMissing(TypeAs, name="update.wrong-type/as-1001"):
    """A value of a wrong type counts as missing."""

    code = Code.MISSING_FIELD


class ObjectCrash(TypeAs, name="update.wrong-type/500-on-object"):
    """An object crashes where a key of a cache is made of it."""

    code = Code.INTERNAL

    def concerns(self, value: Any) -> bool:
        return isinstance(value, dict)


class BooleanCrash(TypeAs, name="update.wrong-type/500-on-true"):
    """True has no length, and nobody catches that."""

    code = Code.INTERNAL

    def concerns(self, value: Any) -> bool:
        return value is True


class NumberCrash(TypeAs, name="update.wrong-type/500-on-big-number"):
    """A number that 64 bits cannot hold crashes."""

    code = Code.INTERNAL

    def concerns(self, value: Any) -> bool:
        return isinstance(value, float) and value > 2**63


# --- update.invalid-body ------------------------------------------------------------------------


class OtherSyntax(Fault):
    """Reads bodies that are not JSON, or not an object."""

    def read(self, text: bytes) -> Any:
        """Return what a body means, None if it means nothing. Raises ValueError too."""
        raise NotImplementedError

    def parse_body(self, call: Call) -> JsonObject:
        try:
            return super().parse_body(call)
        except Problem:
            try:
                body = self.read(call.body)
            except (ValueError, SyntaxError, RecursionError, MemoryError):
                body = None
            if isinstance(body, dict):
                return cast("JsonObject", body)
            raise


class EmptyBodyClears(OtherSyntax, name="update.invalid-body/empty-clears"):
    """An empty body clears."""

    def read(self, text: bytes) -> Any:
        return {FIELD: None} if not text.strip() else None


class NullBodyClears(OtherSyntax, name="update.invalid-body/null-clears"):
    """The body null clears."""

    def read(self, text: bytes) -> Any:
        return {FIELD: None} if text.strip() == b"null" else None


class BareText(OtherSyntax, name="update.invalid-body/string"):
    """A JSON string is taken for the number."""

    def read(self, text: bytes) -> Any:
        value = json.loads(text)
        return {FIELD: value} if isinstance(value, str) else None


class TwiceEncoded(OtherSyntax, name="update.invalid-body/twice-encoded"):
    """A text that holds JSON is parsed once more, for clients that encode a body twice."""

    def read(self, text: bytes) -> Any:
        value = json.loads(text)
        return json.loads(value) if isinstance(value, str) and value.startswith("{") else None


class ArrayOfOne(OtherSyntax, name="update.invalid-body/array-of-one"):
    """An array is taken for its only element."""

    def read(self, text: bytes) -> Any:
        match json.loads(text):
            case [only]:
                return only
            case _:
                return None


class EmptyArrayClears(OtherSyntax, name="update.invalid-body/empty-array-clears"):
    """An empty array is an empty object, as in PHP."""

    def read(self, text: bytes) -> Any:
        return {FIELD: None} if re.sub(rb"\s", b"", text) == b"[]" else None


class TrailingText(OtherSyntax, name="update.invalid-body/trailing-text"):
    """What follows the first JSON value is not read."""

    def read(self, text: bytes) -> Any:
        return json.JSONDecoder().raw_decode(text.decode())[0]


class Literal(OtherSyntax, name="update.invalid-body/single-quotes"):
    """The body is evaluated as a literal of Python when it is not JSON."""

    def read(self, text: bytes) -> Any:
        return ast.literal_eval(re.sub(r"\bnull\b", "None", text.decode()))


class TrailingComma(OtherSyntax, name="update.invalid-body/trailing-comma"):
    """A comma after the last property is tolerated."""

    def read(self, text: bytes) -> Any:
        return json.loads(re.sub(rb",\s*}", b"}", text))


class BareNaN(OtherSyntax, name="update.invalid-body/nan"):
    """NaN and Infinity are read as null, which is how JavaScript writes them."""

    def read(self, text: bytes) -> Any:
        return json.loads(text, parse_constant=lambda _: None)


class InvalidUtf8(OtherSyntax, name="update.invalid-body/invalid-utf-8"):
    """Bytes that are not UTF-8 are dropped."""

    def read(self, text: bytes) -> Any:
        return json.loads(text.decode("utf-8", "ignore"))


class ControlCharacters(OtherSyntax, name="update.invalid-body/control-characters"):
    """Control characters within strings are tolerated."""

    def read(self, text: bytes) -> Any:
        return json.loads(text, strict=False)


class Form(OtherSyntax, name="update.invalid-body/form"):
    """A form is read whatever the media type says."""

    def read(self, text: bytes) -> Any:
        fields = parse_qs(text.decode(), keep_blank_values=True)
        return (
            {name: values[0].replace(" ", "+") for name, values in fields.items()}
            if FIELD in fields
            else None
        )


class CutBody(OtherSyntax, name="update.invalid-body/cut"):
    """A body whose end is missing is completed."""

    def read(self, text: bytes) -> Any:
        return json.loads(text + b"}") if b"{" in text else None


class BodyAs(Fault):
    """Reports a body that is not JSON in another way."""

    code: ClassVar[int] = 0

    def concerns(self, text: bytes) -> bool:
        return bool(text.strip())

    def parse_body(self, call: Call) -> JsonObject:
        try:
            return super().parse_body(call)
        except Problem as problem:
            if "not valid JSON" in problem.message and self.concerns(call.body):
                raise Problem(self.code, "The body cannot be used") from problem
            raise


class BodyCrash(BodyAs, name="update.invalid-body/500"):
    """A body that is not JSON crashes."""

    code = Code.INTERNAL


class BodyAsNumber(BodyAs, name="update.invalid-body/as-1002"):
    """A body that is not JSON has no valid number either."""

    code = Code.NOT_E164


class BodyAsMissing(BodyAs, name="update.invalid-body/as-1001"):
    """A body that is not JSON is read as an empty object."""

    code = Code.MISSING_FIELD


class EmptyBodyCrash(BodyAs, name="update.invalid-body/500-on-empty"):
    """An empty body crashes."""

    code = Code.INTERNAL

    def concerns(self, text: bytes) -> bool:
        return not text


class BlankBodyCrash(BodyAs, name="update.invalid-body/500-on-blank"):
    """A body of white space is not empty, and yet there is nothing to parse in it."""

    code = Code.INTERNAL

    def concerns(self, text: bytes) -> bool:
        return text.isspace()


class DeepCrash(BodyAs, name="update.invalid-body/500-on-deep-nesting"):
    """A deeply nested body exhausts the stack."""

    code = Code.INTERNAL

    def concerns(self, text: bytes) -> bool:
        return text.count(b"[") + text.count(b"{") > 400


class Utf8Crash(BodyAs, name="update.invalid-body/500-on-invalid-utf-8"):
    """Bytes that are not UTF-8 crash the logger."""

    code = Code.INTERNAL

    def concerns(self, text: bytes) -> bool:
        return text.decode("utf-8", "replace").encode() != text


class NotAnObject(Fault, name="update.invalid-body/500-on-array"):
    """An array crashes where a property is looked up."""

    def parse_body(self, call: Call) -> JsonObject:
        try:
            return super().parse_body(call)
        except Problem as problem:
            if call.body.lstrip().startswith(b"[") and "object" in problem.message:
                raise Problem(Code.INTERNAL, "Internal server error") from problem
            raise


# --- update.content-type ------------------------------------------------------------------------


class AnyMediaType(Fault, name="update.content-type/any"):
    """The media type of a body is not looked at."""

    def check_content_type(self, call: Call) -> None:
        return


class TextPlain(Fault, name="update.content-type/text-plain"):
    """Plain text passes, for the sake of simple requests from browsers."""

    def check_content_type(self, call: Call) -> None:
        if not call.headers.get("Content-Type", "").startswith("text/plain"):
            super().check_content_type(call)


class ContainsJson(Fault, name="update.content-type/contains-json"):
    """Every media type with json in it passes."""

    def check_content_type(self, call: Call) -> None:
        if "json" not in call.headers.get("Content-Type", "").lower():
            super().check_content_type(call)


class FormMediaType(Fault, name="update.content-type/form"):
    """A form is read when the media type says so."""

    def check_content_type(self, call: Call) -> None:
        if "x-www-form-urlencoded" not in call.headers.get("Content-Type", ""):
            super().check_content_type(call)

    def parse_body(self, call: Call) -> JsonObject:
        if "x-www-form-urlencoded" in call.headers.get("Content-Type", ""):
            fields = parse_qs(call.body.decode("utf-8", "replace"), keep_blank_values=True)
            if FIELD in fields:
                return {FIELD: fields[FIELD][0].replace(" ", "+")}
        return super().parse_body(call)


class MediaTypeCrash(Fault, name="update.content-type/500"):
    """A body of another media type crashes."""

    def check_content_type(self, call: Call) -> None:
        try:
            super().check_content_type(call)
        except Problem as problem:
            raise Problem(Code.INTERNAL, "Internal server error") from problem


class MediaTypeAsNumber(Fault, name="update.content-type/400-as-1002"):
    """A body of another media type has no valid number."""

    def check_content_type(self, call: Call) -> None:
        try:
            super().check_content_type(call)
        except Problem as problem:
            raise Problem(Code.NOT_E164, "forwarding_number must be in E.164 format") from problem


class MediaTypeNoOp(Fault, name="update.content-type/200-without-effect"):
    """A body of another media type is a success that changes nothing."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        if call.headers.get("Content-Type", "application/json").startswith("application/json"):
            await super().store(call, account, line, number)

    def check_content_type(self, call: Call) -> None:
        return
