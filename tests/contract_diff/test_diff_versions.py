"""Versions and changelog follow what changed, and the command says so."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from contract_diff import revisions
from contract_diff.__main__ import main
from contract_diff.changes import Change, Kind, Part, Step, Version
from contract_diff.revisions import Snapshot
from contract_diff.versions import problems, raises

ROOT = Path(__file__).parents[2]
BREAKING = Change(Kind.BREAKING_FOR_CLIENTS, "here", "was removed")
ADDED_IN_PYTHON = Change(Kind.ADDITIVE, "there", "was added", Part.PYTHON)


def at(document: str, package: str, changelog: str) -> Snapshot:
    return Snapshot("the base", {"info": {"version": document}}, None, package, changelog)


BASE = at("1.2.3", "0.4.5", "# Changelog\n\n## 0.4.5\n\n- It is there.\n")
AFTER = at("2.0.0", "0.5.0", "# Changelog\n\n## 0.5.0\n\n- It is gone.\n\n## 0.4.5\n\n- It is there.\n")


def found(now: Snapshot, *changes: Change, base: Snapshot = BASE, is_released: bool = True) -> list[str]:
    return problems(base, now, changes, raises(base, now, changes, is_released=is_released))


@pytest.mark.parametrize(
    ("version", "step", "lowest"),
    [
        ("1.2.3", Step.MAJOR, "2.0.0"),
        ("1.2.3", Step.MINOR, "1.3.0"),
        ("1.2.3", Step.PATCH, "1.2.4"),
        ("1.2.3", Step.NONE, "1.2.3"),
        ("0.2.3", Step.MAJOR, "0.3.0"),
        ("0.2.3", Step.MINOR, "0.2.4"),
        ("0.2.3", Step.PATCH, "0.2.4"),
        ("0.2.3", Step.NONE, "0.2.3"),
    ],
)
def test_a_step_is_one_place_smaller_before_the_first_major(version: str, step: Step, lowest: str) -> None:
    assert str(Version.parse(version).after(step)) == lowest


def test_versions_that_follow_are_right() -> None:
    assert found(AFTER, BREAKING) == []


def test_versions_that_go_further_are_right() -> None:
    now = at("3.0.0", "1.0.0", AFTER.changelog.replace("0.5.0", "1.0.0") if AFTER.changelog else "")

    assert found(now, BREAKING) == []


def test_a_version_that_stays_behind_is_named_with_what_is_asked_for() -> None:
    assert found(BASE, BREAKING) == [
        "info.version of openapi.yaml was 1.2.3 and is 1.2.3; the changes ask for 2.0.0 or more.",
        (
            "package_version_override of overrides/config.yaml was 0.4.5 and is 0.4.5; "
            "the changes ask for 0.5.0 or more."
        ),
        "The section 0.4.5 of CHANGELOG.md does not say what changed since the base.",
    ]


def test_a_change_of_the_python_api_alone_asks_nothing_of_the_document() -> None:
    assert found(at("1.2.3", "0.4.6", "## 0.4.6\n\n- More.\n"), ADDED_IN_PYTHON) == []


def test_a_version_does_not_go_back() -> None:
    now = at("1.2.2", "0.4.5", BASE.changelog or "")

    assert found(now) == ["info.version of openapi.yaml went back from 1.2.3 to 1.2.2."]


@pytest.mark.parametrize(
    ("changelog", "problem"),
    [
        ("## 0.4.5\n\n- It is there.\n", "The first section of CHANGELOG.md is 0.4.5; the package is 0.5.0"),
        ("", "The first section of CHANGELOG.md is None"),
        ("## 0.5.0\n\n## 0.4.5\n\n- It is there.\n", "The section 0.5.0 of CHANGELOG.md says nothing."),
    ],
)
def test_the_changelog_has_a_section_that_says_something(changelog: str, problem: str) -> None:
    [only] = found(replace(AFTER, changelog=changelog), BREAKING)

    assert problem in only


def test_before_the_first_release_a_change_asks_for_no_step_and_for_words_in_the_changelog() -> None:
    said = replace(BASE, changelog="## 0.4.5 (unreleased)\n\n- It is there.\n- And this.\n")

    assert found(said, BREAKING, is_released=False) == []
    assert found(BASE, BREAKING, is_released=False) == [
        "The section 0.4.5 of CHANGELOG.md does not say what changed since the base."
    ]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project in a git repository of its own, in which nothing was released."""
    for name in ("openapi.yaml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("overrides", "generated"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    monkeypatch.setattr(revisions, "ROOT", tmp_path)
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "tag.gpgSign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--no-gpg-sign", "--message", "A commit")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments)
    return result.exit_code, result.output


