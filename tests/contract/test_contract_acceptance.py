"""Accepted failures: a file of them that cannot rot, read with its places and written from a run."""

from __future__ import annotations

import html
import json
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, TypeAlias

import pytest
import yaml
from click.testing import CliRunner

from linq_contract.cli import main
from linq_contract.http.credentials import ACCOUNT
from linq_contract.run.acceptance import Acceptance, read_acceptances
from linq_contract.run.phases import PHASES
from linq_mock.behaviour import Behaviour
from linq_mock.faults import FAULTS
from linq_mock.problems import Code, Problem
from linq_mock.variation import Variation, mixed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result
    from tests.serving import Served, ServeMock

    from linq_mock.messages import Call, Response

Judge: TypeAlias = "Callable[..., Result]"


class Forbids(Variation):
    """Says 403 where it should say 401; without a token, that there is nothing."""

    async def handle(self, call: Call) -> Response:
        try:
            return await super().handle(call)
        except Problem as problem:
            token = call.headers.get("Authorization", "")
            raise Problem(
                Code.FORBIDDEN if token.startswith("Bearer ") else Code.NOT_FOUND, "No"
            ) from problem


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Judge:
    """Judge how a server takes tokens, with a file of accepted failures."""
    monkeypatch.setattr(
        "linq_contract.commands.validate.PHASES", [each for each in PHASES if each.name == "tokens"]
    )

    def run(served: Served, content: str | None, *arguments: str, rules: str = "auth.invalid") -> Result:
        accept = tmp_path / "accept.yaml"
        if content is not None:
            accept.write_text(content, encoding="utf-8")
            arguments = ("--accept", str(accept), *arguments)
        words = ["validate", served.url, "--rules", rules, "--seed", "1", *arguments]
        return CliRunner().invoke(main, words, env={ACCOUNT: served.token})

    return run


REASON = "reason: The gateway is replaced in May."


def test_an_accepted_failure_is_told_with_its_reason_in_every_report_and_fails_no_run(
    serve_mock: ServeMock, judge: Judge, tmp_path: Path
) -> None:
    content = f"- rule: auth.invalid\n  {REASON}\n  expires: 2999-05-31\n"
    done = judge(serve_mock(Forbids), content, "--report-dir", str(tmp_path))
    said = f"The gateway is replaced in May. ({tmp_path / 'accept.yaml'}:1, until 2999-05-31)"
    (rule,) = json.loads((tmp_path / "report.json").read_text())["rules"]
    suite = ET.fromstring((tmp_path / "junit.xml").read_bytes())
    case = suite.find("testcase/skipped")

    assert done.exit_code == 0
    assert "1 rule: 1 accepted." in done.output
    assert f"Accepted: {said}" in done.output
    assert (rule["verdict"], rule["accepted"]) == ("accepted", said)
    assert suite.get("failures") == "0"
    assert case is not None
    assert said in (case.text or "")
    assert said in html.unescape((tmp_path / "report.html").read_text(encoding="utf-8"))


def test_one_line_of_evidence_accepts_one_cause_and_not_the_others(
    serve_mock: ServeMock, judge: Judge
) -> None:
    one = f"- rule: auth.invalid\n  evidence: answered 403 / 2005, expected*\n  {REASON}\n"
    other = f"- rule: auth.invalid\n  evidence: '\"code\":2019'\n  {REASON}\n"

    assert judge(serve_mock(Forbids), one).exit_code == 1
    assert judge(serve_mock(Forbids), other).exit_code == 1
    assert judge(serve_mock(Forbids), one + other).exit_code == 0


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("", "auth.invalid is not broken any more; remove the entry."),
        ("\n  evidence: 403", "auth.invalid is not broken by '403' any more; remove the entry."),
        ("\n  expires: 2020-02-29", "the acceptance of auth.invalid has expired on 2020-02-29."),
    ],
)
def test_an_entry_that_no_longer_fails_or_has_expired_fails_the_run(
    serve_mock: ServeMock, judge: Judge, tmp_path: Path, entry: str, complaint: str
) -> None:
    content = f"# known\n- rule: auth.invalid{entry}\n  {REASON}\n"
    done = judge(serve_mock(Behaviour), content, "--report-dir", str(tmp_path))
    suite = ET.fromstring((tmp_path / "junit.xml").read_bytes())

    assert done.exit_code == 1
    assert f"{tmp_path / 'accept.yaml'}:2: {complaint}" in done.output
    assert suite.get("failures") == "1"


def test_an_expired_entry_accepts_nothing(serve_mock: ServeMock, judge: Judge) -> None:
    done = judge(serve_mock(Forbids), f"- rule: auth.invalid\n  {REASON}\n  expires: 2020-02-29\n")

    assert done.exit_code == 1
    assert "FAILED auth.invalid" in done.output


def test_an_entry_of_a_rule_that_the_run_did_not_test_says_nothing(
    serve_mock: ServeMock, judge: Judge
) -> None:
    content = f"- rule: update.echo\n  {REASON}\n- rule: update.atomic\n  {REASON}\n  expires: 2020-02-29\n"

    assert judge(serve_mock(), content).exit_code == 0


