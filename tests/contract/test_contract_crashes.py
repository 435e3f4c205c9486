"""The command in surroundings that lack something: a sentence, and never the exit code of a verdict."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
from click.testing import CliRunner
from tests.limits import limit

from linq_contract.cli import main
from linq_contract.http.credentials import ACCOUNT
from linq_mock.variation import Variation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.serving import Served, ServeMock

    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call

COMMAND = str(Path(sys.executable).with_name("linq-contract"))
ENTRIES = {"console script": [COMMAND], "module": [sys.executable, "-m", "linq_contract"]}
ROOT = Path(__file__).parents[2]

Start: TypeAlias = "Callable[..., subprocess.CompletedProcess[bytes]]"


@pytest.fixture(params=ENTRIES)
def start(request: pytest.FixtureRequest) -> Start:
    """Run the command as each of its two entries, in an environment that lacks or has something."""

    def run(
        *arguments: str,
        without: tuple[str, ...] = (),
        given: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        environment = {name: value for name, value in os.environ.items() if name not in without}
        return subprocess.run(
            [*ENTRIES[request.param], *arguments],
            env={**environment, **(given or {})},
            cwd=cwd,
            capture_output=True,
            timeout=limit(60),
            check=False,
        )

    return run


class ForgetsUpdates(Variation):
    """... and names places in the letters that are used there."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        pass

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        return {**super().listed_line(call, account, line), "place": "東京"}


def broken_by(folder: Path, module: str, content: str) -> dict[str, str]:
    """An environment in which a module is another one."""
    (folder / f"{module}.py").write_text(content)
    return {"PYTHONPATH": str(folder)}


def token_of(served: Served) -> dict[str, str]:
    return {ACCOUNT: served.token}


# --- before the command has begun ----------------------------------------------------------------


def test_without_the_extra_the_command_says_how_to_install_it(start: Start, tmp_path: Path) -> None:
    absent = "raise ModuleNotFoundError(\"No module named 'click'\", name='click')"
    done = start("validate", given=broken_by(tmp_path, "click", absent))

    assert done.returncode == 2
    assert done.stderr.decode() == (
        "linq-contract needs click, which is not installed: pip install 'linq-phone-numbers[contract]'\n"
    )


def test_an_import_that_fails_is_told_in_a_sentence(start: Start, tmp_path: Path) -> None:
    done = start("validate", given=broken_by(tmp_path, "schemathesis", "raise RuntimeError('settings')"))

    assert done.returncode == 3
    assert done.stderr.decode() == "linq-contract cannot start: RuntimeError: settings\n"


def test_a_mock_that_does_not_start_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    done = CliRunner().invoke(main, ["validate", "--rules", "list.schema"])

    assert done.exit_code == 3
    assert "/nowhere/python" in done.output
    assert "Name the URL of a server to validate that one." in done.output
    assert "Traceback" not in done.output


def test_an_interrupt_before_the_run_has_not_the_exit_code_of_a_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("linq_contract.commands.validate.plan", interrupt)
    done = CliRunner().invoke(main, ["validate", "http://127.0.0.1:1/"], env={ACCOUNT: "canary-7f3d9b51"})

    assert (done.exit_code, done.output) == (3, "Interrupted.\n")


@pytest.mark.parametrize(("options", "rest"), [((), ""), (("--allow-writes",), " What the run had changed")])
def test_an_interrupted_run_says_that_it_put_back_what_it_was_permitted_to_change(
    monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], rest: str
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("linq_contract.commands.reporting.validate", interrupt)
    words = ["validate", "http://127.0.0.1:1/", *options]
    done = CliRunner().invoke(main, words, env={ACCOUNT: "canary-7f3d9b51"})

    assert done.exit_code == 3
    assert done.stderr.startswith(f"Interrupted.{rest}")
    assert ("put back" in done.stderr) == bool(rest)


# --- places that are not there -------------------------------------------------------------------

_NOBODY = """
import pwd

def getpwuid(uid):
    raise KeyError(uid)

pwd.getpwuid = getpwuid
"""


@pytest.fixture
def homeless(tmp_path: Path) -> dict[str, str]:
    """The environment of a user without a home, as containers have them; HOME has to be left out."""
    return broken_by(tmp_path, "sitecustomize", _NOBODY)


NOWHERE = ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")


