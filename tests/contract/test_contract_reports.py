"""What a run writes into its folder: each report is what its readers can read, and all say the same."""

from __future__ import annotations

import json
import re
import stat
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

import jsonschema_rs
import pytest
import xmlschema
from click.testing import CliRunner
from jsonschema_rs import Registry
from tests.serving import BASE_PATH, CANARY

from linq_contract.cli import main
from linq_contract.http.credentials import ACCOUNT
from linq_contract.judge.ledger import Verdict
from linq_contract.report.description import (
    SCHEMA_VERSION,
    CauseDescription,
    Description,
    RuleDescription,
)
from linq_contract.report.schema import SCHEMA
from linq_contract.run.phases import PHASES
from linq_mock.accounts import two_accounts
from linq_mock.app import application
from linq_mock.freedoms import FREEDOMS
from linq_mock.tokens import DEFAULT_TOKENS
from linq_mock.variation import Variation, mixed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.serving import Host, Served, ServeMock

    from linq_document import Document
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call
    from linq_mock.problems import Problem

SCHEMAS = Path(__file__).with_name("schemas")
NAMES = {
    *("report.html", "report.json", "junit.xml", "report.sarif", "code-quality.json", "exchanges.har"),
    "badge.svg",
}
# What GitLab says that it reads, of Code Climate's format.
CODE_QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "required": ["path", "lines"],
                "properties": {
                    "path": {"pattern": "^[^./]"},
                    "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer"}}},
                },
            },
        },
    },
}


class BreaksInSomeWays(Variation):
    """Forgets updates, and links the wrong page, which a SHOULD rule is about."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        pass

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        return {**body, "error": {**body["error"], "doc_url": "https://docs.linqapp.com/"}}


class LinksNothingForOtherMethods(Variation):
    """Links no page where a path does not have the method."""

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        return {**body, "error": {**body["error"], "doc_url": ""}} if problem.status == 405 else body


class ListsHalfACharacter(Variation):
    """Spells in each id half of a character, which JSON can and UTF-8 cannot."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        return {**super().listed_line(call, account, line), "id": "\ud800"}

    def encode(self, body: JsonObject) -> bytes:
        return json.dumps(body).encode()


class LinksALongPage(Variation):
    """Links a page whose address is as long as a book."""

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        listed = super().listed_line(call, account, line)
        return {**listed, "health_status": {**listed["health_status"], "doc_url": "x" * 100_000}}


@dataclass(frozen=True)
class Reports:
    """The folder of a run that failed, warned, accepted, and saw drift."""

    folder: Path

    @property
    def description(self) -> dict[str, Any]:
        described: dict[str, Any] = self.json("report.json")
        return described

    def json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def rule(self, name: str) -> dict[str, Any]:
        return next(rule for rule in self.description["rules"] if rule["rule"] == name)

    def verdicts(self, *verdicts: str) -> set[str]:
        return {rule["rule"] for rule in self.description["rules"] if rule["verdict"] in verdicts}


@pytest.fixture(scope="module")
def some_phases() -> Iterator[None]:
    chosen = {"list", "set", "clear and repeat", "tokens", "methods"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "linq_contract.commands.validate.PHASES", [phase for phase in PHASES if phase.name in chosen]
        )
        yield


@pytest.fixture(scope="module")
def reports(some_phases: None, host: Host, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    del some_phases
    tmp_path = tmp_path_factory.mktemp("run")
    accept = tmp_path / "accept.yaml"
    accept.write_text("- rule: update.clear-empty\n  reason: The register is replaced in May.\n")
    behaviour = mixed([BreaksInSomeWays, FREEDOMS["unknown-properties"]])
    accounts = two_accounts((CANARY, DEFAULT_TOKENS[1]), 3)
    served = host.mount(application(behaviour(accounts, BASE_PATH)))
    folder = tmp_path / "reports"
    options = ("--allow-writes", "--seed", "7", "--accept", str(accept), "--report-dir", str(folder))
    done = CliRunner().invoke(main, ["validate", served.url, *options], env={ACCOUNT: served.token})
    assert done.exit_code == 1, done.output
    reports = Reports(folder)
    assert reports.verdicts("failed")
    assert reports.verdicts("warning") == {"error.doc-url"}
    assert reports.verdicts("accepted") == {"update.clear-empty"}
    return reports


def test_the_folder_has_every_form_for_its_owner_alone(reports: Reports) -> None:
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in reports.folder.iterdir()}

    assert {name for name in files if not name.endswith(".replay.json")} == NAMES
    assert set(files.values()) == {0o600}


