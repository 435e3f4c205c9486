"""The reports of the shards of a run, joined into the one that a run by itself would have written."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NotRequired, cast, get_origin, get_type_hints

from linq_contract.judge.ledger import Verdict
from linq_contract.report.coverage import join_operations, join_properties
from linq_contract.report.description import (
    MOST_CAUSES,
    CauseDescription,
    Description,
    DriftDescription,
    RuleDescription,
    ShardDescription,
    causes_of,
    count,
    headline_of,
)
from linq_contract.run.replay import REPLAY_SUFFIX
from linq_contract.run.result import ExitCode

_WORST_FIRST = (
    Verdict.FAILED,
    Verdict.WARNING,
    Verdict.ACCEPTED,
    Verdict.INCONCLUSIVE,
    Verdict.PASSED,
    Verdict.INCOMPLETE,
    Verdict.NOT_TESTED,
)
_NAME = "report.json"


class ReportError(ValueError):
    """Reports cannot be joined; the message says which, why and what to do."""


@dataclass(frozen=True)
class Report:
    """The report of a shard, and the file that it was read from."""

    path: Path
    description: Description
    shard: ShardDescription


def read_reports(paths: Sequence[Path]) -> Sequence[Report]:
    """Read report files, and those in folders. Raises ReportError."""
    files = [file for path in paths for file in _files(path)]
    return [_read(file) for file in dict.fromkeys(files)]


def join(reports: Sequence[Report]) -> Description:
    """What the shards have found out together. Raises ReportError when they are not of one run."""
    _refuse_what_does_not_belong_together(reports)
    first, described = reports[0].description, [report.description for report in reports]
    gaps = [*_gaps_of_shards(reports), *_missing(reports)]
    rules = [_join_rule(reports, position) for position in range(len(first["rules"]))]
    if not gaps and not any(rule["exchanges"] for rule in rules):
        gaps = ["No rule was tested. The reason is beside each rule."]
    joined: Description = {
        **{name: value for name, value in first.items() if name != "shard"},  # type: ignore[typeddict-item]
        "began": min(each["began"] for each in described),
        "requests": sum(each["requests"] for each in described),
        "seconds": max(each["seconds"] for each in described),
        "gaps": gaps,
        "rotten_acceptances": _rotten(reports, gaps),
        "drift": _drift(described),
        "fails_by_drift": any(each["fails_by_drift"] for each in described),
        "notes": _notes(reports),
        "forwarding_numbers": " ".join(_distinct(described, lambda each: [each["forwarding_numbers"]])),
        "restored": _distinct(described, lambda each: each["restored"]),
        "unrestored_lines": _distinct(described, lambda each: each["unrestored_lines"]),
        "operations": join_operations([each["operations"] for each in described]),
        "properties": join_properties([each["properties"] for each in described]),
        "rules": rules,
    }
    joined["exit_code"] = int(exit_code_of(joined))
    joined["headline"] = headline_of(joined)
    return joined


def exit_code_of(description: Description) -> ExitCode:
    """The exit code that follows from what is described, as that of a run does from its result."""
    if description["unrestored_lines"] and not description["ends_with_run"]:
        return ExitCode.NOT_RESTORED
    has_failed = any(rule["verdict"] == Verdict.FAILED for rule in description["rules"])
    if has_failed or description["rotten_acceptances"] or description["fails_by_drift"]:
        return ExitCode.RULES_BROKEN
    return ExitCode.INCOMPLETE if description["gaps"] else ExitCode.CONFORMS


# --- reading ------------------------------------------------------------------------------------


def _files(path: Path) -> Sequence[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(path.rglob(_NAME))
    if not found:
        raise ReportError(f"{path} has no {_NAME} in it, nor in a folder of it.")
    return found


def _read(path: Path) -> Report:
    try:
        content: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise ReportError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{path} is not JSON: it was cut off, or is no report.") from error
    if not _is_of(Description, content) or not all(
        _is_of(RuleDescription, rule) for rule in content["rules"]
    ):
        raise ReportError(f"{path} is not a report.json that linq-contract validate has written.")
    if not _is_of(ShardDescription, content.get("shard")):
        raise ReportError(f"{path} is the report of a whole run: only those of --shard are joined.")
    return Report(path, content, content["shard"])


def _is_of(kind: Any, value: object) -> bool:
    """Whether a value has all that a description of a kind has."""
    hints = get_type_hints(kind, include_extras=True)
    optional = {name for name, hint in hints.items() if get_origin(hint) is NotRequired}
    required = kind.__required_keys__ - optional
    return isinstance(value, dict) and required <= cast("dict[str, object]", value).keys()


# --- what belongs together ----------------------------------------------------------------------


def _refuse_what_does_not_belong_together(reports: Sequence[Report]) -> None:
    for what, fact in _FACTS.items():
        for one, other in pairwise(reports):
            if fact(one) != fact(other):
                raise ReportError(f"{one.path} and {other.path} are not of one run: they have {what}.")
    by_number: dict[int, Report] = {}
    for report in reports:
        earlier = by_number.setdefault(report.shard["number"], report)
        if earlier is not report:
            raise ReportError(
                f"{earlier.path} and {report.path} are both of shard {report.shard['number']}: "
                "name one of them."
            )


_FACTS: Mapping[str, Callable[[Report], object]] = {
    "other versions of linq-contract": lambda report: report.shard["version"],
    "other rules": lambda report: [
        (rule["rule"], rule["level"], rule["statement"]) for rule in report.description["rules"]
    ],
    "other servers": lambda report: (
        "" if report.description["ends_with_run"] else report.description["base_url"]
    ),
    "other seeds": lambda report: report.description["seed"],
    "another --strict": lambda report: report.description["strict"],
    "other numbers of shards": lambda report: report.shard["count"],
}


def _missing(reports: Sequence[Report]) -> Iterator[str]:
    of = reports[0].shard["count"]
    numbers = sorted({*range(1, of + 1)} - {report.shard["number"] for report in reports})
    if not numbers:
        return
    named = ", ".join(map(str, numbers))
    which = f"Shard {named} of {of} is" if len(numbers) == 1 else f"Shards {named} of {of} are"
    yield f"{which} missing; not all was sent that was to be. Look into the logs, and join again."


def _gaps_of_shards(reports: Sequence[Report]) -> Iterator[str]:
    for report in reports:
        for gap in report.description["gaps"]:
            yield f"Shard {report.shard['number']}: {gap}"


# --- joining ------------------------------------------------------------------------------------


def _join_rule(reports: Sequence[Report], position: int) -> RuleDescription:
    parts = [report.description["rules"][position] for report in reports]
    verdicts = {part["verdict"] for part in parts}
    verdict = next(each for each in _WORST_FIRST if each in verdicts)
    first = parts[0]
    joined: RuleDescription = {
        "rule": first["rule"],
        "level": first["level"],
        "statement": first["statement"],
        "source": first["source"],
        "line": first["line"],
        "wfc": first["wfc"],
        "verdict": verdict,
        "seconds": round(sum(part["seconds"] for part in parts), 6),
        "exchanges": sum(part["exchanges"] for part in parts),
        "inputs": sum(part["inputs"] for part in parts),
        "clauses_not_reached": [
            clause
            for clause in first["clauses_not_reached"]
            if all(clause in part["clauses_not_reached"] for part in parts)
        ],
    }
    _add_why_not(joined, parts, [report.shard for report in reports])
    _add_causes(joined, reports, position)
    return joined


def _add_why_not(
    joined: RuleDescription, parts: Sequence[RuleDescription], shards: Sequence[ShardDescription]
) -> None:
    """Say why a rule was not tested by any shard, which fails if it was required."""
    reasons = [(part["verdict"], part["because"]) for part in parts if "because" in part]
    if len(reasons) < len(parts):
        return
    because = next(reason for verdict, reason in reasons if verdict == joined["verdict"])
    joined["because"] = because
    if any(joined["rule"] in shard["lacking"] for shard in shards):
        joined["verdict"] = Verdict.FAILED
        joined["problem"] = f"it is required and was not tested: {because}"


def _add_causes(joined: RuleDescription, reports: Sequence[Report], position: int) -> None:
    """Add the ways in which the rule is broken, the smallest evidence of each, and of three at most."""
    smallest: dict[str, tuple[CauseDescription, RuleDescription]] = {}
    times: Counter[str] = Counter()
    for report in reports:
        part = report.description["rules"][position]
        for cause in _causes(part, report.path.parent):
            known_by = cause.get("fingerprint", "")
            times[known_by] += _times(cause)
            if known_by not in smallest or _size(cause) < _size(smallest[known_by][0]):
                smallest[known_by] = cause, part
    if not smallest:
        return
    ranked = sorted(smallest.items(), key=lambda item: _size(item[1][0]))[:MOST_CAUSES]
    (_, (first, part)), *_ = ranked
    cast("CauseDescription", joined).update(first)
    joined["broken_in"] = sum(report.description["rules"][position].get("broken_in", 0) for report in reports)
    joined["further_causes"] = [
        {**cause, "broken_in": times[known_by]} for known_by, (cause, _) in ranked[1:]
    ]
    if "rerun" in part:
        joined["rerun"] = part["rerun"]


def _causes(part: RuleDescription, folder: Path) -> Iterator[CauseDescription]:
    """The ways in which a rule is broken in one report; their replays are looked for beside it."""
    for cause in causes_of(part):
        yield _with_replay_beside(cause, folder)


def _with_replay_beside(cause: CauseDescription, folder: Path) -> CauseDescription:
    """The cause with its replay where the report is now; without, if it was not brought along."""
    words = shlex.split(cause.get("replay", ""))
    moved = [str(folder / Path(word).name) if word.endswith(REPLAY_SUFFIX) else word for word in words]
    found = [word for word in moved if word.endswith(REPLAY_SUFFIX) and Path(word).exists()]
    others = cast("CauseDescription", {name: value for name, value in cause.items() if name != "replay"})
    return {**others, "replay": shlex.join(moved)} if found else others


def _size(cause: CauseDescription) -> tuple[int, int]:
    """Fewer requests are better evidence, then shorter ones."""
    evidence = cause.get("evidence", ())
    return len(evidence), sum(len(exchange["curl"]) for exchange in evidence)


def _times(cause: CauseDescription) -> int:
    return cause.get("broken_in", 1)


def _rotten(reports: Sequence[Report], gaps: Sequence[str]) -> Sequence[str]:
    """What has expired, and what no shard has seen, if all were there to see it."""
    expired = _distinct([report.description for report in reports], lambda each: each["rotten_acceptances"])
    if gaps:
        return expired
    gone = [sentence for report in reports for sentence in report.shard["gone_acceptances"]]
    shown = {sentence for report in reports for sentence in report.shard["shown_acceptances"]}
    return [*expired, *(sentence for sentence in dict.fromkeys(gone) if sentence not in shown)]


def _drift(described: Sequence[Description]) -> Sequence[DriftDescription]:
    answers: Counter[tuple[str, str, str]] = Counter()
    for each in described:
        for drift in each["drift"]:
            answers[drift["kind"], drift["what"], drift["where"]] += drift["answers"]
    return [
        {"kind": kind, "what": what, "where": where, "answers": number}
        for (kind, what, where), number in sorted(answers.items())
    ]


def _notes(reports: Sequence[Report]) -> Sequence[str]:
    notes = [
        f"shard {report.shard['number']}: {note}"
        for report in reports
        for note in report.description["notes"]
        if not note.startswith("this is shard")
    ]
    joined = f"{count(len(reports), 'shard')} of {reports[0].shard['count']} joined"
    return [*notes, f"{joined}; the time is that of the slowest, and inputs are counted in each"]


def _distinct(
    described: Sequence[Description], values: Callable[[Description], Sequence[str]]
) -> Sequence[str]:
    return list(dict.fromkeys(value for each in described for value in values(each)))
