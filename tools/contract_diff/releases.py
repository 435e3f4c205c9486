"""Whether the changelog has what was released, and a tag may become a release."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from contract_diff.revisions import Snapshot

_HEADING = re.compile(r"^## (?P<version>\S+)(?: \((?P<when>[^)]*)\))?$", re.MULTILINE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_COMPONENT = "templates/validate.yml"


def unnamed_releases(tags: Sequence[str], now: Snapshot) -> Iterator[str]:
    """Yield a sentence for each tag whose version the changelog does not have."""
    named = {heading["version"] for heading in _HEADING.finditer(now.changelog or "")}
    for tag in tags:
        if tag.removeprefix("v") not in named:
            yield f"CHANGELOG.md has no section of {tag.removeprefix('v')}, which is tagged."


def release_problems(tag: str, now: Snapshot, root: Path) -> Iterator[str]:
    """Yield a sentence for each thing that keeps a tag from becoming a release of the project in a folder."""
    version = now.package_version or ""
    if tag != f"v{version}":
        yield f"The tag is {tag}, and the package is {version}: tag it v{version}, or raise its version."
    first = _HEADING.search(now.changelog or "")
    if first is None or not _DATE.fullmatch(first["when"] or ""):
        yield f"The first section of CHANGELOG.md has no date: begin it with `## {version} (YYYY-MM-DD)`."
    component = root / _COMPONENT
    if component.exists() and f'default: "{version}"' not in component.read_text(encoding="utf-8"):
        yield f"{_COMPONENT} installs another version by default: write {version} there."
