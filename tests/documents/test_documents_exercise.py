"""A client of a document that has everything comes through, and one that is broken does not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
LIST = {"type": "array", "items": NUMBER}
OBJECT = {"type": "object", "properties": {"a": TEXT, "b": NUMBER}}
THING = {"$ref": "#/components/schemas/Thing"}
FILES = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}, "note": TEXT}}
STYLED: list[dict[str, Any]] = [
    {"in": "path", "name": "id", "required": True, "schema": LIST, "style": "matrix", "explode": True},
    {"in": "query", "name": "timeout", "schema": NUMBER},
    {"in": "query", "name": "filter", "schema": OBJECT, "style": "deepObject", "explode": True},
    {"in": "query", "name": "ids", "schema": LIST, "explode": False},
    {"in": "header", "name": "X-Flag", "schema": {"type": "boolean"}},
    {"in": "header", "name": "X-List", "schema": LIST},
    {"in": "cookie", "name": "session", "schema": TEXT},
]


def body(media_type: str, schema: Any) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


def answer(media_type: str, schema: Any, status: str = "200") -> dict[str, Any]:
    return {status: {"description": "-", "content": {media_type: {"schema": schema}}}}


NOTHING = {"204": {"description": "-"}}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1.0.0"},
    "paths": {
        "/styled/{id}": {"get": {"parameters": STYLED, "responses": NOTHING}},
        "/several": {
            "get": {
                "responses": {
                    **answer("application/json", THING),
                    **answer("text/plain", TEXT, "203"),
                    **NOTHING,
                }
            }
        },
        "/map": {
            "get": {
                "responses": answer("application/json", {"type": "object", "additionalProperties": THING})
            }
        },
        "/any": {"get": {"responses": answer("*/*", THING)}},
        "/bytes": {"get": {"responses": answer("image/png", {})}},
        "/patch": {"patch": {**body("application/merge-patch+json", THING), "responses": NOTHING}},
        "/form": {"post": {**body("application/x-www-form-urlencoded", OBJECT), "responses": NOTHING}},
        "/files": {"post": {**body("multipart/form-data", FILES), "responses": NOTHING}},
        "/raw": {"put": {**body("application/octet-stream", {}), "responses": NOTHING}},
        "/text": {"put": {**body("text/plain", TEXT), "responses": NOTHING}},
        "/optional": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": THING}}},
                "responses": NOTHING,
            }
        },
        "/list": {
            "put": {**body("application/json", {"type": "array", "items": THING}), "responses": NOTHING}
        },
        "/shared": {"$ref": "#/paths/~1map"},
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["kind", "when"],
                "properties": {
                    "kind": {"enum": ["a", "A"]},
                    "when": {"type": "string", "format": "date-time"},
                    "to_dict": {"type": ["integer", "null"]},
                    "part": {
                        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
                        "discriminator": {"propertyName": "type"},
                    },
                },
            },
            "Cat": {"type": "object", "required": ["type"], "properties": {"type": {"const": "Cat"}}},
            "Dog": {"type": "object", "required": ["type"], "properties": {"type": {"const": "Dog"}}},
        }
    },
}


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the document, and the package that the generator makes of it."""
    path = tmp_path_factory.mktemp("any")
    (path / "document.json").write_text(json.dumps(DOCUMENT), encoding="utf-8")
    (path / "config.yaml").write_text("{}", encoding="utf-8")
    options: list[str | Path] = [
        "--document",
        path / "document.json",
        "--config",
        path / "config.yaml",
        "--output",
        path,
    ]
    done = run("overrides/generate.py", *options)
    assert done.returncode == 0, done.stderr
    return path


def exercised(folder: Path) -> dict[str, dict[str, Any]]:
    options: list[str | Path] = [
        "--document",
        folder / "document.json",
        "--folder",
        folder,
        "--package",
        "things",
    ]
    done = run("-m", "documents.exercise", *options, "--client", "ours", "--examples", "5")
    assert done.returncode == 0, done.stderr
    return {one["operation"]: one for one in map(json.loads, done.stdout.splitlines())}


def test_every_operation_of_a_document_with_everything_comes_through(folder: Path) -> None:
    found = exercised(folder)

    assert len(found) == len(DOCUMENT["paths"])
    assert {name: one["wrong"] for name, one in found.items() if one["wrong"] or not one["calls"]} == {}


def test_the_package_is_imported_without_a_warning_and_completely_typed(folder: Path) -> None:
    modules = "import things; [getattr(things, name) for name in things.__all__]"

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", modules],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", ".mypy", "things"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    assert checked.returncode == 0, checked.stdout


def test_a_client_that_writes_a_parameter_in_another_style_is_found_out(folder: Path) -> None:
    module = next(folder.glob("things/api/default/get_styled*.py"))
    written = module.read_text(encoding="utf-8")
    assert '"deepObject"' in written
    module.write_text(written.replace('"deepObject"', '"form"'), encoding="utf-8")

    found = exercised(folder)["GET /styled/{id}"]
    module.write_text(written, encoding="utf-8")

    assert "arrived" in str(found["wrong"])
