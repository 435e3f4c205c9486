"""How the detection is counted, and when its page is written."""

from __future__ import annotations

import re
import warnings
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from detection.__main__ import main
from detection.curve import draw
from detection.outcomes import Outcomes, UnusableFileError
from detection.page import differences, measured_with, report
from detection.runs import Outcome, judge
from detection.servers import HONEST, Server, servers
from linq_contract.run.extent import QUICK
from linq_contract.run.phases import PHASES

ROOT = Path(__file__).parents[2]
FAULT = Server("list.unique/a-fault", (), ("list.unique", "list.schema"))
FREEDOM = Server("a-freedom", ())
SOON_CAUGHT = "list.schema/national-number"


def caught(seed: int) -> Outcome:
    return Outcome(FAULT, seed, ("list.unique",), requests=10 * seed, seconds=float(seed))


def test_a_fault_counts_as_caught_only_if_every_seed_catches_it() -> None:
    always = report([caught(1), caught(2)], {FAULT.name: True})
    once = report([caught(1), Outcome(FAULT, 2, ("auth.first",))], {FAULT.name: True})

    assert "| faults caught | 1 of 1 | 1 of 1 |" in always
    assert "| faults caught | 0 of 1 | 1 of 1 |" in once
    assert "- `list.unique/a-fault` (seed 2): named `auth.first`" in once


def test_a_freedom_counts_as_accused_if_any_seed_accuses_it() -> None:
    page = report([Outcome(FREEDOM, 1), Outcome(FREEDOM, 2, ("list.safe",))], {FREEDOM.name: False})

    assert "| freedoms accused | 1 of 1 | 0 of 1 |" in page
    assert "- `a-freedom` (seed 2): named `list.safe`" in page


def test_a_fault_after_which_a_line_forwards_to_something_else_is_on_the_page() -> None:
    left = replace(caught(2), left_changed=("line",))
    with_another_seed = replace(caught(3), server=Server("auth.first/another", (), ("auth.first",)))
    page = report([caught(1), left, with_another_seed], {})

    assert "- `list.unique/a-fault`: with 1 of 2 seeds" in page
    assert "## Not put back" not in report([caught(1), caught(2)], {})


def test_the_evidence_of_a_rule_is_timed_by_medians() -> None:
    page = report([caught(1), caught(2), caught(6)], {})

    assert "| seconds to the evidence, median and longest | 2.00, 6.00 | |" in page
    assert "| `list.unique` | 1 | 1 |  | 2.00 | 20 |" in page


def test_a_page_says_what_whole_runs_cost_beside_those_of_an_honest_server() -> None:
    honest = [Outcome(HONEST, 1, whole_requests=1_000, whole_seconds=10.0)]
    costs = ((900, 9.0), (1_200, 15.0), (2_500, 42.0))
    faults = [replace(caught(1), whole_requests=requests, whole_seconds=taken) for requests, taken in costs]

    page = report(faults, {}, honest=honest)

    assert (
        "| requests of a whole run, median beside an honest server's and most | 1.20 times, 2,500 | |" in page
    )
    assert "| seconds of a whole run, median beside an honest server's and most | 1.50 times, 42 | |" in page
    assert "whole run" not in report(faults, {})


def test_a_run_that_goes_to_its_end_finds_the_same_and_says_what_it_cost() -> None:
    server = next(server for server in servers() if server.name == "update.content-type/any")
    phases = [phase for phase in PHASES if phase.name in {"list", "bodies", "last look"}]

    whole, broken_off = judge(server, 1, phases, to_the_end=True), judge(server, 1, phases)

    assert whole.named == broken_off.named == ("update.content-type",)
    assert (whole.whole_requests or 0) > (whole.requests or 0) > 0
    assert whole.whole_seconds is not None
    assert broken_off.whole_requests is None


@pytest.mark.parametrize("kind", ["fault", "freedom"])
@pytest.mark.filterwarnings("default::UserWarning")
def test_a_published_page_says_what_it_was_measured_with(kind: str) -> None:
    """Measuring takes hours, so that a page may be older than the catalogue: that is told, and no failure."""
    name = f"docs/detection-of-{kind}s.md"
    page = (ROOT / name).read_text(encoding="utf-8")

    assert re.search(rf"^Measured with version \S+: \d+ rules, \d+ {kind}s \(digest of", page, re.MULTILINE)
    for since in differences(page, [server for server in servers() if server.kind == kind]):
        warnings.warn(f"{name} is older than the rules or the catalogue: {since}", stacklevel=1)


