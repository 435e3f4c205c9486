# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""JSON, as it is sent and as it is read."""

from __future__ import annotations

import json
from typing import Any, NoReturn, cast

import httpx

from .errors import InvalidDataError


def encode(value: Any) -> bytes:
    """Return a value as JSON.

    Raises:
        TypeError: The value is no JSON.
        ValueError: The same.
        RecursionError: It is nested too deep.

    """
    return json.dumps(value, allow_nan=False).encode()


def parse(response: httpx.Response) -> Any:
    """Return the JSON of a body, whatever its content type: what it holds decides.

    Raises:
        InvalidDataError: It is not JSON.

    """
    try:
        return decode(response.content)
    except (ValueError, RecursionError):
        sent_as = ascii(response.headers.get("Content-Type", "no content type"))
        raise InvalidDataError(f"is not JSON ({sent_as})" if response.content else "is empty") from None


def parse_if_any(response: httpx.Response) -> Any:
    """Return the JSON of a body, or None when the body is empty.

    Raises:
        InvalidDataError: It is not JSON.

    """
    return parse(response) if response.content else None


def decode(text: object) -> Any:
    """Return the JSON of a text.

    Raises:
        ValueError: It is none.
        RecursionError: It is nested too deep.
        TypeError: It is no text.

    """
    if not isinstance(text, str | bytes | bytearray):
        raise TypeError(f"JSON is read from a str or from bytes, not from a value of {type(text).__name__}.")
    return _decode(text if isinstance(text, str) else text.decode("utf-8-sig"))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode


def at(value: Any, pointer: str) -> Any:
    """Return what stands at a JSON Pointer (RFC 6901); None when nothing does."""
    for step in pointer.split("/")[1:]:
        if not isinstance(value, dict):
            return None
        value = cast("dict[str, Any]", value).get(step.replace("~1", "/").replace("~0", "~"))
    return value
