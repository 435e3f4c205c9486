"""What is looked up in a document as it was written, and how its text comes into code."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from generator import prose
from generator.document import Document, load
from generator.errors import GenerationError

if TYPE_CHECKING:
    from pathlib import Path

SCHEMAS: dict[str, Any] = {
    "Number": {"type": "string", "pattern": "^x$"},
    "Line": {"properties": {"number": {"$ref": "#/components/schemas/Number"}}},
    "More": {"allOf": [{"description": "More."}, {"$ref": "#/components/schemas/Line"}]},
}
DOCUMENT = Document({"components": {"schemas": SCHEMAS}})


def test_a_keyword_is_found_through_references_and_all_of() -> None:
    assert DOCUMENT.keyword({"$ref": "#/components/schemas/Number"}, "pattern") == "^x$"
    assert DOCUMENT.keyword({"allOf": [{"$ref": "#/components/schemas/Number"}]}, "pattern") == "^x$"
    assert DOCUMENT.keyword(SCHEMAS["More"], "description") == "More."
    assert DOCUMENT.keyword(SCHEMAS["Line"], "pattern") is None


def test_a_reference_that_leads_nowhere_is_named() -> None:
    with pytest.raises(GenerationError, match="#/components/schemas/None leads nowhere"):
        DOCUMENT.keyword({"$ref": "#/components/schemas/None"}, "pattern")


def test_a_document_is_read_as_json(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text("{openapi: 3.1.0, paths: {/x: {get: {responses: {200: {x-since: 2026-01-02}}}}}}")

    assert load(path).raw["paths"] == {"/x": {"get": {"responses": {"200": {"x-since": "2026-01-02"}}}}}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(
            (text, text)
            for text in ("no", "NO", "on", "16:9", "1_000", "2026-01-02", "0x1F", "007", ".nan", "=")
        ),
        *(("true", True), ("False", False), ("null", None), ("~", None), ("-7", -7), ("+1", 1), ("0", 0)),
        *(("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("'1'", "1"), ("{<<: {a: 1}}", {"a": 1})),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("{on: 1}", {"on": 1}),
    ],
)
def test_a_document_is_read_as_yaml_1_2(tmp_path: Path, written: str, meant: Any) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(f"openapi: 3.1.0\nx-value: {written}\n", encoding="utf-8")

    assert load(path).raw["x-value"] == meant
    assert type(load(path).raw["x-value"]) is type(meant)


@pytest.mark.parametrize("name", ["openapi.yaml", "openapi.json"])
def test_a_document_may_begin_with_the_mark_of_its_encoding(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text('{"openapi": "3.1.0"}', encoding="utf-8-sig")

    assert load(path).raw == {"openapi": "3.1.0"}


@pytest.mark.parametrize("reference", ["other.yaml#/X", "https://example.com/x.json"])
def test_a_reference_out_of_the_document_is_refused(reference: str) -> None:
    with pytest.raises(GenerationError, match="leads out of the document: bundle it first"):
        DOCUMENT.at(reference)


def test_a_reference_that_leads_back_to_itself_is_refused() -> None:
    document = Document({"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}})

    with pytest.raises(GenerationError, match="leads back to itself"):
        document.resolve({"$ref": "#/a"})


@pytest.mark.parametrize("reference", [5, ["#/a"]])
def test_a_reference_that_is_no_text_is_refused(reference: Any) -> None:
    document = Document({})

    with pytest.raises(GenerationError, match="leads out of the document"):
        document.resolve({"$ref": reference})
    with pytest.raises(GenerationError, match="leads out of the document"):
        document.keyword({"$ref": reference}, "pattern")


def test_a_reference_may_be_escaped_and_lead_into_an_array() -> None:
    assert Document({"a/b": [{"c d": 1}]}).at("#/a~1b/0/c%20d") == 1


@given(st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" ")))
def test_a_literal_stands_for_its_text(text: str) -> None:
    assert ast.literal_eval(prose.literal(text)) == text


@given(st.text(), st.sampled_from([0, 4, 8, 12]))
@example('"', 0)
@example('"""', 0)
@example('\\"', 0)
@example('\\"""', 0)
def test_any_text_makes_a_docstring(text: str, indentation: int) -> None:
    for written in (
        prose.paragraphs(text, indentation),
        prose.sentence(text),
        prose.entry("name", text, indentation),
    ):
        ast.parse(f'"""x {written}"""')


def test_an_entry_is_continued_deeper() -> None:
    first, *others = prose.entry("name", "word " * 40, 8).splitlines()

    assert first.startswith("name: word")
    assert others
    assert all(line.startswith(" " * 12 + "word") for line in others)