def test_a_page_names_how_the_catalogue_has_changed_since() -> None:
    page = report([caught(1)], {})
    same = replace(FAULT, arguments=("--lines", "5"))
    renamed, another = replace(FAULT, name="list.unique/b"), Server("auth.first/c", (), ("auth.first",))

    assert measured_with([FAULT]) in page.splitlines()
    assert differences(page, [same]) == []
    assert differences(page, [renamed]) == ["the counts are the same, and names are others"]
    assert differences(page, [FAULT, another]) == [
        "2 faults instead of 1",
        "1 faults of auth.first instead of 0",
    ]
    assert differences("", [FREEDOM])[-1] == "1 freedoms instead of none"


def test_a_page_says_whether_schemathesis_was_run_beside_it() -> None:
    alone, beside = report([caught(1)], {}), report([caught(1)], {FAULT.name: True})

    assert "Stock Schemathesis was not run beside it." in alone
    assert "It was run once, with\nthe seed" in beside
    assert "| faults caught | 1 of 1 | 1 of 1 |" in beside


def test_a_page_says_how_many_faults_the_first_requests_find_and_shows_it() -> None:
    outcomes = [replace(caught(seed), requests=requests) for seed, requests in enumerate((4, 300, 301, None))]
    lines = report(outcomes, {}, "curve.svg").splitlines()

    assert "| 50 | 25.0% |" in lines
    assert "| 300 (`--budget quick`) | 50.0% |" in lines
    assert "| 3,000 (`--budget standard`) | 75.0% |" in lines
    assert "![Faults by requests](curve.svg)" in lines


def test_the_curve_is_a_drawing_that_rises_with_the_requests() -> None:
    drawn = draw([replace(caught(seed), requests=requests) for seed, requests in enumerate((4, 2_000))])
    points = ET.fromstring(drawn).find("{*}polyline")
    assert points is not None
    heights = [float(point.partition(",")[2]) for point in points.attrib["points"].split()]

    assert len(set(heights)) == 3
    assert heights == sorted(heights, reverse=True)


@pytest.mark.parametrize(
    "outcome",
    [
        caught(1),
        Outcome(FREEDOM, 1),
        Outcome(Server("changes", (), changes_by_itself=True), 1, left_changed=("line",)),
    ],
)
def test_an_outcome_is_right(outcome: Outcome) -> None:
    assert outcome.is_right


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(FAULT, 1, ("auth.first",)),
        Outcome(FAULT, 1, error="crashed"),
        Outcome(FREEDOM, 1, ("auth.first",)),
        Outcome(FREEDOM, 1, error="crashed"),
        Outcome(FREEDOM, 1, left_changed=("line",)),
    ],
)
def test_an_outcome_is_wrong(outcome: Outcome) -> None:
    assert not outcome.is_right


def test_a_fault_that_breaks_another_rule_than_is_named_is_missed() -> None:
    fault = ("--fault", "update.content-type/any")
    phases = [phase for phase in PHASES if phase.name in {"list", "bodies", "last look"}]

    right = judge(Server("right", fault, ("update.content-type",)), 1, phases)
    wrong = judge(Server("wrong", fault, ("list.unique",)), 1, phases)

    assert (right.is_caught, right.named, right.left_changed) == (True, ("update.content-type",), ())
    assert (wrong.is_caught, wrong.named, wrong.left_changed) == (False, ("update.content-type",), ())


@pytest.mark.parametrize(
    "fault", ["error.envelope/empty-431", "transport.json/html-414", "update.clear-empty/ignored"]
)
def test_a_quick_budget_reaches_both_the_edges_of_a_server_and_how_it_clears(fault: str) -> None:
    server = next(server for server in servers() if server.name == fault)

    outcome = judge(server, 1)

    assert outcome.requests is not None
    assert outcome.requests <= QUICK.requests


