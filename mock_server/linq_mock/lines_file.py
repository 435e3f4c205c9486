"""The lines of an account, read from a file."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import linq_document
from linq_mock.json_values import parse_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from linq_mock.accounts import Line


JsonObject: TypeAlias = dict[str, Any]


class LinesFileError(ValueError):
    """The lines of an account cannot be read from a file; the message says where and why."""


def read_lines(path: Path) -> list[Line]:
    """Read the lines of an account from a JSON file in the schema of PhoneNumberListResponse.

    It is read as a live API may answer it: with a byte order mark, without deprecated properties that have
    a successor, and with properties that nobody knows, which are kept. Raises LinesFileError, with a JSON
    pointer where one helps.
    """
    try:
        content = parse_json(path.read_bytes().decode("utf-8-sig"))
    except (OSError, RecursionError) as error:
        raise LinesFileError(f"{path} cannot be read: {error}") from error
    except ValueError as error:
        raise LinesFileError(f"{path} is not JSON in UTF-8: {error}") from error
    _fill_in_deprecated(content)
    for violation in linq_document.load().validator("PhoneNumberListResponse").iter_errors(content):
        pointer = linq_document.json_pointer(violation.instance_path)
        raise LinesFileError(f"{path} at {pointer or '/'}: {violation.message}")
    lines: list[Line] = content["phone_numbers"]
    _refuse_duplicates(path, lines, "id")
    _refuse_duplicates(path, lines, "phone_number")
    return lines


def _fill_in_deprecated(content: Any) -> None:
    """Give lines the deprecated properties that they lack, as their successors are."""
    properties: dict[str, Any] = linq_document.load().schemas["PhoneNumber"]["properties"]
    listed = cast("JsonObject", content).get("phone_numbers") if isinstance(content, dict) else None
    for line in _objects(listed):
        for name, stated in properties.items():
            successor = stated.get("x-successor") if stated.get("deprecated") else None
            if successor in line and line.get(name) is None:
                line[name] = copy.deepcopy(line[successor])


def _objects(value: object) -> list[JsonObject]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("JsonObject", item) for item in items if isinstance(item, dict)]


def _refuse_duplicates(path: Path, lines: Sequence[Line], name: str) -> None:
    first_of: dict[str, int] = {}
    for index, line in enumerate(lines):
        first = first_of.setdefault(line[name].lower(), index)
        if first != index:
            raise LinesFileError(
                f"{path} at /phone_numbers/{index}/{name}: the same as at /phone_numbers/{first}/{name}"
            )
