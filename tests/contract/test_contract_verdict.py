"""What a run did not find out it does not claim, what it found it tells whole, and options say what fails."""

from __future__ import annotations

import html
import json
import re
import shlex
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import pytest
from click.testing import CliRunner

from linq_contract.cli import main
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT
from linq_contract.http.messages import NoAnswer
from linq_contract.run.patience import OutOfTimeError, RateLimitedError
from linq_contract.run.phases import PHASES, Phase, Requests
from linq_contract.run.session import UnreachableError
from linq_mock.faults import FAULTS
from linq_mock.problems import Code, Problem
from linq_mock.tokens import DEFAULT_TOKENS
from linq_mock.variation import Variation, mixed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from tests.serving import Served, ServeMock

    from linq_contract.run.campaign import Campaign
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call, Response


@dataclass(frozen=True)
class Done:
    """A run that has ended, with its reports."""

    exit_code: int
    output: str
    report: dict[str, Any]
    junit: ET.Element
    page: str

    @property
    def verdicts(self) -> dict[str, str]:
        return {rule["rule"]: rule["verdict"] for rule in self.report["rules"]}

    def rule(self, name: str) -> dict[str, Any]:
        return next(rule for rule in self.report["rules"] if rule["rule"] == name)

    def is_everywhere(self, sentence: str) -> bool:
        """Whether all reports and the terminal have a sentence."""
        texts = (self.output, json.dumps(self.report, ensure_ascii=False), html.unescape(self.page))
        in_junit = "\n".join(f"{each.get('message')} {each.text}" for each in self.junit.iter())
        return all(sentence in text for text in (*texts, in_junit))


Judge: TypeAlias = "Callable[..., Done]"


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Judge:
    """Judge a server with some of the phases, or with a phase of the test's own."""

    def run(served: Served, *arguments: str, phases: Collection[str | Phase]) -> Done:
        chosen = [phase for phase in PHASES if phase.name in phases]
        chosen += [phase for phase in phases if isinstance(phase, Phase)]
        monkeypatch.setattr("linq_contract.commands.validate.PHASES", chosen)
        reports = tmp_path / "reports"
        words = ["validate", served.url, "--seed", "1", "--report-dir", str(reports), *arguments]
        done = CliRunner().invoke(main, words, env={ACCOUNT: served.token})
        assert done.exit_code != 2, done.output
        return Done(
            done.exit_code,
            done.output,
            json.loads((reports / "report.json").read_text()),
            ET.fromstring((reports / "junit.xml").read_bytes()),
            (reports / "report.html").read_text(encoding="utf-8"),
        )

    return run


def breaking_off(error: Exception) -> Phase:
    """A phase of all rules that ends with an error before it has sent anything."""

    def run(_campaign: Campaign) -> None:
        raise error

    return Phase("odd", run, ("",), Requests(reading=1))


class LinksTheWrongPage(Variation):
    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        return {**body, "error": {**body["error"], "doc_url": "https://docs.linqapp.com/"}}


class ForgetsUpdates(Variation):
    async def store(self, call: Call, account: Account, line: Any, number: str | None) -> None:
        pass


class NamesLinesInWords(Variation):
    """Has ids that no path can have as they are."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        listed = super().listed_line(call, account, line)
        return {**listed, "id": f"Zo\u00eb's {listed['id']}"}


class HasAssignedNumbers(Variation):
    """Has lines whose numbers are those of real phones."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        listed = super().listed_line(call, account, line)
        return {**listed, "phone_number": listed["phone_number"].replace("555", "456")}

    def update_body(self, call: Call, line: Line, number: str | None) -> JsonObject:
        body = super().update_body(call, line, number)
        return {**body, "phone_number": body["phone_number"].replace("555", "456")}


class MisreadsTokens(Variation):
    """Answers each kind of invalid token in a wrong way of its own; the mock itself would say 401."""

    async def handle(self, call: Call) -> Response:
        try:
            return await super().handle(call)
        except Problem as problem:
            if problem.code != Code.UNAUTHORIZED:
                raise
            scheme, _, token = call.headers.get("Authorization", "").partition(" ")
            if scheme != "Bearer":
                raise Problem(Code.FORBIDDEN, "Not this scheme") from problem
            raise Problem(Code.NOT_FOUND if token else Code.INVALID_PARAMETER, "What token?") from problem


# --- what is found ----------------------------------------------------------------------------------


def test_an_id_that_no_path_can_have_as_it_is_ends_no_phase(judge: Judge, serve_mock: ServeMock) -> None:
    phases = ["list", "tokens", "methods", "coverage, fuzzing and stateful"]
    done = judge(serve_mock(NamesLinesInWords), "--allow-writes", phases=phases)

    assert (done.exit_code, done.verdicts["list.schema"]) == (1, "failed")
    assert "bug in linq-contract" not in done.output


