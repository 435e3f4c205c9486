"""The JSON Schema of the report, which every report that a test makes is held to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from linq_contract.commands import reporting
from linq_contract.report.description import describe
from linq_contract.report.schema import SCHEMA
from linq_document import compile_schema

if TYPE_CHECKING:
    import pytest

    from linq_contract.report.description import Description, Replays
    from linq_contract.run.result import Result

VALIDATOR = compile_schema(json.loads(SCHEMA.read_text(encoding="utf-8")))


def hold_to_the_schema(report: Any) -> None:
    """Fail, naming the place, if a report is not as its schema says."""
    errors = [
        f"{'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in VALIDATOR.iter_errors(report)
    ]
    assert errors == []


def described_by_the_schema(result: Result, replays: Replays) -> Description:
    description = describe(result, replays)
    hold_to_the_schema(json.loads(json.dumps(description)))
    return description


def hold_every_report(patch: pytest.MonkeyPatch) -> None:
    """Have the commands make no report that is not as its schema says."""
    patch.setattr(reporting, "describe", described_by_the_schema)
