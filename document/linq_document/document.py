"""The contract document, `openapi.yaml`: its operations, schemas, rules and error codes.

Everything that this project knows about the API it asks here.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import jsonschema_rs

_PACKAGED = Path(__file__).with_name("openapi.yaml")
_CHECKOUT = Path(__file__).parents[2] / "openapi.yaml"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Level(StrEnum):
    """How binding a rule is, in the sense of RFC 2119."""

    MUST = "MUST"
    SHOULD = "SHOULD"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the contract, as the document states it.

    `wfc` are the codes of the fault categories of Web Fuzzing Commons that breaking it falls under.
    """

    name: str
    level: Level
    statement: str
    source: tuple[str, ...]
    wfc: tuple[int, ...] = ()

    @property
    def family(self) -> str:
        """What the name begins with, up to the dot."""
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that a rule allows: an HTTP status and, where one is due, an error code."""

    status: int
    code: int | None = None

    def matches(self, status: int, code: object) -> bool:
        """Whether a response with this status and error code is such an answer."""
        return self.status == status and self.code in {None, code if isinstance(code, int) else None}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API: its id, its method in capitals and its path template."""

    operation_id: str
    method: str
    path: str

    @property
    def without_parameter(self) -> str:
        """The path up to its parameter."""
        return self.path.partition("{")[0]