def judged(served: Served, folder: Path, *options: str) -> Reports:
    """Another run, with reports in another folder."""
    words = ["validate", served.url, "--report-dir", str(folder), *options]
    CliRunner().invoke(main, words, env={ACCOUNT: served.token})
    return Reports(folder)


@pytest.mark.usefixtures("some_phases")
def test_a_report_of_before_is_replaced_by_one_that_nobody_else_reads(
    serve_mock: ServeMock, tmp_path: Path
) -> None:
    before = tmp_path / "report.json"
    before.write_text("before", encoding="utf-8")
    before.chmod(0o644)
    reports = judged(serve_mock(), tmp_path)

    assert stat.S_IMODE(before.stat().st_mode) == 0o600
    assert reports.description["exit_code"] == 0


# --- JSON ------------------------------------------------------------------------------------------


def test_the_schema_is_printed_and_has_every_member_of_the_description() -> None:
    schema = json.loads(CliRunner().invoke(main, ["report-schema"]).output)
    rule, cause = schema["$defs"]["rule"], schema["$defs"]["cause"]

    assert schema == json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert schema["properties"]["schema_version"] == {
        "description": schema["properties"]["schema_version"]["description"],
        "const": SCHEMA_VERSION,
    }
    assert set(schema["properties"]) == {*schema["required"], "shard"} == set(get_type_hints(Description))
    assert set(cause["properties"]) == set(get_type_hints(CauseDescription))
    assert {*rule["properties"], *cause["properties"]} == set(get_type_hints(RuleDescription))


def test_the_schema_names_the_type_of_all_that_has_members_as_strict_validators_ask() -> None:
    schemas: list[dict[str, Any]] = []

    def collect(schema: dict[str, Any]) -> dict[str, Any]:
        schemas.append(schema)
        return schema

    json.loads(SCHEMA.read_text(encoding="utf-8"), object_hook=collect)
    with_members = [each for each in schemas if isinstance(each.get("required"), list)]

    assert len(with_members) > 5
    assert all("object" in each.get("type", ()) for each in with_members)


def test_what_was_tested_is_counted_by_operation_status_and_property(reports: Reports) -> None:
    operations = {each["operation"]: each for each in reports.description["operations"]}
    update = operations["update_phone_number"]
    statuses = {each["status"]: each for each in update["statuses"]}
    forwarding = next(
        each["forms"]
        for each in reports.description["properties"]
        if (each["body"], each["place"]) == ("update_phone_number request", "/forwarding_number")
    )

    assert sum(each["requests"] for each in operations.values()) == reports.description["requests"]
    assert statuses["200"]["answers"] > 0
    assert statuses["503"] == {"status": "503", "documented": True, "answers": 0}
    assert update["latency"]["fastest"] <= update["latency"]["median"] <= update["latency"]["slowest"]
    assert sum(each["answers"] for each in update["latency"]["buckets"]) == update["requests"]
    assert forwarding["present"] > 0
    assert forwarding["null"] > 0


def test_a_cause_has_the_same_fingerprint_in_each_run(
    reports: Reports, serve_mock: ServeMock, tmp_path: Path
) -> None:
    again = judged(serve_mock(BreaksInSomeWays, 4), tmp_path, "--allow-writes", "--seed", "3")
    first, second = (each.rule("update.read-your-writes")["fingerprint"] for each in (reports, again))

    assert first == second


@pytest.mark.usefixtures("some_phases")
def test_two_causes_of_a_rule_have_different_fingerprints_though_their_sentences_are_alike(
    serve_mock: ServeMock, tmp_path: Path
) -> None:
    options = ("--allow-writes", "--rules", "error.doc-url", "--seed", "1")
    warned = judged(serve_mock(LinksNothingForOtherMethods), tmp_path, *options)
    rule = warned.rule("error.doc-url")
    causes = [rule, *rule["further_causes"]]

    assert len({cause["fingerprint"] for cause in causes}) == len(causes) > 1


