"""What lenient parsers make of a body that is not JSON only by the letter."""

from __future__ import annotations

import json
import re
from typing import Any

from linq_contract.http.messages import NOT_JSON, parse_json

_ESCAPE = re.compile(r'(\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))|\\(.)', re.DOTALL)
_SPELLED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def lenient_json(body: bytes, *, with_control_characters: bool = True) -> Any:
    """What is read where NaN, Infinity, any bytes, unknown escapes and control characters pass.

    `NOT_JSON` for what no such parser reads.
    """
    text = _ESCAPE.sub(r"\1\2", body.decode("utf-8", "replace"))
    try:
        return json.loads(text, strict=not with_control_characters, parse_int=float)
    except (ValueError, RecursionError):
        return NOT_JSON


def is_plainly_written(member: str, body: bytes) -> bool:
    """Whether a member of a body is null or a text that every parser reads alike, however lenient it is."""
    literal = rf'"{member}"[ \t\r\n]*:[ \t\r\n]*(?:null|"[ !#-\[\]-~]*")'.encode()
    return body.count(f'"{member}"'.encode()) == 1 and re.search(literal, body) is not None


def has_lone_surrogate(body: bytes) -> bool:
    """Whether a body spells half of a character, which JSON can and UTF-8 cannot."""
    parsed = parse_json(body) if _SPELLED_SURROGATE.search(body) else NOT_JSON
    if parsed is NOT_JSON:
        return False
    try:
        json.dumps(parsed, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False
