"""What is kept of a measurement, and what the page says of it."""

from __future__ import annotations

from pathlib import Path

from documents.outcomes import Outcome, Outcomes
from documents.page import page

RIGHT = Outcome("a", "ours", operations=2, right=2, mypy=(), pyright=())
REFUSED = Outcome("a", "stock", refusal="It | cannot.", operations=2)
WRONG = Outcome(
    "b",
    "ours",
    operations=3,
    right=1,
    undrawn=("GET /u: no",),
    wrong=("GET /w: else",),
    mypy=("x",),
    pyright=(),
)


def test_an_outcome_is_found_again_unless_what_was_measured_has_changed(tmp_path: Path) -> None:
    kept = Outcomes(tmp_path / "outcomes.jsonl")
    kept.add(RIGHT, "1")
    kept.add(WRONG, "1")

    assert kept.known({("a", "ours"): "1", ("b", "ours"): "2"}) == {("a", "ours"): RIGHT}


def test_a_line_that_was_cut_off_is_no_outcome(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.jsonl"
    Outcomes(path).add(RIGHT, "1")
    with path.open("a", encoding="utf-8") as file:
        file.write('{"digest": "1", "outc')

    assert Outcomes(path).known({("a", "ours"): "1"}) == {("a", "ours"): RIGHT}


def test_the_page_has_a_line_for_each_document_and_each_reason() -> None:
    text = page(["a", "b"], {("a", "ours"): RIGHT, ("a", "stock"): REFUSED, ("b", "ours"): WRONG})

    assert "| a | 2 | yes | clean | 2 of 2 | refused |  |  |" in text
    assert "| b | 3 | yes | mypy: 1 | 1 of 2 |  |  |  |" in text
    assert "| every operation round trips | 1 of 2 | 0 of 1 |" in text
    assert "- a: It \\| cannot." in text
    assert "- b: GET /w: else" in text


def test_what_was_not_done_in_time_is_told_and_does_not_count() -> None:
    said = "pyright was not done after 30 minutes of CPU"
    long = Outcome("c", "ours", operations=9, right=3, mypy=(), unfinished=(said,), unreached=6)

    text = page(["c"], {("c", "ours"): long})

    assert "| c | 9 | yes | pyright: not done | 3 of 3 |" in text
    assert f"- c: {said}" in text
    assert "- c: 6 operations were not called: time was up" in text
    assert not long.is_clean
    assert not long.round_trips


def test_an_operation_that_no_value_can_be_drawn_for_does_not_count() -> None:
    assert Outcome("c", "ours", operations=1, undrawn=("GET /u: no",)).round_trips
