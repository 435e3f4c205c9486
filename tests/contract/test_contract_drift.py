"""Drift: what answers show that the contract does not know, or no longer show that it calls deprecated."""

from __future__ import annotations

import html
import json
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from tests.honest import CONTRACT, OWN, PATH, envelope, line, refuse, respond

from linq_contract.cli import main
from linq_contract.contract.classification import classify
from linq_contract.contract.expectation import expect
from linq_contract.contract.lines import Accounts
from linq_contract.http.credentials import ACCOUNT
from linq_contract.http.messages import Request, Response
from linq_contract.judge.drift import drift_in
from linq_contract.judge.exchange import Exchange
from linq_contract.run.phases import PHASES
from linq_mock.faults import FAULTS
from linq_mock.freedoms import FREEDOMS
from linq_mock.variation import mixed

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from tests.serving import Served, ServeMock

LIST, UPDATE = "GET /v3/phone_numbers", "PUT /v3/phone_numbers/{phoneNumberId}"
LINE = f"{LIST}, 200, /phone_numbers/*"
UPDATED = {"id": line(1)["id"], "phone_number": "+12025550141"}


def drift(method: str, answer: Response, target: str = PATH) -> set[str]:
    request = Request(method, target, (("Authorization", OWN),))
    classified = classify(request, CONTRACT, Accounts())
    exchange = Exchange(CONTRACT, request, answer, classified, expect(classified, CONTRACT))
    return set(map(str, drift_in(exchange)))


def listing(*changes: dict[str, Any], without: str = "", **beside: Any) -> Response:
    lines = [{**line(1), **change} for change in changes]
    shown = [{name: value for name, value in each.items() if name != without} for each in lines]
    return respond(200, {"phone_numbers": shown, **beside})


def status(name: str) -> dict[str, str]:
    return {"status": name, "doc_url": "https://docs.linqapp.com/"}


DRIFTS = {
    "a deprecated property that is gone": (
        drift("GET", listing({}, {}, without="health_status")),
        {f"deprecated property removed health_status ({LINE})"},
    ),
    "a property of a line, on two of three lines": (
        drift("GET", listing({"line_type": "RCS"}, {}, {"line_type": "iMessage"})),
        {f"unknown property line_type ({LINE})"},
    ),
    "a property beside the lines": (
        drift("GET", listing({}, next_cursor=None)),
        {f"unknown property next_cursor ({LIST}, 200, /)"},
    ),
    "a property of a reputation": (
        drift("GET", listing({"reputation": {**status("HEALTHY"), "score": 1}})),
        {f"unknown property score ({LINE}/reputation)"},
    ),
    "an enum value": (
        drift("GET", listing({"reputation": status("PAUSED")}, {"reputation": status("PAUSED")})),
        {f"unknown enum value PAUSED ({LINE}/reputation/status)"},
    ),
    "a property of an update": (
        drift("PUT", respond(200, {**UPDATED, "line_type": "RCS"}), f"{PATH}/{UPDATED['id']}"),
        {f"unknown property line_type ({UPDATE}, 200, /)"},
    ),
    "an error code": (
        drift("GET", refuse(401, 2077)),
        {f"unknown error code 2077 ({LIST}, 401)"},
    ),
    "a property of an error": (
        drift("GET", refuse(401, 2004, hint="no")),
        {"unknown property hint (ErrorResponse, /error)"},
    ),
    "a media type": (
        drift("GET", respond(200, {"phone_numbers": []}, Content_Type="application/hal+json; charset=utf-8")),
        {f"unknown media type application/hal+json ({LIST}, 200)"},
    ),
    "a method": (
        drift("PATCH", respond(405, envelope(405, 1005), Allow="GET, POST, OPTIONS")),
        {"unknown method in Allow POST (PATCH /v3/phone_numbers, 405)"},
    ),
}


