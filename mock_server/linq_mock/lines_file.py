"""The lines of an account, read from a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import linq_document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from linq_mock.accounts import Line


class LinesFileError(ValueError):
    """The lines of an account cannot be read from a file; the message says where and why."""


def read_lines(path: Path) -> list[Line]:
    """Read the lines of an account from a JSON file in the schema of PhoneNumberListResponse.

    Raises LinesFileError, with a JSON pointer where one helps.
    """
    try:
        content = json.loads(path.read_bytes().decode("utf-8"), parse_constant=_refuse_constant)
    except (OSError, RecursionError) as error:
        raise LinesFileError(f"{path} cannot be read: {error}") from error
    except ValueError as error:
        raise LinesFileError(f"{path} is not JSON in UTF-8: {error}") from error
    for violation in linq_document.load().validator("PhoneNumberListResponse").iter_errors(content):
        pointer = linq_document.json_pointer(violation.instance_path)
        raise LinesFileError(f"{path} at {pointer or '/'}: {violation.message}")
    lines: list[Line] = content["phone_numbers"]
    _refuse_duplicates(path, lines, "id")
    _refuse_duplicates(path, lines, "phone_number")
    return lines


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _refuse_duplicates(path: Path, lines: Sequence[Line], name: str) -> None:
    first_of: dict[str, int] = {}
    for index, line in enumerate(lines):
        first = first_of.setdefault(line[name].lower(), index)
        if first != index:
            raise LinesFileError(
                f"{path} at /phone_numbers/{index}/{name}: the same as at /phone_numbers/{first}/{name}"
            )
