"""Freedoms of those who read a request before the API does: servers, routers and parsers."""
# ruff: noqa: ARG002 - a step takes what all steps of its kind take

from __future__ import annotations

import json
import re
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast
from urllib.parse import unquote_to_bytes

from linq_mock.freedoms.base import Freedom
from linq_mock.problems import Code, Problem

if TYPE_CHECKING:
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call, Response

FIELD = "forwarding_number"
_UNKNOWN_ESCAPE = re.compile(rb'(\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))|\\(.)', re.DOTALL)

# --- JSON ---------------------------------------------------------------------------------------


class LoneSurrogatesAsBody(Freedom, name="lone-surrogates-as-1003"):
    """A lone surrogate in any text makes the body invalid, as it does to parsers that read into UTF-8."""

    def parse_body(self, call: Call) -> JsonObject:
        body = super().parse_body(call)
        try:
            json.dumps(body, ensure_ascii=False).encode()
        except (UnicodeEncodeError, RecursionError) as error:
            raise Problem(Code.INVALID_BODY, "The body has half of a character") from error
        return body


class LenientJson(Freedom):
    """The parser reads NaN, Infinity, any bytes, control characters and unknown escapes."""

    code: ClassVar[int] = 0

    def parse_body(self, call: Call) -> JsonObject:
        try:
            return super().parse_body(call)
        except Problem as problem:
            if self.is_read(call.body):
                raise Problem(self.code, "What was read cannot be used") from problem
            raise

    def is_read(self, body: bytes) -> bool:
        try:
            value = json.loads(_UNKNOWN_ESCAPE.sub(rb"\1\2", body).decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError):
            return False
        return isinstance(value, dict)


class LenientAsNumber(LenientJson, name="lenient-json-as-1002"):
    """What a lenient parser has read is not E.164."""

    code = Code.NOT_E164


class LenientAsValue(LenientJson, name="lenient-json-as-1005"):
    """What a lenient parser has read is an invalid value, unless another property has NaN or Infinity."""

    code = Code.INVALID_PARAMETER

    def parse_body(self, call: Call) -> JsonObject:
        try:
            body = json.loads(call.body)
        except (ValueError, RecursionError):
            return super().parse_body(call)
        read = cast("JsonObject", body) if isinstance(body, dict) else {}
        return read if isinstance(read.get(FIELD, 0), str | None) else super().parse_body(call)


class ShallowJson(Freedom, name="json-of-20-levels"):
    """A body that is nested in more than twenty levels is refused, whatever is in it."""

    def parse_body(self, call: Call) -> JsonObject:
        if call.body.count(b"[") + call.body.count(b"{") > 20:
            raise Problem(Code.INVALID_BODY, "The body is nested too deeply")
        return super().parse_body(call)


# --- the path -----------------------------------------------------------------------------------


class AnyNotation(Freedom, name="ids-in-any-notation-taken"):
    """An id may be a URN, stand in braces, and have its hyphens anywhere, as a common parser takes it."""

    def phone_number_id(self, call: Call) -> str:
        _, parameters = self.routes.find(call.raw_path)
        try:
            return str(uuid.UUID(parameters.get("phoneNumberId", "")))
        except ValueError as error:
            raise Problem(Code.INVALID_PARAMETER, "The id in the path is not a UUID") from error


class NoTextRefused(Freedom, name="paths-in-utf-8-only"):
    """A path that is not percent-encoded UTF-8 is no valid request, whoever sends it."""

    async def handle(self, call: Call) -> Response:
        try:
            unquote_to_bytes(call.raw_path).decode()
        except UnicodeDecodeError as error:
            raise Problem(Code.INVALID_BODY, "The path is not in UTF-8") from error
        return await super().handle(call)


