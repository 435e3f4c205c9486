"""YAML 1.2, which OpenAPI is written in: `no`, `16:9`, `1_000` and dates are texts, unlike in YAML 1.1."""

from __future__ import annotations

import re
from typing import Any

import yaml

_PLAIN = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    "float": (r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
    "merge": (r"<<", ["<"]),
}


class _Loader(yaml.CSafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - filled in below


_untyped: Any = _Loader
for _name, (_pattern, _letters) in _PLAIN.items():
    _untyped.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(rf"(?:{_pattern})\Z"), _letters)


def read(text: str) -> Any:
    """Return what a text says in YAML.

    Raises:
        yaml.YAMLError: It is none.
        ValueError: The same.

    """
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe one
