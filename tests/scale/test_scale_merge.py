"""The reports of shards joined: one verdict by the rules of one run, and nothing that is missing unsaid."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from click.testing import CliRunner
from tests.reports import hold_to_the_schema
from tests.serving import BASE_PATH, CANARY

from linq_contract.cli import main
from linq_contract.http.credentials import ACCOUNT
from linq_contract.report.description import headline_of
from linq_contract.report.joining import exit_code_of
from linq_contract.run.phases import PHASES
from linq_mock.accounts import two_accounts
from linq_mock.app import application
from linq_mock.behaviour import Behaviour
from linq_mock.faults import FAULTS
from linq_mock.tokens import DEFAULT_TOKENS
from linq_mock.variation import mixed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from click.testing import Result
    from tests.serving import Host

    from linq_mock.accounts import Account

Run: TypeAlias = "Callable[..., Result]"
Reports: TypeAlias = "Callable[..., Path]"
HERE = {"update.missing-field": 1, "update.unknown-id": 2}
"""Which of two shards tests a rule, of the phases that these tests run."""
CLEARS = "update.missing-field/clears"


@pytest.fixture(scope="module")
def run(host: Host) -> Iterator[Run]:
    """Run one of two shards of a small run, whose report is then in a folder of its number."""
    served = {
        fault: host.mount(application(behaviour(accounts(), BASE_PATH)))
        for fault, behaviour in (("", Behaviour), (CLEARS, mixed([FAULTS[CLEARS]])))
    }

    def run_shard(folder: Path, number: int, *arguments: str, fault: str = "", of: int = 2) -> Result:
        words = ["validate", served[fault].url, "--allow-writes", "--seed", "7", "--shard", f"{number}/{of}"]
        words += [word for rule in HERE for word in ("--rules", rule)]
        words += ["--report-dir", str(folder / str(number)), *arguments]
        return CliRunner().invoke(main, words, env={ACCOUNT: CANARY})

    with pytest.MonkeyPatch.context() as patch:
        phases = [each for each in PHASES if each.name in {"list", "bodies", "ids"}]
        patch.setattr("linq_contract.commands.validate.PHASES", phases)
        yield run_shard


def accounts() -> tuple[Account, Account]:
    return two_accounts((CANARY, DEFAULT_TOKENS[1]), 2)


@pytest.fixture(scope="module")
def reports(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """Copy the reports of both shards into the folder of a test: of the honest mock, or of a fault."""
    made: dict[str, Path] = {}

    def copy(folder: Path, fault: str = "") -> Path:
        if fault not in made:
            made[fault] = tmp_path_factory.mktemp("reports")
            for number in (1, 2):
                run(made[fault], number, fault=fault)
        return shutil.copytree(made[fault], folder, dirs_exist_ok=True)

    return copy


def merge(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["merge", str(folder), *arguments])


def report(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return content


def rules_of(folder: Path) -> dict[str, dict[str, Any]]:
    return {rule["rule"]: rule for rule in report(folder)["rules"]}


def change(folder: Path, **values: Any) -> None:
    (folder / "report.json").write_text(json.dumps({**report(folder), **values}))


def test_what_shards_leave_to_one_another_is_passed_once_they_are_joined(
    reports: Reports, tmp_path: Path
) -> None:
    reports(tmp_path)
    joined = merge(tmp_path, "--report-dir", str(tmp_path / "joined"))

    for rule, number in HERE.items():
        here, elsewhere, both = (
            rules_of(tmp_path / name)[rule] for name in (str(number), str(3 - number), "joined")
        )
        assert [each["verdict"] for each in (here, elsewhere, both)] == ["passed", "not tested", "passed"]
        assert elsewhere["because"] == "left to the other shards"
    assert joined.exit_code == 0
    assert "2 rules: 2 passed." in joined.output
    assert report(tmp_path / "joined")["headline"] == "The server conforms"
    assert {path.name for path in (tmp_path / "joined").iterdir()} == {
        *("badge.svg", "code-quality.json", "junit.xml", "report.html", "report.json", "report.sarif"),
    }
    hold_to_the_schema(report(tmp_path / "joined"))


def test_counts_are_summed_and_a_clause_is_reached_if_any_shard_reaches_it(
    reports: Reports, tmp_path: Path
) -> None:
    reports(tmp_path)
    merge(tmp_path, "--report-dir", str(tmp_path / "joined"))
    one, two, both = (rules_of(tmp_path / name)["update.missing-field"] for name in ("1", "2", "joined"))
    sent = [report(tmp_path / name)["requests"] for name in ("1", "2", "joined")]

    assert one["exchanges"] + two["exchanges"] == both["exchanges"] > 0
    assert one["clauses_not_reached"] == both["clauses_not_reached"] == []
    assert "empty object" in two["clauses_not_reached"]
    assert sent[0] + sent[1] == sent[2]


def test_a_rule_that_one_shard_finds_broken_is_broken_with_its_evidence_and_rerun(
    reports: Reports, tmp_path: Path
) -> None:
    reports(tmp_path, CLEARS)
    joined = merge(tmp_path, "--report-dir", str(tmp_path / "joined"))
    both, one = (rules_of(tmp_path / name)["update.missing-field"] for name in ("joined", "1"))

    assert joined.exit_code == 1
    assert report(tmp_path / "joined")["headline"] == "The server breaks 1 rule"
    assert (both["problem"], both["evidence"]) == (one["problem"], one["evidence"])
    assert both["broken_in"] == one["broken_in"]
    assert both["rerun"] == one["rerun"]
    assert "--seed 7 --shard 1/2" in both["rerun"]


def test_a_replay_is_named_where_its_report_has_been_brought(reports: Reports, tmp_path: Path) -> None:
    reports(tmp_path, CLEARS)
    (tmp_path / "1").rename(tmp_path / "elsewhere")
    brought = tmp_path / "elsewhere" / "update.missing-field.replay.json"

    assert f"linq-contract replay {brought} " in merge(tmp_path).output
    brought.unlink()
    assert "update.missing-field.replay.json" not in merge(tmp_path).output


def test_of_one_cause_in_several_shards_the_smallest_evidence_is_kept(
    reports: Reports, tmp_path: Path
) -> None:
    reports(tmp_path, CLEARS)
    found = rules_of(tmp_path / "1")["update.missing-field"]
    twice = {"evidence": found["evidence"] * 2, "rerun": "of the larger"}
    larger: dict[str, Any] = {**found, **twice, "further_causes": []}
    others = [rule for rule in report(tmp_path / "2")["rules"] if rule["rule"] != found["rule"]]
    change(tmp_path / "2", rules=[*others, larger])
    merge(tmp_path, "--report-dir", str(tmp_path / "joined"))
    both = rules_of(tmp_path / "joined")["update.missing-field"]

    assert (both["evidence"], both["rerun"]) == (found["evidence"], found["rerun"])
    assert both["broken_in"] == 2 * found["broken_in"]
    assert len(both["further_causes"]) == len(found["further_causes"])


def test_causes_of_several_shards_are_told_apart_by_their_fingerprints(
    reports: Reports, tmp_path: Path
) -> None:
    reports(tmp_path, CLEARS)
    found: dict[str, Any] = {**rules_of(tmp_path / "1")["update.missing-field"], "further_causes": []}
    of_another: dict[str, Any] = {**found, "fingerprint": "0" * 32}
    for number, rule in (("1", found), ("2", of_another)):
        others = [each for each in report(tmp_path / number)["rules"] if each["rule"] != rule["rule"]]
        change(tmp_path / number, rules=[*others, rule])
    merge(tmp_path, "--report-dir", str(tmp_path / "joined"))
    both = rules_of(tmp_path / "joined")["update.missing-field"]

    assert [each["fingerprint"] for each in (both, *both["further_causes"])] == [
        found["fingerprint"],
        of_another["fingerprint"],
    ]


def test_missing_shards_are_named_and_are_no_verdict(reports: Reports, tmp_path: Path) -> None:
    reports(tmp_path)
    for number, other in ((1, 1), (2, 3)):
        shard = {**report(tmp_path / str(number))["shard"], "number": other, "count": 4}
        change(tmp_path / str(number), shard=shard)
    joined = merge(tmp_path)

    assert joined.exit_code == 3
    assert "Shards 2, 4 of 4 are missing; not all was sent that was to be." in joined.output


def test_a_broken_rule_goes_before_a_missing_shard(reports: Reports, tmp_path: Path) -> None:
    shutil.rmtree(reports(tmp_path, CLEARS) / "2")
    joined = merge(tmp_path)

    assert joined.exit_code == 1
    assert "Shard 2 of 2 is missing" in joined.output


def test_what_is_required_fails_no_shard_and_is_missed_if_all_leave_it_out(run: Run, tmp_path: Path) -> None:
    required = ("--rules", "update.atomic", "--require", "update.a*", "--require", "update.un*")
    done = [run(tmp_path, number, *required) for number in (1, 2)]
    joined = merge(tmp_path)

    assert [each.exit_code for each in (*done, joined)] == [0, 0, 1]
    assert "FAILED update.atomic" in joined.output
    assert "it is required and was not tested: left to the other shards" in joined.output
    assert "update.unknown-id" not in joined.output.partition("FAILED")[2]


def test_an_accepted_failure_is_accepted_and_those_that_no_shard_sees_have_gone(
    run: Run, tmp_path: Path
) -> None:
    accept = tmp_path / "accept.yaml"
    accept.write_text("".join(f"- rule: {rule}\n  reason: It is mended in May.\n" for rule in HERE))
    done = [run(tmp_path, number, "--accept", str(accept), fault=CLEARS) for number in (1, 2)]
    joined = merge(tmp_path)

    assert [each.exit_code for each in (*done, joined)] == [0, 0, 1]
    assert "1 passed, 1 accepted." in joined.output
    assert f"{accept}:3: update.unknown-id is not broken any more; remove the entry." in joined.output
    assert f"{accept}:1: " not in joined.output.replace(f"({accept}:1)", "")
    (tmp_path / "1" / "report.json").unlink()
    assert merge(tmp_path).exit_code == 3


@pytest.mark.parametrize("seen_by", [1, 2])
def test_an_accepted_failure_that_only_one_of_the_shards_sees_has_not_gone(
    reports: Reports, tmp_path: Path, seen_by: int
) -> None:
    reports(tmp_path)
    for number in (1, 2):
        names = {"gone_acceptances": number != seen_by, "shown_acceptances": number == seen_by}
        said = {name: ["accept.yaml:1: it is gone."] * is_said for name, is_said in names.items()}
        change(tmp_path / str(number), shard={**report(tmp_path / str(number))["shard"], **said})

    assert merge(tmp_path).exit_code == 0


@pytest.mark.parametrize(
    ("facts", "exit_code"),
    [
        ({"unrestored_lines": ["a-line"], "gaps": ["Too slow."], "fails_by_drift": True}, 4),
        ({"unrestored_lines": ["a-line"], "ends_with_run": True}, 0),
        ({"gaps": ["Too slow."], "fails_by_drift": True}, 1),
        ({"rotten_acceptances": ["It has expired."], "gaps": ["Too slow."]}, 1),
        ({"gaps": ["Too slow."]}, 3),
        ({}, 0),
    ],
)
def test_the_worst_that_a_shard_has_to_say_is_the_exit_code(
    reports: Reports, tmp_path: Path, facts: dict[str, Any], exit_code: int
) -> None:
    reports(tmp_path)
    change(tmp_path / "1", ends_with_run=facts.get("ends_with_run", False))
    change(tmp_path / "2", **facts)

    assert merge(tmp_path).exit_code == exit_code


def test_a_gap_is_told_with_the_shard_that_has_it(reports: Reports, tmp_path: Path) -> None:
    change(reports(tmp_path) / "2", gaps=["Too slow."])

    assert "Shard 2: Too slow." in merge(tmp_path).output


def test_exit_code_and_headline_follow_from_what_is_described(reports: Reports, tmp_path: Path) -> None:
    described: Any = report(reports(tmp_path, CLEARS) / "1")

    assert exit_code_of(described) == described["exit_code"] == 1
    assert headline_of(described) == described["headline"] == "The server breaks 1 rule"


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"seed": 8}, "other seeds"),
        ({"base_url": "https://example.com"}, "other servers"),
        ({"strict": True}, "another --strict"),
        ({"rules": []}, "other rules"),
        ({"shard": {"version": "0.0.1"}}, "other versions of linq-contract"),
        ({"shard": {"count": 3}}, "other numbers of shards"),
    ],
)
def test_reports_that_are_not_of_one_run_are_refused_and_nothing_is_written(
    reports: Reports, tmp_path: Path, values: dict[str, Any], complaint: str
) -> None:
    reports(tmp_path)
    shard = {**report(tmp_path / "2")["shard"], **values.get("shard", {})}
    change(tmp_path / "2", **{**values, "shard": shard})
    joined = merge(tmp_path, "--report-dir", str(tmp_path / "joined"))
    one, two = (tmp_path / name / "report.json" for name in ("1", "2"))

    assert joined.exit_code == 2
    assert f"{one} and {two} are not of one run: they have {complaint}." in joined.output
    assert not (tmp_path / "joined").exists()


def test_two_reports_of_one_shard_are_refused(reports: Reports, tmp_path: Path) -> None:
    reports(tmp_path)
    shutil.copy(tmp_path / "1" / "report.json", tmp_path / "2" / "report.json")

    joined = merge(tmp_path)
    assert joined.exit_code == 2
    assert "are both of shard 1: name one of them." in joined.output


def test_a_report_that_is_named_twice_is_read_once(reports: Reports, tmp_path: Path) -> None:
    reports(tmp_path)

    assert merge(tmp_path, str(tmp_path / "1" / "report.json")).exit_code == 0


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "is not JSON: it was cut off, or is no report."),
        ("[" * 100_000, "is not JSON: it was cut off, or is no report."),
        ("[]", "is not a report.json that linq-contract validate has written."),
        ('{"rules": 1}', "is not a report.json that linq-contract validate has written."),
    ],
)
def test_a_file_that_is_no_report_is_refused_with_its_name(
    tmp_path: Path, content: str, complaint: str
) -> None:
    file = tmp_path / "report.json"
    file.write_text(content)

    joined = merge(file)
    assert joined.exit_code == 2
    assert f"{file} {complaint}" in joined.output


def test_the_report_of_a_whole_run_is_refused(run: Run, tmp_path: Path) -> None:
    run(tmp_path, 1, of=1)

    joined = merge(tmp_path)
    assert joined.exit_code == 2
    assert "is the report of a whole run: only those of --shard are joined." in joined.output


def test_a_folder_without_reports_is_refused(tmp_path: Path) -> None:
    assert f"{tmp_path} has no report.json in it, nor in a folder of it." in merge(tmp_path).output


def test_the_report_of_a_shard_is_not_overwritten(reports: Reports, tmp_path: Path) -> None:
    reports(tmp_path)
    before = (tmp_path / "1" / "report.json").read_bytes()

    assert merge(tmp_path, "--report-dir", str(tmp_path / "1")).exit_code == 2
    assert (tmp_path / "1" / "report.json").read_bytes() == before


def test_mocks_that_shards_have_started_themselves_are_one_server(reports: Reports, tmp_path: Path) -> None:
    reports(tmp_path)
    for number in (1, 2):
        change(tmp_path / str(number), base_url=f"http://127.0.0.1:800{number}", ends_with_run=True)

    assert merge(tmp_path).exit_code == 0
