"""The ledger of a run for people who read a terminal."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from linq_contract.http.messages import printable
from linq_contract.judge.ledger import Verdict
from linq_contract.report.description import (
    CauseDescription,
    Description,
    DriftDescription,
    RuleDescription,
    count,
    counts,
)

MARKS = {
    Verdict.PASSED: "✓",
    Verdict.FAILED: "✗",
    Verdict.ACCEPTED: "~",
    Verdict.WARNING: "!",
    Verdict.INCONCLUSIVE: "○",
    Verdict.INCOMPLETE: "?",
    Verdict.NOT_TESTED: "-",
}
_MARKS_IN_ASCII = {"✓": "+", "✗": "x", "○": "o"}
_STYLES = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "bold red",
    Verdict.ACCEPTED: "yellow",
    Verdict.WARNING: "yellow",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.INCOMPLETE: "bold red",
    Verdict.NOT_TESTED: "dim",
}
_MOST_EXCHANGES = 6  # some two screens; the JSON report has all


def print_ledger(description: Description, console: Console) -> None:
    """Print each rule with its verdict, the evidence for those that are broken, and the sum."""
    for family, rules in itertools.groupby(description["rules"], key=family_of):
        console.print(Text(f"\n{family}", style="bold"))
        for rule in rules:
            console.print(_rule_line(rule, console.encoding), soft_wrap=True)
    for rule in description["rules"]:
        if "problem" in rule:
            console.print()
            _print_finding(rule, console)
    console.print()
    _print_drift(description, console)
    for note in description["notes"]:
        console.print(Text(f"Note: {printable(note)}.", style="yellow"), soft_wrap=True)
    _print_restored(description, console)
    for sentence in (*description["rotten_acceptances"], *description["gaps"]):
        console.print(Text(printable(sentence), style="bold red"), soft_wrap=True)
    console.print(_sum(description), soft_wrap=True)


def family_of(rule: RuleDescription) -> str:
    """What the name of a rule begins with."""
    return rule["rule"].partition(".")[0]


def finding_lines(rule: RuleDescription) -> list[str]:
    """What breaks a rule, in lines: the rule, each problem with its evidence, how to see it again."""
    lines = [f"{rule['rule']}  {rule['statement']}", *cause_lines(rule)]
    for cause in rule.get("further_causes", ()):
        lines += ["  Also:", *cause_lines(cause)]
    if "rerun" in rule:
        lines.append(f"  Rerun: {rule['rerun']}")
    return lines


def cause_lines(cause: CauseDescription) -> Iterator[str]:
    """One way in which a rule is broken, in lines."""
    if "problem" in cause:
        yield f"  {printable(cause['problem'])}"
    if "drift" in cause:
        yield f"  Drift: {printable(cause['drift'])}"
    if "accepted" in cause:
        yield f"  Accepted: {printable(cause['accepted'])}"
    yield from (f"    {line}" for line in evidence_lines(cause))
    if "replay" in cause:
        yield f"  Replay: {cause['replay']}"


def evidence_lines(cause: CauseDescription) -> Iterator[str]:
    """The exchanges as curl lines, each with its response; of many, the last ones."""
    evidence = cause.get("evidence", ())
    left_out = len(evidence) - _MOST_EXCHANGES
    if left_out > 0:
        yield f"... after {count(left_out, 'request')} that the JSON report has"
    for exchange in evidence[-_MOST_EXCHANGES:]:
        yield printable(exchange["curl"])
        yield from (f"  {line}" for line in exchange["response"])


def drift_line(drift: DriftDescription) -> str:
    """One kind of drift, with where and how often it was seen."""
    return printable(
        f"{drift['kind']}: {drift['what']} ({drift['where']}), in {count(drift['answers'], 'answer')}"
    )


def _rule_line(rule: RuleDescription, encoding: str) -> Text:
    verdict = Verdict(rule["verdict"])
    style, mark = _STYLES[verdict], MARKS[verdict]
    if not encoding.lower().startswith("utf"):
        mark = _MARKS_IN_ASCII.get(mark, mark)
    line = Text.assemble((f"  {mark}", style), f" {rule['rule']:<29}", (f"{rule['level']:<8}", "dim"))
    line.append(f"{verdict:<15}", style)
    if "because" in rule:
        return line.append(rule["because"], "dim")
    line.append(f"{count(rule['exchanges'], 'exchange')}, {count(rule['inputs'], 'input')}", "dim")
    if "broken_in" in rule:
        line.append(f", broken in {rule['broken_in']:,}", style)
    if rule["clauses_not_reached"]:
        line.append(f"; not reached: {', '.join(rule['clauses_not_reached'])}", "dim")
    return line


def _print_finding(rule: RuleDescription, console: Console) -> None:
    verdict = Verdict(rule["verdict"])
    headline, *lines = finding_lines(rule)
    console.print(Text.assemble((f"{verdict.upper()} ", _STYLES[verdict]), headline), soft_wrap=True)
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def _print_drift(description: Description, console: Console) -> None:
    style = "bold red" if description["fails_by_drift"] else "yellow"
    for drift in description["drift"]:
        console.print(Text(f"Drift: {drift_line(drift)}.", style=style), soft_wrap=True)


def _print_restored(description: Description, console: Console) -> None:
    left_changed = description["unrestored_lines"]
    if left_changed or not description["ends_with_run"]:
        for sentence in description["restored"]:
            console.print(Text(sentence), soft_wrap=True)
    style = "bold red" if left_changed else ""
    console.print(Text(description["forwarding_numbers"], style=style), soft_wrap=True)


def _extent(description: Description) -> str:
    requests, seconds = count(description["requests"], "request"), description["seconds"]
    if description["recorded"]:
        return f"{requests} recorded in {seconds:.1f} s"
    return f"{requests} in {seconds:.1f} s, seed {description['seed']}"


def _sum(description: Description) -> Text:
    verdicts = counts(description)
    text = (
        f"{count(len(description['rules']), 'rule')}: "
        f"{', '.join(f'{verdicts[verdict]} {verdict}' for verdict in Verdict if verdicts[verdict])}. "
        f"{_extent(description)}."
    )
    return Text(text, style="bold red" if description["exit_code"] else "bold green")
