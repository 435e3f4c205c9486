"""The walks of ARCHITECTURE.md: each link leads to a file, and each name that it shows is defined there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\[(`?)([^\]`]+)\1\]\((?!\w+:)([^)#]+)(?:#[^)]*)?\)")
DEFINITION = r"^\s*(?:export )?(?:async )?(?:def|class|function) {0}\b|^(?:export const )?{0}\b.* = "


def links() -> Iterator[tuple[str, str, bool]]:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    return ((match[2], match[3], match[1] == "`") for match in LINK.finditer(text))


PATHS = sorted({path for _, path, _ in links()})
NAMES = sorted({(name, path) for name, path, is_code in links() if is_code})


@pytest.mark.parametrize("path", PATHS)
def test_a_link_leads_to_a_file(path: str) -> None:
    assert (ROOT / path).is_file()


@pytest.mark.parametrize(("name", "path"), NAMES)
def test_a_name_is_defined_in_the_file_that_it_links_to(name: str, path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")

    for part in name.split("."):
        assert re.search(DEFINITION.format(re.escape(part)), text, re.MULTILINE), part