def test_lines_with_the_numbers_of_real_phones_end_no_phase(
    judge: Judge, serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OTHER_ACCOUNT, DEFAULT_TOKENS[1])
    served = serve_mock(HasAssignedNumbers)
    headers = {"Authorization": f"Bearer {DEFAULT_TOKENS[1]}"}
    listed = httpx.get(f"{served.url}/v3/phone_numbers", headers=headers).json()["phone_numbers"]
    done = judge(
        served, "--allow-writes", "--other-line", listed[0]["id"], phases=["list", "set", "second account"]
    )

    assert "failed" not in done.verdicts.values(), done.output
    assert done.exit_code == 0
    assert any(seen.method == "PUT" and listed[0]["id"].encode() in seen.target for seen in served.log)


# --- what is incomplete -----------------------------------------------------------------------------

STOPS = {
    "the time limit was reached": (OutOfTimeError(), "--time-limit"),
    "the server asked to wait for 900 s": (
        RateLimitedError("the server asked to wait for 900 s"),
        "--max-wait",
    ),
    "the server stopped answering: reset": (UnreachableError(NoAnswer("reset")), "its log"),
    "the phase 'odd' was ended by a bug in linq-contract: KeyError: 'x'": (KeyError("x"), "Report it"),
}


@pytest.mark.parametrize("reason", STOPS)
def test_a_rule_that_could_have_been_tested_and_was_not_makes_the_exit_code_3(
    serve_mock: ServeMock, judge: Judge, reason: str
) -> None:
    error, remedy = STOPS[reason]
    rules = ("--rules", "list.*", "--rules", "transport.unknown-method")
    done = judge(serve_mock(), *rules, phases={"list", breaking_off(error)})

    assert done.exit_code == 3
    assert done.rule("transport.unknown-method")["verdict"] == "incomplete"
    assert reason in done.rule("transport.unknown-method")["because"]
    assert done.rule("list.schema")["verdict"] == "passed"
    assert done.is_everywhere(f"{reason}; 1 rule incomplete"[1:])
    assert done.is_everywhere(remedy)
    assert ("These were the last requests: curl -i" in done.output) is ("stopped answering" in reason)
    assert done.junit.get("errors") == "2"
    assert '<h1 class="failed">The server was tested only in part</h1>' in done.page


