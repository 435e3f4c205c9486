"""The command that generates, and a package of a contract with more in it than ours."""

from __future__ import annotations

import contextlib
import importlib
import io
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import pytest
import yaml

from generate import main
from generator.document import Document
from generator.package import generate
from generator.settings import Settings

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Done:
    """How the command has ended, and what it said."""

    returncode: int
    stderr: str


class Generate(Protocol):
    """Runs the command of `make generate`."""

    def __call__(self, *arguments: str | Path) -> Done: ...


@pytest.fixture(scope="session")
def run_generate() -> Generate:
    """Run the command in this process, which has imported all that it needs."""

    def run(*arguments: str | Path) -> Done:
        handler, said = signal.getsignal(signal.SIGTERM), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(said):
            patch.setattr(sys, "argv", ["generate.py", *map(str, arguments)])
            try:
                main()
            except SystemExit as ended:
                is_a_sentence = isinstance(ended.code, str)  # Python prints it, and the exit code is 1
                return Done(1 if is_a_sentence else 2, f"{said.getvalue()}{ended.code}\n")
            finally:
                signal.signal(signal.SIGTERM, handler)
        return Done(0, said.getvalue())

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
