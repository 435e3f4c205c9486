"""The documents that the generator is measured on: ours, and those of two npm packages."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path

import yaml

from openapi_nodes import Object, as_object

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "build" / "documents" / "node_modules"
_EXAMPLES = PACKAGES / "@readme" / "oas-examples"
_GITHUB = PACKAGES / "@octokit" / "openapi" / "generated" / "api.github.com.json"


@dataclass(frozen=True, order=True)
class Document:
    """An OpenAPI 3.x document, and what the table calls it."""

    name: str
    path: Path


def documents() -> list[Document]:
    """Return all of them, ours first and GitHub's last."""
    examples = sorted(path for path in _EXAMPLES.glob("3.*/json/**/*.json") if "openapi" in load(path))
    return [
        Document("openapi.yaml", ROOT / "openapi.yaml"),
        *(Document(_name(path), path) for path in examples),
        Document("github", _GITHUB),
    ]


def _name(path: Path) -> str:
    version, _, *folders = path.relative_to(_EXAMPLES).with_suffix("").parts
    return "/".join([version, *folders])


@functools.cache
def load(path: Path) -> Object:
    """Return the content of a document."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return as_object(json.loads(text))
    # As JSON, whose keys are texts, and which has no dates.
    return as_object(json.loads(json.dumps(yaml.load(text, Loader=yaml.CSafeLoader), default=str)))
