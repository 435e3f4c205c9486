"""What was found out about a client, described once in what JSON can hold, and as text."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import NotRequired, TypedDict

from linq_contract.clients.program import Performance
from linq_contract.clients.stage import Seen
from linq_contract.clients.verdicts import ClientEntry, ClientResult
from linq_contract.http.credentials import ACCOUNT, Credentials
from linq_contract.http.messages import printable
from linq_contract.judge.ledger import Verdict
from linq_contract.report.description import count
from linq_contract.report.terminal import MARKS, sum_of

_LONGEST_BODY = 200  # characters
_MOST_NAMED = 3  # situations in a line


class ClientRuleDescription(TypedDict):
    """The verdict on a rule, how often it applied, in which situations; if broken, how, and what shows it."""

    rule: str
    level: str
    statement: str
    verdict: str
    applied: int
    situations: Sequence[str]
    problem: NotRequired[str]
    story: NotRequired[str]
    evidence: NotRequired[Sequence[str]]


class PerformanceDescription(TypedDict):
    """One run of the program. An `exit_code` of null is one that was ended for lack of time."""

    situation: str
    story: str
    requests: int
    exit_code: int | None
    seconds: float


class ClientDescription(TypedDict):
    """What was found out about a client."""

    command: str
    strict: bool
    exit_code: int
    rules: Sequence[ClientRuleDescription]
    runs: Sequence[PerformanceDescription]


def describe_client(result: ClientResult) -> ClientDescription:
    """The rules with their verdicts, and the runs that they were found in."""
    return {
        "command": shlex.join(result.command),
        "strict": result.strict,
        "exit_code": int(result.exit_code),
        "rules": [_rule(entry, strict=result.strict) for entry in result.entries.values()],
        "runs": [_run(each) for each in result.performances],
    }


def client_ledger(description: ClientDescription) -> Iterator[str]:
    """The ledger in lines, and beneath it what is broken."""
    for rule in description["rules"]:
        mark = MARKS[Verdict(rule["verdict"])]
        yield f"  {mark} {rule['rule']:<29}{rule['level']:<8}{_found(rule)}"
    for rule in description["rules"]:
        if "problem" in rule:
            yield ""
            yield f"{rule['verdict'].upper()} {rule['rule']}  {rule['statement']}"
            yield f"  When {rule.get('story', '')}, {rule['problem']}"
            yield from (f"    {line}" for line in rule.get("evidence", ()))
    runs, seconds = description["runs"], sum(run["seconds"] for run in description["runs"])
    yield ""
    verdicts = sum_of(rule["verdict"] for rule in description["rules"])
    yield f"{verdicts} {count(len(runs), 'run')} in {seconds:.0f} s."


def _found(rule: ClientRuleDescription) -> str:
    situations = rule["situations"]
    where = ", ".join(situations) if len(situations) <= _MOST_NAMED else count(len(situations), "situation")
    return f"{rule['verdict']:<15}in {where}" if situations else rule["verdict"]


def _rule(entry: ClientEntry, *, strict: bool) -> ClientRuleDescription:
    described: ClientRuleDescription = {
        "rule": entry.rule.name,
        "level": entry.rule.level,
        "statement": entry.rule.statement,
        "verdict": entry.verdict(strict=strict),
        "applied": entry.applied,
        "situations": [situation.name for situation in entry.situations],
    }
    if entry.problem is not None and entry.broken_in is not None:
        described["problem"] = printable(entry.problem.text)
        described["story"] = entry.broken_in.situation.story
        described["evidence"] = [_seen(seen, entry.broken_in) for seen in entry.problem.shown_by]
    return described


def _run(performance: Performance) -> PerformanceDescription:
    return {
        "situation": performance.situation.name,
        "story": performance.situation.story,
        "requests": len(performance.seen),
        "exit_code": performance.exit_code,
        "seconds": round(performance.seconds, 3),
    }


def _seen(seen: Seen, performance: Performance) -> str:
    """A request in a line, with the seconds since the first one, and without the token."""
    at = seen.at - performance.seen[0].at
    body = seen.call.body[:_LONGEST_BODY].decode("utf-8", "replace")
    status = "no answer" if seen.status is None else str(seen.status)
    query = f"?{seen.call.query_string}" if seen.call.query_string else ""
    line = f"{at:6.2f} s  {seen.call.method} {seen.call.raw_path}{query} {body} -> {status}"
    return printable(
        Credentials({ACCOUNT: performance.token}).conceal(line.encode()).decode("utf-8", "replace")
    )