@pytest.mark.parametrize("name", DRIFTS)
def test_drift_is_named_with_its_place_once_for_all_lines(name: str) -> None:
    found, expected = DRIFTS[name]

    assert found == expected


@pytest.mark.parametrize(
    "answer",
    [
        listing({}, {"forwarding_number": None}),
        listing(),
        listing({}, {"health_status": None}),
        respond(200, {"phone_numbers": [line(1)]}, Content_Type="Application/JSON; charset=UTF-8"),
        respond(200, b"not JSON"),
        respond(200, ["no", "object"]),
        respond(200, {"phone_numbers": [None, 1, "x"]}),
        refuse(401, 2004, retry_after=None),
        respond(500, b"<html>", Content_Type=None),
    ],
)
def test_what_the_contract_knows_or_what_is_merely_wrong_is_no_drift(answer: Response) -> None:
    assert drift("GET", answer) == set()


def test_a_line_among_others_that_lacks_the_deprecated_property_is_a_defect_and_no_drift() -> None:
    lines = [line(1), {name: value for name, value in line(2).items() if name != "health_status"}]

    assert drift("GET", respond(200, {"phone_numbers": lines})) == set()


def test_what_is_beside_the_paths_of_the_contract_is_no_drift() -> None:
    assert drift("GET", respond(200, {"audit_id": "x"}), f"{PATH}/x/reputation_audit") == set()


# --- in a run --------------------------------------------------------------------------------------


def judge(served: Served, monkeypatch: pytest.MonkeyPatch, *arguments: str, rules: str = "list.*") -> Result:
    monkeypatch.setattr(
        "linq_contract.commands.validate.PHASES", [each for each in PHASES if each.name == "list"]
    )
    words = ["validate", served.url, "--rules", rules, "--seed", "1", *arguments]
    return CliRunner().invoke(main, words, env={ACCOUNT: served.token})


def test_additions_break_nothing_and_are_in_every_report_with_how_often_they_were_seen(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    served = serve_mock(mixed([FREEDOMS["unknown-properties"]]), 12)
    done = judge(served, monkeypatch, "--report-dir", str(tmp_path))
    lists = served.methods and len(served.log)
    sentence = f"unknown property: line_type ({LINE}), in {lists} answers"

    assert done.exit_code == 0
    assert f"Drift: {sentence}." in done.output
    assert sentence in html.unescape((tmp_path / "report.html").read_text(encoding="utf-8"))
    case = ET.fromstring((tmp_path / "junit.xml").read_bytes()).find("./testcase[@name='drift']/skipped")
    assert case is not None
    assert sentence in (case.text or "")
    said = {"kind": "unknown property", "what": "line_type", "where": LINE, "answers": lists}
    assert said in json.loads((tmp_path / "report.json").read_text())["drift"]


@pytest.mark.parametrize(
    ("policy", "exit_code", "is_told"), [("ignore", 0, False), ("report", 0, True), ("fail", 1, True)]
)
def test_drift_is_ignored_reported_or_fails(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch, policy: str, exit_code: int, *, is_told: bool
) -> None:
    done = judge(serve_mock(mixed([FREEDOMS["unknown-properties"]])), monkeypatch, "--drift", policy)

    assert (done.exit_code, "Drift: unknown property" in done.output) == (exit_code, is_told)


def test_a_server_that_has_not_drifted_passes_where_drift_fails(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = judge(serve_mock(), monkeypatch, "--drift", "fail")

    assert (done.exit_code, "Drift" in done.output) == (0, False)


@pytest.mark.parametrize("rule", ["list.health-status-present", "list.schema"])
def test_a_removed_deprecated_property_breaks_its_rule_which_says_that_it_is_drift(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    served = serve_mock(mixed([FAULTS["list.health-status-present/gone"]]))
    done = judge(served, monkeypatch, rules=rule)
    _, _, finding = done.output.partition(f"FAILED {rule}")

    assert done.exit_code == 1
    assert f"\n  Drift: deprecated property removed health_status ({LINE})\n" in finding
