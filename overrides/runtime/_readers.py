"""Readers of JSON: each returns the value that it is given, or raises InvalidDataError."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any, TypeVar, cast

from .errors import InvalidDataError

T = TypeVar("T")


def as_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise mismatch(value, "an object")
    return cast("dict[str, Any]", value)


def as_list(value: Any, read: Callable[[Any], T]) -> list[T]:
    if not isinstance(value, list):
        raise mismatch(value, "an array")
    items: list[T] = []
    try:
        for item in cast("Sequence[Any]", value):
            items.append(read(item))  # noqa: PERF401 - the length says where it fails
    except InvalidDataError as error:
        raise error.inside(len(items)) from None
    return items


def as_string(value: Any) -> str:
    if not isinstance(value, str):
        raise mismatch(value, "a string")
    return value


def as_matching(value: Any, pattern: re.Pattern[str]) -> str:
    text = as_string(value)
    if not pattern.search(text):
        shown = pattern.pattern.replace("\\Z", "$")
        raise mismatch(text, f"text that matches {shown}")
    return text


# IGNORECASE and groups would take three times as long.
_is_uuid = re.compile("[0-9a-fA-F]{8}-" + 3 * "[0-9a-fA-F]{4}-" + "[0-9a-fA-F]{12}").fullmatch


def as_uuid(value: Any) -> str:
    if not (isinstance(value, str) and _is_uuid(value)):
        raise mismatch(value, "a uuid")
    return value


def as_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise mismatch(value, "a boolean")
    return value


def as_integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise mismatch(value, "an integer")
    return value


def as_number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        raise mismatch(value, "a number")
    return value


def as_constant(value: Any, constant: T) -> T:
    if value != constant or type(value) is not type(constant):
        raise mismatch(value, ascii(constant))
    return constant


def as_date(value: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(as_string(value))
    except ValueError:
        raise mismatch(value, "a date (RFC 3339)") from None


def as_datetime(value: Any) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(as_string(value))
    except ValueError:
        raise mismatch(value, "a date and time (RFC 3339)") from None


def as_one_of(value: Any, *readers: Callable[[Any], Any]) -> Any:
    """Return what the first reader makes of a value that takes it, or raise the error that got furthest."""
    errors: list[InvalidDataError] = []
    for read in readers:
        try:
            return read(value)
        except InvalidDataError as error:
            errors.append(error)
    raise max(errors, key=lambda error: len(error.pointer))


def mismatch(value: object, expected: str) -> InvalidDataError:
    """Return the error of a value that is not what the contract says."""
    if value is None:
        return InvalidDataError(f"is null, not {expected}")
    shown = ascii(value) if isinstance(value, str | int | float) else type(value).__name__
    return InvalidDataError(f"is not {expected}: {shown if len(shown) <= 80 else shown[:77] + '...'}")
