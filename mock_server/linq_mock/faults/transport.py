"""Faults of the transport: JSON, trace ids, methods, and what an answer gives away."""
# ruff: noqa: ARG002 - a step takes what all steps of its kind take

from __future__ import annotations

import gzip
import hashlib
import json
import random
import uuid
from typing import TYPE_CHECKING, Any

from linq_mock.faults.base import Fault
from linq_mock.messages import Response
from linq_mock.problems import Code, Problem
from linq_mock.variation import now, with_error

if TYPE_CHECKING:
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call

# --- transport.json -----------------------------------------------------------------------------


class TextErrors(Fault, name="transport.json/text-plain-errors"):
    """The error handler writes JSON but leaves the framework's default media type."""

    def problem_response(self, call: Call, problem: Problem) -> Response:
        response = super().problem_response(call, problem)
        response.headers["Content-Type"] = "text/plain; charset=utf-8"
        return response


class VendorType(Fault, name="transport.json/vendor-media-type"):
    """Updates are answered with a media type of the vendor's own."""

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        response = await super().update_phone_number(call, account)
        response.headers["Content-Type"] = "application/vnd.linq.v3+json"
        return response


class NoContentType(Fault, name="transport.json/no-content-type"):
    """A proxy strips the media type of answers that are shorter than a kilobyte."""

    async def respond(self, call: Call) -> Response:
        response = await super().respond(call)
        if len(response.body) < 1024 and "Content-Type" in response.headers:
            del response.headers["Content-Type"]
        return response


class NaN(Fault, name="transport.json/nan"):
    """A score that was divided by zero goes out as a bare NaN, for critical lines only."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        scored = line["reputation"]["status"] != "CRITICAL"
        return {**super().listed_line(call, account, line), "score": 0.5 if scored else float("nan")}

    def encode(self, body: JsonObject) -> bytes:
        return json.dumps(body).encode()


class Latin1(Fault, name="transport.json/latin-1"):
    """A translated message is encoded in Latin-1."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        return with_error(body, message="numéro manquant") if problem.code == Code.MISSING_FIELD else body

    def encode(self, body: JsonObject) -> bytes:
        return json.dumps(body, ensure_ascii=False).encode("latin-1", "replace")


class Utf16(Fault, name="transport.json/utf-16"):
    """Answers to updates are in UTF-16, and say so in their charset."""

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        response = await super().update_phone_number(call, account)
        text = bytes(response.body).decode().encode("utf-16")
        return Response(text, response.status_code, media_type="application/json; charset=utf-16")


class TrailingLog(Fault, name="transport.json/trailing-log-line", also=("list.schema",)):
    """Every tenth answer has a line of the log after its JSON."""

    def json_response(self, status: int, body: bytes) -> Response:
        return super().json_response(status, body + b"\nDEBUG cache miss" if self.served % 10 == 0 else body)


class SingleQuotes(Fault, name="transport.json/single-quotes", also=("error.envelope",)):
    """The body of a 405 is the text form of a Python dict."""

    def problem_response(self, call: Call, problem: Problem) -> Response:
        response = super().problem_response(call, problem)
        if problem.status != 405:
            return response
        body = repr(self.problem_body(call, problem)).encode()
        return Response(body, problem.status, problem.headers, media_type="application/json")


class EmptyUnauthorized(
    Fault, name="transport.json/empty-401", also=("error.envelope", "auth.required", "auth.invalid")
):
    """The gateway in front refuses a token with an empty body."""

    def problem_response(self, call: Call, problem: Problem) -> Response:
        response = super().problem_response(call, problem)
        return Response(status_code=401) if problem.status == 401 else response


class CompressesForAll(Fault, name="transport.json/compresses-for-everyone"):
    """The cache in front keeps one answer, compressed, for those that cannot read it as well."""

    async def respond(self, call: Call) -> Response:
        response = await super().respond(call)
        if response.body and call.method == "GET":
            response.body = gzip.compress(response.body, compresslevel=1)
            response.headers["Content-Length"] = str(len(response.body))
            response.headers["Content-Encoding"] = "gzip"
        return response


# --- transport.trace-id -------------------------------------------------------------------------


class WithoutTraceId(Fault):
    """Answers some requests without the header."""

    def is_traced(self, call: Call, response: Response) -> bool:
        raise NotImplementedError

    async def respond(self, call: Call) -> Response:
        response = await super().respond(call)
        if not self.is_traced(call, response):
            del response.headers["X-Trace-ID"]
        return response


class UntracedErrors(
    WithoutTraceId, name="transport.trace-id/missing-on-errors", also=("error.trace-id-agrees",)
):
    """The middleware that adds the header does not run when a handler raises."""

    def is_traced(self, call: Call, response: Response) -> bool:
        return response.status_code < 400


