"""JSON as RFC 8259 has it: Python's reader takes more, which nobody could send on."""

from __future__ import annotations

import json
import math
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """Return the value of a text. Raises ValueError, and RecursionError when it is nested too deeply."""
    value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError("half of a surrogate pair is no character") from error
    return value


def whole_or_float(text: str) -> int | float:
    """Return the number of a text with a point or an exponent; JSON Schema takes 1.0 for the integer 1."""
    number = float(text)
    return int(number) if number.is_integer() else number


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large a number")
    return number


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")
