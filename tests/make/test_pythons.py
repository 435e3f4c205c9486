"""make takes any Python from 3.11 on, and says what to do where there is none that it can use."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("bash", "env", "grep", "sort")
PYTHON = """#!{executable}
import sys
from pathlib import Path

sys.version_info = {version}
sys.modules.update({missing})
if sys.argv[1] == "-c":
    exec(sys.argv[2])
else:
    Path(sys.argv[3]).write_text(Path(sys.argv[0]).name)
"""


class Machine:
    """A search path with a few tools, and with the Pythons that a test installs."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "bin"
        self.path.mkdir()
        self._environment = folder / "environment"
        for tool in TOOLS:
            (self.path / tool).symlink_to(shutil.which(tool) or tool)

    def install(self, name: str, *version: int, has_venv: bool = True) -> None:
        missing = {} if has_venv else {"ensurepip": None}
        python = self.path / name
        python.write_text(PYTHON.format(executable=sys.executable, version=version, missing=missing))
        python.chmod(0o755)

    def install_shim(self, name: str) -> None:
        """Install what version managers leave on the path for versions that are not chosen."""
        (self.path / name).write_text("#!/usr/bin/env bash\necho 'command not found' >&2; exit 127\n")
        (self.path / name).chmod(0o755)

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [shutil.which("make") or "make", f"VENV={self._environment}", *arguments, "install"],
            cwd=ROOT,
            env={"PATH": str(self.path)},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def taken(self) -> str:
        return self._environment.read_text()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("version", [(3, 11), (3, 13), (3, 20), (4, 0)])
def test_python3_is_taken_where_it_is_new_enough(machine: Machine, version: tuple[int, int]) -> None:
    machine.install("python3", *version)
    machine.install("python3.14", 3, 14)
    machine.make()

    assert machine.taken == "python3"


def test_the_newest_is_taken_where_python3_is_too_old(machine: Machine) -> None:
    machine.install("python3", 3, 9)
    for minor in (9, 10, 11, 12):
        machine.install(f"python3.{minor}", 3, minor)
    machine.install_shim("python3.13")
    machine.make()

    assert machine.taken == "python3.12"


def test_a_python_of_one_version_alone_is_found_without_a_python3(machine: Machine) -> None:
    machine.install("python3.13", 3, 13)
    machine.make()

    assert machine.taken == "python3.13"


def test_the_one_that_is_named_is_taken(machine: Machine) -> None:
    machine.install("python3", 3, 13)
    machine.install("python3.12", 3, 12)
    machine.make(f"PYTHON={machine.path / 'python3.12'}")

    assert machine.taken == "python3.12"


def test_where_there_is_none_a_sentence_says_so(machine: Machine) -> None:
    machine.install("python3", 3, 10)
    done = machine.make()

    assert done.returncode != 0
    assert "There is no Python from 3.11 on on the PATH. Install one, or name one" in done.stderr


@pytest.mark.parametrize("named", ["python3.10", "/nowhere/python3"])
def test_one_that_is_named_and_cannot_be_used_is_told_by_its_name(machine: Machine, named: str) -> None:
    machine.install("python3.10", 3, 10)
    machine.install("python3", 3, 13)
    done = machine.make(f"PYTHON={named}")

    assert done.returncode != 0
    assert f"{named} is no Python from 3.11 on." in done.stderr


def test_where_debian_has_split_off_venv_a_sentence_names_the_package(machine: Machine) -> None:
    machine.install("python3", 3, 12, has_venv=False)
    done = machine.make()

    assert done.returncode != 0
    assert "apt install python3.12-venv" in done.stderr


def test_an_environment_that_is_there_is_kept(tmp_path: Path) -> None:
    pip = tmp_path / "bin/pip"
    pip.parent.mkdir()
    pip.touch(0o755)

    subprocess.run([ROOT / "requirements/environment", tmp_path, "/nowhere/python3"], check=True)


def test_the_versions_that_are_tried_are_the_same_everywhere() -> None:
    makefile, project, workflow = (
        (ROOT / name).read_text(encoding="utf-8")
        for name in ("Makefile", "pyproject.toml", ".github/workflows/ci.yml")
    )
    declared = re.findall(r"Python :: (3\.\d+)\b", project)

    assert re.findall(r"^VERSIONS := (.*)", makefile, re.MULTILINE)[0].split() == declared
    assert re.findall(r'"(3\.\d+)"', re.findall(r"python-version: \[(.*)\]", workflow)[0]) == declared
