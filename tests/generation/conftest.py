"""The command that generates, and a package of a contract with more in it than ours."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import pytest
import yaml

from generator.document import Document
from generator.package import generate
from generator.settings import Settings

ROOT = Path(__file__).parents[2]


class Generate(Protocol):
    """Runs the command of `make generate`."""

    def __call__(self, *arguments: str | Path, hash_seed: int = 0) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture(scope="session")
def run_generate() -> Generate:
    def run(*arguments: str | Path, hash_seed: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, ROOT / "overrides" / "generate.py", *arguments]
        environment = os.environ | {"PYTHONHASHSEED": str(hash_seed)}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    return run


@pytest.fixture(scope="session")
def changed_package(run_generate: Generate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a package made from a copy of the contract with more operations and properties."""
    folder = tmp_path_factory.mktemp("changed")
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text())
    merge(document, yaml.safe_load(Path(__file__).with_name("changed_contract.yaml").read_text()))
    (folder / "openapi.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    done = run_generate("--document", folder / "openapi.yaml", "--output", folder / "generated")
    assert done.returncode == 0, done.stderr
    return folder / "generated"


def merge(into: Any, more: Any) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and key in into:
            merge(into[key], value)  # pyright: ignore[reportUnknownArgumentType] - YAML has any type
        else:
            into[key] = value


class Make(Protocol):
    """Generates the package of a document and imports it."""

    def __call__(self, document: dict[str, Any]) -> ModuleType: ...


@pytest.fixture
def make_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Make packages of documents, of which a test names only what it is about."""
    made: list[str] = []
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    def make(document: dict[str, Any]) -> ModuleType:
        made.append(f"made_client_{len(made)}")
        settings = Settings(made[-1], made[-1], "1.0.0", "Made")
        whole = {"openapi": "3.1.0", "info": {"title": "Made", "version": "1"}, "paths": {}, **document}
        generate(Document(whole), tmp_path / made[-1], settings)
        importlib.invalidate_caches()
        return importlib.import_module(made[-1])

    yield make
    for name in [name for name in sys.modules if name.partition(".")[0] in made]:
        del sys.modules[name]