@pytest.mark.parametrize(
    ("phase", "fault"),
    [
        ("mutated numbers", "update.invalid-number/drops-punctuation"),
        ("sequences", "update.idempotent/third-time-is-400"),
    ],
)
def test_what_is_explored_is_found_on_a_server_that_breaks_another_rule_all_the_time(
    phase: str, fault: str
) -> None:
    server = next(server for server in servers() if server.name == fault)
    always = ("--fault", "transport.trace-id/missing-on-errors")
    phases = [each for each in PHASES if each.name in {"list", phase, "last look"}]

    both = judge(Server("both", (*server.arguments, *always), server.breaks), 1, phases)

    assert both.is_caught


def test_the_page_of_all_servers_is_left_alone_by_a_run_of_some(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("of all")

    ran = CliRunner().invoke(main, ["--only", SOON_CAUGHT, "--output", str(page)])

    assert (ran.exit_code, page.read_text()) == (0, "of all")
    assert "| faults caught | 1 of 1 | not run |" in ran.output
    assert "is left as it was" in ran.output


def test_a_pattern_that_names_no_server_is_refused() -> None:
    ran = CliRunner().invoke(main, ["--only", "nothing/*"])

    assert (ran.exit_code, "No server is named 'nothing/*'." in ran.output) == (2, True)


# --- outcomes that are kept ----------------------------------------------------------------------


BY_NAME = {FAULT.name: FAULT, FREEDOM.name: FREEDOM}


def test_what_is_kept_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "build" / "outcomes.jsonl"
    crashed = Outcome(FREEDOM, 3, left_changed=("line",), error="crashed")
    kept = Outcomes(path, BY_NAME)
    for outcome in (caught(1), crashed):
        kept.add(outcome)
    kept.add_stock(FAULT.name, found=True)

    again = Outcomes(path, BY_NAME)

    assert again.judged == {(FAULT.name, 1): caught(1), (FREEDOM.name, 3): crashed}
    assert again.stock == {FAULT.name: True}


def test_a_line_that_was_cut_off_is_dropped_and_the_next_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.jsonl"
    Outcomes(path, BY_NAME).add(caught(1))
    with path.open("a") as file:
        file.write('{"judged": {"server": "a-fr')

    Outcomes(path, BY_NAME).add(caught(2))

    assert Outcomes(path, BY_NAME).judged.keys() == {(FAULT.name, 1), (FAULT.name, 2)}


def test_an_outcome_that_is_written_while_the_file_is_read_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "outcomes.jsonl"
    measuring = Outcomes(path, BY_NAME)
    measuring.add(caught(1))
    read_bytes = type(path).read_bytes

    def read_and_lose_the_race(self: Path) -> bytes:
        data = read_bytes(self)
        if self == path:
            measuring.add(caught(2))
        return data

    with monkeypatch.context() as patch:
        patch.setattr(type(path), "read_bytes", read_and_lose_the_race)
        Outcomes(path, BY_NAME)

    assert Outcomes(path, BY_NAME).judged.keys() == {(FAULT.name, 1), (FAULT.name, 2)}


@pytest.mark.parametrize(
    "data",
    [b'{"code": "of-yesterday"}\n', b"not JSON\n", b"[]\n", b"a text without an end of line", b"\xff\n"],
)
def test_a_file_of_other_code_or_of_something_else_is_refused_and_left_alone(
    tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "outcomes.jsonl"
    path.write_bytes(data)

    with pytest.raises(UnusableFileError, match="outcomes"):
        Outcomes(path, BY_NAME)
    assert path.read_bytes() == data


@pytest.mark.parametrize("line", [b"not JSON\n", b"[]\n", b'{"judged": {}}\n', b"\xff\n"])
def test_a_file_with_a_line_that_is_no_outcome_is_refused_and_left_alone(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "outcomes.jsonl"
    Outcomes(path, BY_NAME).add(caught(1))
    before = path.read_bytes() + line
    path.write_bytes(before)

    with pytest.raises(UnusableFileError, match="outcomes"):
        Outcomes(path, BY_NAME)
    assert path.read_bytes() == before


def test_a_run_whose_outcome_is_kept_is_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.jsonl"
    command = ["--only", SOON_CAUGHT, "--outcomes", str(path)]

    first = CliRunner().invoke(main, command)
    second = CliRunner().invoke(main, command)

    assert f"ok    {SOON_CAUGHT}" in first.stderr
    assert (second.stdout, second.stderr) == (first.stdout, "")