def test_a_bug_while_schemathesis_asks_makes_the_exit_code_3(
    serve_mock: ServeMock, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trip(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr("linq_contract.run.workloads.generated._Gateway._made_useful", trip)
    done = judge(serve_mock(), "--rules", "list.*", phases={"list", "coverage, fuzzing and stateful"})

    assert done.exit_code == 3
    assert "by a bug in linq-contract: KeyError: 'x'" in done.report["gaps"][0]


def test_the_last_line_of_a_run_with_gaps_is_not_green(
    serve_mock: ServeMock, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    rules = ("--rules", "list.schema")
    whole = judge(serve_mock(), *rules, phases={"list"})
    broken_off = judge(serve_mock(), *rules, phases={"list", breaking_off(OutOfTimeError())})

    assert "\x1b[1;32m1 rule: 1 passed" in whole.output
    assert "\x1b[1;31m1 rule: 1 passed" in broken_off.output


def test_a_phase_that_breaks_off_makes_the_exit_code_3_although_every_rule_was_tested(
    serve_mock: ServeMock, judge: Judge
) -> None:
    done = judge(serve_mock(), "--rules", "list.schema", phases={"list", breaking_off(TypeError("ours"))})

    assert (done.exit_code, done.verdicts) == (3, {"list.schema": "passed"})


@pytest.mark.parametrize("arguments", [(), ("--allow-writes",)])
def test_what_the_user_left_out_is_not_tested_and_leaves_the_exit_code_0(
    serve_mock: ServeMock, judge: Judge, arguments: tuple[str, ...]
) -> None:
    done = judge(
        serve_mock(lines=0),
        "--rules",
        "update.schema",
        "--rules",
        "auth.*",
        *arguments,
        phases={"list", "tokens"},
    )

    assert done.exit_code == 0
    assert done.verdicts["update.schema"] == done.verdicts["auth.tenant"] == "not tested"
    assert done.report["gaps"] == []


def test_a_broken_rule_goes_before_a_gap_and_both_are_told(serve_mock: ServeMock, judge: Judge) -> None:
    rules = ("--rules", "list.status-values", "--rules", "transport.unknown-method")
    served = serve_mock(mixed([FAULTS["list.status-values/lower-case"]]))
    done = judge(served, *rules, phases={"list", breaking_off(OutOfTimeError())})

    assert done.exit_code == 1
    assert done.is_everywhere("time limit was reached; 1 rule incomplete")
    assert done.report["headline"] == "The server breaks 1 rule; the server was tested only in part"


def test_a_list_that_cannot_be_read_leaves_the_rules_of_updates_incomplete(
    serve_mock: ServeMock, judge: Judge
) -> None:
    served = serve_mock(mixed([FAULTS["list.schema/bare-array"]]))
    done = judge(
        served,
        "--allow-writes",
        "--rules",
        "update.echo",
        "--rules",
        "auth.required",
        phases={"list", "tokens", "set"},
    )

    assert (done.exit_code, done.verdicts["update.echo"]) == (3, "incomplete")
    assert done.is_everywhere("o list could be read; 1 rule incomplete")


# --- what is required ----------------------------------------------------------------------------


def test_a_required_rule_that_is_not_tested_fails(serve_mock: ServeMock, judge: Judge) -> None:
    rules = [word for rule in ("list.schema", "update.echo") for word in ("--rules", rule, "--require", rule)]
    done = judge(serve_mock(), *rules, phases={"list"})

    assert (done.exit_code, done.verdicts) == (1, {"list.schema": "passed", "update.echo": "failed"})
    assert done.is_everywhere("it is required and was not tested: needs updates: --allow-writes permits them")
    assert done.report["headline"] == "1 required rule not tested"


def test_a_required_rule_that_is_tested_passes(serve_mock: ServeMock, judge: Judge) -> None:
    done = judge(serve_mock(), "--rules", "list.schema", "--require", "list.schema", phases={"list"})

    assert (done.exit_code, done.verdicts) == (0, {"list.schema": "passed"})


def test_what_is_required_cannot_be_left_out(serve_mock: ServeMock) -> None:
    served = serve_mock()
    arguments = ["validate", served.url, "--rules", "list.*", "--require", "update.echo"]
    done = CliRunner().invoke(main, arguments, env={ACCOUNT: served.token})

    assert (done.exit_code, served.log) == (2, [])
    assert "--require demands update.echo, which --rules leaves out" in done.output


# --- what broke a rule ---------------------------------------------------------------------------


def test_each_cause_under_a_rule_is_shown_with_its_own_evidence_and_replay(
    serve_mock: ServeMock, judge: Judge
) -> None:
    done = judge(serve_mock(MisreadsTokens), "--rules", "auth.invalid", phases={"tokens"})
    first = done.rule("auth.invalid")
    causes = [first, *first["further_causes"]]
    expected = {"400 / 1005", "403 / 2005", "404 / 2019"}

    assert {cause["problem"] for cause in causes} == {
        f"answered {it}, expected 401 / 2004" for it in expected
    }
    for cause in causes:
        assert cause["evidence"][0]["response"][0] == f"HTTP {cause['problem'].split()[1]}"
        assert done.is_everywhere(cause["problem"])
        assert done.is_everywhere(cause["replay"])
    assert len({cause["replay"] for cause in causes}) == 3


def test_causes_that_differ_in_what_varies_alone_are_one(serve_mock: ServeMock, judge: Judge) -> None:
    done = judge(
        serve_mock(ForgetsUpdates, 12),
        "--allow-writes",
        "--rules",
        "update.read-your-writes",
        phases={"set", "further lines"},
    )
    rule = done.rule("update.read-your-writes")

    assert rule["broken_in"] > 3  # what was found so often is not always looked into again
    assert rule["further_causes"] == []


# --- what a command printed keeps ----------------------------------------------------------------


def test_a_printed_command_keeps_every_option_that_the_verdict_hung_on(
    serve_mock: ServeMock, judge: Judge, tmp_path: Path
) -> None:
    served = serve_mock(LinksTheWrongPage)
    line = served.lines(served.token)[0]["id"]
    accept = tmp_path / "accept.yaml"
    accept.write_text("- {rule: list.schema, evidence: never, reason: none, expires: 2999-01-01}\n")
    given = [
        *("--allow-writes", "--line", line, "--forward-to", "+12025550199", "--rate", "500"),
        *("--strict", "--accept", str(accept), "--drift", "fail", "--time-limit", "60", "--max-wait", "30"),
    ]
    done = judge(served, "--rules", "error.*", "--require", "error.*", *given, phases={"tokens"})
    rule = done.rule("error.doc-url")
    kept = [*given, "--require", "error.doc-url"]

    assert shlex.split(rule["rerun"])[-len(kept) :] == kept
    assert shlex.split(rule["replay"])[-len(kept) :] == kept
    for printed in (rule["rerun"], rule["replay"]):
        again = CliRunner().invoke(main, shlex.split(printed)[1:], env={ACCOUNT: served.token})
        assert (again.exit_code, "FAILED error.doc-url" in again.output) == (1, True), again.output


def test_a_rerun_of_the_embedded_mock_names_no_url_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linq_contract.commands.validate.PHASES", [])
    done = CliRunner().invoke(main, ["validate", "--rules", "*.schema", "--require", "update.schema"])

    rerun = r"Rerun: linq-contract validate --rules update\.schema --seed \d+ --require update\.schema$"

    assert done.exit_code == 1
    assert re.search(rerun, done.output, re.MULTILINE)