def as_json(*arguments: str) -> Any:
    return json.loads(run("--format", "json", *arguments)[1])


@pytest.mark.usefixtures("project")
def test_a_project_that_was_never_released_is_right_as_it_is() -> None:
    code, output = run("--check")

    assert code == 0
    assert "Nothing was released yet" in output


def test_a_change_since_a_release_that_no_version_follows_fails(project: Path) -> None:
    git(project, "tag", "v0.1.0")
    edit(project / "openapi.yaml", "level: MUST", "level: SHOULD")

    code, output = run("--check")

    assert code == 1
    assert "rule loosened (minor)" in output
    assert "openapi.yaml was 3.0.0 and is 3.0.0; the changes ask for 3.1.0 or more." in output
    assert run()[0] == 0, "without --check it only tells"


def test_a_change_since_a_release_that_the_versions_follow_is_right(project: Path) -> None:
    git(project, "tag", "v0.1.0")
    edit(project / "openapi.yaml", "level: MUST", "level: SHOULD")
    edit(project / "openapi.yaml", "version: 3.0.0", "version: 3.1.0")
    edit(project / "overrides/config.yaml", "0.1.0", "0.1.1")
    edit(project / "CHANGELOG.md", "## 0.1.0", "## 0.1.1\n\n- Rules are looser.\n\n## 0.1.0")
    commit(project)

    assert run("--check")[0] == 0


def test_a_revision_is_compared_with_its_client(project: Path) -> None:
    edit(project / "generated/linq_phone_numbers/_clients.py", "def close", "def shut")

    found = as_json("HEAD")

    assert {"LinqClient.close", "LinqClient.shut"} <= {
        change["place"].removeprefix("linq_phone_numbers.client.")
        for change in found["changes"]
        if change["part"] == "python"
    }


@pytest.mark.usefixtures("project")
def test_a_file_is_compared_with_the_client_that_follows_from_it(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    shutil.copy(ROOT / "openapi.yaml", other)
    edit(other, "forwarding_number", "forward_to")

    found = as_json(str(other))

    assert found["python_compared"]
    parts = {change["part"] for change in found["changes"] if change["kind"] == "breaking for clients"}
    assert parts == {"document", "python"}


@pytest.mark.parametrize(
    ("base", "sentence"),
    [
        ("no-such-revision", "Not a valid object name"),
        ("CHANGELOG.md", "holds no YAML mapping"),
        ("overrides/config.yaml", "has no member openapi"),
    ],
)
def test_a_base_that_is_none_is_a_sentence(
    project: Path, monkeypatch: pytest.MonkeyPatch, base: str, sentence: str
) -> None:
    monkeypatch.chdir(project)
    (project / "CHANGELOG.md").write_text("Words.\n", encoding="utf-8")

    code, output = run(base)

    assert code == 1
    assert output.startswith("Error: ")
    assert sentence in output


def test_a_tag_whose_version_the_changelog_does_not_have_is_named(project: Path) -> None:
    git(project, "tag", "v0.0.9")

    code, output = run("--check")

    assert code == 1
    assert "CHANGELOG.md has no section of 0.0.9, which is tagged." in output


def test_a_tag_is_a_release_if_it_is_the_version_and_the_changelog_has_its_date(project: Path) -> None:
    code, output = run("--check", "--tag", "v0.2.0")

    assert code == 1
    assert "The tag is v0.2.0, and the package is 0.1.0: tag it v0.1.0, or raise its version." in output
    assert "The first section of CHANGELOG.md has no date: begin it with `## 0.1.0 (YYYY-MM-DD)`." in output

    edit(project / "CHANGELOG.md", "## 0.1.0 (unreleased)", "## 0.1.0 (2026-12-01)")
    git(project, "tag", "v0.1.0")

    assert run("--check", "--tag", "v0.1.0")[0] == 0


def test_a_component_that_installs_another_version_is_no_release(project: Path) -> None:
    edit(project / "CHANGELOG.md", "## 0.1.0 (unreleased)", "## 0.1.0 (2026-12-01)")
    (project / "templates").mkdir(exist_ok=True)
    (project / "templates/validate.yml").write_text('default: "0.0.9"', encoding="utf-8")

    code, output = run("--check", "--tag", "v0.1.0")

    assert code == 1
    assert "templates/validate.yml installs another version by default: write 0.1.0 there." in output
