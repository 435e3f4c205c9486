"""How deeply JSON is nested, without reading it: what reads it could exhaust the stack or the memory."""

from __future__ import annotations

import itertools
import re

_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = {**dict.fromkeys(b"[{", 1), **dict.fromkeys(b"]}", -1)}
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_AT_ONCE = 65_536


def is_nested_deeper(data: bytes, levels: int) -> bool:
    """Whether a text in JSON has arrays and objects in more than so many levels."""
    # Brackets inside of strings nest nothing, but taking the strings out is seldom worth its time.
    return _goes_deeper(data, levels) and _goes_deeper(_STRING.sub(b"", data), levels)


def has_more_parts(data: bytes, most: int) -> bool:
    """Whether a text in JSON could have more arrays and objects than so many."""
    return data.count(b"[") + data.count(b"{") > most


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
