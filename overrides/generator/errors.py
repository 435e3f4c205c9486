"""The error of the generator."""

from __future__ import annotations

import contextlib
from collections.abc import Generator


class GenerationError(Exception):
    """The document cannot be made a client of; the text says what is wrong, and where."""


class ContradictionError(GenerationError):
    """No value is what a schema asks for; the text says what it asks for."""


@contextlib.contextmanager
def placed(place: str) -> Generator[None, None, None]:
    """Have the errors of a part of the document begin with its place."""
    try:
        yield
    except GenerationError as error:
        raise GenerationError(f"{place}: {error}") from None
    except RecursionError:
        raise GenerationError(f"{place}: A schema there has itself within it without end.") from None
