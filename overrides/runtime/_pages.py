"""What comes in pages, one item after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from operator import attrgetter
from typing import Any

from .errors import APIError


def items(
    fetch: Callable[[Any], Any], cursor: Any, *, of: str, following: str, operation: str
) -> Iterator[Any]:
    """Yield the items of all pages, each page asked for when it is needed.

    Args:
        fetch: Returns the page at a cursor.
        cursor: That of the first page.
        of: The attribute of a page that has its items.
        following: The attribute of a page that has the cursor of the next one.
        operation: What an error calls it.

    Raises:
        APIError: A page names itself as the next one.

    """
    while True:
        page = fetch(cursor)
        yield from attrgetter(of)(page) or ()
        last, cursor = cursor, attrgetter(following)(page)
        if not cursor:
            return
        _must_differ(last, cursor, operation)


async def async_items(
    fetch: Callable[[Any], Awaitable[Any]], cursor: Any, *, of: str, following: str, operation: str
) -> AsyncIterator[Any]:
    """Yield the items of all pages, as `items` does."""
    while True:
        page = await fetch(cursor)
        for item in attrgetter(of)(page) or ():
            yield item
        last, cursor = cursor, attrgetter(following)(page)
        if not cursor:
            return
        _must_differ(last, cursor, operation)


def _must_differ(last: Any, cursor: Any, operation: str) -> None:
    if cursor == last:
        raise APIError(f"{operation} was stopped: a page names itself as the next one.", operation=operation)
