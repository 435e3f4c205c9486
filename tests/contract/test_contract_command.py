"""`linq-contract validate` from outside: exit codes, what it prints and writes, what it leaves behind."""

from __future__ import annotations

import fcntl
import gc
import html
import json
import os
import pickle
import re
import shlex
import signal
import socket
import subprocess
import sys
import weakref
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import pytest
from click.testing import CliRunner
from tests.limits import limit
from tests.reports import hold_to_the_schema

from linq_contract.cli import COMMANDS, main
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT, Credentials
from linq_contract.http.messages import SAFE_METHODS
from linq_contract.run.phases import PHASES
from linq_contract.run.result import Options
from linq_contract.run.validate import validate
from linq_contract.safety.target import Permissions, Target
from linq_mock.behaviour import Behaviour
from linq_mock.faults import FAULTS
from linq_mock.freedoms import FREEDOMS
from linq_mock.problems import Code, Problem
from linq_mock.tokens import DEFAULT_TOKENS
from linq_mock.variation import Variation, mixed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from tests.serving import Served, ServeMock

    from linq_contract.judge.ledger import Ledger
    from linq_document import Document
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call, Response

COMMAND = str(Path(sys.executable).with_name("linq-contract"))
ROOT = Path(__file__).parents[2]
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Done:
    """A command that has ended, with what it wrote into its report folder."""

    exit_code: int
    output: str
    report: dict[str, Any] = field(default_factory=dict[str, Any])
    junit: bytes = b""
    page: str = ""

    def verdict(self, rule: str) -> str:
        """The verdict that the ledger prints beside a rule."""
        match = re.search(
            rf"^  . {re.escape(rule)} +(?:MUST|SHOULD) +(passed|failed|warning|not tested)",
            self.output,
            re.MULTILINE,
        )
        return match[1] if match else "incomplete"


Run: TypeAlias = "Callable[..., Done]"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    """Run the command in this process, with the phases that a test is about.

    By default those are all but that of Schemathesis, which takes seconds. Whatever it is asked to do, it
    must show no token and no traceback.
    """
    handler = signal.getsignal(signal.SIGTERM)
    all_but_one = {phase.name for phase in PHASES if phase.name != "coverage, fuzzing and stateful"}

    def run_command(
        *arguments: str,
        token: str | None,
        other: str | None = None,
        phases: Collection[str] = all_but_one,
    ) -> Done:
        chosen = tuple(phase for phase in PHASES if phase.name in phases)
        monkeypatch.setattr("linq_contract.commands.validate.PHASES", chosen)
        variables = {ACCOUNT: token, OTHER_ACCOUNT: other}
        done = CliRunner().invoke(main, ["validate", *arguments], env=variables)
        written = [done.output, *(path.read_text() for path in tmp_path.rglob("*.*"))]

        assert done.exception is None or isinstance(done.exception, SystemExit)
        assert "Traceback" not in done.output
        assert not token or not any(token in text for text in written)
        return Done(done.exit_code, done.output)

    yield run_command
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def judge(run: Run) -> Run:
    """Run the command against a server with its first token."""

    def judge_server(served: Served, *arguments: str, **options: Any) -> Done:
        return run(served.url, *arguments, token=served.token, **options)

    return judge_server


# --- broken servers ----------------------------------------------------------------------------


class ForgetsUpdates(Variation):
    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        pass


class LinksTheWrongPage(Variation):
    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        return {**body, "error": {**body["error"], "doc_url": "https://docs.linqapp.com/"}}


class RefusesANumberThatALineHas(Variation):
    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        number = super().forwarding_number(call, body)
        if number == "+13105550100":
            raise Problem(Code.NOT_E164, "Numbers of this carrier are no longer accepted")
        return number


class EchoesWhateverItGets(Variation):
    async def respond(self, call: Call) -> Response:
        response = await super().respond(call)
        response.headers["X-Echo"] = call.headers.get("Authorization", "none")
        return response

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        return {**super().problem_body(call, problem), "headers": dict(call.headers)}

    def list_body(self, call: Call, account: Account) -> JsonObject:
        return {**super().list_body(call, account), "headers": dict(call.headers)}