@pytest.mark.usefixtures("some_phases")
def test_half_a_character_in_an_answer_is_reported_as_any_other_text(
    serve_mock: ServeMock, tmp_path: Path
) -> None:
    reports = judged(serve_mock(ListsHalfACharacter), tmp_path)

    assert reports.rule("list.unique")["problem"] == "the id \ud800 is listed twice"
    assert {path.name for path in tmp_path.iterdir()} >= NAMES


@pytest.mark.usefixtures("some_phases")
def test_a_problem_quotes_no_more_than_is_read_of_a_value_of_any_length(
    serve_mock: ServeMock, tmp_path: Path
) -> None:
    warned = judged(serve_mock(LinksALongPage), tmp_path, "--rules", "list.doc-url").rule("list.doc-url")

    assert warned["problem"].startswith("the health_status.doc_url 'xxx")
    assert len(warned["problem"]) < 1_100


# --- JUnit -----------------------------------------------------------------------------------------


def test_junit_is_what_the_schema_of_jenkins_describes(reports: Reports) -> None:
    xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd").validate(reports.folder / "junit.xml")


def test_junit_has_what_ant_and_gitlab_ask_for(reports: Reports) -> None:
    suite = ET.parse(reports.folder / "junit.xml").getroot()
    cases = suite.findall("testcase")

    assert {"name", "timestamp", "hostname", "tests", "failures", "errors", "time"} <= {*suite.keys()}
    assert [child.tag for child in suite if child.tag != "testcase"] == [
        "properties",
        "system-out",
        "system-err",
    ]
    assert all({*case.keys()} == {"classname", "name", "time"} for case in cases)
    assert all(len(case) <= 1 for case in cases)
    assert all("type" in outcome.keys() for case in cases for outcome in case)  # noqa: SIM118 - of XML, not a dict
    assert "+" not in (suite.get("timestamp") or "")


def test_the_time_of_a_case_is_that_of_the_exchanges_which_tested_the_rule(reports: Reports) -> None:
    times = {
        case.get("name"): float(case.get("time") or "nan")
        for case in ET.parse(reports.folder / "junit.xml").iter("testcase")
    }

    for rule in reports.description["rules"]:
        assert times[rule["rule"]] == pytest.approx(rule["seconds"], abs=1e-3)
        assert (rule["seconds"] > 0) == (rule["exchanges"] > 0)


# --- SARIF and code quality ------------------------------------------------------------------------


