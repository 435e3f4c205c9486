"""The error of the generator."""

from __future__ import annotations

import contextlib
from collections.abc import Generator


class GenerationError(Exception):
    """The document cannot be made a client of; the text says what is wrong, and where."""

    is_placed = False


class ContradictionError(GenerationError):
    """No value is what a schema asks for; the text says what it asks for."""


@contextlib.contextmanager
def placed(place: str) -> Generator[None, None, None]:
    """Have the errors of a part of the document begin with its place."""
    try:
        yield
    except GenerationError as error:
        raise _placed(place, str(error)) from None
    except RecursionError:
        raise _placed(place, "A schema there has itself within it without end.") from None


@contextlib.contextmanager
def owned(place: str) -> Generator[None, None, None]:
    """Have the errors of a part of the document begin with its place, unless they have one already."""
    try:
        yield
    except GenerationError as error:
        if error.is_placed:
            raise
        raise _placed(place, str(error)) from None


def _placed(place: str, text: str) -> GenerationError:
    error = GenerationError(f"{place}: {text}")
    error.is_placed = True
    return error
