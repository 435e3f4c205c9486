"""Every promise of docs/safety.md names a test that there is, and every file of these tests has a promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/safety.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)


def test_every_promise_names_a_test() -> None:
    promises = [row for row in PAGE.partition("## What is promised")[2].splitlines() if row.startswith("| ")]
    rows = [row for row in promises if row not in {"| promise | test |", "| --- | --- |"}]

    assert len(rows) == len(NAMED) > 30
    assert all("::test_" in row for row in rows)


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_the_test_of_a_promise_exists(file: str, test: str) -> None:
    assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8")


def test_every_file_of_these_tests_is_named() -> None:
    files = {path.name for path in Path(__file__).parent.glob("test_*.py")} - {Path(__file__).name}

    assert files <= {Path(file).name for file, _ in NAMED}
