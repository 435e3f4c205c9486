"""What README.md and docs/detection.md count is what was measured, and the pages of it say on how much."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README, DETECTION, OF_FAULTS, OF_FREEDOMS, OF_THE_CLIENT, OF_THE_MOCK = (
    (ROOT / name).read_text(encoding="utf-8")
    for name in (
        "README.md",
        "docs/detection.md",
        "docs/detection-of-faults.md",
        "docs/detection-of-freedoms.md",
        "docs/benchmarks.md",
        "docs/mock-benchmarks.md",
    )
)


def counted(text: str, what: str) -> set[int]:
    """All numbers of something that a text gives."""
    return {int(number) for number in re.findall(rf"(\d+) {what}\b", text)}


def test_all_that_was_measured_was_measured_with_the_same_rules() -> None:
    assert len(counted(README, "rules")) == 1
    assert counted(README, "rules") == counted(OF_FAULTS, "rules") == counted(OF_FREEDOMS, "rules")


def test_the_verdicts_in_the_readme_add_up_to_all_rules() -> None:
    sums = re.findall(r"^(\d+) rules: (.*?)\.", README, re.MULTILINE)

    assert sums
    assert all(sum(map(int, re.findall(r"\d+", each))) == int(count) for count, each in sums)


@pytest.mark.parametrize("text", [README, DETECTION], ids=["README.md", "docs/detection.md"])
def test_what_is_said_of_the_detection_is_what_was_measured(text: str) -> None:
    rows = re.findall(r"^\| \[(faults caught|freedoms accused)\].*$", text, re.MULTILINE)
    assert rows == ["faults caught", "freedoms accused"]
    for title, page in zip(rows, (OF_FAULTS, OF_FREEDOMS), strict=True):
        (row,) = re.findall(rf"^\| {title} .*$", page, re.MULTILINE)
        measured = re.findall(r"\d+ of \d+", row)

        assert measured
        assert shares(text, title)[: len(measured)] == measured


def test_the_readme_says_of_schemathesis_what_the_page_of_the_detection_says() -> None:
    for title in ("faults caught", "freedoms accused"):
        assert shares(README, title) == shares(DETECTION, title)


def shares(text: str, title: str) -> list[str]:
    """What a row of a table says of ours and of Schemathesis, such as "5 of 7"."""
    (row,) = re.findall(rf"^\| \[{title}\].*$", text, re.MULTILINE)
    found = re.findall(r"\d+ of \d+", row)
    assert len(found) == 2
    return found


@pytest.mark.parametrize(
    ("row", "page"), [("sync calls per second", OF_THE_CLIENT), ("PUT requests per second", OF_THE_MOCK)]
)
def test_what_the_readme_says_of_the_speed_is_what_was_measured(row: str, page: str) -> None:
    (said,) = re.findall(rf"^\| \[{row}.*$", README, re.MULTILINE)
    numbers = re.findall(r"\| ([\d,]+) (?=\|)", said)

    assert len(numbers) == 2
    assert [number for number in numbers if f"| {number} |" not in page] == []


@pytest.mark.parametrize(
    ("row", "section", "column", "scale", "step"),
    [
        ("cold import of the client", "Cold import", 0, 1, 1),
        ("CPU time of a list call, 100 lines", "Parsing", 1, 1000, 0.1),  # µs there
    ],
)
def test_what_the_readme_says_of_times_is_what_was_measured(
    row: str, section: str, column: int, scale: float, step: float
) -> None:
    (line,) = re.findall(rf"^\| \[{row}\].*$", README, re.MULTILINE)
    said = [float(number) for number in re.findall(r"\| ([\d.]+) ms ", line)]
    table = OF_THE_CLIENT.partition(f"\n## {section}\n")[2]

    rows = [
        re.search(rf"^\| {name} \| (.*) \|$", table, re.MULTILINE) for name in ("ours", "linq-python newest")
    ]
    cells = [found[1].split(" | ")[column].partition(" ")[0] for found in rows if found]
    measured = [float(cell.replace(",", "")) / scale for cell in cells]

    assert said == pytest.approx(measured, abs=step / 2 + 1e-9)
    assert len(said) == 2


def test_what_is_said_of_the_time_to_the_evidence_is_what_was_measured() -> None:
    (measured,) = re.findall(
        r"^\| seconds to the evidence, .*? \| ([\d.]+), ([\d.]+) ", OF_FAULTS, re.MULTILINE
    )
    said = re.findall(r"after ([\d.]+) s \(median; the longest ([\d.]+) s\)", " ".join(DETECTION.split()))

    assert said == [(f"{float(measured[0]):.1f}", f"{float(measured[1]):.0f}")]
