"""How much of an answer is read: what is longer, larger or deeper could exhaust whoever reads it."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = {**dict.fromkeys(b"[{", 1), **dict.fromkeys(b"]}", -1)}
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BEFORE_JSON = b"\xef\xbb\xbf \t\r\n"
_AT_ONCE = 65_536  # brackets, whose depths then take half a megabyte
_MEBIBYTE = 2**20  # bytes


class ExcessError(Exception):
    """An answer is more than is read of one; the message says in what."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an answer is read.

    `body` is in bytes, `parts` are the arrays and objects in it and `levels` how deeply they are nested,
    `seconds` last from the begin of the request to the end of the answer.

    A list of 100,000 lines has about 30 MB, and 300,000 objects in four levels. An honest answer has a dozen
    `headers` or two.
    """

    body: int = 64 * _MEBIBYTE
    parts: int = 3_000_000
    levels: int = 100
    headers: int = 1_000
    seconds: float = 60.0

    def check_headers(self, count: int) -> None:
        """Raise ExcessError when an answer has too many headers."""
        if count > self.headers:
            raise ExcessError(f"the answer has more than {self.headers:,} headers")

    def check_size(self, size: int) -> None:
        """Raise ExcessError when a body is too long."""
        if size > self.body:
            raise ExcessError(f"the body is longer than {self.body / _MEBIBYTE:g} MiB")

    def check_structure(self, body: bytes) -> None:
        """Raise ExcessError when a body in JSON has too many parts or levels to be read safely."""
        if body.lstrip(_BEFORE_JSON)[:1] not in {b"[", b"{"}:
            return
        if body.count(b"[") + body.count(b"{") > self.parts:
            raise ExcessError(f"the body has more than {self.parts:,} arrays and objects")
        if _is_nested_deeper(body, self.levels):
            raise ExcessError(f"the body is nested in more than {self.levels} levels")


def _is_nested_deeper(data: bytes, levels: int) -> bool:
    """Whether a text in JSON has arrays and objects in more than so many levels."""
    # Brackets inside of strings nest nothing, but taking the strings out is seldom worth its time.
    return _goes_deeper(data, levels) and _goes_deeper(_STRING.sub(b"", data), levels)


def _goes_deeper(data: bytes, levels: int) -> bool:
    brackets = data.translate(None, _NOT_BRACKETS)
    depth = 0
    for start in range(0, len(brackets), _AT_ONCE):
        steps = map(_STEPS.__getitem__, brackets[start : start + _AT_ONCE])
        depths = list(itertools.accumulate(steps, initial=depth))
        if max(depths) > levels:
            return True
        depth = depths[-1]
    return False
