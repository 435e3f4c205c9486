"""The rules of a client, from `rules.yaml`."""

from __future__ import annotations

import functools
from importlib.resources import files

import yaml

from linq_document import Level, Rule


@functools.cache
def client_rules() -> dict[str, Rule]:
    """The rules by name, in the order of the file."""
    entries = yaml.safe_load((files(__package__ or "") / "rules.yaml").read_text(encoding="utf-8"))
    return {
        entry["name"]: Rule(entry["name"], Level(entry["level"]), entry["statement"], tuple(entry["source"]))
        for entry in entries
    }