MALFORMED = {
    "- rule: auth.invalid\n  reason: [x\n": ":3: this is no YAML",
    "rule: auth.invalid\n": ":1: a list of entries is expected",
    "- auth.invalid\n": ":1: an entry with a rule and a reason is expected",
    "- rule: auth.invalid\n  reason: x\n- rule: auth.first\n": ":3: the entry has no reason",
    "- reason: x\n": ":1: the entry has no rule",
    "- rule: auth.invalid\n  reason: ''\n": ":2: reason is a text that says something",
    "- rule: auth.invalid\n  reason:\n": ":2: reason is a text that says something",
    "- rule: auth.invalid\n  reason: [x]\n": ":2: reason is a text that says something",
    "- rule: auth.invalidd\n  reason: x\n": ":1: no rule is named 'auth.invalidd'",
    "- rule: auth.invalid\n  reason: x\n  until: 2030-01-01\n": ":3: 'until' is none of rule, evidence",
    "- rule: auth.invalid\n  reason: x\n  expires: soon\n": ":3: expires is a day such as",
    "- rule: auth.invalid\n  reason: x\n  expires: [2030]\n": ":3: expires is a day such as",
    "- rule: auth.invalid\n  reason: x\n  reason: y\n": ":3: reason is there twice",
    "- {[x]: y}\n": ":1: ",
    "- rule: auth.invalid\n  reason: x\n- rule: auth.invalid\n  reason: y\n": ":3: the same is accepted in ",
    "- rule: auth.invalid\n  reason: \x01\n": "this is no YAML",
}


@pytest.mark.parametrize("content", MALFORMED)
def test_a_malformed_file_is_refused_with_its_place_before_anything_is_sent(
    serve_mock: ServeMock, judge: Judge, tmp_path: Path, content: str
) -> None:
    served = serve_mock()
    done = judge(served, content)

    assert (done.exit_code, served.log) == (2, [])
    assert f"{tmp_path / 'accept.yaml'}" in done.output
    assert MALFORMED[content] in done.output


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xff\xfe")
    done = CliRunner().invoke(main, ["validate", "http://127.0.0.1:1/", "--accept", str(tmp_path / "x")])

    assert (done.exit_code, "is not in UTF-8" in done.output) == (2, True)


def test_an_empty_file_accepts_nothing(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("# none is known\n")

    assert read_acceptances(tmp_path / "x") == ()


# --- written from a run --------------------------------------------------------------------------


def test_a_file_that_a_run_has_written_lets_the_next_one_pass(
    serve_mock: ServeMock, judge: Judge, tmp_path: Path
) -> None:
    served, written = serve_mock(Forbids), tmp_path / "written.yaml"
    first = judge(served, None, "--write-accept", str(written), rules="auth.*")
    content = written.read_text(encoding="utf-8")
    again = judge(served, content, "--seed", "2", rules="auth.*")

    assert (first.exit_code, f"Wrote {written}" in first.output) == (1, True)
    assert (again.exit_code, " accepted" in again.output) == (0, True)
    assert {entry["rule"] for entry in yaml.safe_load(content)} >= {"auth.invalid", "auth.required"}
    assert all(entry["reason"].startswith("Seen on ") for entry in yaml.safe_load(content))


def test_what_is_written_of_one_property_accepts_no_other(
    serve_mock: ServeMock, judge: Judge, tmp_path: Path
) -> None:
    written = tmp_path / "written.yaml"
    without_older, without_newer = (
        mixed([FAULTS[name]])
        for name in ("list.health-status-present/gone", "list.schema/no-reputation-when-healthy")
    )
    judge(serve_mock(without_older, 5), None, "--write-accept", str(written), rules="list.schema")
    content = written.read_text(encoding="utf-8")

    assert judge(serve_mock(without_older, 2), content, rules="list.schema").exit_code == 0
    assert judge(serve_mock(without_newer, 5), content, rules="list.schema").exit_code == 1


def test_what_holds_of_the_accepted_is_written_again_with_its_reason_and_what_does_not_is_left_out(
    serve_mock: ServeMock, judge: Judge, tmp_path: Path
) -> None:
    accept = tmp_path / "accept.yaml"
    entries = [f"- rule: auth.invalid\n  evidence: '{text}'\n  {REASON}\n" for text in ("403", "never")]
    judge(serve_mock(Forbids), "".join(entries), "--write-accept", str(accept))
    written = read_acceptances(accept)

    assert written[0] == Acceptance(
        "auth.invalid", "The gateway is replaced in May.", "403", place=f"{accept}:1"
    )
    assert [each.evidence for each in written[1:]] == ["answered 404 / 2019, expected 401 / 2004"]


def test_a_file_with_other_entries_is_not_written_over(
    serve_mock: ServeMock, judge: Judge, tmp_path: Path
) -> None:
    served, other = serve_mock(Forbids), tmp_path / "other.yaml"
    other.write_text("[]")
    done = judge(served, None, "--write-accept", str(other))

    assert (done.exit_code, served.log, other.read_text()) == (2, [], "[]")
    assert "name it in --accept, too" in done.output
