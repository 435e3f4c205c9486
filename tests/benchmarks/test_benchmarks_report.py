"""What is made of the samples of a benchmark: ratios, goals and bars."""

from __future__ import annotations

import time

import pytest
from plot import Bars, draw
from report import BARE, NEWEST, OLD, Results, Sample, goals, tables
from worker import repeat


def results(measures: dict[str, dict[str, list[float]]]) -> Results:
    """Samples that took as long on the wall as on the CPU."""
    return Results(
        {
            measure: {
                name: [Sample(seconds, seconds) for seconds in samples] for name, samples in found.items()
            }
            for measure, found in measures.items()
        }
    )


# What just reaches every goal.
REACHED: dict[str, dict[str, list[float]]] = {
    "import": {"nothing": [1], "ours": [2.15], BARE: [2], OLD: [5], NEWEST: [5]},
    "list 100": {"ours": [1], OLD: [10], NEWEST: [10]},
    "list 10000": {"ours": [1], OLD: [7], NEWEST: [7]},
    "from_dict 100": {"ours": [0.45], "stock": [1]},
    "memory 10000": {"ours": [350]},
    "sync": {"ours": [1], BARE: [0.97]},
    "async": {"ours, aiohttp": [1], OLD: [5], NEWEST: [5]},
}


def test_a_ratio_is_the_median_of_the_ratios_of_each_round() -> None:
    found = results({"sync": {"ours": [1, 10, 3], BARE: [2, 5, 6]}})

    assert found.cpu_ratio("sync", "ours", BARE) == 0.5
    assert found.wall_ratio("sync", "ours", BARE) == 2


def test_an_import_is_what_it_takes_beyond_the_interpreter() -> None:
    found = results(REACHED)

    assert found.cpu("import", BARE) == 1
    assert found.cpu_ratio("import", "ours", BARE) == pytest.approx(1.15)
    assert "nothing" not in found.names("import")


def test_each_measure_has_a_table_with_a_row_for_each_contender() -> None:
    kinds = [f"{kind} {lines}" for kind in ("list", "from_dict", "memory") for lines in (1, 100, 10000)]
    took = {"nothing": [0.0], "ours": [0.001], BARE: [0.001], OLD: [0.002], NEWEST: [0.004]}
    text = tables(results(dict.fromkeys(["import", "sync", "async", *kinds], took)))

    assert text.count("| --- |") == text.count("| ours |") == text.count(f"| {NEWEST} |") == 6
    assert "| ours | 1,000 | 1.00 | +0 |" in text
    assert "| ours | 1,000 | 4.0 | 1,000 |" in text
    assert "| ours | 1,000 (4.0) | 1,000 (4.0) | 1,000 (4.0) |" in text


def test_all_goals_are_reached_where_each_is_just_reached() -> None:
    text = goals(results(REACHED))

    assert text.count("| yes |") == 8
    assert "| no |" not in text


@pytest.mark.parametrize(
    ("measure", "name", "seconds"),
    [
        ("import", "ours", 2.16),
        ("list 100", OLD, 9.9),
        ("list 100", NEWEST, 9.9),
        ("list 10000", NEWEST, 6.9),
        ("from_dict 100", "ours", 0.46),
        ("memory 10000", "ours", 351),
        ("sync", "ours", 1.01),
        ("async", OLD, 4.9),
    ],
)
def test_a_goal_is_missed_by_little(measure: str, name: str, seconds: float) -> None:
    changed = {**REACHED, measure: {**REACHED[measure], name: [seconds]}}

    text = goals(results(changed))

    assert text.count("| no |") == 1


def test_a_turn_lasts_until_its_end_and_counts_its_calls() -> None:
    called: list[float] = []
    end = time.perf_counter() + 0.01

    calls = repeat(lambda: called.append(time.perf_counter()), end)

    assert time.perf_counter() >= end
    assert calls == len(called) > 1
    assert called[-2] < end


def test_the_longest_bar_is_that_of_the_greatest_number_and_ours_has_a_colour_of_its_own() -> None:
    drawn = draw([Bars("Calls <per> second", {"ours": 10, "others": 5}, ".0f")])

    bars = [line for line in drawn.splitlines() if "<rect x=" in line]
    assert ['width="490.0"' in bars[0], 'width="245.0"' in bars[1]] == [True, True]
    assert bars[0].partition("fill=")[2] != bars[1].partition("fill=")[2]
    assert "Calls &lt;per&gt; second" in drawn
