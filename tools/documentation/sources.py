"""The sources of the pages: Markdown in docs/, as GitHub shows it, completed from code and document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import linq_document
from documentation.commands import commands
from documentation.contract import contract
from documentation.detection import plot
from documentation.exit_codes import exit_codes

ROOT = Path(__file__).parents[2]
PAGES_OF_FILES: Mapping[str, str] = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""Which pages show files from the top of the repository."""

_PARTS: Mapping[str, Callable[[], str]] = {
    "contract": lambda: contract(linq_document.load()),
    "commands": commands,
    "exit codes": exit_codes,
    "plot of the detection": lambda: plot((ROOT / "docs/detection-of-faults.md").read_text(encoding="utf-8")),
}
_PART = re.compile(r"^<!-- (?:generated: ([\w ]+)|file: (\w+\.md)) -->$", re.MULTILINE)
_LINK_TO_A_FILE = re.compile(rf"\]\(\.\./({'|'.join(map(re.escape, PAGES_OF_FILES))})(?=[)#])")
_RELATIVE_LINK = re.compile(r"\]\((?!\w+:|#)(?=\S+\))")


def completed(page: str) -> str:
    """Return a page with the parts that its comments name, and with links to pages instead of their files.

    Such a comment is `<!-- generated: commands -->`, or `<!-- file: ARCHITECTURE.md -->`.
    """
    whole = _PART.sub(_part, page)
    return _LINK_TO_A_FILE.sub(lambda match: f"]({PAGES_OF_FILES[match[1]]}", whole)


def _part(comment: re.Match[str]) -> str:
    return _PARTS[comment[1]]() if comment[1] else _seen_from_docs((ROOT / comment[2]).read_text("utf-8"))


def _seen_from_docs(text: str) -> str:
    """Return a file from the top of the repository with links that lead to the same from within docs/."""
    return _RELATIVE_LINK.sub("](../", text).replace("](../docs/", "](")
