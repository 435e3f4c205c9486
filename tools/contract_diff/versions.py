"""Whether the versions and the changelog follow what changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contract_diff.changes import Change, Part, Step, Version, step_of
from contract_diff.revisions import Snapshot


@dataclass(frozen=True, slots=True)
class Raise:
    """What the changes ask of one version; `base` and `now` are as they are written."""

    name: str
    base: str
    now: str
    step: Step

    @property
    def lowest(self) -> Version:
        """The lowest version that follows the changes."""
        return Version.parse(self.base).after(self.step)

    @property
    def problem(self) -> str | None:
        """A sentence when the version does not follow."""
        if Version.parse(self.now) >= self.lowest:
            return None
        if self.step is Step.NONE:
            return f"{self.name} went back from {self.base} to {self.now}."
        return f"{self.name} was {self.base} and is {self.now}; the changes ask for {self.lowest} or more."


def raises(base: Snapshot, now: Snapshot, changes: Sequence[Change], *, is_released: bool) -> list[Raise]:
    """Return what the changes ask of each version that the base has.

    The package holds the document, so that every change of the document is one of the package. A base that
    was never released asks for nothing: nobody has it.
    """
    document = step_of(change for change in changes if change.part is Part.DOCUMENT)
    package = step_of(changes)
    found = [Raise("info.version of openapi.yaml", base.document_version, now.document_version, document)]
    if base.package_version and now.package_version:
        name = "package_version_override of overrides/config.yaml"
        found.append(Raise(name, base.package_version, now.package_version, package))
    return found if is_released else [Raise(one.name, one.base, one.now, Step.NONE) for one in found]


def problems(base: Snapshot, now: Snapshot, changes: Sequence[Change], asked: Sequence[Raise]) -> list[str]:
    """Return a sentence for each thing that does not follow the changes."""
    return [
        *(one.problem for one in asked if one.problem),
        *_changelog_problems(base, now, changes),
    ]


def _changelog_problems(base: Snapshot, now: Snapshot, changes: Sequence[Change]) -> Iterator[str]:
    if now.changelog is None or now.package_version is None:
        return
    section = _sections(now.changelog).get(now.package_version)
    newest = next(iter(_sections(now.changelog)), None)
    if section is None or newest != now.package_version:
        yield (
            f"The first section of CHANGELOG.md is {newest}; the package is {now.package_version}: "
            f"begin it with `## {now.package_version}`."
        )
    elif not re.search(r"^- \S", section, re.MULTILINE):
        yield f"The section {now.package_version} of CHANGELOG.md says nothing."
    elif changes and section == _sections(base.changelog or "").get(now.package_version):
        yield f"The section {newest} of CHANGELOG.md does not say what changed since {base.name}."


def _sections(changelog: str) -> dict[str, str]:
    """The sections of a changelog by the version that their heading begins with."""
    parts = re.split(r"^## (\S+).*$", changelog, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