class UntracedUnauthorized(
    WithoutTraceId, name="transport.trace-id/missing-on-401", also=("error.trace-id-agrees",)
):
    """Authentication stands before the middleware that adds the header."""

    def is_traced(self, call: Call, response: Response) -> bool:
        return response.status_code != 401


class UntracedMethods(
    WithoutTraceId, name="transport.trace-id/missing-on-405", also=("error.trace-id-agrees",)
):
    """The router answers unknown methods by itself, without the header."""

    def is_traced(self, call: Call, response: Response) -> bool:
        return response.status_code != 405


class UntracedClears(WithoutTraceId, name="transport.trace-id/missing-on-clear"):
    """An early return for cleared lines forgets the header."""

    def is_traced(self, call: Call, response: Response) -> bool:
        return (
            response.status_code != 200
            or b'"forwarding_number":null' not in response.body
            or call.method != "PUT"
        )


class UntracedSometimes(
    WithoutTraceId, name="transport.trace-id/missing-on-every-30th", also=("error.trace-id-agrees",)
):
    """One of thirty workers runs an older version, without the header."""

    def is_traced(self, call: Call, response: Response) -> bool:
        return self.served % 30 != 0


class UpperTraceId(Fault, name="transport.trace-id/capitals", also=("error.envelope",)):
    """Trace ids are written in capitals."""

    def new_trace_id(self, call: Call) -> str:
        return super().new_trace_id(call).upper()


class HyphenatedTraceId(Fault, name="transport.trace-id/hyphens", also=("error.envelope",)):
    """Trace ids are written as a UUID with hyphens."""

    def new_trace_id(self, call: Call) -> str:
        return str(uuid.uuid4())


class UnpaddedTraceId(Fault, name="transport.trace-id/leading-zeros-lost", also=("error.envelope",)):
    """Trace ids are formatted as numbers, so that one of sixteen is too short."""

    def new_trace_id(self, call: Call) -> str:
        return super().new_trace_id(call).lstrip("0")


class ShortTraceId(Fault, name="transport.trace-id/span-id-on-put", also=("error.envelope",)):
    """Updates send the 16 digits of a span id."""

    def new_trace_id(self, call: Call) -> str:
        return super().new_trace_id(call)[: 16 if call.method == "PUT" else 32]


# --- transport.trace-id-unique ------------------------------------------------------------------


class AdoptsTraceparent(Fault, name="transport.trace-id-unique/adopts-traceparent"):
    """The tracing library continues the trace of the client."""

    def new_trace_id(self, call: Call) -> str:
        parts = call.headers.get("traceparent", "").split("-")
        return parts[1] if len(parts) == 4 and len(parts[1]) == 32 else super().new_trace_id(call)


class AdoptsHeader(Fault, name="transport.trace-id-unique/adopts-x-trace-id"):
    """A trace id that the client proposes is taken over."""

    def new_trace_id(self, call: Call) -> str:
        proposed = call.headers.get("X-Trace-ID", "")
        return proposed if len(proposed) == 32 else super().new_trace_id(call)


class AdoptsWhenBothAgree(Fault, name="transport.trace-id-unique/adopts-when-both-agree"):
    """A trace id is believed when traceparent and X-Trace-ID have the same."""

    def new_trace_id(self, call: Call) -> str:
        parts = call.headers.get("traceparent", "").split("-")
        agrees = len(parts) == 4 and parts[1] == call.headers.get("X-Trace-ID")
        return parts[1] if agrees else super().new_trace_id(call)


class AdoptsOnUpdate(Fault, name="transport.trace-id-unique/adopts-on-update"):
    """Only the service for updates continues the trace of the client."""

    def new_trace_id(self, call: Call) -> str:
        parts = call.headers.get("traceparent", "").split("-")
        continues = call.method == "PUT" and len(parts) == 4
        return parts[1] if continues else super().new_trace_id(call)


class AdoptsOnProblem(Fault):
    """Takes over the client's X-Trace-ID for some errors."""

    def concerns(self, call: Call, status: int) -> bool:
        raise NotImplementedError

    async def handle(self, call: Call) -> Response:
        try:
            return await super().handle(call)
        except Problem as problem:
            proposed = call.headers.get("X-Trace-ID", "")
            if self.concerns(call, problem.status) and len(proposed) == 32:
                call.trace_id = proposed
            raise


class AdoptsOnUnknownPaths(AdoptsOnProblem, name="transport.trace-id-unique/adopts-on-unknown-paths"):
    """What no service serves is answered by the gateway, which takes over the client's X-Trace-ID."""

    def concerns(self, call: Call, status: int) -> bool:
        return status == 404 and call.method == "GET"


class AdoptsOnErrors(AdoptsOnProblem, name="transport.trace-id-unique/adopts-on-401"):
    """The gateway that refuses tokens takes over the client's X-Trace-ID."""

    def concerns(self, call: Call, status: int) -> bool:
        return status == 401


