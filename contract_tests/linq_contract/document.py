"""The contract document, `openapi.yaml`: its operations, schemas, rules and error codes.

Everything that this project knows about the API it asks here.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

_PACKAGED = Path(__file__).with_name("openapi.yaml")
_CHECKOUT = Path(__file__).parents[2] / "openapi.yaml"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Level(StrEnum):
    """How binding a rule is, in the sense of RFC 2119."""

    MUST = "MUST"
    SHOULD = "SHOULD"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the contract, as the document states it."""

    name: str
    level: Level
    statement: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API: its id, its method in capitals and its path template."""

    operation_id: str
    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Document:
    """The parsed contract document."""

    raw: dict[str, Any]

    @property
    def rules(self) -> dict[str, Rule]:
        """The rules by name, in the order of the document."""
        return {rule.name: rule for rule in map(_rule, _find_rules(self.raw))}

    @property
    def operations(self) -> dict[str, Operation]:
        """The operations by operation id."""
        return {
            item["operationId"]: Operation(item["operationId"], method.upper(), path)
            for path, path_item in self.raw["paths"].items()
            for method, item in path_item.items()
            if method in _METHODS
        }

    @property
    def error_codes(self) -> dict[int, int]:
        """The HTTP status of each error code."""
        return {entry["code"]: entry["status"] for entry in self.raw["x-error-codes"]}

    def schema(self, name: str) -> dict[str, Any]:
        """A JSON Schema (2020-12) for the component `name`, complete in itself."""
        return {"$ref": f"#/components/schemas/{name}", "components": {"schemas": self.schemas}}

    @property
    def schemas(self) -> dict[str, Any]:
        schemas: dict[str, Any] = self.raw["components"]["schemas"]
        return schemas


@functools.cache
def load() -> Document:
    """Read the contract that comes with this package, or that of the checkout it runs from."""
    return read(_PACKAGED if _PACKAGED.exists() else _CHECKOUT)


def read(path: Path) -> Document:
    """Read a contract document from a YAML file."""
    return Document(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))


def _find_rules(node: object) -> list[dict[str, Any]]:
    """Collect every `x-rules` entry, duplicates included, wherever it stands in the document."""
    if isinstance(node, list):
        return [entry for item in node for entry in _find_rules(item)]
    if isinstance(node, dict):
        own = node.get("x-rules", [])
        return [*own, *(entry for key, value in node.items() if key != "x-rules" for entry in _find_rules(value))]
    return []


def _rule(entry: dict[str, Any]) -> Rule:
    return Rule(entry["name"], Level(entry["level"]), entry["statement"], tuple(entry["source"]))
