"""What the project was at a git revision, is in the working tree, or would be with another document."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from openapi_nodes import as_object

ROOT = Path(__file__).resolve().parents[2]
_DOCUMENT, _CONFIG, _CHANGELOG, _GENERATED = (
    "openapi.yaml",
    "overrides/config.yaml",
    "CHANGELOG.md",
    "generated",
)


class RevisionError(Exception):
    """A base could not be read; the text is a sentence for whoever named it."""


@dataclass(frozen=True)
class Snapshot:
    """A document and, where they are known, the Python package and the changelog that go with it."""

    name: str
    document: dict[str, Any]
    package: Path | None = None
    package_version: str | None = None
    changelog: str | None = None

    @property
    def document_version(self) -> str:
        return str(self.document.get("info", {}).get("version", ""))


def working_tree(root: Path) -> Snapshot:
    """Return what the project is now.

    Raises:
        RevisionError: There is no document, or it is none.

    """
    return _snapshot("the working tree", root)


def snapshot_of(base: str, folder: Path, root: Path) -> Snapshot:
    """Return what a base is: a file, or else a git revision, which is unpacked into `folder`.

    Raises:
        RevisionError: It is neither, or what it has is no OpenAPI document.

    """
    if Path(base).is_file():
        return _of_file(Path(base), folder, root)
    _unpack(base, folder, root)
    return _snapshot(base, folder)


def _snapshot(name: str, folder: Path) -> Snapshot:
    document = _read(folder / _DOCUMENT)
    if not (folder / _CONFIG).is_file():
        return Snapshot(name, document)
    config = _read(folder / _CONFIG)
    package = folder / _GENERATED / str(config.get("package_name_override"))
    changelog = folder / _CHANGELOG
    return Snapshot(
        name,
        document,
        package if package.is_dir() else None,
        str(config.get("package_version_override")),
        changelog.read_text(encoding="utf-8") if changelog.is_file() else None,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise RevisionError(f"{path} cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise RevisionError(f"{path} holds no YAML mapping, so it is no document.")
    return as_object(content)


def _of_file(document: Path, folder: Path, root: Path) -> Snapshot:
    """A document alone: its package is what the generator of today makes of it."""
    content = _read(document)
    if "openapi" not in content:
        raise RevisionError(f"{document} has no member openapi, so it is no OpenAPI document.")
    command: list[str | Path] = [sys.executable, root / "overrides" / "generate.py"]
    command += ["--document", document, "--output", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    if done.returncode:
        sys.stderr.write(
            f"The Python API is not compared, since no client follows from {document}:\n{done.stderr}"
        )
        return Snapshot(str(document), content)
    package = next(path.parent for path in folder.glob("*/__init__.py"))
    return Snapshot(str(document), content, package)


def _unpack(revision: str, folder: Path, root: Path) -> None:
    present = git(
        root, "ls-tree", "--name-only", f"{revision}^{{commit}}", _DOCUMENT, _CONFIG, _CHANGELOG, _GENERATED
    )
    if _DOCUMENT not in present.split():
        raise RevisionError(f"The revision {revision} has no {_DOCUMENT}.")
    archive = _git(root, "archive", "--format=zip", f"{revision}^{{commit}}", *present.split())
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        files.extractall(folder)


def last_release(root: Path) -> str | None:
    """Return the newest tag of a version in the history, or None where there is none."""
    tag = _run(root, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
    return tag.stdout.decode().strip() if tag.returncode == 0 else None


def releases(root: Path) -> Sequence[str]:
    """Return the tags of versions in the history."""
    return _run(root, "tag", "--merged", "HEAD", "--list", "v[0-9]*").stdout.decode().split()


def first_commit_of(version: str, root: Path) -> str:
    """Return the commit that wrote this version of the package down.

    Raises:
        RevisionError: The history does not reach back to it.

    """
    line = f"package_version_override: {version}"
    commits = git(root, "log", "--format=%h", "--reverse", f"-S{line}", "--", _CONFIG).split()
    if not commits:
        raise RevisionError(f"No commit has {line!r} in {_CONFIG}: is the whole history here?")
    return commits[0]


def git(root: Path, *arguments: str) -> str:
    """Return what git prints.

    Raises:
        RevisionError: It failed; the text is what it said.

    """
    return _git(root, *arguments).decode()


def _git(root: Path, *arguments: str) -> bytes:
    done = _run(root, *arguments)
    if done.returncode:
        raise RevisionError(done.stderr.decode().strip())
    return done.stdout


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("git")
    if program is None:
        raise RevisionError("git is not installed; name a file as the base.")
    return subprocess.run([program, *arguments], cwd=root, capture_output=True, check=False)  # noqa: S603 - git