class RepeatsAfterHundred(Fault, name="transport.trace-id-unique/repeats-after-100"):
    """Trace ids come from a pool of a hundred."""

    def new_trace_id(self, call: Call) -> str:
        return hashlib.md5(str(self.served % 100).encode(), usedforsecurity=False).hexdigest()


class TraceIdOfSecond(Fault, name="transport.trace-id-unique/one-per-second"):
    """Trace ids are made from the time in seconds."""

    def new_trace_id(self, call: Call) -> str:
        return hashlib.md5(str(int(now())).encode(), usedforsecurity=False).hexdigest()


class TraceIdOfRequest(Fault, name="transport.trace-id-unique/hash-of-request"):
    """Trace ids are a hash of the request, so that the same request gets the same."""

    def new_trace_id(self, call: Call) -> str:
        return hashlib.md5(
            f"{call.method} {call.raw_path} {call.body!r}".encode(), usedforsecurity=False
        ).hexdigest()


class SeededWorkers(Fault, name="transport.trace-id-unique/forked-seed"):
    """Two workers were forked with the same random seed and take turns."""

    def arrange(self) -> None:
        super().arrange()
        self.workers = random.Random(1), random.Random(1)  # noqa: S311 - that it repeats is the fault

    def new_trace_id(self, call: Call) -> str:
        return f"{self.workers[self.served // 10 % 2].getrandbits(128):032x}"


class CachedNotFound(Fault, name="transport.trace-id-unique/cached-404"):
    """The answer to an unknown line is cached with its trace id."""

    cached: str = ""

    def find_line(self, call: Call, account: Account, phone_number_id: str) -> Line:
        try:
            return super().find_line(call, account, phone_number_id)
        except Problem:
            self.cached = self.cached or call.trace_id
            call.trace_id = self.cached
            raise


# --- transport.no-internals ---------------------------------------------------------------------

_TRACEBACK = (
    'Traceback (most recent call last):\n  File "/srv/api/lines/views.py", line 88, in put\n'
    "    number = body.forwarding_number.strip()\nAttributeError: 'int' object has no attribute 'strip'"
)


class Talkative(Fault):
    """Says too much in the message of one kind of error."""

    code: int = 0
    status: int = 0
    message = ""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        talks = problem.code == self.code and (not self.status or problem.status == self.status)
        return with_error(body, message=self.message) if talks else body


class TracebackOnWrongType(Talkative, name="transport.no-internals/traceback-on-wrong-type"):
    """A value of the wrong type is answered with the traceback that it caused."""

    message = _TRACEBACK

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        number = body.get("forwarding_number", "")
        self.code = 0 if number is None or isinstance(number, str) else Code.INVALID_PARAMETER
        return super().forwarding_number(call, body)


class SqlOnUnknownId(Talkative, name="transport.no-internals/sql-on-unknown-id"):
    """The message for an unknown line quotes the query that found nothing."""

    code = Code.NOT_FOUND
    message = "no rows: SELECT id, forward_to FROM phone_lines WHERE account_id = 7 AND id = $1"


class SqlInWordsOfThePath(Talkative, name="transport.no-internals/sql-in-words-of-the-path"):
    """A query has no names in it but those that the request has as well."""

    code = Code.NOT_FOUND
    message = "could not serialize access: UPDATE phone_numbers SET forwarding_number = $1 WHERE id = $2"


class LowerCaseSqlOnUnknownId(Talkative, name="transport.no-internals/lower-case-sql-on-unknown-id"):
    """The same, written by a query builder."""

    code = Code.NOT_FOUND
    message = "no rows: select l.id, l.forward_to from lines l where l.id = $1 limit 1"


class PathOnInvalidBody(Talkative, name="transport.no-internals/path-on-invalid-body"):
    """The message for broken JSON names the file of the parser."""

    code = Code.INVALID_BODY
    status = 400
    message = "unexpected token at /usr/src/app/node_modules/body-parser/lib/types/json.js:92"


class HtmlOnMethod(Talkative, name="transport.no-internals/html-on-405"):
    """The message for an unknown method is the web server's page."""

    code = Code.INVALID_PARAMETER
    status = 405
    message = "<html><head><title>405 Not Allowed</title></head><body><hr>nginx</body></html>"


class JavaStackOnMissing(Talkative, name="transport.no-internals/java-stack-on-missing-field"):
    """A missing field is answered with the stack of a null pointer."""

    code = Code.MISSING_FIELD
    message = (
        "java.lang.NullPointerException\n\tat com.linq.lines.LineController.update(LineController.java:88)"
    )


