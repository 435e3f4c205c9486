"""Dates and times of RFC 3339, which are written back as they came."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from .errors import InvalidDataError

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_DATE_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:(?P<second>\d\d)(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)?"
)


class DateTime(dt.datetime):
    """A date and time that a server wrote in another way than Python: with nanoseconds, with Z."""

    text: str | None = None

    def __reduce_ex__(self, protocol: Any) -> Any:
        return (_sent, (self.text,)) if self.text else super().__reduce_ex__(protocol)


def _sent(text: str) -> dt.datetime:
    found = DateTime.fromisoformat(_readable(text))
    found.text = text
    return found


def _readable(text: str) -> str:
    """Return what Python reads, though it knows neither leap seconds nor small letters."""
    found = _DATE_TIME.fullmatch(text)
    if not found:
        raise ValueError(text)
    if found["second"] == "60":
        text = f"{text[: found.start('second')]}59{text[found.end('second') :]}"
    return text.upper()


def date(text: str) -> dt.date:
    """Return a date.

    Raises:
        ValueError: The text is none.

    """
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def date_time(text: str) -> dt.datetime:
    """Return a date and time: what it says beyond microseconds is kept, and a leap second is the one before.

    Raises:
        ValueError: The text is none.

    """
    found = dt.datetime.fromisoformat(_readable(text))
    return found if found.isoformat() == text and found.tzinfo else _sent(text)


def written(value: dt.date) -> str:
    """Return a date, with its time if it has one, as it came or else as Python writes it.

    Raises:
        InvalidDataError: It is a time without a time zone, which RFC 3339 asks for.

    """
    text = getattr(value, "text", None)
    if not text and isinstance(value, dt.datetime) and value.tzinfo is None:
        raise InvalidDataError("has no time zone: give it one, such as datetime.UTC")
    return text or value.isoformat()
