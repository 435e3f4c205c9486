"""The files that a recording is in."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from linq_contract.recorded.cassette import is_cassette, read_cassette
from linq_contract.recorded.entries import Entry, RecordingError
from linq_contract.recorded.har import is_har, read_entry, read_har
from linq_contract.recorded.nodes import Node

_BEGINNING_OF_A_LOG = '{"startedDateTime"'
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_recording(path: Path) -> Sequence[Entry]:
    """The entries of a HAR file or a cassette.

    Raises OSError, and RecordingError with the place of what is malformed.
    """
    content = _parsed(path)
    if isinstance(content, _Lines):
        return [read_entry(node) for node in content]
    if is_har(content):
        return list(read_har(content, str(path)))
    if is_cassette(content):
        return list(read_cassette(content, str(path)))
    raise RecordingError(
        f"{path} is no recording: a HAR file has an object 'log', a cassette has 'interactions', and a log "
        "of the proxy an entry in each line."
    )


def has_times(entries: Sequence[Entry]) -> bool:
    """Whether entries have the times of a clock; those of a cassette are but their numbers."""
    return any(entry.began > len(entries) for entry in entries)


class _Lines(list[Node]):
    """The entries of a log, one in each line."""


def _lines(text: str, path: Path) -> _Lines | None:
    """The lines of a log of the proxy; None for any other file. A last line that was cut off is dropped."""
    if not text.startswith(_BEGINNING_OF_A_LOG):
        return None
    *lines, last = text.split("\n")
    nodes = _Lines(_node(line, f"{path}:{number}") for number, line in enumerate(lines, 1))
    with contextlib.suppress(RecordingError):
        nodes.append(_node(last, f"{path}:{len(lines) + 1}"))
    return nodes


def _node(line: str, place: str) -> Node:
    try:
        return Node(json.loads(line), place)
    except json.JSONDecodeError as error:
        raise RecordingError(f"{place}:{error.colno} is not JSON: {error.msg}.") from None


def _parsed(path: Path) -> Any:
    """What a file holds, in JSON or YAML. Of what is wrong only the place is told: the text has secrets."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordingError(f"{path} is not in UTF-8: byte {error.start:,}.") from error
    try:
        if text.lstrip()[:1] not in {"{", "["}:
            return yaml.load(text, _LOADER)  # noqa: S506 - a safe one
        return _lines(text, path) or json.loads(text)
    except RecordingError:
        raise
    except json.JSONDecodeError as error:
        raise RecordingError(f"{path}:{error.lineno}:{error.colno} is not JSON: {error.msg}.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise RecordingError(f"{place} is not YAML.") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise RecordingError(f"{path} cannot be parsed: {type(error).__name__}.") from None
