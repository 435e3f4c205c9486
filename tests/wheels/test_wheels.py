"""What is built is installed into empty environments, outside of the repository, and used there.

The oldest versions are those that the metadata permit, the newest those that there are.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.metadata import parse_email
from tests.limits import limit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

pytestmark = pytest.mark.wheels

ROOT = Path(__file__).parents[2]
UV = str(Path(sys.executable).with_name("uv"))
CLIENT, JUDGE = "linq-phone-numbers", "linq-contract"
# What httpx needs counts as the client's.
OF_THE_CLIENT = {
    *("anyio", "attrs", "certifi", "h11", "httpcore", "httpx", "idna", "sniffio", "tenacity"),
    *("typing-extensions", CLIENT),
}
RULES_OF_READING = ("transport.trace-id", "list.schema", "auth.required")
A_LIST = """
import httpx
from linq_phone_numbers import LinqClient

def answer(request):
    assert request.headers["Authorization"] == "Bearer t"
    return httpx.Response(200, json={"phone_numbers": []}, headers={"X-Trace-ID": "0" * 32})

with LinqClient(api_key="t", http_client=httpx.Client(transport=httpx.MockTransport(answer))) as client:
    print(client.phone_numbers.list().phone_numbers)
"""
OWN_SUITE = """
import pytest

def test_an_outage_heals(linq_mock):
    linq_mock.fail_next(status=503)
    assert linq_mock.client().phone_numbers.list().phone_numbers
    assert [request.status for request in linq_mock.requests] == [503, 200]

def test_the_url_is_that_of_pytest_base_url(base_url):
    assert base_url.startswith("http://127.0.0.1:")
