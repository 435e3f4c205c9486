"""What a server must refuse, case by case: invalid numbers, bodies, ids and Authorization headers.

Every invalid number is a fictional one with a single thing wrong, so that a server which is too
lenient still sets a number that cannot ring.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any, cast

from linq_contract.contract.classification import FIELD
from linq_contract.http.credentials import base64_of
from linq_contract.run.extent import Part

_DIGITS = "12025550143"
_TO_FULL_WIDTH = 0xFF10 - ord("0")  # U+FF10 is the full-width 0, and the others follow
_LONG = 5_000  # longer than the usual buffer, and than the longest integer that Python reads
_DEEP = 500  # deeper than any sane body, and not too deep for the parser of any language
TOO_DEEP = 990  # levels: leaves Python a few of its thousand for all that is not the parser
FAR_TOO_DEEP = 10_000  # levels: more than any parser has that calls itself, in a body that is still small
_STANDING_FOR_TEXTS = re.compile("TOKEN|SIMILAR_IN_BASE64|SIMILAR|LONG")
NUMBER = f"+{_DIGITS}"
ANY_ID = "12345678-9abc-4def-8123-456789abcdef"  # that of a line, where the most telling inputs are written
_LONGEST_TELLING = 200  # characters: longer inputs are written as their beginning and their length
_SHOWN_OF_LONG = 30  # characters: enough to tell one from another
_MANY_MEMBERS = 100  # more than the usual limit of a parser of forms, or of the fields of a log
_LONG_NAME = 300  # characters: more than the 255 of the usual column
_LONGEST = 10_000  # characters: more than a server has room for in a column or a line of its log


def _text(name: str) -> str:
    return (files(__package__ or "") / name).read_text(encoding="utf-8")


def _unescaped_lines(name: str) -> Sequence[str]:
    """The lines of a file that are no comments."""
    lines = (line for line in _text(name).splitlines() if not line.startswith("# "))
    return [line.encode().decode("unicode_escape") for line in lines]


_GIVEN: Any = json.loads(_text("inputs.json"))


def _of_all_groups(name: str) -> Sequence[str]:
    return [each for group in _GIVEN[name].values() for each in group]


MOST_TELLING = frozenset(_unescaped_lines("most_telling.txt"))


def is_in(part: Part, text: str) -> bool:
    """Whether an input belongs to a part of the workloads, by how it is sent."""
    return (named(text) in MOST_TELLING) is (part is Part.MOST_TELLING)


def named(text: str) -> str:
    """An input as it is written among the most telling ones."""
    return text if len(text) <= _LONGEST_TELLING else f"{text[:_SHOWN_OF_LONG]}... {len(text)}"


INVALID_NUMBERS: Sequence[str] = (
    *_of_all_groups("invalid numbers"),
    *("+" + "1" * _LONGEST, "1" * _LONGEST, "x" * _LONGEST),
)
WRONG_TYPES: Sequence[object] = (
    *_GIVEN["wrong types"],
    json.loads("[" * _DEEP + "]" * _DEEP),
    json.loads('{"a":' * _DEEP + "{}" + "}" * _DEEP),
)
OBJECTS_WITHOUT_THE_FIELD: Sequence[dict[str, object]] = _GIVEN["objects without the field"]
NOT_OBJECTS: Sequence[object] = (*_GIVEN["not objects"], json.loads("[" * _DEEP + "]" * _DEEP))
A_FEW_WRONG_BODIES: Sequence[object] = _GIVEN["a few wrong bodies"]
OTHER_MEDIA_TYPES: Sequence[str] = _GIVEN["other media types"]
EXTRA_PROPERTIES: Sequence[dict[str, object]] = _GIVEN["extra properties"]
MALFORMED_IDS: Sequence[str] = (
    *_of_all_groups("malformed ids"),
    *("a" * 36, "00000000-0000-4000-8000", "00000000-0000-4000-8000-00000000000g"),
    *("0" * 31, "0" * 33, "a" * 300),
)
"""Ids that are no uuid in any spelling, as a client would write them before they are encoded."""

UNUSUAL_HEADERS: Sequence[Sequence[str]] = _GIVEN["unusual headers"]
"""Headers that any client may send, whatever a server knows to do with them."""

ORIGIN = ("Origin", "https://app.example.com")
"""The header of a page that asks from another origin."""

INSTEAD_OF_A_TOKEN: Sequence[Sequence[str]] = _GIVEN["instead of a token"]
"""Headers that make a filter take a request for another one, which needs no token."""

TRACE_HEADERS: Sequence[Sequence[str]] = _GIVEN["trace headers"]
"""Headers in which other conventions hand on a trace: TRACE, UUID, and BEGIN with REST, stand for its id."""

SEGMENTS_THAT_ARE_NO_TEXT: Sequence[str] = _GIVEN["segments that are no text"]
"""Segments of a path that are not percent-encoded UTF-8, as they are sent."""

NOT_JSON_BODIES: Sequence[bytes] = (
    *(line.encode("latin-1") for line in _unescaped_lines("not_json.txt")),
    b"[" * _DEEP,
    b'{"a":' * _DEEP,
)


def deeply_nested_bodies(levels: int) -> Iterator[bytes]:
    """Bodies of arrays or objects in so many levels: for the field, beside it, and all in all."""
    for nested in (b"[" * levels + b"]" * levels, b'{"a":' * levels + b"{}" + b"}" * levels):
        yield f'{{"{FIELD}": '.encode() + nested + b"}"
        yield f'{{"{FIELD}": "{NUMBER}x", "x": '.encode() + nested + b"}"
    yield b"[" * levels + b"]" * levels


def spellings_of_a_valid_body(number: str) -> Iterator[bytes]:
    """The same update in every spelling that JSON allows."""
    escaped = f"\\u002b{number[1:]}"
    yield f'{{"{FIELD}":"{number}"}}'.encode()
    yield f'{{"{FIELD}": "{escaped}"}}'.encode()
    yield f'{{"\\u0066{FIELD[1:]}": "{number}"}}'.encode()
    yield f'\r\n\t {{\n "{FIELD}" :\t"{number}"\r\n}}\n '.encode()
    yield f'{" " * _LONG}{{"{FIELD}": "{number}"}}'.encode()


def bodies_with_a_strange_member(number: str) -> Iterator[bytes]:
    """Valid updates with one more member, which a server may ignore or refuse, and must survive."""
    for member in (
        '"x": "\u00e9\U0001f4de"',
        f'"x": {{"{FIELD}": "{NUMBER}"}}',
        '"x": 1e400',
        f'"x": {"9" * _LONG}',
        f'"x": "{"x" * _LONG}"',
        f'"x": {"[" * TOO_DEEP}{"]" * TOO_DEEP}',
        f'"{"x" * _LONG_NAME}": 1',
        ", ".join(f'"x{index}": {index}' for index in range(_MANY_MEMBERS)),
        *_GIVEN["members with a meaning"],
    ):
        yield f'{{"{FIELD}": "{number}", {member}}}'.encode()


_WORDS_FOR_NOTHING = {"", "null", "none", "nil", "undefined", "false", "unknown", "anonymous", "0", "+"}


def is_like_a_clear(body: object) -> bool:
    """Whether a careless server could read a wrong body as one that clears."""
    if isinstance(body, bytes):
        return not body.strip(b" \r\n\t\x00")
    value = cast("dict[str, object]", body).get(FIELD) if isinstance(body, dict) else body
    if isinstance(value, str):
        return value.strip("\x00\u200b" + string.whitespace).lower() in _WORDS_FOR_NOTHING
    return not value or value == [None]


def malformed_ids(line_ids: Sequence[str], part: Part) -> Iterator[str]:
    """Texts that are no uuid, some of which contain the id of a line."""
    yield from (each for each in MALFORMED_IDS if is_in(part, each))
    for line_id in line_ids[:1]:
        for spelling, named in zip(_malformed_spellings(line_id), _malformed_spellings(ANY_ID), strict=True):
            if is_in(part, named):
                yield spelling


def _malformed_spellings(line_id: str) -> Iterator[str]:
    yield from (line_id[:-1], line_id[1:], f"{line_id}0", f"0{line_id}", f"{line_id}{line_id}")
    yield from (line_id.partition("-")[0], line_id.rpartition("-")[0], line_id.rpartition("-")[2])
    yield from (f"{{{line_id}}}", f"urn:uuid:{line_id}", f'"{line_id}"', f"({line_id})", f"<{line_id}>")
    yield from (
        f"{line_id}\n",
        f"\n{line_id}",
        f"{line_id} ",
        f" {line_id}",
        f"{line_id}\t",
        f"{line_id}\x00",
    )
    yield from (f"{line_id}.", f"{line_id},", f"{line_id};", f"{line_id}%", f"{line_id}*", f"{line_id}.json")
    yield from (f"{line_id}/", f"{line_id}/x", f"/{line_id}", f"{line_id}?", f"{line_id}#", f"{line_id}\\")
    yield from (line_id.replace("-", "_"), line_id.replace("-", "--"), line_id.replace("-", " "))
    yield from (f"{line_id[:-1]}g", f"{line_id},{line_id}", f"id={line_id}")
    yield from (f"{line_id}'", f"{line_id}' OR 'a'='a", f"{line_id}'--", f'{line_id}"', f"{line_id}; id")
    yield from (f"{line_id[:-1]}{any_one}" for any_one in ("_", "?", ".", "[0-9a-f]", "%%"))
    yield from (f"x\n{line_id}", f"{line_id}\nx", f"x\r\n{line_id}\r\nx")
    yield "".join(chr(ord(c) + _TO_FULL_WIDTH) if c in string.digits else c for c in line_id)
    digits = line_id.replace("-", "")
    yield "-".join(digits[start : start + 4] for start in range(0, len(digits), 4))
    yield f"%{ord(line_id[0]):02X}{line_id[1:]}"


def unknown_uuids(line_ids: Sequence[str], fresh: Iterator[str], part: Part) -> Iterator[str]:
    """Uuids that are no line of the account: random ones, and real ones with some digits changed."""
    is_first = part is Part.MOST_TELLING
    yield next(fresh) if is_first else next(fresh).upper()
    yield "00000000-0000-0000-0000-000000000000" if is_first else "ffffffff-ffff-ffff-ffff-ffffffffffff"
    known = {line_id.lower() for line_id in line_ids}
    for line_id in line_ids[:1]:
        last = len(line_id) - 1
        for position, digit in enumerate(line_id):
            changed = line_id[:position] + ("0" if digit != "0" else "1") + line_id[position + 1 :]
            is_at_an_end = position in {0, last}
            if digit != "-" and is_at_an_end is is_first and changed.lower() not in known:
                yield changed
    for line_id in line_ids[:1] if is_first else line_ids[:2]:
        groups, others = line_id.split("-"), next(fresh).split("-")
        if is_first:
            yield "-".join([groups[0], *others[1:]])
            yield "-".join([*others[:-1], groups[-1]])
            continue
        for index, group in enumerate(groups):
            yield "-".join([*others[:index], group, *others[index + 1 :]])
        yield "-".join([*groups[:-1], others[-1]])
        yield "-".join([*(_in_reverse(group) for group in groups[:3]), *groups[3:]])


def _in_reverse(group: str) -> str:
    """The bytes of a group in reverse, as .NET and SQL Server keep the first three of a uuid."""
    return "".join(reversed([group[start : start + 2] for start in range(0, len(group), 2)]))


def refused_authorizations(variable: str, token_like: str, part: Part | None = None) -> Iterator[str | None]:
    """Values of the Authorization header that must not be taken; None for no header at all.

    `token_like` is a text of the length and look of a token that is not one. With some tokens a variant
    is the token itself, as upper case is of one in capitals: see Credentials.is_valid.
    """
    texts = {
        "TOKEN": variable,
        "SIMILAR": token_like,
        "SIMILAR_IN_BASE64": base64_of(token_like),
        "LONG": "x" * 1500,
    }
    yield None
    for line in _unescaped_lines("authorizations.txt"):
        if part is None or is_in(part, line):
            yield _STANDING_FOR_TEXTS.sub(lambda match: texts[match[0]], line)


def in_place_of_a_token(variable: str) -> Iterator[tuple[str, str]]:
    """Headers that are no substitute for Authorization: others with the token, and what proxies say."""
    for name, value in _GIVEN["in place of a token"]:
        yield name, value.replace("TOKEN", variable)
