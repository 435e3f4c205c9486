"""The values of parameters, written in the styles of OpenAPI."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, cast
from urllib.parse import quote, unquote

from .errors import InvalidInputError
from .types import UNSET, Written

Styled = tuple[str, Any, str, bool]
"""The name of a parameter, its value as JSON, its style, and whether each part of it is written by itself."""

# How the separators of a style are written: a space and a bar cannot stand in a URL as they are.
_SEPARATORS = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}


def query(*parameters: Styled) -> dict[str, Any]:
    """Return the parameters of a URL, as httpx takes them; as `Written` what it would encode too far.

    Raises:
        InvalidInputError: A text has in it what separates the values of its parameter.

    """
    found: dict[str, Any] = {}
    for name, value, style, explode in parameters:
        if value is UNSET or value is None:
            continue
        if style == "json":
            found[name] = json.dumps(value)
        elif isinstance(value, dict):
            found.update(_object(name, cast("dict[str, Any]", value), style, explode=explode))
        elif isinstance(value, list):
            found.update(_array(name, cast("Sequence[Any]", value), style, explode=explode))
        else:
            found[name] = value
    return found


def _array(name: str, value: Sequence[Any], style: str, *, explode: bool) -> dict[str, Any]:
    if style == "deepObject":
        return {f"{name}[]": _texts(value)}
    return {name: _texts(value)} if explode else _in_one(name, [text(item) for item in value], style)


def _object(name: str, value: dict[str, Any], style: str, *, explode: bool) -> dict[str, Any]:
    if style == "deepObject":
        return _deep(name, value)
    if explode and style == "form":
        return {key: _texts(member) for key, member in value.items()}
    return _in_one(name, _pairs(value, text), style)


def _deep(name: str, value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, member in value.items():
        inner = f"{name}[{key}]"
        is_deeper = isinstance(member, dict)
        found.update(_deep(inner, cast("dict[str, Any]", member)) if is_deeper else {inner: _texts(member)})
    return found


def _in_one(name: str, parts: list[str], style: str) -> dict[str, Any]:
    separator = _SEPARATORS[style]
    written = [quote(part, safe="") for part in parts]
    # A comma within a part is told by its being encoded; the others are encoded where they separate.
    if separator != "," and any(separator in part for part in written):
        raise InvalidInputError(f"{name} cannot be sent: {unquote(separator)!r} separates its values.")
    return {name: Written(separator.join(written))} if parts else {}


def _texts(value: Any) -> str | list[str]:
    return [text(item) for item in cast("Sequence[Any]", value)] if isinstance(value, list) else text(value)


def headers(*parameters: Styled) -> dict[str, str]:
    """Return headers.

    Raises:
        InvalidInputError: A value cannot stand in a header.

    """
    found = {
        name: written(value, style, text, explode=explode)
        for name, value, style, explode in parameters
        if value is not UNSET and value is not None
    }
    for name, value in found.items():
        if not value.isascii() or not value.isprintable():
            raise InvalidInputError(f"{name} cannot be sent: a header holds printable ASCII alone.")
    return found


def cookies(*parameters: Styled) -> dict[str, str]:
    """Return the header that holds cookies, or nothing."""
    found: list[str] = []
    for name, value, style, explode in parameters:
        if value is UNSET or value is None:
            continue
        if isinstance(value, list) and explode:
            found += [f"{name}={_quoted(item)}" for item in cast("Sequence[Any]", value)]
        elif isinstance(value, dict) and explode and style != "json":
            found += [f"{key}={_quoted(member)}" for key, member in cast("dict[str, Any]", value).items()]
        else:
            found.append(f"{name}={written(value, style, _quoted, explode=False)}")
    return {"Cookie": "; ".join(found)} if found else {}


def path_text(name: str, value: Any, style: str = "simple", *, explode: bool = False) -> str:
    """Return a part of a path.

    Raises:
        InvalidInputError: It would be empty, or a step up.

    """
    found = written(value, style, _quoted, explode=explode)
    if style == "label":
        return "." + (found.replace(",", ".") if explode else found)
    if style == "matrix":
        return _matrix(name, value, found, explode=explode)
    if found in {"", ".", ".."}:
        raise InvalidInputError(f"{name} is {value!r}, which cannot stand in a path.")
    return found


def _matrix(name: str, value: Any, found: str, *, explode: bool) -> str:
    if explode and isinstance(value, list):
        return "".join(f";{name}={_quoted(item)}" for item in cast("Sequence[Any]", value))
    if explode and isinstance(value, dict):
        return ";" + found.replace(",", ";")
    return f";{name}={found}"


def written(value: Any, style: str, write: Callable[[Any], str], *, explode: bool) -> str:
    """Return a value as one text, its parts written by `write` and separated by commas."""
    if style == "json":
        return write(json.dumps(value))
    if isinstance(value, list):
        return ",".join(write(item) for item in cast("Sequence[Any]", value))
    if not isinstance(value, dict):
        return write(value)
    members = cast("dict[str, Any]", value)
    if explode:
        return ",".join(f"{write(key)}={write(member)}" for key, member in members.items())
    return ",".join(_pairs(members, write))


def _pairs(members: dict[str, Any], write: Callable[[Any], str]) -> list[str]:
    return [part for key, member in members.items() for part in (write(key), write(member))]


def _quoted(value: Any) -> str:
    return quote(text(value), safe="")


def text(value: Any) -> str:
    """Return a value as a text: null and booleans as in JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value)
