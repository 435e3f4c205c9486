"""A report as GitHub Actions takes it: annotations, the summary of a job, the outputs of a step."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from linq_contract.http.messages import printable
from linq_contract.judge.ledger import Verdict
from linq_contract.report.description import Description, RuleDescription, count, counts
from linq_contract.report.places import DOCUMENT, Severity, by_weight
from linq_contract.report.terminal import MARKS, drift_line
from linq_contract.run.result import ExitCode

MOST_ANNOTATIONS = 10
"""What GitHub keeps of a step; the rest it drops without a word."""
_LONGEST_PROBLEM = 300  # characters; a summary has room for 1 MiB, and its readers for less
_VERDICTS: Mapping[int, str] = {
    ExitCode.CONFORMS: "conforms",
    ExitCode.RULES_BROKEN: "breaks-rules",
    ExitCode.WRONG_USE: "wrong-use",
    ExitCode.INCOMPLETE: "incomplete",
    ExitCode.NOT_RESTORED: "not-restored",
}


def annotations_of(description: Description) -> Sequence[str]:
    """The commands that annotate the document, the worst first; past ten, the last counts the rest."""
    told = [*_of_the_run(description), *_of_the_rules(description)]
    left_out = len(told) - MOST_ANNOTATIONS + 1
    if left_out <= 1:
        return told
    rest = f"{count(left_out, 'further finding')} in the reports of this run."
    return [*told[: MOST_ANNOTATIONS - 1], _command("notice", rest, title="linq-contract")]


def annotation_without_a_report() -> str:
    """The command that says where to look for the reason why there is no report."""
    return _command("error", "There is no verdict; the log of this step says why.", title="linq-contract")


def summary(description: Description) -> str:
    """The summary of a job in Markdown: one line if all is well, else a table of what is not."""
    passed = f"{counts(description)[Verdict.PASSED]} of {count(len(description['rules']), 'rule')} passed"
    head = (
        f"**{_text(description['headline'])}**: {passed}, "
        f"{count(description['requests'], 'request')} in {description['seconds']:.1f} s, "
        f"seed {description['seed']}.\n"
    )
    sentences = [*description["gaps"], *description["rotten_acceptances"]]
    sentences += [f"Drift: {drift_line(each)}." for each in description["drift"]]
    if description["unrestored_lines"]:
        sentences.append(description["forwarding_numbers"])
    rows = [_row(rule) for rule in description["rules"] if rule["verdict"] != Verdict.PASSED]
    table = ["| | rule | verdict | |", "| --- | --- | --- | --- |", *rows] if rows else []
    return "\n".join(
        [head, *(f"- {_text(each)}" for each in sentences), *([""] if sentences else []), *table, ""]
    )


def outputs(description: Description | None, exit_code: int) -> Sequence[str]:
    """The outputs of the step: the verdict, the exit code, and how many rules have each verdict of a run."""
    verdicts = counts(description) if description else Counter[str]()
    return [
        f"verdict={_VERDICTS.get(exit_code, 'incomplete')}",
        f"exit-code={exit_code}",
        f"rules={len(description['rules']) if description else 0}",
        *(f"{each.replace(' ', '-')}={verdicts[each]}" for each in Verdict if each != Verdict.INCONCLUSIVE),
    ]


def _of_the_run(description: Description) -> Iterator[str]:
    for sentence in chain(description["gaps"], description["rotten_acceptances"]):
        yield _command("error", sentence, title="linq-contract")
    if description["unrestored_lines"] and not description["ends_with_run"]:
        yield _command("error", description["forwarding_numbers"], title="linq-contract")
    if description["fails_by_drift"]:
        drift = "; ".join(map(drift_line, description["drift"]))
        yield _command("error", f"Drift: {drift}"[:_LONGEST_PROBLEM], title="linq-contract")


def _of_the_rules(description: Description) -> Iterator[str]:
    for finding in by_weight(description):
        if finding.severity is not Severity.ACCEPTED:
            problem = f"{finding.problem[:_LONGEST_PROBLEM]} ({finding.rule['statement']})"
            place = {"file": DOCUMENT, "line": str(finding.line), "title": finding.rule["rule"]}
            yield _command(finding.severity, problem, **place)


def _command(kind: str, message: str, **properties: str) -> str:
    named = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    return f"::{kind} {named}::{_escaped(printable(message))}"


def _escaped(text: str, more: str = "") -> str:
    """The text as a command of a workflow takes it."""
    for character in f"%\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _row(rule: RuleDescription) -> str:
    said = rule.get("problem") or rule.get("because", "")
    if "accepted" in rule:
        said = f"{said} (accepted: {rule['accepted']})"
    mark = MARKS[Verdict(rule["verdict"])]
    return f"| {mark} | `{rule['rule']}` | {rule['verdict']} | {_text(said[:_LONGEST_PROBLEM])} |"


def _text(text: str) -> str:
    """The text in Markdown, in which what a server said is text and nothing else."""
    return "".join(
        f"&#{ord(each)};" if each in "|`*_[]~#@\\" else html.escape(each, quote=False)
        for each in printable(text)
    )
