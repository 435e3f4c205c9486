"""A sweep: many servers or many seeds, each outcome kept as it comes, and none lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from linq_contract.cli import main
from linq_contract.http.credentials import ACCOUNT
from linq_contract.sweep.runs import Broken, Outcome, Run, outcome_of
from linq_contract.sweep.summary import exit_code_of, summary
from linq_mock.faults import FAULTS
from linq_mock.variation import mixed

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from tests.scale.conftest import Cluster
    from tests.serving import ServeMock

pytestmark = pytest.mark.long

OPTIONS = "--rules auth.tenant --budget 10"
QUICK = ("--", *OPTIONS.split())
A, B = (Run((f"https://{name}.example",), 1) for name in "ab")


def sweep(*words: str, token: str = "a-token") -> Result:
    return CliRunner().invoke(main, ["sweep", *words], env={ACCOUNT: token})


def entries(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()[1:]]


def seeds(file: Path) -> list[int]:
    return sorted(entry["run"]["seed"] for entry in entries(file))


def test_the_mock_is_judged_with_each_seed_and_what_is_kept_is_not_judged_again(tmp_path: Path) -> None:
    file = tmp_path / "outcomes.jsonl"
    first = sweep("--seeds", "1-2", "--workers", "2", "--outcomes", str(file), *QUICK)
    again = sweep("--seeds", "1-2", "--outcomes", str(file), *QUICK)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert seeds(file) == [1, 2]
    assert f"[1/2] ✓ mock {OPTIONS}, seed " in first.output
    assert "[1/2]" not in again.output
    assert f"mock {OPTIONS}: conforms with 2 of 2 seeds, " in again.output


def test_servers_of_a_file_are_judged_with_their_own_options(serve_mock: ServeMock, tmp_path: Path) -> None:
    honest, broken = serve_mock(), serve_mock(mixed([FAULTS["list.unique/first-line-again"]]))
    servers, options = tmp_path / "servers", "--rules list.unique --budget 10"
    servers.write_text(f"# two of them\n{honest.url} --strict\n\n{broken.url} # this one\n")
    done = sweep(str(servers), "--seeds", "7", "--", *options.split(), token=honest.token)

    assert done.exit_code == 1
    assert f"✓ {honest.url} --strict {options}, seed 7: " in done.output
    assert f"✗ {broken.url} {options}, seed 7: " in done.output
    assert "  list.unique is broken with seed 7: " in done.output
    rerun = f"linq-contract validate {broken.url} --rules list.unique --seed 7 --budget 10"
    assert f"    Rerun: {rerun}\n" in done.output


def test_a_run_that_was_no_verdict_is_tried_again(tmp_path: Path) -> None:
    file = tmp_path / "outcomes.jsonl"
    words = ("http://127.0.0.1:1", "--seeds", "3", "--outcomes", str(file))
    first, second = sweep(*words), sweep(*words)

    assert (first.exit_code, second.exit_code) == (3, 3)
    assert seeds(file) == [3, 3]
    assert "  no verdict with seed 3: The server does not answer" in first.output


def test_a_line_that_was_cut_off_is_dropped_and_its_run_is_done_again(tmp_path: Path) -> None:
    file = tmp_path / "outcomes.jsonl"
    words = ("--seeds", "1", "--outcomes", str(file), *QUICK)
    sweep(*words)
    file.write_bytes(file.read_bytes()[:-20])

    assert sweep(*words).exit_code == 0
    assert seeds(file) == [1]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("something else\n", "is no record of this, or one of another version: name another file."),
        ('{"outcomes of": "linq-contract sweep", "version": "0.0.1"}\n', "or one of another version"),
        (None, ":2 is not JSON: "),
        ("[]\n", ":2 is not a JSON object."),
        ("{}\n", "has no outcomes of linq-contract sweep: KeyError('run')."),
    ],
)
def test_a_file_that_is_no_record_is_refused_and_left_as_it_was(
    tmp_path: Path, content: str | None, complaint: str
) -> None:
    file = tmp_path / "outcomes.jsonl"
    head = '{"outcomes of": "linq-contract sweep", "version": "0.1.0"}\n'
    text = head + (content or "{\n") if content in {None, "[]\n", "{}\n"} else str(content)
    file.write_text(text)
    done = sweep("--seeds", "1", "--outcomes", str(file), *QUICK)

    assert done.exit_code == 2
    assert complaint in done.output
    assert file.read_text() == text


def test_a_sweep_that_is_interrupted_ends_its_runs_and_goes_on_from_what_is_kept(
    serve_mock: ServeMock, tmp_path: Path
) -> None:
    served, file = serve_mock(), tmp_path / "outcomes.jsonl"
    before = served.forwarding_numbers()
    words = [sys.executable, "-m", "linq_contract", "sweep", served.url, "--seeds", "1-2"]
    words += ["--outcomes", str(file), "--", "--allow-writes"]
    with subprocess.Popen(
        words, env={**os.environ, ACCOUNT: served.token}, stderr=subprocess.PIPE, text=True
    ) as process:
        served.at_update(20, lambda: process.send_signal(signal.SIGTERM))
        said = process.communicate()[1]

    assert process.returncode == 3
    assert f"Interrupted: 0 of 2 runs are done. The same command goes on from {file}." in said
    assert served.updates >= 20
    assert served.forwarding_numbers() == before


def test_a_worker_of_a_cluster_that_is_killed_in_the_middle_takes_no_outcome_with_it(
    cluster: Cluster, tmp_path: Path
) -> None:
    file = tmp_path / "outcomes.jsonl"
    words = [sys.executable, "-m", "linq_contract", "sweep", "--seeds", "1-4", "--cluster", cluster.address]
    with subprocess.Popen(
        [*words, "--outcomes", str(file), *QUICK], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        first = next(line for line in process.stdout if line.startswith("[1/4]"))
        cluster.workers[0].kill()
        rest = process.stdout.read()

    assert f"✓ mock {OPTIONS}" in first
    assert process.returncode == 0
    assert seeds(file) == [1, 2, 3, 4]
    assert f"mock {OPTIONS}: conforms with 4 of 4 seeds" in rest


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--seeds", "x"], "'x' are no seeds: write 1-100, or 1,5,7-9."),
        (["--seeds", "3-1"], "'3-1' are no seeds"),
        (["--seeds", "1-99999999"], "'1-99999999' are no seeds"),
        (["no-such-file", "--seeds", "1"], "no-such-file is no URL, and no file that can be read: No such"),
        ([os.devnull, "--seeds", "1"], f"{os.devnull} names no server."),
        (["--seeds", "1", "--outcomes", "/dev/null"], "/dev/null is no regular file"),
        (["--seeds", "1", "--workers", "1", "--cluster", "x"], "--workers are of this machine"),
        (["--seeds", "1", "--", "--seed", "1"], "--seed cannot be passed on by a sweep"),
        (["--seeds", "1", "--", "--shard", "1/1"], "--shard cannot be passed on by a sweep"),
        (["--seeds", "1", "--", "--report-dir", "x"], "--report-dir cannot be passed on by a sweep"),
        (["--seeds", "1", "--", "--rules", "x"], "no rule is named 'x'"),
        (["--seeds", "1", "--", "--no-such-option"], "No such option"),
        (["http://a.example", "--seeds", "1"], "would carry the token in plain text over a network"),
        (
            ["https://a.example", "--seeds", "1", "--cluster", "x", "--", "--allow-writes"],
            "--allow-writes is not for --cluster",
        ),
    ],
)
def test_what_is_wrong_with_a_command_is_said_before_anything_is_run(
    words: list[str], complaint: str
) -> None:
    done = sweep(*words)

    assert done.exit_code == 2
    assert complaint in done.output


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("example.com", ":2: a line begins with the URL of a server."),
        ("'", ":2: No closing quotation."),
        ("http://127.0.0.1:1 --no-such-option", ":2: No such option"),
        ("http://a.example", ":2: http://a.example would carry the token in plain text"),
    ],
)
def test_a_line_that_names_no_server_is_told_with_its_place(
    tmp_path: Path, line: str, complaint: str
) -> None:
    servers = tmp_path / "servers"
    servers.write_text(f"# servers\n{line}\n")

    assert f"{servers}{complaint}" in sweep(str(servers), "--seeds", "1").output


def test_seeds_are_ranges_and_single_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[int] = []

    def judge(run: Run) -> Outcome:
        judged.append(run.seed)
        return Outcome(run, 0, "The server conforms")

    monkeypatch.setattr("linq_contract.commands.sweep.judge", judge)

    assert sweep("--seeds", "5, 1-3,2").exit_code == 0
    assert sorted(judged) == [1, 2, 3, 5]


@pytest.mark.parametrize(
    ("codes", "expected"),
    [([0, 0], 0), ([0, 3], 3), ([0, 2], 3), ([3, 1], 1), ([1, 4, 3], 4), ([], 0), ([-9], 3)],
)
def test_the_exit_code_is_that_of_the_worst_run(codes: list[int], expected: int) -> None:
    assert exit_code_of([Outcome(A, code, "") for code in codes]) == expected


def test_the_summary_has_each_rule_with_its_seeds_and_each_run_without_a_verdict() -> None:
    broken = (Broken("list.unique", "a line is there twice", "linq-contract validate ..."),)
    outcomes = [
        *(Outcome(Run(A.words, seed), 1, "", 10, 1.0, broken) for seed in range(12)),
        Outcome(Run(A.words, 99), 3, "Too slow", 1),
        Outcome(B, 0, "The server conforms", 5),
    ]

    assert list(summary(outcomes)) == [
        "https://a.example: conforms with 0 of 13 seeds, 121 requests",
        "  list.unique is broken with seeds 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more: a line is there twice",
        "    Rerun: linq-contract validate ...",
        "  no verdict with seed 99: Too slow",
        "https://b.example: conforms with 1 of 1 seed, 5 requests",
    ]


def test_an_outcome_is_read_as_it_was_written() -> None:
    outcome = Outcome(A, 1, "x", 2, 3.0, (Broken("list.unique", "twice", ""),))

    assert outcome_of(json.loads(json.dumps(outcome, default=vars))) == outcome


def test_the_detection_is_measured_on_a_cluster_as_well(cluster: Cluster, tmp_path: Path) -> None:
    file = tmp_path / "outcomes.jsonl"
    words = ["--only", "list.unique/first-line-again", "--seed", "1", "--seed", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "detection", *words, "--cluster", cluster.address, "--outcomes", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert "| faults caught | 1 of 1 | not run |" in done.stdout
    assert sorted(entry["judged"]["seed"] for entry in entries(file)) == [1, 2]
