"""`linq-contract judge-client` from outside: exit codes, what it prints, writes and leaves behind."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from tests.limits import limit

from linq_contract.cli import main
from linq_contract.clients import judging
from linq_contract.clients.program import NotRunError, perform
from linq_contract.clients.rules import client_rules
from linq_contract.clients.situations import HONEST, SITUATIONS

if TYPE_CHECKING:
    from click.testing import Result

PROGRAM = Path(__file__).with_name("program.py")
COMMAND = (sys.executable, "-S", str(PROGRAM))
FEW = tuple(each for each in SITUATIONS if each.name in {"honest", "refused-404", "unknown-value"})


@pytest.fixture
def few_situations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "SITUATIONS", FEW)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["judge-client", *arguments])


@pytest.mark.usefixtures("few_situations")
def test_a_client_that_keeps_the_rules_ends_with_0(tmp_path: Path) -> None:
    done = run("--report-dir", str(tmp_path), "--", *COMMAND)
    report = json.loads((tmp_path / "client.json").read_text(encoding="utf-8"))

    assert done.exit_code == report["exit_code"] == 0, done.output
    assert "✓ client.no-retry-when-refused MUST    passed         in refused-404" in done.output
    assert "- client.mute-server           SHOULD  not tested" in done.output
    assert [rule["rule"] for rule in report["rules"]] == list(client_rules())
    assert [run["situation"] for run in report["runs"]] == [situation.name for situation in FEW]


@pytest.mark.usefixtures("few_situations")
def test_a_client_that_breaks_a_rule_ends_with_1_and_the_requests_are_shown(tmp_path: Path) -> None:
    text = PROGRAM.read_text(encoding="utf-8").replace("{429, 502, 503}", "{404}")
    (tmp_path / "program.py").write_text(text, encoding="utf-8")
    done = run("--", sys.executable, str(tmp_path / "program.py"))

    assert done.exit_code == 1
    assert "FAILED client.no-retry-when-refused  What was answered with 400, 401, 403 or 404" in done.output
    assert "When every request is answered with 404, it sent the same 3 times" in done.output
    assert "0.00 s  GET /api/partner/v3/phone_numbers  -> 404" in done.output


@pytest.mark.usefixtures("few_situations")
def test_a_should_warns_and_fails_only_when_strict(tmp_path: Path) -> None:
    text = PROGRAM.read_text(encoding="utf-8").replace('"+13105550199", None', '"+13105550199", ""')
    (tmp_path / "program.py").write_text(text, encoding="utf-8")
    program = (sys.executable, str(tmp_path / "program.py"))

    assert "WARNING client.clear-null" in run("--", *program).output
    assert [run("--", *program).exit_code, run("--strict", "--", *program).exit_code] == [0, 1]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("pass", "The program sent no request, and it ended with 0"),
        ("raise SystemExit('no such file')", "no such file"),
    ],
)
def test_a_program_that_shows_nothing_is_not_judged(program: str, said: str) -> None:
    done = run("--", sys.executable, "-c", program)

    assert done.exit_code == 3
    assert said in done.output


def test_a_program_that_fails_with_an_honest_server_is_not_judged() -> None:
    done = run("--", sys.executable, "-c", f"{PROGRAM.read_text(encoding='utf-8')}\nsys.exit('of its own')")

    assert done.exit_code == 3
    assert "With a server that does nothing wrong, it ended with 1" in done.output
    assert "of its own" in done.output


@pytest.mark.usefixtures("few_situations")
def test_what_a_program_prints_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    raising = "for line in lines: assert line['reputation']['status'] in ALLOWED, '\\x1b[2J gone'"
    text = PROGRAM.read_text(encoding="utf-8").replace("for number in", f"{raising}\nfor number in")
    allowed = "ALLOWED = {'HEALTHY', 'AT_RISK', 'CRITICAL'}\n"
    (tmp_path / "program.py").write_text(allowed + text, encoding="utf-8")
    done = run("--", sys.executable, str(tmp_path / "program.py"))

    assert "FAILED client.unknown-value" in done.output
    assert "AssertionError: \\x1b[2J gone" in done.output


def test_a_program_that_is_not_there_is_named() -> None:
    done = run("--", "/nowhere/at-all")

    assert done.exit_code == 3
    assert "/nowhere/at-all cannot be run: No such file or directory." in done.output


def test_the_token_that_a_program_prints_is_printed_no_further() -> None:
    done = run("--", sys.executable, "-c", "import os; raise SystemExit(os.environ['LINQ_API_V3_API_KEY'])")

    assert "${LINQ_API_V3_API_KEY}" in done.output
    assert "linq-judged" not in done.output


def test_a_program_and_what_it_started_are_ended_with_the_time(tmp_path: Path) -> None:
    started = tmp_path / "started"
    text = f"sleep 600 & echo $! > {started}; wait"
    performance = perform(["sh", "-c", text], HONEST, 1)

    assert performance.exit_code is None
    assert is_gone(int(started.read_text(encoding="utf-8")))


def is_gone(process: int) -> bool:
    deadline = time.monotonic() + limit(10)
    while time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError):
            if " Z " not in Path(f"/proc/{process}/stat").read_text(encoding="utf-8"):
                time.sleep(0.01)
                continue
        return True
    return False


def test_what_cannot_be_run_raises() -> None:
    with pytest.raises(NotRunError, match="cannot be run"):
        perform([str(PROGRAM.with_name("missing"))], HONEST, 1)


def test_the_rules_of_clients_are_listed() -> None:
    done = CliRunner().invoke(main, ["rules", "--client"])

    assert [line.split()[0] for line in done.output.splitlines()] == list(client_rules())
