"""The path of an operation: the names in it, and what stands as a query in it already."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from .errors import GenerationError

_HOLE = re.compile(r"\{([^{}]+)\}")


def alone(path: str) -> str:
    """Return a path without a query or a fragment."""
    return re.sub(r"[?#].*", "", path)


def names(path: str) -> list[str]:
    """Return the names that stand in braces in a path, each once."""
    return [*dict.fromkeys(_HOLE.findall(alone(path)))]


def fixed_query(path: str) -> Mapping[str, str]:
    """Return what stands as a query in a path with its value."""
    return {key: value for key, value in _query(path).items() if not _HOLE.search(value)}


def asked_query(path: str) -> Mapping[str, str]:
    """Return the names that stand in braces in the query of a path, and what is sent with their values.

    Raises:
        GenerationError: One of them is a part of a value.

    """
    found: dict[str, str] = {}
    others = names(path)
    for key, value in _query(path).items():
        hole = _HOLE.fullmatch(value)
        if hole and hole[1] not in {*found, *others}:
            found[hole[1]] = key
        elif _HOLE.search(f"{key}={value}"):
            raise GenerationError(
                f"The query {key}={value} of the path has no value of its own: describe {key} as a parameter."
            )
    return found


def _query(path: str) -> dict[str, str]:
    return dict(parse_qsl(path.partition("#")[0].partition("?")[2], keep_blank_values=True))
