"""Whether a document can be judged by: what is wrong with its rules, and on which line."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import yaml

from linq_document.document import Document, Level, lines_of_rules, read, rule_lists

_REQUIRED = ("name", "level", "statement", "source")
_LISTS = ("source", "wfc")
_NAME = re.compile(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*")
_ANSWER = re.compile(r"[1-5]\d\d(/\d{4})?")


def problems_in(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each thing that is wrong with a document, with its line from 1. Raises OSError."""
    try:
        document = read(path)
        lists = [*rule_lists(yaml.compose(document.text, Loader=yaml.CSafeLoader))]
    except (yaml.YAMLError, ValueError) as error:  # a value that is none, such as a 13th month
        mark = getattr(error, "problem_mark", None)
        yield (mark.line + 1 if mark else 1), f"it is not YAML: {getattr(error, 'problem', error)}"
        return
    except RecursionError:
        yield 1, "something in it stands within itself"
        return
    if not isinstance(cast("object", document.raw), dict) or not {"openapi", "paths"} <= document.raw.keys():
        yield 1, "it is no OpenAPI document: openapi or paths is missing"
        return
    misshapen = [each for rules in lists for each in _misshapen(rules)]
    yield from misshapen or _problems_of_rules(document, lists)


def _misshapen(rules: yaml.Node) -> Iterator[tuple[int, str]]:
    """What is no list of rules, or no rule."""
    if not isinstance(rules, yaml.SequenceNode):
        yield _line(rules), "x-rules is no list of rules"
        return
    for entry in rules.value:
        if not isinstance(entry, yaml.MappingNode):
            yield _line(entry), "an entry of x-rules is no rule, which has a name, a level ..."


def _line(node: yaml.Node) -> int:
    mark: Any = node.start_mark
    return int(mark.line) + 1


def _problems_of_rules(document: Document, lists: Sequence[yaml.Node]) -> Iterator[tuple[int, str]]:
    try:
        categories = {str(code) for code in document.fault_categories}
    except (TypeError, KeyError):
        yield 1, "x-wfc-categories is no list of categories, each with a code and a name"
        return
    lines = [line for rules in lists for _, line in lines_of_rules(rules)]
    seen: set[str] = set()
    for line, entry in zip(lines, document.rule_entries, strict=True):
        name = str(entry.get("name"))
        problems = (*_problems_of(entry, categories), *_problems_of_answers(entry.get("answers", [])))
        yield from ((line, f"{name}: {what}") for what in problems)
        if name in seen:
            yield line, f"{name}: another rule has that name"
        seen.add(name)


def _problems_of(entry: dict[str, Any], categories: Container[str]) -> Iterator[str]:
    if missing := [name for name in _REQUIRED if not entry.get(name)]:
        yield f"{', '.join(missing)} is missing"
    if not _NAME.fullmatch(str(entry.get("name"))):
        yield "a name is FAMILY.RULE, in lower case with hyphens"
    if (level := entry.get("level")) and str(level) not in set(Level):
        yield f"the level is {level}, not {' or '.join(Level)}"
    for name in _LISTS:
        if not isinstance(entry.get(name, []), list):
            yield f"{name} is no list"
            return
    for code in entry.get("wfc", ()):
        if str(code) not in categories:
            yield f"x-wfc-categories does not name {code}"


def _problems_of_answers(stated: Any) -> Iterator[str]:
    cases: list[Any] = [*cast("dict[str, Any]", stated).values()] if isinstance(stated, dict) else [stated]
    for texts in cases:
        if not isinstance(texts, list):
            yield f"the answers {texts} are no list"
            continue
        for text in cast("Sequence[Any]", texts):
            if not _ANSWER.fullmatch(str(text)):
                yield f"the answer {text} is no status with an error code"
