"""Whether a generated package can be imported without a warning, and what the type checkers say of it."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from documents.corpus import ROOT

MINUTES = 10  # of CPU for one program on one client: as many on a busy machine as on a quiet one
_PYRIGHT = ROOT / "node_modules" / ".bin" / "pyright"
_MYPY_CACHE = ROOT / "build" / "documents" / "mypy"  # of what all clients import
_IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for info in pkgutil.walk_packages(package.__path__, prefix=package.__name__ + "."):
    importlib.import_module(info.name)
"""


class TooLongError(Exception):
    """A program was not done after `MINUTES`; the text names it."""


def run(command: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, with the programs of this Python on the path.

    Raises:
        TooLongError: It was not done after `MINUTES`.

    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(  # noqa: S603 - our own programs
        command,
        cwd=folder,
        env=os.environ | {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=_limit,
    )
    if done.returncode == -signal.SIGXCPU:
        raise TooLongError(f"{_name(command)} was not done after {MINUTES} minutes of CPU")
    return done


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (60 * MINUTES, 60 * MINUTES + 5))


def _name(command: Sequence[str | Path]) -> str:
    return str(command[2] if command[1] == "-m" else Path(command[0]).name)


def import_error(folder: Path, package: str) -> str | None:
    """Import every module of a package, warnings being errors, and return what is raised."""
    done = run([sys.executable, "-W", "error", "-c", _IMPORT_ALL, package], folder)
    return None if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def mypy_errors(folder: Path, package: str) -> list[str]:
    """Return what mypy says with all its strictness."""
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--python-version",
        "3.11",
        "--no-error-summary",
    ]
    done = run([*command, "--cache-dir", _MYPY_CACHE, "--config-file", os.devnull, package], folder)
    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    return errors if errors or done.returncode == 0 else [(done.stdout + done.stderr).strip()[:300]]


def pyright_errors(folder: Path, package: str) -> list[str]:
    """Return what pyright says with all its strictness."""
    settings = {
        "include": [package],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "venvPath": str(Path(sys.prefix).parent),
        "venv": Path(sys.prefix).name,
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    done = run([_PYRIGHT, "--project", folder], folder)
    errors = [line.strip() for line in done.stdout.splitlines() if re.search(r" - (error|warning): ", line)]
    return errors if errors or done.returncode == 0 else [(done.stdout + done.stderr).strip()[:300]]
