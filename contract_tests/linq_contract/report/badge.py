"""The verdict of a run as a badge."""

from __future__ import annotations

from linq_contract.judge.ledger import Verdict
from linq_contract.report.description import Description, count, counts
from linq_contract.report.rendering import environment
from linq_contract.run.result import ExitCode

_LABEL = "contract"
_WIDTH_OF_A_CHARACTER = 6.6  # pixels at 11 pixels of Verdana, on average
_PADDING = 12.0  # pixels on both sides of a text together


def as_badge(description: Description) -> str:
    """The badge as SVG: how many of the rules passed, and by its colour whether the run did."""
    passed, all_rules = counts(description)[Verdict.PASSED], len(description["rules"])
    said = f"{passed} of {count(all_rules, 'rule')}"
    return (
        environment()
        .get_template("badge.svg")
        .render(
            label=_LABEL,
            said=said,
            headline=description["headline"],
            colour=_colour(description),
            label_width=_width(_LABEL),
            said_width=_width(said),
        )
    )


def _colour(description: Description) -> str:
    """Red for a run that fails, yellow for one that was incomplete, grey for one that judged little."""
    if description["exit_code"]:
        return "#9a6700" if description["exit_code"] == ExitCode.INCOMPLETE else "#b3261e"
    verdicts = counts(description)
    return "#1a7f37" if 2 * verdicts[Verdict.PASSED] > len(description["rules"]) else "#57606a"


def _width(text: str) -> float:
    return round(len(text) * _WIDTH_OF_A_CHARACTER + _PADDING, 1)
