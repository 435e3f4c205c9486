"""What an answer says about the server, in words that do not depend on ids, times and trace ids."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from linq_contract.comparison.scenario import Recording, Step
from linq_contract.contract.classification import FIELD
from linq_contract.contract.lines import Line
from linq_contract.contract.numbers import is_e164
from linq_contract.http.messages import NOT_JSON, JsonObject, Response, json_array, json_object, printable
from linq_contract.judge.exchange import Exchange

ABSENT = "absent"
_URL = re.compile(r"https?://\S+")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_OF_THE_CONNECTION = {"date", "content-length", "transfer-encoding", "connection", "keep-alive", "trailer"}
"""Headers that say how and when a message was sent, and nothing of what it says."""
_COMPARED_BY_VALUE = {"content-type", "content-encoding", "cache-control", "www-authenticate"}
_SETS = {"allow", "vary"}
_KINDS: Mapping[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
}
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Aspect(StrEnum):
    """What two answers can differ in."""

    STATUS = "status"
    HEADERS = "headers"
    SHAPE = "shape"
    MEANING = "meaning"


class Place(NamedTuple):
    """Where an answer says something: the name of a header, a JSON pointer, what the words are about."""

    aspect: Aspect
    where: str


@dataclass(frozen=True)
class Said:
    """What an answer says at a place; `is_of_lines` where that depends on which lines there are."""

    values: frozenset[str]
    is_of_lines: bool = False

    def __str__(self) -> str:
        return " or ".join(sorted(self.values, key=lambda value: (value == ABSENT, value)))


NOTHING = Said(frozenset({ABSENT}))
Facts: TypeAlias = Mapping[Place, Said]


def facts_of(step: Step, recording: Recording) -> Facts:
    """What the answer of a step says, and the list after it."""
    answer = step.exchange.answer
    if not isinstance(answer, Response):
        return {Place(Aspect.STATUS, ""): _said("no answer")}
    found = {Place(Aspect.STATUS, ""): _said(str(answer.status))}
    found |= {Place(Aspect.HEADERS, name): _said(value) for name, value in _headers(answer).items()}
    found |= _shape(step.exchange, answer)
    found |= {Place(Aspect.MEANING, what): _said(text) for what, text in _meaning(step, answer, recording)}
    return found


def _said(value: str) -> Said:
    return Said(frozenset({value}))


# --- headers ------------------------------------------------------------------------------------


def _headers(answer: Response) -> Mapping[str, str]:
    names = {name.lower() for name, _ in answer.headers} - _OF_THE_CONNECTION
    return {name: _value_of_header(name, answer.header(name) or "") for name in sorted(names)}


def _value_of_header(name: str, value: str) -> str:
    if name in _COMPARED_BY_VALUE:
        return re.sub(r"\s*([;,=])\s*", r"\1", value).lower()
    if name in _SETS:
        return ", ".join(sorted({each.strip().lower() for each in value.split(",")}))
    return _kind_of(value) if name == "x-trace-id" else "present"


# --- shape --------------------------------------------------------------------------------------


def _shape(exchange: Exchange, answer: Response) -> Facts:
    body = "nothing"
    if answer.json is not NOT_JSON:
        body = "JSON after a byte order mark" if answer.body.startswith(_BYTE_ORDER_MARK) else "JSON"
    elif answer.body:
        body = "no JSON"
    kinds: dict[str, set[str]] = {}
    for pointer, kind in _kinds(answer.json, "") if answer.json is not NOT_JSON else ():
        kinds.setdefault(pointer, set()).add(kind)
    found = {
        Place(Aspect.SHAPE, pointer): Said(frozenset(each), exchange.is_list and "/*" in pointer)
        for pointer, each in kinds.items()
    }
    return {Place(Aspect.SHAPE, "the body"): _said(body), **found}


def _kinds(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    """The kind of each value in a JSON text; the items of an array are one place."""
    yield pointer, _kind_of(value)
    for name, member in (json_object(value) or {}).items():
        yield from _kinds(member, f"{pointer}/{name}")
    items = json_array(value) or []
    names = {name for item in items for name in json_object(item) or {}}
    for item in items:
        yield from _kinds(item, f"{pointer}/*")
        if (members := json_object(item)) is not None:
            yield from ((f"{pointer}/*/{name}", ABSENT) for name in names - members.keys())


def _kind_of(value: object) -> str:
    """What kind of JSON value it is, and of text what it looks like."""
    return _kind_of_text(value) if isinstance(value, str) else _KINDS[type(value)]


def _kind_of_text(text: str) -> str:
    if _TRACE_ID.fullmatch(text):
        return "32 hexadecimal digits"
    if is_e164(text):
        return "E.164 number"
    if _is_uuid(text):
        return "uuid" if text == text.lower() else "uuid in capitals"
    if _URL.fullmatch(text):
        return "URL"
    return "time" if _TIME.fullmatch(text) else "text" if text else "empty text"


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


# --- meaning ------------------------------------------------------------------------------------


def _meaning(step: Step, answer: Response, recording: Recording) -> Iterator[tuple[str, str]]:
    exchange = step.exchange
    if answer.error is not None:
        yield from _of_an_error(exchange, answer)
    elif exchange.listing is not None:
        yield from _of_a_list(exchange, recording)
    elif exchange.accepted and step.line is not None:
        yield from _of_an_update(exchange, step.line)
    if step.line is not None and step.listing is not None:
        yield from _of_the_list_after(step, step.line, recording)


def _of_an_error(exchange: Exchange, answer: Response) -> Iterator[tuple[str, str]]:
    error = answer.error or {}
    for name in ("status", "code"):
        yield f"error.{name}", _spelt(error.get(name, ABSENT))
    doc_url = error.get("doc_url", ABSENT)
    is_of_code = doc_url == exchange.document.error_doc_url(answer.code)
    yield "error.doc_url", "that of the code" if is_of_code else _spelt(doc_url)
    yield "success", _spelt(answer.object.get("success", ABSENT))
    is_of_header = answer.object.get("trace_id") == answer.trace_id
    yield "trace_id", "that of the header" if is_of_header else "another than in the header"


def _spelt(value: object) -> str:
    """A value as JSON has it, a text without its quotes."""
    return printable(value if isinstance(value, str) else json.dumps(value))


def _of_a_list(exchange: Exchange, recording: Recording) -> Iterator[tuple[str, str]]:
    yield "lines", _how_many(exchange, recording)
    same = all(item.get("reputation") == item.get("health_status") for item in exchange.items)
    yield "reputation and health_status", "the same" if same else "different"


def _of_an_update(exchange: Exchange, line: Line) -> Iterator[tuple[str, str]]:
    body = exchange.response.object
    is_id = str(body.get("id", "")).lower() == line.id.lower()
    yield "id", "that of the line" if is_id else "another than that of the line"
    is_number = body.get("phone_number") == line.phone_number
    yield "phone_number", "that of the line" if is_number else "another than that of the line"
    if body.get(FIELD) is not None:
        yield FIELD, _in_words(body, exchange)


def _of_the_list_after(step: Step, line: Line, recording: Recording) -> Iterator[tuple[str, str]]:
    listing = step.listing
    if listing is None or listing.lines is None:
        yield "the list after it", "none"
        return
    items = {str(item.get("id")).lower(): item for item in listing.items}
    item = items.get(line.key)
    yield "in the list after it", "the line is missing" if item is None else _in_words(item, step.exchange)
    yield "lines in the list after it", _how_many(listing, recording)


def _how_many(listing: Exchange, recording: Recording) -> str:
    shown, at_first = len(listing.lines or {}), len(recording.lines)
    return "as many as at first" if shown == at_first else f"{shown:,} instead of {at_first:,}"


def _in_words(shown: JsonObject, exchange: Exchange) -> str:
    """The forwarding number in an object, as it relates to what was sent."""
    number = shown.get(FIELD, ABSENT)
    if number is None or number == ABSENT:
        return "null" if number is None else ABSENT
    if number == exchange.number:
        return "what was sent"
    return "something else than what was sent"
