"""The report of a validation: the ledger and a web page for people, JSON and JUnit for machines."""

from __future__ import annotations

import itertools
import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree import ElementTree as ET

from rich.console import Console
from rich.text import Text

from linq_contract.contract.lines import line_key
from linq_contract.http.messages import JsonObject, curl, printable, show
from linq_contract.judge.checks import Exchange
from linq_contract.judge.ledger import Entry, Finding, Verdict
from linq_contract.report.html import as_html
from linq_contract.run.replay import REPLAY_SUFFIX, replay_of, write_replay
from linq_contract.run.validate import Result

_MARKS = {
    Verdict.PASSED: ("✓", "green"),
    Verdict.FAILED: ("✗", "bold red"),
    Verdict.WARNING: ("!", "yellow"),
    Verdict.NOT_EXERCISED: ("-", "dim"),
}
_MOST_SHOWN_EXCHANGES = 6
_NAME = re.compile(r"[0-9a-z-]{8,}|\+[0-9]+")


Replays: TypeAlias = Mapping[str, Path]
"""The files of the replays by the rule that they show broken."""


def print_ledger(result: Result, console: Console, replays: Replays) -> None:
    """Print each rule with its verdict, the evidence for those that are broken, and the sum."""
    for family, entries in itertools.groupby(
        result.ledger.entries.values(), key=lambda entry: entry.rule.family
    ):
        console.print(Text(f"\n{family}", style="bold"))
        for entry in entries:
            console.print(_rule_line(entry, result), soft_wrap=True)
    for entry in result.ledger.entries.values():
        if entry.finding is not None:
            console.print()
            _print_finding(entry, result, console, replays)
    console.print()
    for note in result.notes:
        console.print(Text(f"Note: {printable(note)}.", style="yellow"), soft_wrap=True)
    _print_restored(result, console)
    console.print(_sum(result), soft_wrap=True)


def write_replays(result: Result, folder: Path) -> Replays:
    """Write a replay for each broken rule, but for those that only a race shows.

    Raises OSError when the folder cannot be written.
    """
    replays: dict[str, Path] = {}
    for entry in result.ledger.entries.values():
        if entry.finding is not None and not entry.finding.is_race:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = folder / f"{entry.rule.name}{REPLAY_SUFFIX}"
            write_replay(replay_of(entry.finding, result.target.base_url), path)
            replays[entry.rule.name] = path
    return replays


