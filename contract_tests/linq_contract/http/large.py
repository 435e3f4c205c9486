"""Work on large bytes that come again: a list of thousands of lines is mostly the one of before."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

T = TypeVar("T")

_LARGE = 65_536  # bytes, some two hundred lines: what is smaller is soon read again
_ACCOUNTS = 2  # that a run knows, each with a list of its own


def remembered(function: Callable[[bytes], T]) -> Callable[[bytes], T]:
    """Keep the last results of a function for large bytes, one for each account."""
    known = lru_cache(maxsize=_ACCOUNTS)(function)

    @wraps(function)
    def call(data: bytes) -> T:
        return known(data) if len(data) > _LARGE else function(data)

    return call
