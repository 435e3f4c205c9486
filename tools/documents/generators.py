"""The generators that are measured, and what they say of a document."""

from __future__ import annotations

import hashlib
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from documents.checks import run
from documents.corpus import ROOT

_LEFT_OUT = re.compile(
    r"WARNING parsing (?P<operation>[A-Z]+ \S+) within \S+ Endpoint will not be generated\.\s+(?P<reason>.+)"
)


@dataclass(frozen=True)
class Generated:
    """A package that was written, or the sentence that says why none was, and what was left out of it."""

    package: str | None
    refusal: str = ""
    left_out: tuple[str, ...] = ()


class Generator(ABC):
    """Writes a client from a document."""

    @abstractmethod
    def generate(self, document: Path, folder: Path) -> Generated:
        """Write the package into an empty folder."""

    @abstractmethod
    def digest(self) -> str:
        """Return what an outcome depends on, besides the document."""


class Stock(Generator):
    """openapi-python-client with its own templates."""

    def generate(self, document: Path, folder: Path) -> Generated:
        settings = folder / "config.yaml"
        settings.write_text("package_name_override: stock_client\n", encoding="utf-8")
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "openapi_python_client",
            "generate",
            "--meta",
            "none",
        ]
        paths: list[str | Path] = [
            "--path",
            document,
            "--config",
            settings,
            "--output-path",
            folder / "stock_client",
        ]
        done = run([*command, *paths], folder)
        said = done.stdout + done.stderr
        left_out = tuple(f"{found['operation']}: {found['reason']}" for found in _LEFT_OUT.finditer(said))
        if done.returncode:
            return Generated(None, _last_sentence(said), left_out)
        return Generated("stock_client", "", left_out)

    def digest(self) -> str:
        return version("openapi-python-client")


class Own(Generator):
    """Ours, with a configuration that names nothing: what it needs follows from the document."""

    def generate(self, document: Path, folder: Path) -> Generated:
        settings = folder / "config.yaml"
        settings.write_text("{}\n", encoding="utf-8")
        command: list[str | Path] = [sys.executable, ROOT / "overrides" / "generate.py"]
        paths: list[str | Path] = ["--document", document, "--config", settings]
        done = run([*command, *paths, "--output", folder / "package"], folder)
        if done.returncode:
            return Generated(None, _first_sentence(done.stderr))
        package = next((folder / "package").glob("*/__init__.py")).parent
        package = package.rename(folder / package.name)
        return Generated(package.name)

    def digest(self) -> str:
        files = sorted(path for path in (ROOT / "overrides").rglob("*") if path.is_file())
        return _digest(path for path in files if "__pycache__" not in path.parts)


GENERATORS: dict[str, Generator] = {"ours": Own(), "stock": Stock()}


def _digest(paths: Iterator[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(ROOT).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _first_sentence(said: str) -> str:
    return next((line.strip() for line in said.splitlines() if line.strip()), "nothing was said")


def _last_sentence(said: str) -> str:
    """The sentence of what openapi-python-client prints that says what went wrong."""
    words = said.partition("If you believe this was a mistake")[0]
    lines = [line.strip(" │╭╮╰╯─") for line in words.splitlines()]
    errors = [line for line in lines if re.match(r"(\w*Error|error|Unable|Failed)\b", line)]
    return (errors or [line for line in lines if line] or ["nothing was said"])[-1][:300]
