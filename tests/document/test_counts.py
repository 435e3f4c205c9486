"""What the README and the changelog count is as many as they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import linq_document
from linq_mock.faults import FAULTS
from linq_mock.freedoms import FREEDOMS

RULES = linq_document.load().rules
ROOT = Path(__file__).parents[2]
README, CHANGELOG, OF_FAULTS, OF_FREEDOMS = (
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "CHANGELOG.md", "docs/detection-of-faults.md", "docs/detection-of-freedoms.md")
)
TEXTS = pytest.mark.parametrize("text", [README, CHANGELOG], ids=["README", "CHANGELOG"])


def counted(text: str, what: str) -> set[int]:
    """All numbers of something that a text gives."""
    return {int(number) for number in re.findall(rf"(\d+) {what}\b", text)}


@TEXTS
def test_the_rules_are_as_many_as_is_said(text: str) -> None:
    assert counted(text, "rules") == {len(RULES)}


def test_the_faults_and_the_freedoms_are_as_many_as_is_said() -> None:
    assert (counted(CHANGELOG, "faults"), counted(CHANGELOG, "freedoms")) == ({len(FAULTS)}, {len(FREEDOMS)})


def test_the_verdicts_in_the_readme_add_up_to_all_rules() -> None:
    sums = re.findall(r"^\d+ rules: (.*?)\.", README, re.MULTILINE)

    assert sums
    assert {sum(map(int, re.findall(r"\d+", each))) for each in sums} == {len(RULES)}


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
