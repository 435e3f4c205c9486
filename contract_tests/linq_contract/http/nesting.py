"""JSON that is nested too deeply to be read as it is."""

from __future__ import annotations

import re

_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_OPENING = b"[{"
_KEPT = 8  # levels: more than any request of the contract has


def shallow(data: bytes) -> bytes:
    """The JSON text with null in the place of whatever is nested in more than a few levels."""
    kept: list[bytes] = []
    depth = start = 0
    for match in _STRING_OR_BRACKET.finditer(data):
        if match[0][:1] == b'"':
            continue
        if match[0] in _OPENING:
            depth += 1
            if depth == _KEPT + 1:
                kept.append(data[start : match.start()])
        else:
            depth -= 1
            if depth == _KEPT:
                kept.append(b"null")
                start = match.end()
    return b"".join(kept) + (data[start:] if depth <= _KEPT else b"")
