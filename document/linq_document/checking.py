"""Whether a document can be judged by: what is wrong with its rules, and on which line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import yaml

from linq_document.document import Document, Level, read

_REQUIRED = ("name", "level", "statement", "source")
_NAME = re.compile(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*")
_ANSWER = re.compile(r"[1-5]\d\d(/\d{4})?")


def problems_in(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each thing that is wrong with a document, with its line from 1. Raises OSError."""
    try:
        document = read(path)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        yield (mark.line + 1 if mark else 1), f"it is not YAML: {getattr(error, 'problem', error)}"
        return
    if not isinstance(cast("object", document.raw), dict) or not {"openapi", "paths"} <= document.raw.keys():
        yield 1, "it is no OpenAPI document: openapi or paths is missing"
        return
    yield from _problems_of_rules(document)


def _problems_of_rules(document: Document) -> Iterator[tuple[int, str]]:
    lines = [*document.lines_of_rules]
    seen: set[str] = set()
    for (_, line), entry in zip(lines, document.rule_entries, strict=True):
        name = str(entry.get("name"))
        yield from ((line, f"{name}: {what}") for what in _problems_of(entry, document))
        if name in seen:
            yield line, f"{name}: another rule has that name"
        seen.add(name)


def _problems_of(entry: dict[str, Any], document: Document) -> Iterator[str]:
    if missing := [name for name in _REQUIRED if not entry.get(name)]:
        yield f"{', '.join(missing)} is missing"
    if not _NAME.fullmatch(str(entry.get("name"))):
        yield "a name is FAMILY.RULE, in lower case with hyphens"
    if (level := entry.get("level")) and level not in set(Level):
        yield f"the level is {level}, not {' or '.join(Level)}"
    stated: list[Any] | dict[str, list[Any]] = entry.get("answers", [])
    for texts in stated.values() if isinstance(stated, dict) else [stated]:
        for text in texts:
            if not _ANSWER.fullmatch(str(text)):
                yield f"the answer {text} is no status with an error code"
    for code in entry.get("wfc", ()):
        if code not in document.fault_categories:
            yield f"x-wfc-categories does not name {code}"