@dataclass(frozen=True, eq=False)
class Document:
    """The parsed contract document, and the YAML that it was read from.

    What is read from it is read once and then remembered: nobody may change it afterwards.
    """

    raw: dict[str, Any]
    text: str = ""

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """The rules by name, in the order of the document."""
        return {rule.name: rule for rule in map(_rule, self.rule_entries)}

    @cached_property
    def rule_entries(self) -> tuple[dict[str, Any], ...]:
        """Every `x-rules` entry as the document has it, wherever it stands, duplicates included."""
        return tuple(_find_rules(self.raw))

    @cached_property
    def rule_lines(self) -> dict[str, int]:
        """The line of the YAML, from 1, on which the entry of each rule begins."""
        lists = rule_lists(yaml.compose(self.text, Loader=yaml.CSafeLoader))
        return dict(each for rules in lists for each in lines_of_rules(rules))

    @cached_property
    def fault_categories(self) -> dict[int, str]:
        """The names of the fault categories of Web Fuzzing Commons that rules refer to, by code."""
        return {entry["code"]: entry["name"] for entry in self.raw.get("x-wfc-categories", ())}

    @cached_property
    def operations(self) -> dict[str, Operation]:
        """The operations by operation id."""
        return {
            item["operationId"]: Operation(item["operationId"], method.upper(), path)
            for path, path_item in self.raw["paths"].items()
            for method, item in path_item.items()
            if method in _METHODS
        }

    def match(self, path: str) -> tuple[str | None, str | None]:
        """The path template that a request path matches, and the value of its parameter, encoded."""
        for template, pattern in self._path_patterns.items():
            if match := pattern.fullmatch(path):
                return template, next(iter(match.groups()), None)
        return None, None

    def operation_at(self, method: str, path: str | None) -> Operation | None:
        """The operation that a path template has under a method."""
        return next((op for op in self.operations.values() if (op.method, op.path) == (method, path)), None)

    def methods_of(self, path: str) -> frozenset[str]:
        """The methods of a path template, in capitals."""
        return frozenset(op.method for op in self.operations.values() if op.path == path)

    def answers(self, rule: str, case: str | None = None) -> frozenset[Answer]:
        """The answers that satisfy a rule, in one of its cases if it tells them apart."""
        return self._answers[rule, case]

    @property
    def answered_rules(self) -> list[str]:
        """The rules that say which answers they allow, in the order of the document."""
        return list(dict.fromkeys(rule for (rule, _), answers in self._answers.items() if answers))

    @cached_property
    def _path_patterns(self) -> dict[str, re.Pattern[str]]:
        return {
            path: re.compile(re.sub(r"\\{\w+\\}", "([^/]+)", re.escape(path))) for path in self.raw["paths"]
        }

    @cached_property
    def _answers(self) -> dict[tuple[str, str | None], frozenset[Answer]]:
        answers: dict[tuple[str, str | None], frozenset[Answer]] = {}
        for entry in self.rule_entries:
            stated: list[str] | dict[str, list[str]] = entry.get("answers", [])
            cases = stated.items() if isinstance(stated, dict) else [(None, stated)]
            for case, texts in cases:
                answers[entry["name"], case] = frozenset(map(_answer, texts))
        return answers

    @cached_property
    def error_codes(self) -> dict[int, int]:
        """The HTTP status of each error code."""
        return {entry["code"]: entry["status"] for entry in self.raw["x-error-codes"]}

    def error_doc_url(self, code: object) -> str:
        """The documentation page of an error code."""
        template: str = self.raw["x-error-doc-url"]
        return template.format(family=str(code)[:1], code=code)

    @property
    def schemas(self) -> dict[str, Any]:
        """The component schemas by name, as they stand in the document."""
        schemas: dict[str, Any] = self.raw["components"]["schemas"]
        return schemas

    def schema(self, name: str) -> dict[str, Any]:
        """Return a JSON Schema (2020-12) for the component `name`, complete in itself."""
        return self.complete({"$ref": f"#/components/schemas/{name}"})

    def complete(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the `schema` of some place in the document with all that it may refer to."""
        return {**schema, "components": {"schemas": self.schemas}}

    def resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        """Return what a node of the document stands for: itself, or what its `$ref` refers to."""
        while "$ref" in node:
            steps = node["$ref"].removeprefix("#/").split("/")
            names = (step.replace("~1", "/").replace("~0", "~") for step in steps)
            node = functools.reduce(lambda place, name: place[name], names, self.raw)
        return node

    def validator(self, name: str) -> jsonschema_rs.Draft202012Validator:
        """Return the compiled validator of the component `name`; it asserts formats (uuid, uri)."""
        return self._validators[name]

    @cached_property
    def _validators(self) -> dict[str, jsonschema_rs.Draft202012Validator]:
        return {name: compile_schema(self.schema(name)) for name in self.schemas}


@functools.cache
def load() -> Document:
    """Read the contract that comes with this package, or that of the checkout it runs from."""
    return read(_PACKAGED if _PACKAGED.exists() else _CHECKOUT)


def read(path: Path) -> Document:
    """Read a contract document from a YAML file."""
    text = path.read_text(encoding="utf-8")
    return Document(yaml.load(text, Loader=yaml.CSafeLoader), text)


def compile_schema(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """Compile a JSON Schema (2020-12) that asserts its formats."""
    import jsonschema_rs  # noqa: PLC0415 - whoever validates nothing starts sooner without it

    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def json_pointer(path: Iterable[str | int]) -> str:
    """Return the JSON pointer (RFC 6901) to a place, such as a validation error's `instance_path`."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def _find_rules(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        for key, value in cast("dict[str, Any]", node).items():
            yield from value if key == "x-rules" else _find_rules(value)
    elif isinstance(node, list):
        for item in cast("list[object]", node):
            yield from _find_rules(item)


def rule_lists(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """Whatever stands as `x-rules` below a node."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from [value] if key.value == "x-rules" else rule_lists(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from rule_lists(item)


def lines_of_rules(rules: yaml.Node) -> Iterator[tuple[str, int]]:
    """The names of the rules in a list, duplicates included, each with its line from 1."""
    for entry in rules.value:
        names = [value.value for key, value in entry.value if key.value == "name"]
        yield "".join(names), entry.start_mark.line + 1


def _rule(entry: dict[str, Any]) -> Rule:
    codes = tuple(entry.get("wfc", ()))
    return Rule(entry["name"], Level(entry["level"]), entry["statement"], tuple(entry["source"]), codes)


def _answer(text: str) -> Answer:
    status, _, code = text.partition("/")
    return Answer(int(status), int(code) if code else None)