def test_a_user_without_a_home_can_have_a_server_judged(
    start: Start, serve_mock: ServeMock, homeless: dict[str, str], tmp_path: Path
) -> None:
    served = serve_mock()
    words = ("validate", served.url, "--rules", "list.schema", "--budget", "20")
    done = start(*words, without=NOWHERE, given={**homeless, **token_of(served)}, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert not (tmp_path / ".hypothesis").exists()


@pytest.mark.parametrize("home", [{}, {"HOME": "/dev/null"}])
def test_without_a_place_for_the_journal_nothing_is_changed_and_the_way_out_is_named(
    start: Start, serve_mock: ServeMock, homeless: dict[str, str], home: dict[str, str]
) -> None:
    served = serve_mock()
    words = ("validate", served.url, "--allow-writes")
    done = start(*words, without=NOWHERE, given={**homeless, **home, **token_of(served)})

    assert done.returncode == 2
    assert b"XDG_STATE_HOME names" in done.stderr
    assert b"Traceback" not in done.stderr
    assert served.updates == 0


@pytest.mark.parametrize("words", [("restore",), ("replay", "/nowhere"), ("no-such-command",)])
def test_so_do_the_other_commands(start: Start, homeless: dict[str, str], words: tuple[str, ...]) -> None:
    done = start(*words, without=NOWHERE, given=homeless)

    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_a_disk_that_is_full_after_the_run_costs_no_verdict(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    served = serve_mock()
    monkeypatch.setattr("linq_contract.commands.validate.PHASES", [])
    monkeypatch.setattr("linq_contract.commands.reporting.write_reports", fail)
    words = ["validate", served.url, "--rules", "list.schema", "--report-dir", str(tmp_path)]
    done = CliRunner().invoke(main, words, env={ACCOUNT: served.token})

    assert done.exit_code == 0
    assert f"cannot be written to {tmp_path}: No space left on device" in done.stderr


def test_a_folder_for_reports_that_cannot_be_written_is_found_before_anything_is_sent(
    serve_mock: ServeMock, tmp_path: Path
) -> None:
    served = serve_mock()
    (tmp_path / "taken").write_text("")
    words = ["validate", served.url, "--report-dir", str(tmp_path / "taken" / "x")]
    done = CliRunner().invoke(main, words, env={ACCOUNT: served.token})

    assert (done.exit_code, served.log) == (2, [])


# --- output --------------------------------------------------------------------------------------

FEW = """
from linq_contract.__main__ import main
from linq_contract.commands import validate
validate.PHASES = [phase for phase in validate.PHASES if phase.name in {"list", "set"}]
main()
"""


def changing(served: Served, reports: Path) -> list[str]:
    """A short run that changes lines, writes reports, and has something to tell."""
    options = ["--allow-writes", "--rules", "update.read-your-writes", "--seed", "1"]
    return [sys.executable, "-c", FEW, "validate", served.url, *options, "--report-dir", str(reports)]


def assert_nothing_was_lost(served: Served, before: object, reports: Path, exit_code: int) -> None:
    report = json.loads((reports / "report.json").read_text())

    assert (exit_code, report["exit_code"]) == (1, 1)
    assert report["rules"][0]["verdict"] == "failed"
    assert {path.suffix for path in reports.iterdir()} == {".json", ".html", ".xml", ".sarif", ".har", ".svg"}
    assert served.updates > 0
    assert served.forwarding_numbers() == before


def test_a_reader_that_goes_away_costs_neither_verdict_nor_reports_nor_what_is_put_back(
    serve_mock: ServeMock, tmp_path: Path
) -> None:
    served = serve_mock(ForgetsUpdates)
    before = served.forwarding_numbers()
    process = subprocess.Popen(
        changing(served, tmp_path / "reports"),
        env={**os.environ, **token_of(served)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate(timeout=limit(60))

    assert errors == b""
    assert_nothing_was_lost(served, before, tmp_path / "reports", process.returncode)


def test_a_full_disk_behind_the_output_costs_nothing_either(serve_mock: ServeMock, tmp_path: Path) -> None:
    served = serve_mock(ForgetsUpdates)
    before = served.forwarding_numbers()
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            changing(served, tmp_path / "reports"),
            env={**os.environ, **token_of(served)},
            stdout=full,
            stderr=full,
            timeout=limit(60),
            check=False,
        )

    assert_nothing_was_lost(served, before, tmp_path / "reports", done.returncode)


WITHOUT_A_VERDICT = [["report-schema"], ["rules"], ["--help"], ["--version"], ["mock", "--list-faults"]]


@pytest.mark.parametrize("words", WITHOUT_A_VERDICT)
def test_an_output_that_is_all_of_a_command_is_not_lost_without_a_word(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [COMMAND, *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=limit(60),
            check=False,
        )

    assert (done.returncode, done.stderr) == (
        3,
        "The output could not be written: No space left on device.\n",
    )


@pytest.mark.parametrize("words", WITHOUT_A_VERDICT)
def test_a_reader_that_has_seen_enough_of_it_is_no_failure(words: list[str]) -> None:
    process = subprocess.Popen([COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate(timeout=limit(60))

    assert (process.returncode, errors) == (0, b"")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-16", "latin-1:strict"])
def test_an_encoding_without_our_marks_costs_nothing(
    serve_mock: ServeMock, tmp_path: Path, encoding: str
) -> None:
    served = serve_mock(ForgetsUpdates)
    before = served.forwarding_numbers()
    done = subprocess.run(
        changing(served, tmp_path / "reports"),
        env={**os.environ, **token_of(served), "PYTHONIOENCODING": encoding},
        capture_output=True,
        timeout=limit(60),
        check=False,
    )
    output = done.stdout.decode(encoding.partition(":")[0])

    assert_nothing_was_lost(served, before, tmp_path / "reports", done.returncode)
    assert "update.read-your-writes      MUST    failed" in output
    assert "1 rule: 1 failed." in output
    assert ("東京" if encoding == "utf-16" else r"\u6771\u4eac") in output


def test_colours_that_are_asked_for_are_no_animation(serve_mock: ServeMock, tmp_path: Path) -> None:
    served = serve_mock(ForgetsUpdates)
    done = subprocess.run(
        changing(served, tmp_path / "reports"),
        env={**os.environ, **token_of(served), "FORCE_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=limit(60),
        check=False,
    )

    assert "\x1b[1;31m" in done.stdout
    assert "[1/1] set\n" in done.stdout
    assert "\x1b[2K" not in done.stdout


# --- pytest --------------------------------------------------------------------------------------


PYTEST_ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""The imports of the other plugins take longer than what is tested here."""


def run_pytest(*arguments: str, given: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "contract_tests", *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **PYTEST_ALONE, **given},
        capture_output=True,
        text=True,
        timeout=limit(60),
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "exit_code", "sentence"),
    [
        (("--base-url", "http://127.0.0.1:1/"), 3, "The server does not answer"),
        (("--base-url", "http://192.0.2.1/"), 2, "in plain text over a network"),
        (("--base-url", "http://127.0.0.1:1/", "--require", "no.such"), 2, "no rule is named 'no.such'"),
        (("--base-url", "http://127.0.0.1:1/", "--accept", "pyproject.toml"), 2, "pyproject.toml:"),
        (("--base-url", "http://127.0.0.1:1/", "--drift", "forget"), 2, "'forget' is not one of"),
    ],
)
def test_pytest_ends_as_the_command_does_where_there_is_no_verdict(
    arguments: tuple[str, ...], exit_code: int, sentence: str
) -> None:
    done = run_pytest(*arguments, given={ACCOUNT: "canary-7f3d9b51"})

    assert (done.returncode, sentence in done.stdout + done.stderr) == (exit_code, True), done.stdout


def test_pytest_fails_where_a_required_rule_is_not_tested_and_accepts_what_is_accepted(
    serve_mock: ServeMock, tmp_path: Path
) -> None:
    served = serve_mock(lines=0)
    (tmp_path / "accept.yaml").write_text("- {rule: list.schema, reason: It was mended long ago.}\n")
    words = ("--base-url", served.url, "--require", "update.echo", "--accept", str(tmp_path / "accept.yaml"))
    done = run_pytest(*words, "--contract-strict", given=token_of(served))

    assert done.returncode == 1
    assert (
        "FAILED contract_tests/linq_contract/suite/test_contract.py::test_server_keeps_rule[update.echo]"
        in done.stdout
    )
    assert "it is required and was not tested" in done.stdout
    assert "list.schema is not broken any more; remove the entry." in done.stdout
    assert "2 failed" in done.stdout


def test_the_option_of_another_plugin_for_the_url_is_taken(tmp_path: Path) -> None:
    plugin = """
def pytest_addoption(parser):
    parser.addoption("--base-url", dest="base_url", metavar="url", default=None)
"""
    given = {**broken_by(tmp_path, "has_base_url", plugin), ACCOUNT: "canary-7f3d9b51"}
    done = run_pytest("-p", "has_base_url", "--base-url", "http://127.0.0.1:1/", given=given)

    assert "The server does not answer" in done.stdout
    assert done.returncode == 3
