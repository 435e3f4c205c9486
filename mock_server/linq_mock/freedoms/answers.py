"""Freedoms of how an answer is written."""

from __future__ import annotations

import gzip
import json
import random
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from linq_mock.freedoms.base import Freedom
from linq_mock.problems import Code, Problem
from linq_mock.variation import with_error, with_status

if TYPE_CHECKING:
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call, Response

# --- properties ---------------------------------------------------------------------------------


class AbsentNumber(Freedom, name="absent-instead-of-null"):
    """A line that does not forward has no forwarding_number, in the list and after a clear."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        return _without_null(super().listed_line(call, account, line))

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        return _without_null(super().update_body(call, line, number))


class NullNumber(Freedom, name="null-instead-of-absent"):
    """A line that does not forward always shows null."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        return {"forwarding_number": None, **super().listed_line(call, account, line)}


class NullOrAbsent(Freedom, name="null-or-absent-by-turns"):
    """A line that does not forward shows null in one list and nothing in the next."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        shown = super().listed_line(call, account, line)
        return _without_null(shown) if self.served % 2 else {"forwarding_number": None, **shown}


class UnknownProperties(Freedom, name="unknown-properties"):
    """Every object has properties that the contract does not name."""

    def list_body(self, call: Call, account: Account) -> JsonObject:
        return {**super().list_body(call, account), "next_cursor": None, "request_count": self.served}

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        shown = super().listed_line(call, account, line)
        for name in ("reputation", "health_status"):
            shown = with_status(shown, name, score=0.75, since="2026-01-01T00:00:00Z", reasons=[])
        return {**shown, "line_type": "iMessage", "labels": {"team": "a"}, "capabilities": ["voice"]}

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        return {**super().update_body(call, line, number), "updated_at": self.served, "line_type": "RCS"}

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = with_error(super().problem_body(call, problem), hint=None, details=[{"field": "x"}])
        return {**body, "request": {"method": call.method}}


class UnknownHeaders(Freedom, name="unknown-headers"):
    """Answers have headers that the contract does not name, cookies among them."""

    async def respond(self, call: Call) -> Response:
        response = await super().respond(call)
        response.headers["Deprecation"] = "@1767225600"
        response.headers["X-RateLimit-Remaining"] = str(1_000_000 - self.served)
        response.headers["Cache-Control"] = "no-store"
        response.headers.append("Set-Cookie", "route=a; Path=/")
        response.headers.append("Set-Cookie", "shard=b; Path=/")
        return response


class UpperIds(Freedom, name="ids-in-capitals"):
    """Ids are sent in capitals."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        return {**super().listed_line(call, account, line), "id": line["id"].upper()}

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        return {**super().update_body(call, line, number), "id": line["id"].upper()}


class MixedIds(Freedom, name="ids-in-either-case"):
    """The list sends ids in small letters and the update in capitals."""

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        return {**super().update_body(call, line, number), "id": line["id"].upper()}


class IdAsWritten(Freedom, name="id-as-in-the-path"):
    """An update answers with the id in the letter case of the path."""

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        return {**super().update_body(call, line, number), "id": unquote(call.raw_path.rpartition("/")[2])}


class ShuffledLines(Freedom, name="lines-in-any-order"):
    """Every list has another order."""

    def list_body(self, call: Call, account: Account) -> JsonObject:
        body = super().list_body(call, account)
        lines = list(body["phone_numbers"])
        random.Random(self.served).shuffle(lines)  # noqa: S311 - any order will do
        return {**body, "phone_numbers": lines}


class ShuffledProperties(Freedom, name="properties-in-any-order"):
    """Every answer has its properties in another order."""

    def encode(self, body: JsonObject) -> bytes:
        return super().encode(self.shuffled(body))

    def shuffled(self, value: JsonObject) -> JsonObject:
        properties = [(name, self.item(item)) for name, item in value.items()]
        random.Random(self.served).shuffle(properties)  # noqa: S311 - any order will do
        return dict(properties)

    def item(self, value: Any) -> Any:
        match value:
            case dict():
                return self.shuffled(cast("JsonObject", value))
            case [*items]:
                return [self.item(item) for item in items]
            case _:
                return value