class Cleans(Freedom):
    """Does something about a slash too many in a path, encoded or not, before the token is looked at."""

    async def handle(self, call: Call) -> Response:
        clean = re.sub("(?:/|%2[fF])+", "/", call.raw_path).rstrip("/")
        if clean == call.raw_path:
            return await super().handle(call)
        return await self.handle_unclean(call, clean)

    async def handle_unclean(self, call: Call, clean: str) -> Response:
        raise NotImplementedError


class UncleanRedirected(Cleans, name="unclean-paths-redirected"):
    """A path with a slash too many is redirected to the one without, by a page for people."""

    async def handle_unclean(self, call: Call, clean: str) -> Response:
        response = self.json_response(308, b"<!doctype html><title>Redirecting</title>")
        response.headers["Content-Type"] = "text/html; charset=utf-8"
        response.headers["Location"] = clean
        return response


class UncleanAsClean(Cleans, name="unclean-paths-as-clean"):
    """Slashes too many in a path are left out."""

    async def handle_unclean(self, call: Call, clean: str) -> Response:
        return await super().handle(replace(call, raw_path=clean))


class UncleanUnknown(Cleans, name="unclean-paths-unknown"):
    """There is nothing at a path with a slash too many."""

    async def handle_unclean(self, call: Call, clean: str) -> Response:
        raise Problem(Code.INVALID_PARAMETER, "There is nothing at this path", status=404)


# --- what is refused unread -----------------------------------------------------------------------


class RefusesUnread(Freedom):
    """Refuses some requests for what they are, before the token is looked at."""

    status: ClassVar[int] = 0

    def is_refused(self, call: Call) -> bool:
        raise NotImplementedError

    async def handle(self, call: Call) -> Response:
        if self.is_refused(call):
            raise Problem(Code.INVALID_BODY, "The request is not one to be looked at", status=self.status)
        return await super().handle(call)


class LongPathRefused(RefusesUnread, name="414-for-long-paths"):
    """A path of more than 2,000 characters is too long."""

    status = 414

    def is_refused(self, call: Call) -> bool:
        return len(call.raw_path) > 2_000


class LongHeadersRefused(RefusesUnread, name="431-for-long-headers"):
    """Headers of more than 8 KiB are too long, and a hundred of them too many."""

    status = 431

    def is_refused(self, call: Call) -> bool:
        sizes = [len(name) + len(value) for name, value in call.headers.items()]
        return sum(sizes) > 8_192 or len(sizes) > 100


class LargeBodyRefused(RefusesUnread, name="413-for-large-bodies"):
    """A body of more than 100 kB is too large."""

    status = 413

    def is_refused(self, call: Call) -> bool:
        return len(call.body) > 100_000


class OtherTypesRefused(RefusesUnread, name="406-for-other-media-types"):
    """Who does not accept JSON gets nothing else."""

    status = 406

    def is_refused(self, call: Call) -> bool:
        accepted = call.headers.get("Accept", "*/*")
        return not ("*" in accepted or "json" in accepted.lower())


class ExpectationFailed(RefusesUnread, name="417-for-unknown-expectations"):
    """An expectation that is not known cannot be met."""

    status = 417

    def is_refused(self, call: Call) -> bool:
        return call.headers.get("Expect", "100-continue").lower() != "100-continue"


class EncodedBodyRefused(RefusesUnread, name="415-for-encoded-bodies"):
    """A body must not have a content coding."""

    status = 415

    def is_refused(self, call: Call) -> bool:
        return "Content-Encoding" in call.headers


class Traces(Freedom, name="trace-sends-back"):
    """TRACE sends back what it was sent, without a token and without a trace id."""

    async def respond(self, call: Call) -> Response:
        if call.method != "TRACE":
            return await super().respond(call)
        head = "".join(f"{name}: {value}\r\n" for name, value in call.headers.items())
        response = self.json_response(200, f"TRACE {call.raw_path} HTTP/1.1\r\n{head}\r\n".encode())
        response.headers["Content-Type"] = "message/http"
        return response
