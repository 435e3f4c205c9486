"""The command that judges recordings: verdicts, exit codes, and no secret in anything that it writes."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from tests.honest import PATH, HonestServer, Stored
from tests.recorded.recordings import BASE, TOKEN, Recorder, as_cassette, as_har

from linq_contract.cli import main
from linq_contract.contract.numbers import fiction
from linq_contract.report.github import annotations_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., Result]:
    """Run the command on the recording of a server; whatever it is asked to do, it must show no token."""

    def check_recording(recorder: Recorder, *arguments: str) -> Result:
        path = tmp_path / "recorded.har"
        path.write_text(json.dumps(as_har(recorder.entries)), encoding="utf-8")
        done = CliRunner().invoke(main, ["check", str(path), *arguments])
        reports = [each.read_text() for each in tmp_path.rglob("*.*") if each != path]

        assert done.exception is None or isinstance(done.exception, SystemExit)
        assert not any(TOKEN in text for text in (done.output, *reports))
        return done

    return check_recording


def recorded(server: HonestServer) -> Recorder:
    recorder = Recorder(server)
    recorder.list()
    recorder.put(0, fiction(7))
    recorder.list()
    return recorder


class Forgets(HonestServer):
    def store(self, line: Stored, number: str | None, _body: Stored) -> None:
        pass


class LeavesOutTheNumber(HonestServer):
    def listed(self, token: str) -> list[Stored]:
        return [{**line, "phone_number": None} for line in super().listed(token)]


def test_a_server_that_conforms_exits_with_0(check: Callable[..., Result]) -> None:
    done = check(recorded(HonestServer()))

    assert done.exit_code == 0
    assert "nothing was sent for it" in done.output
    assert "3 requests recorded in" in done.output
    assert "seed" not in done.output


def test_a_folder_for_the_reports_that_cannot_be_written_is_refused_before_anything_is_judged(
    check: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("")
    done = check(recorded(HonestServer()), "--report-dir", str(tmp_path / "taken" / "reports"))

    assert done.exit_code == 2
    assert "The report cannot be written to" in done.output
    assert "3 requests" not in done.output


def test_a_broken_rule_exits_with_1_and_its_evidence(check: Callable[..., Result], tmp_path: Path) -> None:
    done = check(recorded(LeavesOutTheNumber()), "--report-dir", str(tmp_path / "reports"))
    report = json.loads((tmp_path / "reports/report.json").read_text())

    assert done.exit_code == 1
    assert f"curl -i {BASE}{PATH}" in done.output
    assert report["recorded"] is True
    assert report["base_url"] == BASE
    assert f"recorded.har --base-url {BASE} --rules list.schema" in done.output
    assert (tmp_path / "reports/list.schema.replay.json").exists()


def test_what_is_inconclusive_fails_nothing_and_says_why(check: Callable[..., Result]) -> None:
    done = check(recorded(Forgets()))

    assert done.exit_code == 0
    assert "update.read-your-writes      MUST    inconclusive   somebody who is not in the" in done.output
    assert f"expected {fiction(7)!r}" in done.output


def test_what_is_inconclusive_is_an_error_in_no_report(check: Callable[..., Result], tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    check(recorded(Forgets()), "--report-dir", str(folder))
    (run,) = json.loads((folder / "report.sarif").read_text())["runs"]
    quality = json.loads((folder / "code-quality.json").read_text())
    annotations = annotations_of(json.loads((folder / "report.json").read_text()))

    assert [result["level"] for result in run["results"]] == ["note"]
    assert [entry["severity"] for entry in quality] == ["info"]
    assert [annotation.partition(" ")[0] for annotation in annotations] == ["::notice"]


def test_what_is_inconclusive_is_decided_where_nobody_else_was_there(check: Callable[..., Result]) -> None:
    assert check(recorded(Forgets()), "--exclusive").exit_code == 1


def test_a_required_rule_that_is_not_tested_exits_with_1(check: Callable[..., Result]) -> None:
    assert check(recorded(HonestServer()), "--require", "auth.tenant").exit_code == 1


def test_other_hosts_are_counted(check: Callable[..., Result]) -> None:
    done = check(recorded(HonestServer()), "--base-url", "https://elsewhere.example.com")

    assert done.exit_code == 3
    assert "Note: 3 exchanges of other hosts were left out." in done.output


def test_a_malformed_file_exits_with_2_and_the_place(tmp_path: Path) -> None:
    path = tmp_path / "broken.har"
    path.write_text('{"log": {}}', encoding="utf-8")
    done = CliRunner().invoke(main, ["check", str(path)])

    assert done.exit_code == 2
    assert "broken.har: log.entries is no array." in done.output


def test_the_tokens_of_accounts_may_be_in_a_file(check: Callable[..., Result], tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text("another-token-of-ours\n")
    tokens.chmod(0o600)
    done = check(recorded(HonestServer()), "--token-file", str(tokens))

    assert done.exit_code == 1
    assert "FAILED auth.invalid" in done.output


def test_the_recording_among_the_reports_has_the_times_of_the_file(
    check: Callable[..., Result], tmp_path: Path
) -> None:
    recorder = recorded(HonestServer())
    check(recorder, "--report-dir", str(tmp_path / "reports"))
    written = json.loads((tmp_path / "reports" / "exchanges.har").read_text())["log"]["entries"]

    assert [datetime.fromisoformat(entry["startedDateTime"]).timestamp() for entry in written] == [
        pytest.approx(entry.began, abs=0.01) for entry in recorder.entries
    ]


def test_cassettes_and_har_files_go_together(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(as_cassette(recorded(HonestServer()).entries)))
    (tmp_path / "b.har").write_text(json.dumps(as_har(recorded(HonestServer()).entries)))
    done = CliRunner().invoke(main, ["check", str(tmp_path / "a.json"), str(tmp_path / "b.har")])

    assert done.exit_code == 0
    assert "6 requests recorded" in done.output