class SeparatePages(Freedom, name="separate-doc-urls"):
    """The two names of a reputation link to different guides."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        shown = super().listed_line(call, account, line)
        section = line["health_status"]["status"].lower()
        return with_status(
            shown, "health_status", doc_url=f"http://help.linqapp.com/health?section={section}"
        )


class RetryAfterNull(Freedom, name="retry-after-null"):
    """Errors other than 429 have a retry_after that is null."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        return body if problem.status == 429 else with_error(body, retry_after=None)


class OtherWords(Freedom, name="messages-in-another-language"):
    """Messages are in another language and not escaped."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        return with_error(
            super().problem_body(call, problem), message="Ungültig: 番号が正しくありません ☎ \U0001f4f5"
        )

    def encode(self, body: JsonObject) -> bytes:
        return json.dumps(body, ensure_ascii=False).encode()


class LongMessages(Freedom, name="long-messages"):
    """Messages are long, and speak of files, selections and tags without giving any away."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        message = "Please select a number from your list, or update it; see the file you were sent. "
        return with_error(super().problem_body(call, problem), message=message * 50)


class EmptyMessages(Freedom, name="empty-messages"):
    """Messages are empty."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        return with_error(super().problem_body(call, problem), message="")


# --- bytes --------------------------------------------------------------------------------------


class PrettyPrinted(Freedom, name="pretty-printed"):
    """JSON is indented and ends with a newline."""

    def encode(self, body: JsonObject) -> bytes:
        return json.dumps(body, indent="\t").replace("\n", "\r\n").encode() + b"\n"


class Escaped(Freedom, name="escaped"):
    """Slashes, pluses and letters are escaped."""

    def encode(self, body: JsonObject) -> bytes:
        return (
            super()
            .encode(body)
            .replace(b"/", b"\\/")
            .replace(b"+", b"\\u002b")
            .replace(b"HEAL", b"\\u0048EAL")
        )


class ByteOrderMark(Freedom, name="byte-order-mark"):
    """A body begins with a byte order mark."""

    def encode(self, body: JsonObject) -> bytes:
        return b"\xef\xbb\xbf" + super().encode(body)


class Charset(Freedom, name="charset"):
    """The content type has a charset and another parameter, in a spelling of its own."""

    def json_response(self, status: int, body: bytes) -> Response:
        response = super().json_response(status, body)
        response.headers["Content-Type"] = 'Application/JSON;Charset="UTF-8"; v=3'
        return response


class Chunked(Freedom, name="chunked"):
    """Bodies are sent in chunks."""

    async def respond(self, call: Call) -> Response:
        response = await super().respond(call)
        if response.body:
            response.chunked(700)
        return response


class Gzip(Freedom, name="gzip"):
    """Bodies are compressed when the client offers it."""

    async def respond(self, call: Call) -> Response:
        response = await super().respond(call)
        response.headers["Vary"] = "Accept-Encoding"
        if "gzip" in call.headers.get("Accept-Encoding", "") and response.body:
            response.body = gzip.compress(bytes(response.body), compresslevel=1)
            response.headers["Content-Encoding"] = "gzip"
            response.headers["Content-Length"] = str(len(response.body))
        return response


class NoKeepAlive(Freedom, name="no-keep-alive"):
    """The connection is closed after every answer."""

    async def respond(self, call: Call) -> Response:
        response = await super().respond(call)
        response.headers["Connection"] = "close"
        return response


# --- errors -------------------------------------------------------------------------------------


class OtherCodes(Freedom, name="other-codes-where-free"):
    """A 405, a 415 and an unknown path have other codes of the same families."""

    def problem_response(self, call: Call, problem: Problem) -> Response:
        if problem.status == 405:
            problem.code = Code.NOT_FOUND
        elif problem.status == 415:
            problem.code = 1008
        elif problem.status == 404 and "at this path" in problem.message:
            problem.code = Code.MISSING_FIELD
        return super().problem_response(call, problem)


def _without_null(line: JsonObject) -> JsonObject:
    return {name: value for name, value in line.items() if name != "forwarding_number" or value is not None}
