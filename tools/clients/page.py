"""The page with what was found out about each client."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from linq_contract.clients.ledger import ClientDescription, ClientRuleDescription
from linq_contract.judge.ledger import Verdict

_WORDS = {
    Verdict.PASSED: "✓",
    Verdict.FAILED: "**failed**",
    Verdict.WARNING: "warning",
    Verdict.NOT_TESTED: "-",
}


def page_of(ledgers: Mapping[str, ClientDescription], time_limit: float) -> Iterator[str]:
    """The page with the ledgers of clients, by their names, in lines."""
    yield "# Clients, validated"
    yield ""
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    yield f"Written by `make clients` on {today}. Each client ran a program that lists"
    yield "the lines, sets a number and clears it, with the client's own defaults, once in each situation of"
    yield f"[Validating a client](validating-a-client.md), for {time_limit:.0f} s at most. A dash is a rule"
    yield "that never applied, as where a client tries nothing again."
    yield ""
    yield from _table(ledgers)
    for name, ledger in ledgers.items():
        yield from _findings(name, ledger)


def _table(ledgers: Mapping[str, ClientDescription]) -> Iterator[str]:
    yield f"| | | {' | '.join(ledgers)} |"
    yield f"| --- | --- | {' | '.join('---' for _ in ledgers)} |"
    for rules in zip(*(ledger["rules"] for ledger in ledgers.values()), strict=True):
        verdicts = " | ".join(_WORDS[Verdict(rule["verdict"])] for rule in rules)
        yield f"| `{rules[0]['rule']}` | {rules[0]['level']} | {verdicts} |"


def _findings(name: str, ledger: ClientDescription) -> Iterator[str]:
    found = [rule for rule in ledger["rules"] if "problem" in rule]
    if not found:
        return
    yield ""
    yield f"## {name}"
    yield ""
    yield from (_finding(rule) for rule in found)


def _finding(rule: ClientRuleDescription) -> str:
    return f"- `{rule['rule']}`: when {rule.get('story', '')}, `{rule.get('problem', '')}`"
