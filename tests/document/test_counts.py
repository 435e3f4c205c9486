"""What the README counts is what was measured, and the pages of the measurement say on how much."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README, OF_FAULTS, OF_FREEDOMS = (
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "docs/detection-of-faults.md", "docs/detection-of-freedoms.md")
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


def test_what_the_readme_says_of_the_detection_is_what_was_measured() -> None:
    rows = re.findall(r"^\| \[(faults caught|freedoms accused)\].*$", README, re.MULTILINE)
    assert rows == ["faults caught", "freedoms accused"]
    for title, page in zip(rows, (OF_FAULTS, OF_FREEDOMS), strict=True):
        (said,) = re.findall(rf"^\| \[{title}\].*$", README, re.MULTILINE)
        (measured,) = re.findall(rf"^\| {title} .*$", page, re.MULTILINE)

        assert re.findall(r"\d+ of \d+", said) == re.findall(r"\d+ of \d+", measured)


def test_what_the_readme_says_of_the_time_to_the_evidence_is_what_was_measured() -> None:
    (measured,) = re.findall(
        r"^\| seconds to the evidence, .*? \| ([\d.]+), ([\d.]+) ", OF_FAULTS, re.MULTILINE
    )
    said = re.findall(r"after ([\d.]+) s \(median; the longest ([\d.]+) s\)", " ".join(README.split()))

    assert said == [(f"{float(measured[0]):.1f}", f"{float(measured[1]):.0f}")]
