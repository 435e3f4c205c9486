"""docs/migrating.md: the left column runs with the vendor's SDK, the right one here, to the same results."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.limits import limit

import linq_phone_numbers
from linq_mock import running

ROOT = Path(__file__).parents[2]
SDK = ROOT / ".sdk/linq-python-newest"
PAGE = (ROOT / "docs/migrating.md").read_text(encoding="utf-8").partition("## What behaves otherwise")[0]
ROWS = re.findall(r"^\| (.+?) \| (.+?) \|(?: .* \|| \|)$", PAGE, re.MULTILINE)
CELL = re.compile(r"`(.+)`")
(PREPARATION,) = re.findall(r"invisible-code-block: preparation\n(.*?)--->", PAGE, re.DOTALL)


def printed(program: str, argument: str, **environment: str) -> Any:
    """What a program beside this file prints, as JSON."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name(program)), argument],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=limit(60),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def values(column: int, **environment: str) -> list[Any]:
    """What the cells of a column come to; None for a statement, and for prose."""
    codes = [CELL.fullmatch(row[column]) for row in ROWS]
    cells = json.dumps([PREPARATION, [code[1] for code in codes if code]])
    found = iter(printed("migration.py", cells, **environment))
    return [next(found) if code else None for code in codes]


def test_both_columns_run_and_where_both_have_a_value_it_is_the_same() -> None:
    with running() as mock:
        server = {"LINQ_API_V3_API_KEY": mock.tokens[0], "LINQ_API_V3_BASE_URL": mock.url}
        of_the_vendor, ours = values(0, PYTHONPATH=str(SDK), **server), values(1, **server)

    both = [
        (row, left, right)
        for row, left, right in zip(ROWS, of_the_vendor, ours, strict=True)
        if left is not None and right is not None
    ]
    assert len(both) > 20
    assert [each for each in both if each[1] != each[2]] == []


def test_every_error_that_a_call_raises_is_named() -> None:
    errors = [name for name in linq_phone_numbers.__all__ if name.endswith("Error")]

    assert [name for name in errors if f"`linq.{name}`" not in PAGE] == [
        "APIResponseError",
        "InvalidDataError",
    ]


@pytest.mark.parametrize(
    ("server", "of_the_vendor", "ours"),
    [
        ("a long pause", ["RateLimitError", 2], ["RateLimitError", 1]),
        ("a missing property", ["None", 1], ["APIResponseValidationError", 1]),
        ("HTML", ["<html></html>", 1], ["APIResponseValidationError", 1]),
    ],
)
def test_what_behaves_otherwise(
    outcomes: tuple[dict[str, Any], dict[str, Any]], server: str, of_the_vendor: list[Any], ours: list[Any]
) -> None:
    assert [outcome[server] for outcome in outcomes] == [of_the_vendor, ours]


@pytest.fixture(scope="module")
def outcomes() -> tuple[dict[str, Any], dict[str, Any]]:
    """What the vendor's client and ours make of servers that misbehave."""
    return printed("differences.py", "linq", PYTHONPATH=str(SDK)), printed(
        "differences.py", "linq_phone_numbers"
    )
