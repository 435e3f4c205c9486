"""The rules of the contract are complete, unambiguous and consistent with the rest of it."""

from __future__ import annotations

import itertools
import json
import re
from importlib.resources import files
from typing import Any

import pytest

from linq_document import Level, load

DOCUMENT = load()
ENTRIES = [pytest.param(entry, id=entry["name"]) for entry in DOCUMENT.rule_entries]
PUBLISHED: list[dict[str, Any]] = json.loads(
    files("webfuzzing_commons").joinpath("data/fault_categories.json").read_text(encoding="utf-8")
)
SOURCES = {"reference", "docs", "sdk", "RFC 9110", "project"}


def test_no_rule_name_occurs_twice() -> None:
    names = [entry["name"] for entry in DOCUMENT.rule_entries]

    assert sorted(set(names)) == sorted(names)


def test_rules_stand_at_the_document_a_path_or_an_operation() -> None:
    paths = DOCUMENT.raw["paths"]
    holders = [DOCUMENT.raw, *paths.values()]
    holders += [paths[operation.path][operation.method.lower()] for operation in DOCUMENT.operations.values()]

    assert sum(len(holder.get("x-rules", [])) for holder in holders) == len(DOCUMENT.rule_entries)


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_rule_has_a_name_in_a_family_a_level_a_statement_and_known_sources(entry: dict[str, Any]) -> None:
    assert entry.keys() - {"answers", "wfc"} == {"name", "level", "statement", "source"}
    assert re.fullmatch(r"(transport|error|auth|list|update)(\.[a-z0-9]+(-[a-z0-9]+)*)", entry["name"])
    assert entry["level"] in set(Level)
    assert re.fullmatch(r"[A-Z][^\n]*\.", entry["statement"])
    assert entry["source"]
    assert set(entry["source"]) <= SOURCES


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_answers_of_a_rule_are_documented(entry: dict[str, Any]) -> None:
    answers: Any = entry.get("answers", [])
    cases: list[list[str]] = list(answers.values()) if hasattr(answers, "values") else [answers]

    for answer in itertools.chain(*cases):
        status, _, code = answer.partition("/")
        assert any(status in responses for responses in _responses_by_operation())
        assert not code or DOCUMENT.error_codes[int(code)] == int(status)


def _responses_by_operation() -> list[dict[str, Any]]:
    paths = DOCUMENT.raw["paths"]
    return [paths[op.path][op.method.lower()]["responses"] for op in DOCUMENT.operations.values()]


def test_the_loaded_rules_are_those_of_the_document() -> None:
    for entry in DOCUMENT.rule_entries:
        rule = DOCUMENT.rules[entry["name"]]
        assert [rule.level, rule.statement, list(rule.source)] == [
            entry["level"],
            entry["statement"],
            entry["source"],
        ]


def test_fault_categories_are_those_of_web_fuzzing_commons() -> None:
    published = {entry["code"]: entry["descriptiveName"] for entry in PUBLISHED}
    used = {code for rule in DOCUMENT.rules.values() for code in rule.wfc}

    assert DOCUMENT.fault_categories.keys() == used
    assert {code: published[code] for code in used} == DOCUMENT.fault_categories


@pytest.mark.parametrize("name", DOCUMENT.rules)
def test_the_line_of_a_rule_is_where_its_entry_begins(name: str) -> None:
    line = DOCUMENT.text.splitlines()[DOCUMENT.rule_lines[name] - 1]

    assert line.strip() == f"- name: {name}"
