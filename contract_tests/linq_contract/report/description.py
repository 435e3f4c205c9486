"""A result described once, in what JSON can hold; every report is a rendering of that."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NotRequired, TypeAlias, TypedDict

from linq_contract.contract.lines import line_key
from linq_contract.http.messages import JsonObject, NoAnswer, Response, printable
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.ledger import Entry, Finding, Verdict
from linq_contract.report.curl import curl
from linq_contract.run.result import Result

_NAME = re.compile(r"[0-9a-z-]{8,}|\+[0-9]+")
_LONGEST_BODY = 2_000  # characters, some thirty lines of a terminal
_LONGEST_HEADER = 200  # characters, two lines
_MOST_HEADERS = 10  # a server may repeat one for ever
_HEADERS_SHOWN = ("content-type", "x-trace-id", "retry-after", "allow", "location")

Replays: TypeAlias = Mapping[str, Path]
"""The files of the replays by the rule that they show broken."""


class ExchangeDescription(TypedDict):
    """A request as a command, and its answer in lines."""

    curl: str
    response: Sequence[str]


class RuleDescription(TypedDict):
    """What a run has found out about a rule; what is broken, and how to see it again, if it is."""

    rule: str
    level: str
    statement: str
    verdict: str
    exchanges: int
    inputs: int
    clauses_not_reached: Sequence[str]
    because: NotRequired[str]
    broken_in: NotRequired[int]
    problem: NotRequired[str]
    replay: NotRequired[str]
    rerun: NotRequired[str]
    evidence: NotRequired[Sequence[ExchangeDescription]]


class Description(TypedDict):
    """What a run has found out about a server. Times are in seconds, `began` is in ISO 8601."""

    base_url: str
    began: str
    seed: int
    strict: bool
    exit_code: int
    requests: int
    seconds: float
    notes: Sequence[str]
    ends_with_run: bool
    forwarding_numbers: str
    restored: Sequence[str]
    unrestored_lines: Sequence[str]
    rules: Sequence[RuleDescription]


def describe(result: Result, replays: Replays) -> Description:
    """The run, its exit code, and each rule with verdict and evidence."""
    return {
        "base_url": result.target.base_url,
        "began": result.began.isoformat(timespec="seconds"),
        "seed": result.options.seed,
        "strict": result.options.strict,
        "exit_code": int(result.exit_code),
        "requests": result.requests,
        "seconds": round(result.seconds, 3),
        "notes": list(result.notes),
        "ends_with_run": result.target.ends_with_run,
        "forwarding_numbers": _restored(result),
        "restored": list(result.restoration.sentences),
        "unrestored_lines": list(result.unrestored),
        "rules": [describe_rule(entry, result, replays) for entry in result.ledger.entries.values()],
    }


def describe_rule(entry: Entry, result: Result, replays: Replays) -> RuleDescription:
    """What a run has found out about a rule."""
    verdict = entry.verdict(strict=result.options.strict)
    described: RuleDescription = {
        "rule": entry.rule.name,
        "level": entry.rule.level.value,
        "statement": entry.rule.statement,
        "verdict": verdict.value,
        "exchanges": entry.exercised,
        "inputs": len(entry.inputs),
        "clauses_not_reached": entry.unreached,
    }
    if verdict is Verdict.NOT_EXERCISED:
        described["because"] = entry.unexercised_because
    if finding := entry.finding:
        described["broken_in"] = entry.broken
        described["problem"] = finding.problem
        if entry.rule.name in replays:
            described["replay"] = _command(result, "replay", str(replays[entry.rule.name]))
        seed = str(result.options.seed)
        rerun = ("validate", result.target.base_url, "--rules", entry.rule.name, "--seed", seed)
        described["rerun"] = _command(result, *rerun)
        described["evidence"] = [
            {"curl": curl(exchange.request, result.target.base_url), "response": _shown(exchange, finding)}
            for exchange in finding.evidence
        ]
    return described


def counts(description: Description) -> Counter[str]:
    """How many rules have each verdict."""
    return Counter(rule["verdict"] for rule in description["rules"])


def count(number: int, noun: str) -> str:
    """A number with its noun, in the plural where it has to be."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def show(answer: Response | NoAnswer) -> list[str]:
    """An answer in lines: the status, the headers that matter, the body cut to a readable length."""
    if isinstance(answer, NoAnswer):
        return [f"(no response: {answer.reason})"]
    headers = [f"{name}: {value}" for name, value in answer.headers if name.lower() in _HEADERS_SHOWN]
    lines = [f"HTTP {answer.status}", *(_cut(header, _LONGEST_HEADER) for header in headers[:_MOST_HEADERS])]
    return [printable(line) for line in (*lines, *_body_lines(answer.body))]


def _command(result: Result, *words: str) -> str:
    """A command with all that the run was permitted."""
    permissions = result.target.permissions
    options = ["--allow-writes"] if permissions.allow_writes else []
    for line in sorted(permissions.lines or ()):
        options += ["--line", line]
    for number in permissions.forward_to:
        options += ["--forward-to", number]
    if permissions.other_line:
        options += ["--other-line", permissions.other_line]
    return shlex.join(["linq-contract", *words, *options])


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


def _body_lines(body: bytes) -> Sequence[str]:
    text = body.decode("utf-8", "backslashreplace")
    cut = text if len(text) <= _LONGEST_BODY else f"{text[:_LONGEST_BODY]}... ({len(text):,} characters)"
    return cut.splitlines()


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}..."


def _restored(result: Result) -> str:
    """Whether the account is as it was, in a sentence."""
    if not result.target.permissions.allow_writes:
        return "Only requests that cannot change anything were sent."
    if result.unrestored:
        lines = ", ".join(map(printable, result.unrestored))
        return f"These lines do not forward to what they did before: {lines}."
    return "Every forwarding number is as it was before the run."
