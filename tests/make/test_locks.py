"""What make installs is pinned, by version and by hash."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NODE_PACKAGES = [ROOT, ROOT / "requirements/documents"]


def locked(lock: Path) -> dict[str, str]:
    """Return the version of each requirement; every line must be pinned and have a hash."""
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    pinned = re.compile(r"(\S+?)==(\S+)(?: ; .+?)?(?:\s+--hash=sha256:[0-9a-f]{64})+\s*")
    matches = [pinned.fullmatch(entry) for entry in entries]
    assert None not in matches, [entry for entry in entries if not pinned.fullmatch(entry)]
    return {canonicalize_name(match[1]): match[2] for match in matches if match}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_is_pinned_with_hashes(lock: Path) -> None:
    assert locked(lock)


JUDGE: dict[str, Any] = tomllib.loads((ROOT / "contract_tests/pyproject.toml").read_text(encoding="utf-8"))
REQUIREMENTS = [
    Requirement(text)
    for text in [
        *PROJECT["build-system"]["requires"],
        *JUDGE["build-system"]["requires"],
        *PROJECT["project"]["dependencies"],
        *JUDGE["tool"]["hatch"]["metadata"]["hooks"]["custom"]["requires"],
        *(
            text
            for project in (PROJECT, JUDGE)
            for extra in project["project"]["optional-dependencies"].values()
            for text in extra
            if not text.startswith("linq-contract")  # the other distribution of the repository
        ),
        *(text for group in PROJECT["dependency-groups"].values() for text in group),
    ]
]


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
def test_what_the_project_requires_is_locked_in_a_version_that_fits(requirement: Requirement) -> None:
    versions = locked(ROOT / "requirements/dev.lock")

    assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("lock", [lock for lock in LOCKS if lock.stem != "dev"], ids=lambda lock: lock.name)
def test_what_a_list_of_requirements_asks_for_is_locked_in_a_version_that_fits(lock: Path) -> None:
    asked_for = map(Requirement, lock.with_suffix(".in").read_text(encoding="utf-8").splitlines())

    assert all(requirement.specifier.contains(locked(lock)[requirement.name]) for requirement in asked_for)


def node_packages(folder: Path) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """Return the dependencies that a folder asks for, and all that its lock file has, by path."""
    asked_for = json.loads((folder / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    return asked_for, {path: entry for path, entry in lock["packages"].items() if path}


@pytest.mark.parametrize("folder", NODE_PACKAGES, ids=lambda folder: folder.name)
def test_a_node_package_is_pinned_and_locked_in_that_version(folder: Path) -> None:
    asked_for, packages = node_packages(folder)

    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked_for.values())
    assert {name: packages[f"node_modules/{name}"]["version"] for name in asked_for} == asked_for


@pytest.mark.parametrize("folder", NODE_PACKAGES, ids=lambda folder: folder.name)
def test_every_node_package_has_an_integrity_hash(folder: Path) -> None:
    _, packages = node_packages(folder)

    assert packages
    assert [
        path for path, entry in packages.items() if not entry.get("integrity", "").startswith("sha512-")
    ] == []
