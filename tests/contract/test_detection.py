"""How the detection is counted, and when its page is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from detection import Outcome, Server, judge, main, report

if TYPE_CHECKING:
    from pathlib import Path

FAULT = Server("list.unique/a-fault", (), ("list.unique", "list.schema"))
FREEDOM = Server("a-freedom", ())


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


def test_the_evidence_of_a_rule_is_timed_by_medians() -> None:
    page = report([caught(1), caught(2), caught(6)], {})

    assert "| seconds to the evidence, median and longest | 2.00, 6.00 | |" in page
    assert "| `list.unique` | 1 | 1 |  | 2.00 | 20 |" in page


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

    right = judge(Server("right", fault, ("update.content-type",)), 1)
    wrong = judge(Server("wrong", fault, ("list.unique",)), 1)

    assert (right.is_caught, right.named, right.left_changed) == (True, ("update.content-type",), ())
    assert (wrong.is_caught, wrong.named, wrong.left_changed) == (False, ("update.content-type",), ())


def test_the_page_of_all_servers_is_left_alone_by_a_run_of_some(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("of all")

    ran = CliRunner().invoke(main, ["--only", "update.content-type/any", "--output", str(page)])

    assert (ran.exit_code, page.read_text()) == (0, "of all")
    assert "| faults caught | 1 of 1 | not run |" in ran.output
    assert "is left as it was" in ran.output


def test_a_pattern_that_names_no_server_is_refused() -> None:
    ran = CliRunner().invoke(main, ["--only", "nothing/*"])

    assert (ran.exit_code, "No server is named 'nothing/*'." in ran.output) == (2, True)
