"""`make generate` writes the package whole or not at all, and always the same."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from .conftest import Generate

ROOT = Path(__file__).parents[2]
PACKAGE = "linq_phone_numbers"


@pytest.fixture(scope="session")
def fresh(run_generate: Generate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make generate` writes, into an empty folder."""
    folder = tmp_path_factory.mktemp("fresh") / "generated"
    done = run_generate("--output", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def output(fresh: Path, tmp_path: Path) -> Path:
    """A copy of it, to break."""
    return Path(shutil.copytree(fresh, tmp_path / "generated"))


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_package_in_the_repository_is_what_is_generated(fresh: Path) -> None:
    assert contents(ROOT / "generated") == contents(fresh)


@pytest.mark.parametrize("hash_seed", [1, 2])
def test_every_process_writes_identical_bytes(fresh: Path, tmp_path: Path, hash_seed: int) -> None:
    command = [
        sys.executable,
        str(ROOT / "overrides" / "generate.py"),
        "--output",
        str(tmp_path / "generated"),
    ]
    subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": str(hash_seed)})

    assert contents(tmp_path / "generated") == contents(fresh)


def test_every_file_says_first_that_it_is_generated_from_what_and_how(fresh: Path) -> None:
    first_lines = {name: content.decode().splitlines()[0] for name, content in contents(fresh).items()}

    assert all(
        line.startswith("# Generated from openapi.yaml and overrides/ by `make generate`")
        for line in first_lines.values()
    ), first_lines


def test_nothing_but_python_and_the_marker_of_types_lands_in_the_folder(fresh: Path) -> None:
    others = {name for name in contents(fresh) if not name.endswith(".py")}

    assert others == {f"{PACKAGE}/py.typed"}
    assert [path.name for path in fresh.iterdir()] == [PACKAGE]


def test_a_stale_file_disappears(run_generate: Generate, output: Path, fresh: Path) -> None:
    (output / PACKAGE / "models" / "stale.py").write_text("")

    run_generate("--output", output)

    assert contents(output) == contents(fresh)


def test_check_passes_on_a_fresh_package_and_ignores_caches(run_generate: Generate, output: Path) -> None:
    (output / PACKAGE / "__pycache__").mkdir()
    (output / PACKAGE / "__pycache__" / "client.pyc").write_text("")

    assert run_generate("--check", "--output", output).returncode == 0


def test_check_names_each_file_that_differs_is_missing_or_is_extra_and_the_command(
    run_generate: Generate, output: Path
) -> None:
    (output / PACKAGE / "client.py").write_text("# changed by hand\n")
    (output / PACKAGE / "py.typed").unlink()
    (output / "notes.txt").write_text("")
    before = contents(output)

    done = run_generate("--check", "--output", output)

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"{output / PACKAGE / 'client.py'} is different",
        f"{output / PACKAGE / 'py.typed'} is missing",
        f"{output / 'notes.txt'} is extra",
        "Run `make generate`, and commit what it writes.",
    ]
    assert contents(output) == before


@pytest.mark.parametrize("mode", [["--check"], []], ids=["check", "write"])
@pytest.mark.parametrize(
    "broken",
    [
        ("operationId: [", "is not YAML"),
        (
            "openapi: 2.0.0\ninfo: {title: t, version: '1'}\npaths: {}",
            "is no OpenAPI document of a version 3",
        ),
    ],
    ids=["no YAML", "no OpenAPI 3"],
)
def test_a_document_that_fails_is_reported_and_changes_nothing(
    run_generate: Generate, output: Path, fresh: Path, broken: tuple[str, str], mode: list[str]
) -> None:
    content, message = broken
    document = output.with_name("openapi.yaml")
    document.write_text(content)

    done = run_generate("--document", document, "--output", output, *mode)

    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(output) == contents(fresh)


def test_what_cannot_be_generated_is_refused_with_its_place(
    run_generate: Generate, output: Path, fresh: Path, tmp_path: Path
) -> None:
    content = yaml.safe_load((ROOT / "openapi.yaml").read_text())
    content["paths"]["/v3/phone_numbers"]["get"]["responses"]["20X"] = {"description": "None."}
    document = tmp_path / "openapi.yaml"
    document.write_text(yaml.safe_dump(content))

    done = run_generate("--document", document, "--output", output)

    assert done.returncode == 1
    assert "GET /v3/phone_numbers: The response '20X' is no status." in done.stderr
    assert contents(output) == contents(fresh)


@pytest.mark.parametrize("wrong", ["{{ nothing.of_that }}", "{% if %}"])
def test_a_template_that_is_wrong_is_named_with_the_line(
    output: Path, fresh: Path, tmp_path: Path, wrong: str
) -> None:
    overrides = Path(shutil.copytree(ROOT / "overrides", tmp_path / "overrides"))
    template = overrides / "templates" / "enum.py.jinja"
    template.write_text(f"{wrong}\n{template.read_text()}")
    command = [sys.executable, str(overrides / "generate.py"), "--document", str(ROOT / "openapi.yaml")]

    done = subprocess.run([*command, "--output", str(output)], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert f"{template}:1: " in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(output) == contents(fresh)


def test_the_old_package_is_put_back_when_the_new_one_cannot_take_its_place(
    run_generate: Generate, output: Path, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def refuse_the_new_one(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise PermissionError("refused")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse_the_new_one)

    assert run_generate("--output", output).returncode == 1
    assert contents(output) == contents(fresh)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_run_loses_nothing(output: Path, fresh: Path, how: signal.Signals) -> None:
    command = [sys.executable, str(ROOT / "overrides" / "generate.py"), "--output", str(output)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not list(output.parent.glob(".generate-*/*/client.py")) and process.poll() is None:
            os.sched_yield()
        process.send_signal(how)

    assert process.returncode != 0
    assert contents(output) == contents(fresh)