class AsksForPatience(Variation):
    async def handle(self, call: Call) -> Response:
        raise Problem(Code.RATE_LIMITED, f"No {call.method} today", retry_after=86_400)


# --- the mock, judged as a newcomer does ---------------------------------------------------------


@pytest.fixture(scope="session")
def of_the_mock(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """One run without a URL, made once for all workers of pytest-xdist."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    kept = folder / "of-the-mock.pickle"
    with (folder / "of-the-mock.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(_judge_the_mock(folder / "report")))
    done: Done = pickle.loads(kept.read_bytes())
    return done


def _judge_the_mock(folder: Path) -> Done:
    command = [COMMAND, "validate", "--seed", "7", "--strict", "--report-dir", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=limit(60), check=False)
    report = json.loads((folder / "report.json").read_text())
    hold_to_the_schema(report)
    junit, page = (folder / "junit.xml").read_bytes(), (folder / "report.html").read_text(encoding="utf-8")
    return Done(done.returncode, done.stdout + done.stderr, report, junit, page)


def test_without_a_url_the_mock_is_judged_and_keeps_every_rule(of_the_mock: Done, contract: Document) -> None:
    count = len(contract.rules)

    assert of_the_mock.exit_code == 0
    assert f"{count} rules: {count} passed." in of_the_mock.output


def test_the_sum_has_requests_seconds_and_seed(of_the_mock: Done) -> None:
    assert re.search(
        r"passed\. [0-9,]{3,} requests in [0-9.]+ s, seed 7\.$", of_the_mock.output, re.MULTILINE
    )


def test_every_forwarding_number_is_said_to_be_as_before(of_the_mock: Done) -> None:
    assert "Every forwarding number is as it was before the run." in of_the_mock.output


def test_progress_is_a_plain_line_for_each_phase_when_there_is_no_terminal(of_the_mock: Done) -> None:
    lines = re.findall(r"^\[([0-9]+)/([0-9]+)\] ", of_the_mock.output, re.MULTILINE)

    assert [int(position) for position, _ in lines] == list(range(1, len(PHASES) + 1))
    assert {int(count) for _, count in lines} == {len(PHASES)}
    assert "\x1b" not in of_the_mock.output


def test_the_json_report_says_what_the_ledger_says(of_the_mock: Done, contract: Document) -> None:
    report = of_the_mock.report

    assert {entry["rule"]: entry["verdict"] for entry in report["rules"]} == {
        rule: of_the_mock.verdict(rule) for rule in contract.rules
    }
    assert (report["exit_code"], report["seed"], report["strict"]) == (0, 7, True)
    assert f"{report['requests']:,} requests in {report['seconds']:.1f} s" in of_the_mock.output


def test_the_junit_report_has_a_passed_case_for_each_rule(of_the_mock: Done, contract: Document) -> None:
    suite = ET.fromstring(of_the_mock.junit)
    cases = suite.findall("testcase")

    assert {case.get("name") for case in cases} == set(contract.rules)
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == (
        str(len(contract.rules)),
        "0",
        "0",
    )
    assert all(len(case) == 0 for case in cases)
    assert all(float(case.get("time") or 0) > 0 for case in cases)


def test_the_page_has_each_rule_with_its_statement(of_the_mock: Done, contract: Document) -> None:
    shown = html.unescape(of_the_mock.page)
    texts = [text for rule in contract.rules.values() for text in (rule.name, rule.statement)]

    assert "<h1>The server conforms</h1>" in of_the_mock.page
    assert [text for text in texts if text not in shown] == []


# --- verdicts ------------------------------------------------------------------------------------


def test_a_broken_rule_is_named_with_a_curl_line_and_a_command_that_runs_it_again(
    serve_mock: ServeMock, judge: Run, run: Run
) -> None:
    served = serve_mock(ForgetsUpdates)
    done = judge(served, "--allow-writes", "--rules", "update.*", "--seed", "3", phases={"set"})
    rerun = re.search(
        r"^  Rerun: (linq-contract validate .*update\.read-your-writes.*)$", done.output, re.MULTILINE
    )

    assert done.exit_code == 1
    assert "FAILED update.read-your-writes" in done.output
    assert re.search(
        r'^    curl -i -X PUT .*"Authorization: Bearer \$\{LINQ_API_V3_API_KEY\}"', done.output, re.MULTILINE
    )
    assert rerun is not None
    again = run(*shlex.split(rerun[1])[2:], token=served.token, phases={"set"})
    assert (again.exit_code, again.verdict("update.read-your-writes")) == (1, "failed")


def test_a_printed_command_replays_the_evidence_alone(serve_mock: ServeMock, judge: Run) -> None:
    served = serve_mock(ForgetsUpdates)
    done = judge(served, "--allow-writes", "--rules", "update.read-your-writes", phases={"set"})
    replay = re.search(r"^  Replay: linq-contract (replay .*)$", done.output, re.MULTILINE)
    sent = len(served.log)

    assert replay is not None
    again = CliRunner().invoke(main, shlex.split(replay[1]), env={ACCOUNT: served.token})
    assert (again.exit_code, "FAILED update.read-your-writes" in again.output) == (1, True)
    assert len(served.log) - sent < 15


def test_the_evidence_shows_of_a_list_only_the_lines_that_the_problem_is_about(
    serve_mock: ServeMock, judge: Run
) -> None:
    served = serve_mock(ForgetsUpdates, 12)
    done = judge(served, "--allow-writes", "--rules", "update.read-your-writes", phases={"set"})
    (shown,) = re.findall(r'^      \{"phone_numbers": \[.*\]\}$', done.output, re.MULTILINE)

    assert len(json.loads(shown)["phone_numbers"]) == 1
    assert "(without 11 other lines)" in done.output


def test_a_failure_is_in_every_report_with_its_evidence(
    serve_mock: ServeMock, judge: Run, tmp_path: Path
) -> None:
    served = serve_mock(ForgetsUpdates)
    options = ("--allow-writes", "--rules", "update.clear-null", "--report-dir", str(tmp_path))
    judge(served, *options, phases={"clear and repeat"})
    (entry,) = json.loads((tmp_path / "report.json").read_text())["rules"]
    suite = ET.fromstring((tmp_path / "junit.xml").read_bytes())
    failure = suite.find("./testcase[@name='update.clear-null']/failure")

    assert entry["verdict"] == "failed"
    assert entry["evidence"][0]["curl"].startswith("curl -i -X PUT ")
    assert failure is not None
    assert failure.get("message") == entry["problem"]
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    page = html.unescape((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "The server breaks 1 rule<" in page
    assert all(each["curl"] in page for each in entry["evidence"])
    assert all(entry[name] in page for name in ("problem", "replay", "rerun"))


@pytest.mark.parametrize(
    ("options", "exit_code", "verdict"), [((), 0, "warning"), (("--strict",), 1, "failed")]
)
def test_a_rule_that_should_be_kept_fails_only_a_strict_run(
    serve_mock: ServeMock, judge: Run, options: tuple[str, ...], exit_code: int, verdict: str
) -> None:
    done = judge(serve_mock(LinksTheWrongPage), "--rules", "error.*", *options)

    assert (done.exit_code, done.verdict("error.doc-url")) == (exit_code, verdict)


def test_only_the_rules_that_match_a_pattern_are_judged(serve_mock: ServeMock, judge: Run) -> None:
    done = judge(serve_mock(), "--rules", "list.*", "--rules", "auth.required")

    assert set(re.findall(r"^  ✓ (\S+)", done.output, re.MULTILINE)) >= {"list.schema", "auth.required"}
    assert "transport." not in done.output
    assert "9 rules: 9 passed." in done.output


def test_an_account_without_lines_conforms_and_leaves_updates_not_tested(
    serve_mock: ServeMock, judge: Run
) -> None:
    done = judge(serve_mock(lines=0), "--allow-writes")

    assert done.exit_code == 0
    assert done.verdict("update.read-your-writes") == "not tested"
    assert done.verdict("list.schema") == "passed"
    assert "the account has no lines" in done.output


def test_without_a_second_account_isolation_is_not_tested(serve_mock: ServeMock, judge: Run) -> None:
    done = judge(serve_mock(), "--rules", "auth.*")

    assert (done.exit_code, done.verdict("auth.tenant")) == (0, "not tested")
    assert OTHER_ACCOUNT in done.output


def test_with_a_second_account_isolation_is_judged(serve_mock: ServeMock, judge: Run) -> None:
    served = serve_mock()
    other_line = served.lines(DEFAULT_TOKENS[1])[0]["id"]
    arguments = ("--allow-writes", "--rules", "auth.*", "--other-line", other_line)
    done = judge(served, *arguments, other=DEFAULT_TOKENS[1], phases={"accounts", "second account"})

    assert (done.exit_code, done.verdict("auth.tenant")) == (0, "passed")
    assert DEFAULT_TOKENS[1] not in done.output


# --- replays -------------------------------------------------------------------------------------


@pytest.fixture
def recorded(serve_mock: ServeMock, judge: Run, tmp_path: Path) -> Path:
    """The replay of a server that forgets updates."""
    options = ("--allow-writes", "--rules", "update.read-your-writes", "--report-dir", str(tmp_path))
    judge(serve_mock(ForgetsUpdates), *options, phases={"set"})
    return tmp_path / "update.read-your-writes.replay.json"


@pytest.mark.parametrize(("behaviour", "exit_code"), [(ForgetsUpdates, 1), (Behaviour, 0)])
def test_a_replay_tells_a_broken_server_from_one_that_was_mended(
    serve_mock: ServeMock, recorded: Path, behaviour: type[Behaviour], exit_code: int
) -> None:
    served = serve_mock(behaviour)
    before = served.forwarding_numbers()
    arguments = ["replay", str(recorded), served.url, "--allow-writes"]
    done = CliRunner().invoke(main, arguments, env={ACCOUNT: served.token})

    assert done.exit_code == exit_code, done.output
    assert served.forwarding_numbers() == before
    assert served.token not in recorded.read_text()


def test_a_replay_with_updates_needs_permission(recorded: Path) -> None:
    done = CliRunner().invoke(main, ["replay", str(recorded)])

    assert done.exit_code == 2
    assert "--allow-writes permits them" in done.output


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"rule": "x", "problem": "", "base_url": "", "requests": [{}]}']
)
def test_a_file_that_is_no_replay_is_wrong_use(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.json").write_text(content)
    done = CliRunner().invoke(main, ["replay", str(tmp_path / "x.json")])

    assert done.exit_code == 2
    assert "is not a replay, which validate writes as *.replay.json" in done.output


# --- wrong use and servers that cannot be judged -------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nowhere"], "no URL of a server"),
        (["ftp://127.0.0.1/"], "no URL of a server"),
        (["http://"], "no URL of a server"),
        (["http://127.0.0.1:x/"], "is no URL"),
        (["http://127.0.0.1:83616/"], "ports are 1 to 65535"),
        (["http://127.0.0.1:0/"], "ports are 1 to 65535"),
        (["http://127.0.0.1/", "--rate", "nan"], "'nan' is not a finite number"),
        (["http://127.0.0.1/", "--rate", "1e-320"], "--rate"),
        (["http://127.0.0.1/", "--time-limit", "inf"], "'inf' is not a finite number"),
        (["http://u:p@127.0.0.1/"], "no user"),
        (["http://127.0.0.1/?q=1"], "no query"),
        (["http://127.0.0.1/", "--rules", "no.such.*"], "'linq-contract rules' lists them"),
        (["http://127.0.0.1/", "--other-line", "x"], "not the id of a line"),
        (["http://127.0.0.1/", "--seed", "-1"], "--seed"),
        (["http://127.0.0.1/", "--time-limit", "0"], "--time-limit"),
        (["http://127.0.0.1/", "--report-dir", ""], "an empty text names no folder"),
        (["--write-accept", "/nonexist/x.yaml"], "x.yaml cannot be written: No such file or directory."),
        (["http://127.0.0.1/", "--no-such-option"], "No such option"),
    ],
)
def test_wrong_use_is_told_from_everything_else(run: Run, arguments: list[str], reason: str) -> None:
    done = run(*arguments, token="canary-7f3d9b51")

    assert done.exit_code == 2
    assert reason in done.output


@pytest.mark.parametrize(
    ("token", "other", "reason"),
    [
        (None, None, f"put it into {ACCOUNT}"),
        ("", None, f"put it into {ACCOUNT}"),
        ("canary with spaces", None, "visible ASCII characters without spaces"),
        ("canary-\u00e9", None, "visible ASCII characters"),
        ("canary-7f3d9b51\n", None, "visible ASCII characters"),
        ("canary-7f3d9b51", "canary-7f3d9b51", "the same token"),
    ],
)
def test_a_token_that_is_missing_or_none_is_wrong_use(
    run: Run, token: str | None, other: str | None, reason: str
) -> None:
    done = run("http://127.0.0.1:1/", token=token, other=other)

    assert done.exit_code == 2
    assert reason in done.output


def test_a_token_of_a_file_that_is_none_is_named_by_its_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.touch(0o600)
    file.write_text("canary-7f3d9b51\ncanary with spaces\n")
    spaces = run("http://127.0.0.1:1/", "--token-file", str(file), token=None)
    file.write_text("canary-7f3d9b51\ncanary-7f3d9b51\n")
    same = run("http://127.0.0.1:1/", "--token-file", str(file), token=None)

    assert f"{file}:2 does not hold a token" in spaces.output
    assert f"{file}:1 and {file}:2 hold the same token" in same.output


def test_a_server_that_is_not_there_cannot_be_judged(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    done = run(url, token="canary-7f3d9b51")

    assert done.exit_code == 3
    assert "The server does not answer" in done.output


def test_a_server_that_refuses_the_token_cannot_be_judged(serve_mock: ServeMock, run: Run) -> None:
    done = run(serve_mock().url, token="canary-of-another-server")

    assert done.exit_code == 3
    assert f"refuses the token in {ACCOUNT} with 401" in done.output


def test_a_server_that_asks_to_wait_for_a_day_cannot_be_judged(serve_mock: ServeMock, judge: Run) -> None:
    done = judge(serve_mock(AsksForPatience))

    assert done.exit_code == 3
    assert "86400 s" in done.output


def test_a_folder_that_cannot_be_written_is_wrong_use(
    serve_mock: ServeMock, judge: Run, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("")
    done = judge(serve_mock(), "--rules", "list.schema", "--report-dir", str(tmp_path / "taken" / "x"))

    assert done.exit_code == 2
    assert "cannot be written" in done.output


# --- what a run leaves behind --------------------------------------------------------------------


def test_without_permission_nothing_is_sent_that_could_change_something(
    serve_mock: ServeMock, judge: Run
) -> None:
    served = serve_mock()
    done = judge(served, phases={phase.name for phase in PHASES})

    assert done.exit_code == 0, done.output
    assert served.methods <= SAFE_METHODS
    assert "Only requests that cannot change anything were sent." in done.output


def test_updates_are_put_back(serve_mock: ServeMock, judge: Run) -> None:
    served = serve_mock(lines=5)
    before = served.forwarding_numbers()
    other_line = served.lines(DEFAULT_TOKENS[1])[0]["id"]
    done = judge(served, "--allow-writes", "--other-line", other_line, other=DEFAULT_TOKENS[1])

    assert done.exit_code == 0
    assert "PUT" in served.methods
    assert served.forwarding_numbers() == before


class SetsOnlyWhereThereIsNone(Variation):
    """Refuses to replace a number: it has to be cleared first."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        if number is not None and line.get("forwarding_number") is not None:
            raise Problem(Code.NOT_E164, "There is a number already")
        await super().store(call, account, line, number)


class ForgetsALine(Variation):
    """The account loses its last line with the 15th update."""

    updates: ClassVar[int] = 0

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        type(self).updates += 1
        if self.updates == 15:
            del account.lines[list(account.lines)[-1]]


def test_a_number_that_replaces_none_is_put_back_all_the_same(serve_mock: ServeMock, judge: Run) -> None:
    served = serve_mock(SetsOnlyWhereThereIsNone)
    before = served.forwarding_numbers()
    done = judge(served, "--allow-writes", "--rules", "update.schema", phases={"set"})

    assert (done.exit_code, done.verdict("update.schema")) == (1, "failed")
    assert served.forwarding_numbers() == before


def test_a_line_that_null_does_not_clear_is_cleared_with_the_empty_string(
    serve_mock: ServeMock, judge: Run
) -> None:
    served = serve_mock(mixed([FAULTS["update.clear-null/ignored"]]))
    before = served.forwarding_numbers()
    done = judge(served, "--allow-writes", "--rules", "update.clear-null", phases={"clear and repeat"})

    assert (done.exit_code, done.verdict("update.clear-null")) == (1, "failed")
    assert served.forwarding_numbers() == before


def test_lines_of_a_second_account_that_change_with_those_of_the_first_are_put_back(
    serve_mock: ServeMock, judge: Run
) -> None:
    served = serve_mock(mixed([FAULTS["update.isolated/other-account"]]))
    before = served.forwarding_numbers()
    other_line = served.lines(DEFAULT_TOKENS[1])[0]["id"]
    arguments = ("--allow-writes", "--other-line", other_line, "--rules", "update.isolated")
    done = judge(served, *arguments, other=DEFAULT_TOKENS[1], phases={"set", "second account"})

    assert (done.exit_code, done.verdict("update.isolated")) == (1, "failed")
    assert served.forwarding_numbers() == before


def test_a_line_that_loses_its_number_to_one_of_another_account_is_not_called_restored(
    serve_mock: ServeMock, judge: Run
) -> None:
    served = serve_mock(mixed([FAULTS["update.isolated/takes-number-from-other-account"]]))
    mine, theirs = served.lines(served.token)[0], served.lines(DEFAULT_TOKENS[1])[0]
    assert mine["forwarding_number"] == theirs["forwarding_number"]
    arguments = ("--allow-writes", "--other-line", theirs["id"], "--rules", "update.isolated")
    done = judge(served, *arguments, other=DEFAULT_TOKENS[1], phases={"own numbers", "set"})

    assert done.exit_code == 4
    assert "could not be set back to +13105550100" in done.output


def test_a_line_whose_own_number_the_server_refuses_is_left_alone(serve_mock: ServeMock, judge: Run) -> None:
    served = serve_mock(mixed([FREEDOMS["legacy-numbers"]]), 5)
    before = served.forwarding_numbers()
    done = judge(served, "--allow-writes", "--rules", "update.schema", phases={"own numbers", "set"})

    assert done.exit_code == 0
    assert "was left alone, since the server refuses its own +12" in done.output
    assert served.forwarding_numbers() == before


def test_so_is_one_whose_number_the_server_must_not_refuse(serve_mock: ServeMock, judge: Run) -> None:
    served = serve_mock(RefusesANumberThatALineHas, 5)
    before = served.forwarding_numbers()
    done = judge(served, "--allow-writes", "--rules", "update.schema", phases={"own numbers", "set"})

    assert (done.exit_code, done.verdict("update.schema")) == (1, "failed")
    assert "was left alone, since the server refuses its own +13105550100" in done.output
    assert served.forwarding_numbers() == before


def test_a_line_that_was_released_is_nothing_to_put_back(serve_mock: ServeMock, judge: Run) -> None:
    arguments = ("--allow-writes", "--rules", "update.schema")
    done = judge(serve_mock(ForgetsALine), *arguments, phases={"set", "clear and repeat"})

    assert done.exit_code == 0
    assert "and the account does not have it any more" in done.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_updates_are_put_back_when_the_run_is_interrupted(
    serve_mock: ServeMock, tmp_path: Path, number: signal.Signals
) -> None:
    served = serve_mock(lines=5)
    before = served.forwarding_numbers()
    process = _process(served, "--allow-writes", cwd=tmp_path)
    served.at_update(20, lambda: process.send_signal(number))
    output, _ = process.communicate(timeout=limit(60))

    assert (process.returncode, output[:10]) == (3, "Validating")
    assert "Interrupted." in output
    assert "Traceback" not in output
    assert served.forwarding_numbers() == before


def test_what_makes_up_examples_is_not_imported_before_a_run_is_known_to_need_it() -> None:
    program = (
        "import sys, linq_contract.commands.validate; print({'hypothesis', 'schemathesis'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"


def test_an_interrupt_while_the_command_is_still_imported_shows_no_traceback() -> None:
    program = """
import os, signal, sys

class InterruptsTheImportOfClick:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, InterruptsTheImportOfClick())
signal.signal(signal.SIGINT, signal.default_int_handler)
from linq_contract.__main__ import main
main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_a_token_that_the_server_echoes_is_in_no_output_and_no_file(
    serve_mock: ServeMock, judge: Run, tmp_path: Path
) -> None:
    arguments = ("--allow-writes", "--report-dir", str(tmp_path))
    done = judge(serve_mock(EchoesWhateverItGets), *arguments, phases={"list", "tokens", "set", "bodies"})

    assert done.verdict("transport.no-token-echo") == "failed"
    assert {path.name for path in tmp_path.iterdir()} >= {"junit.xml", "report.json"}


def test_the_contract_is_a_pytest_suite_as_well(
    serve_mock: ServeMock, contract: Document, tmp_path: Path
) -> None:
    served = serve_mock()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'x'}"]
    done = subprocess.run(
        [*command, "contract_tests", "--base-url", served.url],
        cwd=ROOT,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", ACCOUNT: served.token},
        capture_output=True,
        text=True,
        timeout=limit(60),
        check=False,
    )
    counts = re.search(r"([0-9]+) passed, ([0-9]+) skipped", done.stdout)

    assert done.returncode == 0, done.stdout
    assert counts is not None
    assert int(counts[1]) + int(counts[2]) == len(contract.rules) + 2
    assert served.token not in done.stdout + done.stderr


# --- chance --------------------------------------------------------------------------------------


def test_a_seed_repeats_the_updates_of_a_run(serve_mock: ServeMock) -> None:
    names = {"set", "mutated numbers", "sequences"}
    phases = [phase for phase in PHASES if phase.name in names]

    def updates(seed: int) -> list[tuple[str, bytes, bytes]]:
        served = serve_mock(lines=1)
        target = Target(served.url, Credentials({ACCOUNT: served.token}), Permissions(allow_writes=True))
        validate(target, Options(seed, ("update.*",)), lambda _step: None, phases)
        return [(seen.method, seen.target, seen.body) for seen in served.log]

    assert updates(5) == updates(5) != updates(6)


def test_nothing_of_a_run_is_kept_after_it(serve_mock: ServeMock) -> None:
    served = serve_mock(lines=1)
    target = Target(served.url, Credentials({ACCOUNT: served.token}), Permissions(allow_writes=True))
    ledgers: list[weakref.ref[Ledger]] = []

    validate(
        target,
        Options(1),
        lambda step: ledgers.append(weakref.ref(step.ledger)),
        [phase for phase in PHASES if phase.name == "sequences"],
    )
    gc.collect()

    assert [ledger() for ledger in ledgers] == [None]


def test_a_run_without_a_seed_says_which_one_it_took(serve_mock: ServeMock, judge: Run) -> None:
    served = serve_mock()
    seeds = [re.search(r"seed ([0-9]+)\.", judge(served, "--rules", "list.schema").output) for _ in range(2)]

    assert all(seeds)
    assert len({seed[1] for seed in seeds if seed}) == 2


def test_the_help_has_the_first_sentence_of_each_command_to_its_end() -> None:
    listed = CliRunner().invoke(main, ["--help"]).output.partition("Commands:\n")[2]
    commands = re.split(r"\n  (?=\S)", listed.rstrip())

    assert len(commands) == len(COMMANDS)
    assert all(re.search(r"[^.]\.$", command) for command in commands)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["valdate"], "No such command 'valdate'. Did you mean 'validate'?"),
        (["rules-of-another-tool"], "No such command 'rules-of-another-tool'."),
        (
            ["validate", "--rules", "list.uniqe"],
            "'list.uniqe'; 'linq-contract rules' lists them. Did you mean list.unique?",
        ),
    ],
)
def test_a_misspelled_command_or_rule_is_answered_with_the_nearest_that_there_is(
    words: list[str], said: str
) -> None:
    done = CliRunner().invoke(main, words)

    assert done.exit_code == 2
    assert done.output.splitlines()[-1].endswith(said)


def test_rules_lists_every_rule_with_its_level_and_statement(contract: Document) -> None:
    lines = CliRunner().invoke(main, ["rules"]).output.splitlines()

    assert len(lines) == len(contract.rules)
    for line, rule in zip(lines, contract.rules.values(), strict=True):
        assert line.split(maxsplit=2) == [rule.name, rule.level, rule.statement]


def _process(served: Served, *arguments: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [COMMAND, "validate", served.url, *arguments],
        env={**os.environ, ACCOUNT: served.token},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
