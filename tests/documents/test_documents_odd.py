"""A document with something odd in it is measured like any other."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast

from schemathesis.errors import InvalidSchema

from documents.corpus import load
from documents.exercise import Run
from documents.specification import Specification
from documents.values import Values

if TYPE_CHECKING:
    import pytest

    from documents.clients import Client
    from documents.specification import Operation


class Named:
    """A client that has every operation."""

    def find(self, operation: Operation) -> ModuleType:
        return ModuleType(operation.name)

    def media_types(self, operation: Operation) -> list[str]:
        return [body.media_type for body in operation.bodies]


def test_dates_and_numbers_that_yaml_reads_are_texts_as_in_json(tmp_path: Path) -> None:
    (tmp_path / "document.yaml").write_text("example: 2026-01-02\nresponses: {200: {}}\n", encoding="utf-8")

    assert load(tmp_path / "document.yaml") == {"example": "2026-01-02", "responses": {"200": {}}}


def test_a_schema_that_schemathesis_refuses_is_one_that_nothing_is_drawn_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise InvalidSchema("no such schema")

    monkeypatch.setattr(Values, "requests", refuse)
    specification = Specification({"paths": {"/a": {"get": {"responses": {"204": {"description": "-"}}}}}})
    run = Run(cast("Client", Named()), Values(specification), examples=1)

    found = run.exercise(specification.operations[0])

    assert found.undrawn
    assert "no such schema" in str(found.wrong)