"""


@dataclass(frozen=True)
class Environment:
    """An empty environment with some of the distributions, and a folder to work in."""

    folder: Path

    @property
    def names(self) -> set[str]:
        listed = run([UV, "pip", "list", "--quiet", "--format", "freeze", "--python", str(self.python)])
        return {line.partition("==")[0] for line in listed.splitlines()}

    @property
    def python(self) -> Path:
        return self.folder / "env/bin/python"

    def install(self, *words: str) -> None:
        run([UV, "pip", "install", "--quiet", "--python", str(self.python), *words])

    def run(self, *command: str, exit_code: int = 0) -> str:
        """Run a command of the environment elsewhere than in the repository; return what it prints."""
        program = str(self.folder / "env/bin" / command[0])
        return run([program, *command[1:]], cwd=self.folder / "work", exit_code=exit_code)


def run(command: Sequence[str], cwd: Path | None = None, exit_code: int = 0) -> str:
    variables = {
        name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}
    }
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**variables, "LINQ_API_V3_API_KEY": "linq-mock-token-1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=limit(240),
        check=False,
    )
    assert done.returncode == exit_code, f"{command} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def build(root: Path, folder: Path) -> Path:
    for part in (root, root / "contract_tests"):
        words = ["build", "--quiet", "--no-build-isolation", "--python", sys.executable, "--out-dir"]
        run([UV, *words, str(folder), str(part)])
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("dist"))


def wheel(built: Path, name: str) -> Path:
    (path,) = built.glob(f"{name.replace('-', '_')}-*.whl")
    return path


def requirements(built: Path, *names: str) -> list[str]:
    """What distributions require of others, without their extras."""
    found: list[str] = []
    for name in names:
        with zipfile.ZipFile(wheel(built, name)) as archive:
            (metadata,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
            found += parse_email(archive.read(metadata))[0].get("requires_dist", [])
    return [each for each in found if "extra ==" not in each and not each.startswith(CLIENT)]


def environment(folder: Path, built: Path, names: Sequence[str], versions: str, form: str) -> Environment:
    made = Environment(folder)
    (folder / "work").mkdir()
    run([UV, "venv", "--quiet", "--python", sys.executable, str(folder / "env")])
    if versions == "oldest":
        made.install("--resolution", "lowest-direct", *requirements(built, *names))
    paths = [next(built.glob(f"{name.replace('-', '_')}-*{form}")) for name in names]
    made.install(*map(str, paths))
    return made


@pytest.fixture(scope="module", params=[("oldest", ".whl"), ("newest", ".tar.gz")], ids=lambda each: each[0])
def of_the_client(
    request: pytest.FixtureRequest, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    return environment(tmp_path_factory.mktemp("client"), built, [CLIENT], *request.param)


@pytest.fixture(scope="module", params=[("oldest", ".whl"), ("newest", ".tar.gz")], ids=lambda each: each[0])
def of_the_judge(
    request: pytest.FixtureRequest, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    return environment(tmp_path_factory.mktemp("judge"), built, [CLIENT, JUDGE], *request.param)


@pytest.fixture
def url_of_the_mock(of_the_judge: Environment) -> Iterator[str]:
    command = [str(of_the_judge.folder / "env/bin/linq-contract"), "mock", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().rpartition(" ")[2].strip()
        finally:
            process.terminate()


# --- what is built -------------------------------------------------------------------------------


def test_two_builds_give_the_same_bytes(built: Path, tmp_path: Path) -> None:
    """The second is of a copy in another folder, with other times and other permissions."""
    copy = tmp_path / "copy"
    listed = run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT)
    for name in filter(None, listed.split("\0")):
        if not (ROOT / name).exists():
            continue
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
        (copy / name).chmod(0o600)
    again = build(copy, tmp_path / "again")
    contents = [
        {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".gitignore"}
        for folder in (built, again)
    ]

    assert contents[0].keys() == contents[1].keys()
    assert [name for name in contents[0] if contents[0][name] != contents[1][name]] == []
    assert len(contents[0]) == 4


def test_a_wheel_has_its_packages_alone_and_a_source_distribution_what_makes_the_wheel(built: Path) -> None:
    packages = {}
    for name in (CLIENT, JUDGE):
        with zipfile.ZipFile(wheel(built, name)) as archive:
            names = archive.namelist()
            packages[name] = {each.partition("/")[0] for each in names if ".dist-info/" not in each}
            assert [each for each in names if "__pycache__" in each or each.endswith(".pyc")] == []
    (source,) = built.glob("linq_contract-*.tar.gz")
    with tarfile.open(source) as archive:
        tops = {each.split("/")[1] for each in archive.getnames()}

    assert packages == {
        CLIENT: {"linq_phone_numbers"},
        JUDGE: {"linq_contract", "linq_document", "linq_mock"},
    }
    assert packages[JUDGE] < tops


# --- the client alone ----------------------------------------------------------------------------


def test_the_client_brings_httpx_attrs_tenacity_and_no_command(of_the_client: Environment) -> None:
    scripts = {path.name for path in (of_the_client.folder / "env/bin").iterdir()}

    assert of_the_client.names <= OF_THE_CLIENT
    assert {"httpx", "attrs", "tenacity"} < of_the_client.names
    assert "linq-contract" not in scripts
    for package in ("linq_contract", "linq_mock", "linq_document"):
        assert "No module named" in of_the_client.run("python", "-c", f"import {package}", exit_code=1)


def test_the_client_lists(of_the_client: Environment) -> None:
    assert of_the_client.run("python", "-c", A_LIST) == "[]\n"


# --- the judge and the mock ----------------------------------------------------------------------


def test_the_command_judges_the_mock_and_writes_its_reports(of_the_judge: Environment) -> None:
    rules = [word for rule in RULES_OF_READING for word in ("--rules", rule)]
    printed = of_the_judge.run("linq-contract", "validate", *rules, "--seed", "1", "--report-dir", "reports")

    assert f"{len(RULES_OF_READING)} rules: {len(RULES_OF_READING)} passed." in printed
    assert len(list((of_the_judge.folder / "work/reports").iterdir())) == 7
    assert re.fullmatch(r"linq-contract, version \S+\n", of_the_judge.run("linq-contract", "--version"))


def test_fixture_and_suite_run_inside_a_suite_beside_other_plugins(
    of_the_judge: Environment, url_of_the_mock: str
) -> None:
    of_the_judge.install("pytest-base-url", "pytest-playwright", "pytest-xdist")
    (of_the_judge.folder / "work/test_own.py").write_text(OWN_SUITE, encoding="utf-8")
    words = ("-p", "linq_contract.suite", "-n", "2", "-v", "--strict-markers", "-p", "no:cacheprovider")
    printed = of_the_judge.run(
        "pytest", *words, "--base-url", url_of_the_mock, "test_own.py", "--pyargs", "linq_contract.suite"
    )
    rules = len(of_the_judge.run("linq-contract", "rules").splitlines())

    outcomes = re.findall(r"(PASSED|SKIPPED) \S*test_server_keeps_rule\[", printed)
    assert len(outcomes) == rules
    assert "PASSED" in outcomes
    assert re.search(r"PASSED test_own.py::test_an_outage_heals", printed)
    assert re.search(r"PASSED test_own.py::test_the_url_is_that_of_pytest_base_url", printed)