class DebugOnNul(Fault, name="transport.no-internals/debug-on-nul"):
    """A NUL in a number reaches the database driver, whose error is passed on."""

    def is_e164(self, call: Call, number: str) -> bool:
        if "\0" in number:
            raise Problem(
                Code.NOT_E164, "psycopg.DataError: UPDATE phone_lines SET forward_to = '+1' WHERE id = 3"
            )
        return super().is_e164(call, number)


class HtmlPage(Fault, name="transport.no-internals/html-404-page", also=("transport.json", "error.envelope")):
    """An unknown path gets the HTML page of the web server."""

    def problem_response(self, call: Call, problem: Problem) -> Response:
        response = super().problem_response(call, problem)
        if problem.status != 404 or "nothing at this path" not in problem.message:
            return response
        return Response(
            b"<!DOCTYPE html><html><body><h1>Not Found</h1></body></html>", 404, media_type="text/html"
        )


# --- transport.no-token-echo --------------------------------------------------------------------


def _presented(call: Call) -> str:
    return call.headers.get("Authorization", "").rpartition(" ")[2]


class TokenInMessage(Fault, name="transport.no-token-echo/wrong-token-in-message"):
    """The message for a wrong token quotes it."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        return (
            with_error(body, message=f"Unknown token {_presented(call)}") if problem.status == 401 else body
        )


class CredentialsOfOtherScheme(Fault, name="transport.no-token-echo/other-scheme-in-message"):
    """The message for an unknown scheme quotes the whole header."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        header = call.headers.get("Authorization", "")
        body = super().problem_body(call, problem)
        strange = problem.status == 401 and header and not header.lower().startswith("bearer")
        return with_error(body, message=f"Unsupported authorization: {header}") if strange else body


class TokenInChallenge(Fault, name="transport.no-token-echo/wrong-token-in-challenge"):
    """The WWW-Authenticate header of a 401 quotes the token."""

    async def respond(self, call: Call) -> Response:
        response = await super().respond(call)
        token = _presented(call)
        if response.status_code == 401 and token.isascii():
            response.headers["WWW-Authenticate"] = f'Bearer error="invalid_token", token="{token}"'
        return response


class TokenInHeader(Fault, name="transport.no-token-echo/valid-token-in-header"):
    """A debugging header with the request's credentials is left on for updates."""

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        response = await super().update_phone_number(call, account)
        response.headers["X-Debug-Authorization"] = call.headers["Authorization"]
        return response


class OtherHeadersInMessage(Fault, name="transport.no-token-echo/other-headers-in-message"):
    """The message for a request without a token quotes its headers, where the token may be in another one."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        if problem.status != 401 or "Authorization" in call.headers:
            return body
        return with_error(body, message=f"No Authorization among {dict(call.headers)}")


class RequestDump(Fault, name="transport.no-token-echo/request-dump-on-404"):
    """The error for an unknown line carries the request, with all its headers."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        request: Any = {"method": call.method, "headers": dict(call.headers)}
        return {**body, "request": request} if problem.status == 404 else body


# --- transport.unknown-method -------------------------------------------------------------------


class OnUnknownMethod(Fault):
    """Answers an unknown method in another way."""

    def instead(self, problem: Problem) -> Problem:
        raise NotImplementedError

    def problem_response(self, call: Call, problem: Problem) -> Response:
        return super().problem_response(call, self.instead(problem) if problem.status == 405 else problem)


class NoAllow(OnUnknownMethod, name="transport.unknown-method/no-allow"):
    """A 405 does not say which methods there are."""

    def instead(self, problem: Problem) -> Problem:
        return Problem(problem.code, problem.message, status=405)


class WrongAllow(OnUnknownMethod, name="transport.unknown-method/allow-of-other-path"):
    """A 405 lists the methods of the other path."""

    def instead(self, problem: Problem) -> Problem:
        allow = "PUT" if "GET" in problem.headers["Allow"] else "GET"
        return Problem(problem.code, problem.message, status=405, headers={"Allow": allow})


class MethodNotFound(OnUnknownMethod, name="transport.unknown-method/404"):
    """The router matches path and method at once and finds nothing."""

    def instead(self, problem: Problem) -> Problem:
        return Problem(Code.NOT_FOUND, problem.message)


class MethodCrash(OnUnknownMethod, name="transport.unknown-method/500"):
    """An unknown method ends in an internal error."""

    def instead(self, problem: Problem) -> Problem:
        return Problem(Code.INTERNAL, problem.message)


class PostLists(Fault, name="transport.unknown-method/post-lists"):
    """POST is routed like GET."""

    async def handle(self, call: Call) -> Response:
        if call.method == "POST":
            call.method = "GET"
        return await super().handle(call)


class PatchUpdates(Fault, name="transport.unknown-method/patch-updates"):
    """PATCH is an alias of PUT that nobody documented."""

    async def handle(self, call: Call) -> Response:
        if call.method == "PATCH":
            call.method = "PUT"
        return await super().handle(call)