def write_reports(result: Result, folder: Path, replays: Replays) -> Sequence[Path]:
    """Write `report.html`, `report.json` and `junit.xml`; return their paths.

    Raises OSError when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page, report, junit = folder / "report.html", folder / "report.json", folder / "junit.xml"
    described = as_json(result, replays)
    page.write_text(as_html(described), encoding="utf-8")
    report.write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
    junit.write_bytes(as_junit(result))
    return page, report, junit


def as_json(result: Result, replays: Replays) -> dict[str, Any]:
    """The result as JSON: the run, its exit code, and each rule with verdict and evidence."""
    return {
        "base_url": result.target.base_url,
        "began": result.began.isoformat(timespec="seconds"),
        "seed": result.options.seed,
        "strict": result.options.strict,
        "exit_code": int(result.exit_code),
        "requests": result.requests,
        "seconds": round(result.seconds, 3),
        "notes": list(result.notes),
        "forwarding_numbers": _restored(result),
        "restored": list(result.restoration.sentences),
        "unrestored_lines": list(result.unrestored),
        "rules": [_entry_as_json(entry, result, replays) for entry in result.ledger.entries.values()],
    }


def as_junit(result: Result) -> bytes:
    """The result as a JUnit test suite with a test case for each rule."""
    verdicts = result.ledger.verdicts(strict=result.options.strict)
    suite = ET.Element(
        "testsuite",
        name="linq-contract",
        tests=str(len(result.ledger.entries)),
        failures=str(verdicts[Verdict.FAILED]),
        skipped=str(verdicts[Verdict.NOT_EXERCISED]),
        time=f"{result.seconds:.3f}",
        timestamp=result.began.isoformat(timespec="seconds"),
    )
    for entry in result.ledger.entries.values():
        case = ET.SubElement(
            suite, "testcase", classname=f"linq-contract.{entry.rule.family}", name=entry.rule.name
        )
        text = "\n".join(_evidence(entry.finding, result)) if entry.finding else ""
        match entry.verdict(strict=result.options.strict):
            case Verdict.FAILED if entry.finding:
                ET.SubElement(case, "failure", message=printable(entry.finding.problem)).text = text
            case Verdict.WARNING if entry.finding:
                ET.SubElement(case, "system-out").text = f"{printable(entry.finding.problem)}\n{text}"
            case Verdict.NOT_EXERCISED:
                ET.SubElement(case, "skipped", message=entry.unexercised_because)
            case _:
                pass
    ET.indent(suite)
    content: bytes = ET.tostring(suite, encoding="utf-8", xml_declaration=True)
    return content


def describe(entry: Entry, result: Result, replays: Replays) -> list[str]:
    """What breaks a rule, in lines: the rule, the problem, the evidence, how to see it again."""
    finding = entry.finding
    if finding is None:
        return [entry.rule.name]
    return [
        f"{finding.rule}  {entry.rule.statement}",
        f"  {printable(finding.problem)}",
        *(f"    {line}" for line in _evidence(finding, result)),
        *(f"  {name.capitalize()}: {command}" for name, command in _commands(entry, result, replays).items()),
    ]


def _commands(entry: Entry, result: Result, replays: Replays) -> Mapping[str, str]:
    """The commands that show a broken rule again: by its evidence alone, and by the run with its seed."""
    rule, target = entry.rule.name, result.target
    seed = str(result.options.seed)
    commands = {"rerun": ["validate", target.base_url, "--rules", rule, "--seed", seed]}
    if rule in replays:
        commands = {"replay": ["replay", str(replays[rule])], **commands}
    permissions = ["--allow-writes"] if target.allow_writes else []
    for line in sorted(target.lines or ()):
        permissions += ["--line", line]
    for number in target.numbers:
        permissions += ["--forward-to", number]
    if target.other_line:
        permissions += ["--other-line", target.other_line]
    return {name: shlex.join(["linq-contract", *words, *permissions]) for name, words in commands.items()}


def _rule_line(entry: Entry, result: Result) -> Text:
    verdict = entry.verdict(strict=result.options.strict)
    mark, style = _MARKS[verdict]
    line = Text.assemble(("  " + mark, style), f" {entry.rule.name:<29}", (f"{entry.rule.level:<8}", "dim"))
    line.append(f"{verdict:<15}", style)
    if verdict is Verdict.NOT_EXERCISED:
        return line.append(entry.unexercised_because, "dim")
    line.append(f"{_count(entry.exercised, 'exchange')}, {_count(len(entry.inputs), 'input')}", "dim")
    if entry.finding is not None:
        line.append(f", broken in {entry.broken:,}", style)
    if entry.unreached:
        line.append(f"; not reached: {', '.join(entry.unreached)}", "dim")
    return line


def _print_finding(entry: Entry, result: Result, console: Console, replays: Replays) -> None:
    verdict = entry.verdict(strict=result.options.strict)
    headline, *lines = describe(entry, result, replays)
    console.print(Text.assemble((f"{verdict.upper()} ", _MARKS[verdict][1]), headline), soft_wrap=True)
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def _evidence(finding: Finding, result: Result) -> Iterator[str]:
    """The exchanges as curl lines, each with its response; of many, the last ones."""
    left_out = len(finding.evidence) - _MOST_SHOWN_EXCHANGES
    if left_out > 0:
        yield f"... after {_count(left_out, 'request')} that the JSON report has"
    for exchange in finding.evidence[-_MOST_SHOWN_EXCHANGES:]:
        yield printable(curl(exchange.request, result.target.base_url))
        yield from (f"  {line}" for line in _shown(exchange, finding))


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
    return [*lines, f"(without {_count(left_out, 'other line')})"]


def _names(item: JsonObject) -> set[str]:
    """What a problem or a path may call a line by, in lower case."""
    line_id = str(item.get("id")).lower()
    return {line_id, line_key(line_id), str(item.get("phone_number"))}


def _entry_as_json(entry: Entry, result: Result, replays: Replays) -> dict[str, Any]:
    verdict = entry.verdict(strict=result.options.strict)
    described: dict[str, Any] = {
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
        described |= _commands(entry, result, replays)
        described["evidence"] = [
            {"curl": curl(exchange.request, result.target.base_url), "response": _shown(exchange, finding)}
            for exchange in finding.evidence
        ]
    return described


def _print_restored(result: Result, console: Console) -> None:
    if result.unrestored or not result.target.ends_with_run:
        for sentence in result.restoration.sentences:
            console.print(Text(sentence), soft_wrap=True)
    console.print(Text(_restored(result), style="bold red" if result.unrestored else ""), soft_wrap=True)


def _restored(result: Result) -> str:
    """Whether the account is as it was, in a sentence."""
    if not result.target.allow_writes:
        return "Only requests that cannot change anything were sent."
    if result.unrestored:
        lines = ", ".join(map(printable, result.unrestored))
        return f"These lines do not forward to what they did before: {lines}."
    return "Every forwarding number is as it was before the run."


def _sum(result: Result) -> Text:
    verdicts = result.ledger.verdicts(strict=result.options.strict)
    counts = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in Verdict if verdicts[verdict])
    text = (
        f"{_count(len(result.ledger.entries), 'rule')}: {counts}. "
        f"{_count(result.requests, 'request')} in {result.seconds:.1f} s, seed {result.options.seed}."
    )
    return Text(text, style="bold red" if result.exit_code else "bold green")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
