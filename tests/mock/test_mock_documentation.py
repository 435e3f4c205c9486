"""docs/mock.md leaves nothing out."""

from __future__ import annotations

import re
from pathlib import Path

import linq_document
from linq_mock.cli import mock
from linq_mock.log import LONGEST_BODY, MOST_BYTES, MOST_ENTRIES
from linq_mock.scenario import ready_scenarios

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/mock.md").read_text(encoding="utf-8")
CONTROL = linq_document.read(ROOT / "mock_server/linq_mock/control/openapi.yaml")


def test_it_names_every_option_path_and_scenario() -> None:
    options = {option for parameter in mock.params for option in parameter.opts}

    assert [option for option in options if f"`{option}" not in PAGE] == []
    assert [path for path in CONTROL.raw["paths"] if f"`{path}`" not in PAGE] == []
    assert [name for name in ready_scenarios() if f"| `{name}` |" not in PAGE] == []


def test_the_numbers_that_it_says_are_those_of_the_log() -> None:
    assert f"The newest {MOST_ENTRIES:,} requests are kept" in PAGE
    assert f"{LONGEST_BODY // 1024} KiB of each body" in PAGE
    assert f"{MOST_BYTES // 2**20} MiB in all" in PAGE


def test_its_pictures_are_there_and_light() -> None:
    pictures = {ROOT / "docs" / name for name in re.findall(r"images/[a-z-]+\.png", PAGE)}

    assert len(pictures) == 5
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)
    assert max(picture.stat().st_size for picture in pictures) < 200_000
