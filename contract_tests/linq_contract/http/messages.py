"""Requests and answers as values, and what can be read off an answer alone."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, NoReturn, TypeAlias, cast

from linq_contract.http.large import remembered
from linq_contract.http.nesting import shallow

_JSON_MEDIA_TYPE = re.compile(r"application/json\s*(;.*)?", re.IGNORECASE)
_LONGEST_BODY = 2_000  # characters, some thirty lines of a terminal
_LONGEST_HEADER = 200  # characters, two lines
_MOST_HEADERS = 10  # a server may repeat one for ever
_HEADERS_SHOWN = ("content-type", "x-trace-id", "retry-after", "allow", "location")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Of the safe methods of RFC 9110 all but TRACE, which has the token sent back."""
TRANSIENT = frozenset({500, 502, 503, 504})
"""The statuses of failures that may pass: what is answered so is sent again."""
NOT_JSON: Any = object()
"""The value of a body that is not JSON."""


JsonObject: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """A request as it goes over the wire.

    `target` is what follows the base URL: percent-encoded path and query. Tokens in `headers` are
    placeholders (see `credentials`). `body` is None for a request without one.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None

    def header(self, name: str) -> str | None:
        """The value of the first header of that name, in any letter case."""
        return self._by_name.get(name.lower())

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        return {name.lower(): value for name, value in reversed(self.headers)}

    def with_header(self, name: str, value: str) -> Request:
        """The same request with one more header."""
        return replace(self, headers=(*self.headers, (name, value)))

    def with_authorization(self, value: str | None) -> Request:
        """The same request with another value of Authorization, or none."""
        headers = tuple(header for header in self.headers if header[0] != "Authorization")
        return replace(self, headers=headers if value is None else (("Authorization", value), *headers))

    @property
    def size(self) -> int:
        """A measure of how much there is to read, for choosing the smallest evidence."""
        of_headers = sum(len(name) + len(value) for name, value in self.headers)
        return len(self.target) + len(self.body or b"") + of_headers


@dataclass(frozen=True)
class Response:
    """A response: the body decoded from its content coding, the tokens replaced by placeholders."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of the header in any letter case; repeated headers are joined by commas."""
        return self._by_name.get(name.lower())

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        joined: dict[str, str] = {}
        for name, value in self.headers:
            key = name.lower()
            joined[key] = f"{joined[key]}, {value}" if key in joined else value
        return joined

    @cached_property
    def json(self) -> Any:
        """The body as JSON after RFC 8259, or `NOT_JSON`. A byte order mark is ignored."""
        return parse_body(self.body)

    @property
    def is_json_media_type(self) -> bool:
        return _JSON_MEDIA_TYPE.fullmatch(self.header("Content-Type") or "") is not None

    @cached_property
    def object(self) -> JsonObject:
        """The body as a JSON object; empty when it is none."""
        return json_object(self.json) or {}

    @cached_property
    def error(self) -> JsonObject | None:
        """The `error` object of the error envelope, if the body has one."""
        return json_object(self.object.get("error"))

    @property
    def code(self) -> Any:
        """The error code of the envelope, or None."""
        return (self.error or {}).get("code")

    @property
    def trace_id(self) -> str | None:
        return self.header("X-Trace-ID")

    @property
    def says_when(self) -> bool:
        """Whether the server says legibly how long to wait."""
        return self._asked_seconds is not None

    @property
    def retry_after(self) -> float:
        """The seconds that the server asks to wait; of a 429 that does not say it legibly, one."""
        if self._asked_seconds is None:
            return 1.0 if self.status == 429 else 0.0
        return max(0.0, self._asked_seconds)

    @property
    def _asked_seconds(self) -> float | None:
        value = self.header("Retry-After")
        return None if value is None else _seconds(value)


@dataclass(frozen=True)
class NoAnswer:
    """What is there instead of a response when the connection gave none, or more than is read of one.

    What a proxy says `instead_of_server` is no evidence, nor is it that the server `is_away`: that no
    connection is made. `advice` is what to look at.
    """

    reason: str
    timed_out: bool = False
    is_away: bool = False
    is_excessive: bool = False
    instead_of_server: bool = False
    advice: str = "Is it running, and is the URL right, base path included?"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One time that a request was sent, between two instants of the monotonic clock.

    `failures` are those before it. `pause` is the seconds to wait before it is sent again; None for an
    answer that stands.
    """

    request: Request
    answer: Response | NoAnswer
    began: float = 0.0
    ended: float = 0.0
    failures: int = 0
    pause: float | None = None

    @property
    def is_final(self) -> bool:
        return self.pause is None

    @property
    def status(self) -> int | None:
        """The status of the response; None when there is none."""
        return self.answer.status if isinstance(self.answer, Response) else None


@remembered
def parse_json(data: bytes) -> Any:
    """Parse JSON as RFC 8259 has it (UTF-8, no NaN, no Infinity); `NOT_JSON` for anything else.

    Of what is nested too deeply for Python the first levels are parsed.
    """
    try:
        return _parsed(data)
    except RecursionError:
        first_levels = shallow(data)
        return parse_json(first_levels) if first_levels != data else NOT_JSON
    except ValueError:
        return NOT_JSON


def _parsed(data: bytes) -> Any:
    return _DECODER.decode(data.decode("utf-8"))


def has_equal_names(data: bytes) -> bool:
    """Whether an object in a JSON text has the same name twice."""
    found: list[bool] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        found.append(len(dict(pairs)) < len(pairs))

    json.loads(data.decode("utf-8"), object_pairs_hook=look, parse_int=_integer)
    return any(found)


def _integer(digits: str) -> int | float:
    """The integer, or infinity where Python refuses to read so many digits."""
    try:
        return int(digits)
    except ValueError:
        return float(digits)


def parse_body(body: bytes) -> Any:
    """Do as `parse_json` does, and ignore a byte order mark."""
    return parse_json(body.removeprefix(b"\xef\xbb\xbf"))


def json_object(value: object) -> JsonObject | None:
    """The value if it is a JSON object, None otherwise."""
    return cast("JsonObject", value) if isinstance(value, dict) else None


def json_array(value: object) -> list[Any] | None:
    """The value if it is a JSON array, None otherwise."""
    return [*value] if isinstance(value, list) else None


def printable(text: str) -> str:
    """The text with everything escaped that a terminal might obey rather than show."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def cut(text: str, longest: int) -> str:
    """The text, or as many characters of it as are shown at most."""
    return text if len(text) <= longest else f"{text[:longest]}..."


def show(answer: Response | NoAnswer) -> list[str]:
    """An answer in lines: the status, the headers that matter, the body cut to a readable length."""
    if isinstance(answer, NoAnswer):
        return [f"(no response: {answer.reason})"]
    headers = [f"{name}: {value}" for name, value in answer.headers if name.lower() in _HEADERS_SHOWN]
    lines = [f"HTTP {answer.status}", *(cut(header, _LONGEST_HEADER) for header in headers[:_MOST_HEADERS])]
    return [printable(line) for line in (*lines, *_body_lines(answer.body))]


def _seconds(value: str) -> float | None:
    """The seconds in a Retry-After, which has them as a number or as a date; None when it has neither."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            return parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return seconds if math.isfinite(seconds) else None


def _body_lines(body: bytes) -> Sequence[str]:
    text = body.decode("utf-8", "backslashreplace")
    shown = text if len(text) <= _LONGEST_BODY else f"{text[:_LONGEST_BODY]}... ({len(text):,} characters)"
    lines = shown.rstrip("\r\n")
    return re.split(r"\r?\n", lines) if lines else []  # what else ends a line for Unicode is part of it


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_integer)
