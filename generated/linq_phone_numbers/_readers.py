# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""Readers of JSON: each returns the value that it is given, or raises InvalidDataError."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from math import inf, isfinite
from typing import Any, Never, TypeVar, cast

from . import _dates
from ._uploads import Upload
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
    if isinstance(value, float) and value.is_integer():
        return int(value)  # 5.0 is an integer in JSON Schema
    if not isinstance(value, int) or isinstance(value, bool):
        raise mismatch(value, "an integer")
    return value


def as_number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        raise mismatch(value, "a number")
    return value


def as_constant(value: Any, constant: Any) -> Any:
    """Return a value of the type of the constant: as with an enum, a server may send another one."""
    if type(value) is not type(constant):
        raise mismatch(value, ascii(constant))
    return value


def as_date(value: Any) -> dt.date:
    try:
        return _dates.date(as_string(value))
    except ValueError:
        raise mismatch(value, "a date (RFC 3339)") from None


def as_datetime(value: Any) -> dt.datetime:
    try:
        return _dates.date_time(as_string(value))
    except ValueError:
        raise mismatch(value, "a date and time (RFC 3339)") from None


def as_one_of(value: Any, *readers: Callable[[Any], Any]) -> Any:
    """Return what a reader makes of a value that takes it: the one that knows most of its properties.

    Raises:
        InvalidDataError: None takes it; it is the error that got furthest.

    """
    best: Any = None
    fewest, errors = -1, list[InvalidDataError]()
    for read in readers:
        try:
            found = read(value)
        except InvalidDataError as error:
            errors.append(error)
            continue
        unknown = len(getattr(found, "additional_properties", ()))
        if fewest < 0 or unknown < fewest:
            best, fewest = found, unknown
        if not unknown:
            return best
    if fewest < 0:
        raise max(errors, key=lambda error: len(error.pointer))
    return best


def mismatch(value: object, expected: str) -> InvalidDataError:
    """Return the error of a value that is not what the contract says."""
    if value is None:
        return InvalidDataError(f"is null, not {expected}")
    shown = ascii(value) if isinstance(value, str | int | float) else type(value).__name__
    return InvalidDataError(f"is not {expected}: {shown if len(shown) <= 80 else shown[:77] + '...'}")


def as_it_is(value: Any) -> Any:
    return value


def as_bytes(value: Any) -> Any:
    """Return what can be sent as bytes: bytes, or an upload with a name."""
    if not isinstance(value, bytes | Upload):
        raise mismatch(value, "bytes or an Upload")
    return value


def as_map(value: Any, read: Callable[[Any], T]) -> dict[str, T]:
    members, key = as_object(value), ""
    read_members: dict[str, T] = {}
    try:
        for key, member in members.items():
            read_members[key] = read(member)
    except InvalidDataError as error:
        raise error.inside(key) from None
    return read_members


def as_told(
    value: Any,
    name: str,
    readers: Mapping[str, Callable[[Any], Any]],
    otherwise: Callable[[Any], Any] | None = None,
) -> Any:
    """Read an object with the reader that its property `name` tells, or with the other if there is none."""
    members = as_object(value)
    told = members.get(name)
    read = readers.get(told, otherwise) if isinstance(told, str) else otherwise
    return read(members) if read else members


# The same as functions of one value, for what has to be given one.


def as_nothing(reason: str) -> Callable[[Any], Never]:
    def refuse(value: Any) -> Never:
        del value
        raise InvalidDataError(f"can have no value, since {reason}")

    return refuse


def as_text_like(pattern: re.Pattern[str]) -> Callable[[Any], str]:
    return lambda value: as_matching(value, pattern)


def as_within(
    read: Callable[[Any], T],
    *,
    minimum: float = -inf,
    maximum: float = inf,
    above: float = -inf,
    below: float = inf,
    min_length: int = 0,
    max_length: float = inf,
) -> Callable[[Any], T]:
    def read_within(value: Any) -> T:
        found: Any = read(value)
        if isinstance(found, str | list):
            _measure(len(cast("Sequence[Any]", found)), min_length, max_length)
        elif found < minimum or found <= above:
            raise InvalidDataError(f"is {found}, less than the contract allows")
        elif found > maximum or found >= below:
            raise InvalidDataError(f"is {found}, more than the contract allows")
        return cast("T", found)

    return read_within


def _measure(length: int, least: float, most: float) -> None:
    if length < least:
        raise InvalidDataError(f"is {length} long, and at least {least} is asked for")
    if length > most:
        raise InvalidDataError(f"is {length} long, and at most {most} is allowed")


def as_constant_of(constant: Any) -> Callable[[Any], Any]:
    return lambda value: as_constant(value, constant)


def as_list_of(read: Callable[[Any], T]) -> Callable[[Any], list[T]]:
    return lambda value: as_list(value, read)


def as_map_of(read: Callable[[Any], T]) -> Callable[[Any], dict[str, T]]:
    return lambda value: as_map(value, read)


def as_null_or(read: Callable[[Any], T]) -> Callable[[Any], T | None]:
    return lambda value: None if value is None else read(value)


def as_any_of(*readers: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: as_one_of(value, *readers)


def as_told_by(
    name: str,
    readers: Mapping[str, Callable[[Any], Any]],
    otherwise: Callable[[Any], Any] | None = None,
) -> Callable[[Any], Any]:
    return lambda value: as_told(value, name, readers, otherwise)