def test_sarif_is_what_its_schema_describes(reports: Reports) -> None:
    text = (SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8")
    validator = jsonschema_rs.Draft4Validator(json.loads(text.replace("]?$", "?$")))  # a bracket too many

    assert [error.message for error in validator.iter_errors(reports.json("report.sarif"))] == []


def test_sarif_places_each_finding_at_the_line_of_its_rule(reports: Reports, contract: Document) -> None:
    (run,) = reports.json("report.sarif")["runs"]
    lines = contract.text.splitlines()

    assert {result["ruleId"] for result in run["results"]} == reports.verdicts(
        "failed", "warning", "accepted"
    )
    for result in run["results"]:
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "openapi.yaml"
        assert lines[int(place["region"]["startLine"]) - 1].strip() == f"- name: {result['ruleId']}"
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert "curl -i" in result["message"]["markdown"]


def test_sarif_tells_failures_warnings_and_what_was_accepted_apart(reports: Reports) -> None:
    (run,) = reports.json("report.sarif")["runs"]
    told = {
        result["ruleId"]: (result["level"], bool(result.get("suppressions"))) for result in run["results"]
    }

    assert told["update.read-your-writes"] == ("error", False)
    assert told["error.doc-url"] == ("warning", False)
    assert told["update.clear-empty"] == ("error", True)


def test_sarif_counts_no_occurrence_of_a_rule_twice(reports: Reports) -> None:
    (run,) = reports.json("report.sarif")["runs"]
    rules = [rule for rule in reports.description["rules"] if rule.get("further_causes")]

    assert rules
    for rule in rules:
        counts = [each["occurrenceCount"] for each in run["results"] if each["ruleId"] == rule["rule"]]
        assert sum(counts) == rule["broken_in"]


def test_code_quality_has_the_same_findings_at_the_same_lines(reports: Reports) -> None:
    quality = reports.json("code-quality.json")
    (run,) = reports.json("report.sarif")["runs"]
    in_sarif = [
        (result["ruleId"], result["locations"][0]["physicalLocation"]["region"]["startLine"])
        for result in run["results"]
    ]

    assert jsonschema_rs.is_valid(CODE_QUALITY, quality)
    assert [(entry["check_name"], entry["location"]["lines"]["begin"]) for entry in quality] == in_sarif
    assert len({entry["fingerprint"] for entry in quality}) == len(quality)


# --- HAR -------------------------------------------------------------------------------------------


def har_validator() -> jsonschema_rs.Validator:
    schemas = {path.name: json.loads(path.read_text()) for path in (SCHEMAS / "har").glob("*.json")}
    registry = Registry([(f"{name}#", schema) for name, schema in schemas.items()])
    return jsonschema_rs.Draft6Validator(schemas["har.json"], registry=registry)


def test_the_recording_is_what_the_schemas_of_har_describe_and_has_every_exchange(reports: Reports) -> None:
    har = reports.json("exchanges.har")
    entries = har["log"]["entries"]

    assert [error.message for error in har_validator().iter_errors(har)] == []
    assert len(entries) == reports.description["requests"]
    assert {"GET", "PUT"} <= {entry["request"]["method"] for entry in entries}
    assert any(
        entry["response"]["content"].get("text", "").startswith('{"phone_numbers"') for entry in entries
    )
    assert any("${LINQ_API_V3_API_KEY}" in json.dumps(entry["request"]["headers"]) for entry in entries)


@pytest.mark.usefixtures("some_phases")
def test_the_recording_has_no_more_than_there_is_room_for_and_says_so(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("linq_contract.judge.traffic._MOST_EXCHANGES", 20)
    monkeypatch.setattr("linq_contract.judge.traffic._MOST_BYTES", 2_000)
    reports = judged(serve_mock(), tmp_path)
    har = reports.json("exchanges.har")
    kept = [entry["response"]["content"] for entry in har["log"]["entries"]]

    assert har_validator().is_valid(har)
    assert len(kept) == 20
    left_out = reports.description["requests"] - 20
    assert f" Not recorded: {left_out} further exchanges." in har["log"]["comment"]
    assert sum(len(content.get("text", "")) for content in kept) <= 2_000
    assert any("which were not kept" in content.get("comment", "") for content in kept)


# --- badge and page --------------------------------------------------------------------------------


def test_the_badge_counts_the_rules_that_passed(reports: Reports) -> None:
    badge = ET.parse(reports.folder / "badge.svg").getroot()
    passed = len(reports.verdicts("passed"))

    assert badge.get("aria-label") == f"contract: {passed} of {len(reports.description['rules'])} rules"
    assert "#b3261e" in {each.get("fill") for each in badge.iter()}


def test_the_page_plots_each_operation_and_has_what_was_tested(reports: Reports) -> None:
    page = (reports.folder / "report.html").read_text(encoding="utf-8")

    assert page.count("<figure>") == sum(each["requests"] > 0 for each in reports.description["operations"])
    assert page.count('class="latency"') > 2
    assert "not seen" in page
    assert all(f'id="show-{name}"' in page for name in ("failed", "passed", "warning", "accepted", "MUST"))
    assert "Accepted: " in page
    assert "F207 Received User Error Response When Sending Valid Data" in page


def test_every_verdict_can_be_filtered_by_the_style_of_the_page(reports: Reports) -> None:
    page = (reports.folder / "report.html").read_text(encoding="utf-8")

    for verdict in (each.replace(" ", "-") for each in Verdict):
        assert f"body:has(#show-{verdict}:not(:checked)) .rule.{verdict}" in page


def test_the_list_of_findings_says_in_words_what_became_of_each(reports: Reports) -> None:
    page = (reports.folder / "report.html").read_text(encoding="utf-8")
    listed = page[page.index("<nav") : page.index("</nav>")]
    told = dict(re.findall(r"<code>([^<]+)</code></a> <span class=\"verdict\">([^<]+)</span>: ", listed))

    assert told == {
        rule["rule"]: rule["verdict"] for rule in reports.description["rules"] if "problem" in rule
    }
