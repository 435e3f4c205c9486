"""A result described once, in what JSON can hold; every report is a rendering of that."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import NotRequired, TypeAlias, TypedDict, cast

import linq_document
from linq_contract.contract.lines import line_key
from linq_contract.http.messages import JsonObject, cut, printable, show
from linq_contract.judge.drift import drift_in
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.ledger import Cause, Entry, Finding, Verdict
from linq_contract.judge.traffic import operation_of, status_of
from linq_contract.report.coverage import (
    OperationDescription,
    PropertyDescription,
    describe_operations,
    describe_properties,
)
from linq_contract.report.curl import curl
from linq_contract.run.result import Gap, OnDrift, Result

SCHEMA_VERSION = "1.0"
"""The version of `schema.json`: its first number grows when readers of reports have to change."""
MOST_CAUSES = 3
"""Shown under a rule: some three screens."""
_LONGEST_PROBLEM = 1_000  # characters, a dozen lines; it may quote a value of any length
_LONGEST_OF_LAST = 400  # characters of a request that only may have ended a server
_NAME = re.compile(r"[0-9a-z-]{8,}|\+[0-9]+")

Replays: TypeAlias = Mapping[Finding, Path]
"""The files of the replays by what they show."""


class ExchangeDescription(TypedDict):
    """A request as a command, and its answer in lines."""

    curl: str
    response: Sequence[str]


class CauseDescription(TypedDict, total=False):
    """One of the ways in which a rule is broken, how often it was seen, and how to see it again.

    Its `fingerprint` is the same in each run that sees it, whatever ids, numbers and texts there were.
    """

    problem: str
    operation: str
    fingerprint: str
    broken_in: int
    evidence: Sequence[ExchangeDescription]
    drift: str
    accepted: str
    replay: str


class RuleDescription(CauseDescription):
    """What a run has found out about a rule.

    If it is broken, `broken_in` counts all that shows it, and up to two more causes follow the first. A rule
    that is required and was not tested has a problem alone. `line` is where it stands in the document,
    `wfc` are the fault categories that it is about, `seconds` what its exchanges took.
    """

    rule: str
    level: str
    statement: str
    source: Sequence[str]
    line: int
    wfc: Sequence[int]
    verdict: str
    seconds: float
    exchanges: int
    inputs: int
    clauses_not_reached: Sequence[str]
    because: NotRequired[str]
    rerun: NotRequired[str]
    further_causes: NotRequired[Sequence[CauseDescription]]


class DriftDescription(TypedDict):
    """A way in which the server differs from the contract, and how many answers show it."""

    kind: str
    what: str
    where: str
    answers: int


class ShardDescription(TypedDict):
    """Which part of a run this is, and what is decided only when all parts are known.

    `version` is that of this package. `lacking` are the rules that are required and that the shard did not
    test. `gone_acceptances` say which accepted failures it did not see although it could have, and
    `shown_acceptances` say the same of those that it saw.
    """

    number: int
    count: int
    version: str
    lacking: Sequence[str]
    gone_acceptances: Sequence[str]
    shown_acceptances: Sequence[str]


class Description(TypedDict):
    """What a run has found out about a server. Times are in seconds, `began` is in ISO 8601.

    Of what was `recorded` nothing was sent, and `requests` are those that were judged.
    """

    schema_version: str
    tool_version: str
    contract_version: str
    base_url: str
    began: str
    seed: int
    strict: bool
    exit_code: int
    headline: str
    requests: int
    seconds: float
    gaps: Sequence[str]
    rotten_acceptances: Sequence[str]
    drift: Sequence[DriftDescription]
    fails_by_drift: bool
    notes: Sequence[str]
    ends_with_run: bool
    recorded: bool
    forwarding_numbers: str
    restored: Sequence[str]
    unrestored_lines: Sequence[str]
    operations: Sequence[OperationDescription]
    properties: Sequence[PropertyDescription]
    fault_categories: Mapping[str, str]
    rules: Sequence[RuleDescription]
    shard: NotRequired[ShardDescription]


def describe(result: Result, replays: Replays) -> Description:
    """The run, its exit code, and each rule with verdict and evidence."""
    document = linq_document.load()
    description: Description = {
        "schema_version": SCHEMA_VERSION,
        "tool_version": version("linq-contract"),
        "contract_version": document.raw["info"]["version"],
        "base_url": result.target.base_url,
        "began": result.began.isoformat(timespec="seconds"),
        "seed": result.options.seed,
        "strict": result.options.strict,
        "exit_code": int(result.exit_code),
        "headline": "",
        "requests": result.requests,
        "seconds": round(result.seconds, 3),
        "gaps": [_gap(gap, result) for gap in result.gaps],
        "rotten_acceptances": list(result.rotten),
        "drift": _drift(result),
        "fails_by_drift": result.fails_by_drift,
        "notes": [*result.target.notes, *result.notes, *_which_part(result)],
        "ends_with_run": result.target.ends_with_run,
        "recorded": result.options.recorded is not None,
        "forwarding_numbers": _restored(result),
        "restored": list(result.restoration.sentences),
        "unrestored_lines": list(result.unrestored),
        "operations": describe_operations(result.ledger, document),
        "properties": describe_properties(result.ledger, document),
        "fault_categories": {str(code): name for code, name in document.fault_categories.items()},
        "rules": [_describe_rule(entry, result, replays) for entry in result.ledger.entries.values()],
    }
    if result.options.shard.is_part:
        description["shard"] = _shard(result)
    description["headline"] = headline_of(description)
    return description


def _describe_rule(entry: Entry, result: Result, replays: Replays) -> RuleDescription:
    """What a run has found out about a rule."""
    described: RuleDescription = {
        "rule": entry.rule.name,
        "level": entry.rule.level.value,
        "statement": entry.rule.statement,
        "source": list(entry.rule.source),
        "line": linq_document.load().rule_lines[entry.rule.name],
        "wfc": list(entry.rule.wfc),
        "verdict": result.verdict(entry).value,
        "seconds": round(entry.seconds, 6),
        "exchanges": entry.tested,
        "inputs": len(entry.inputs),
        "clauses_not_reached": entry.unreached,
    }
    if not (entry.tested or entry.broken):
        described["because"] = entry.untested_because
    if result.is_missed(entry):
        described["problem"] = f"it is required and was not tested: {entry.untested_because}"
    if described["verdict"] == Verdict.INCONCLUSIVE:
        described["because"] = entry.undecided_because
        if entry.undecided is not None:
            _describe_cause(described, Cause(entry.undecided, 1), result, replays)
    if entry.broken:
        first, *further = entry.causes[:MOST_CAUSES]
        _describe_cause(described, first, result, replays)
        described["broken_in"] = entry.broken
        described["further_causes"] = [_describe_cause({}, cause, result, replays) for cause in further]
    if "problem" in described and result.options.recorded != ():
        described["rerun"] = _rerun(entry, result)
    return described


def _describe_cause(
    described: CauseDescription, cause: Cause, result: Result, replays: Replays
) -> CauseDescription:
    finding, target = cause.finding, result.target
    described["problem"], described["broken_in"] = cut(finding.problem, _LONGEST_PROBLEM), cause.times
    described["operation"] = operation_of(finding.evidence[-1])
    described["fingerprint"] = _fingerprint(finding)
    described["evidence"] = [
        {
            "curl": curl(exchange.request, target.base_url, target.credentials),
            "response": _shown(exchange, finding),
        }
        for exchange in finding.evidence
    ]
    shown = {drift for exchange in finding.evidence for drift in drift_in(exchange)}
    if named := sorted(str(drift) for drift in shown if drift.what in finding.problem):
        described["drift"] = named[0]
    if acceptance := result.acceptance(finding):
        until = f", until {acceptance.expires}" if acceptance.expires else ""
        described["accepted"] = f"{acceptance.reason} ({acceptance.place}{until})"
    if finding in replays:
        described["replay"] = _command(result, finding.rule, "replay", str(replays[finding]))
    return described


def causes_of(rule: RuleDescription) -> Iterator[CauseDescription]:
    """The ways in which a rule is broken; what shows the first is not counted for the others as well."""
    if "fingerprint" not in rule:
        return
    further = rule.get("further_causes", ())
    own = rule.get("broken_in", 1) - sum(cause.get("broken_in", 1) for cause in further)
    names = CauseDescription.__optional_keys__
    first = {name: value for name, value in rule.items() if name in names}
    yield cast("CauseDescription", {**first, "broken_in": max(own, 1)})
    yield from further


def counts(description: Description) -> Counter[str]:
    """How many rules have each verdict."""
    return Counter(rule["verdict"] for rule in description["rules"])


def count(number: int, noun: str) -> str:
    """A number with its noun, in the plural where it has to be."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _fingerprint(finding: Finding) -> str:
    """What findings of one cause have in common, from one run to the next, and those of no other cause."""
    last = finding.evidence[-1]
    method, path = last.request.method, str(last.classified.path)
    what = (finding.rule, method, path, status_of(last), finding.shape)
    return hashlib.sha256("\n".join(what).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _rerun(entry: Entry, result: Result) -> str:
    rule, seed = entry.rule.name, str(result.options.seed)
    if result.options.recorded is not None:
        return _command(result, rule, "check", *result.options.recorded, "--rules", rule)
    where = () if result.target.ends_with_run else (result.target.base_url,)
    shard = ("--shard", str(result.options.shard)) if result.options.shard.is_part else ()
    return _command(result, rule, "validate", *where, "--rules", rule, "--seed", seed, *shard)


def _command(result: Result, rule: str, *words: str) -> str:
    """A command about one rule with all that the run was permitted, and judged by."""
    required = ("--require", rule) if result.options.requires(rule) else ()
    return shlex.join(["linq-contract", *words, *result.options.given, *required])


def _gap(gap: Gap, result: Result) -> str:
    reason = f"{gap.reason[:1].upper()}{gap.reason[1:]}"
    if result.options.recorded is not None:
        return f"{reason}. {gap.remedy}"
    concerned = [
        entry
        for entry in result.ledger.entries.values()
        if result.verdict(entry) is Verdict.INCOMPLETE and entry.untested_because == gap.reason
    ]
    what = f"{count(len(concerned), 'rule')} incomplete" if concerned else "not all was sent that was to be"
    base_url, credentials = result.target.base_url, result.target.credentials
    last = "; ".join(cut(curl(each, base_url, credentials), _LONGEST_OF_LAST) for each in gap.sent_last)
    return f"{reason}; {what}. {gap.remedy}" + (f" These were the last requests: {last}" if last else "")


def _drift(result: Result) -> Sequence[DriftDescription]:
    if result.options.on_drift is OnDrift.IGNORE:
        return ()
    return [
        {"kind": drift.kind.value, "what": drift.what, "where": drift.where, "answers": answers}
        for drift, answers in sorted(result.ledger.drift.items(), key=lambda item: str(item[0]))
    ]


def _which_part(result: Result) -> Iterator[str]:
    shard = result.options.shard
    if shard.is_part:
        yield (
            f"this is shard {shard.number} of {shard.count}; "
            "linq-contract merge joins their reports into one verdict"
        )


def _shard(result: Result) -> ShardDescription:
    return {
        "number": result.options.shard.number,
        "count": result.options.shard.count,
        "version": version("linq-contract"),
        "lacking": [entry.rule.name for entry in result.ledger.entries.values() if result.lacks(entry)],
        "gone_acceptances": [each.is_gone for each in result.gone],
        "shown_acceptances": [each.is_gone for each in result.shown],
    }


def headline_of(description: Description) -> str:
    """All that the exit code could say, the worst first."""
    said = "; ".join(_outcomes(description)) or "the server conforms"
    return said[0].upper() + said[1:]


def _outcomes(description: Description) -> Iterator[str]:
    verdicts, rules = counts(description), description["rules"]
    missed = sum(rule["verdict"] == Verdict.FAILED and "because" in rule for rule in rules)
    if description["unrestored_lines"] and not description["ends_with_run"]:
        yield "a forwarding number could not be put back"
    if broken := verdicts[Verdict.FAILED] - missed:
        yield f"the server breaks {count(broken, 'rule')}"
    if missed:
        yield f"{count(missed, 'required rule')} not tested"
    if description["rotten_acceptances"]:
        yield "an accepted failure does not fail any more, or has expired"
    if description["fails_by_drift"]:
        yield "the server has drifted from the contract"
    if description["gaps"]:
        is_in_part = any(rule["exchanges"] for rule in rules)
        yield "the server was tested only in part" if is_in_part else "the server could not be tested"
    if accepted := verdicts[Verdict.ACCEPTED]:
        yield f"{count(accepted, 'accepted failure')}"
    if undecided := verdicts[Verdict.INCONCLUSIVE]:
        yield f"{count(undecided, 'rule')} inconclusive from this recording"


def _shown(exchange: Exchange, finding: Finding) -> Sequence[str]:
    """The answer in lines; a list without the lines of the account that the finding does not speak of."""
    spoken_of = " ".join((finding.problem, *(each.request.target for each in finding.evidence))).lower()
    names = set(_NAME.findall(spoken_of))
    concerned = [item for item in exchange.items if names & _names(item)]
    left_out = len(exchange.items) - len(concerned)
    if not concerned or not left_out:
        return show(exchange.answer)
    body = json.dumps({"phone_numbers": concerned}, ensure_ascii=False)
    lines = show(replace(exchange.response, body=body.encode("utf-8", "surrogatepass")))
    return [*lines, f"(without {count(left_out, 'other line')})"]


def _names(item: JsonObject) -> set[str]:
    """What a problem or a path may call a line by, in lower case."""
    line_id = str(item.get("id")).lower()
    return {line_id, line_key(line_id), str(item.get("phone_number"))}


def _restored(result: Result) -> str:
    """Whether the account is as it was, in a sentence."""
    if result.options.recorded is not None:
        return "The verdict is on what was recorded; nothing was sent for it."
    if not result.target.permissions.allow_writes:
        return "Only requests that cannot change anything were sent."
    if result.unrestored:
        lines = ", ".join(map(printable, result.unrestored))
        return f"These lines do not forward to what they did before: {lines}."
    return "Every forwarding number is as it was before the run."
