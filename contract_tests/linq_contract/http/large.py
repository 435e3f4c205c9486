"""Work on bytes that come again: many checks read one body, and a list is mostly the one of before."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

T = TypeVar("T")

_LARGE = 65_536  # bytes, some two hundred lines: what is larger is not kept for long
_ACCOUNTS = 2  # that a run knows, each with a list of its own
_BODIES = 8  # of the exchange that is judged, of the one before it, and the lists of the accounts


def remembered(function: Callable[[bytes], T]) -> Callable[[bytes], T]:
    """Keep the last results of a function; for large bytes one for each account."""
    of_large = lru_cache(maxsize=_ACCOUNTS)(function)
    of_small = lru_cache(maxsize=_BODIES)(function)

    @wraps(function)
    def call(data: bytes) -> T:
        return of_large(data) if len(data) > _LARGE else of_small(data)

    return call
