"""The page that `make clients` writes."""

from __future__ import annotations

from clients.page import page_of
from linq_contract.clients.ledger import ClientDescription, ClientRuleDescription
from linq_contract.clients.rules import client_rules


def ledger(**verdicts: str) -> ClientDescription:
    """A ledger in which all is passed, but for the rules whose names end so."""
    rules: list[ClientRuleDescription] = [
        {
            "rule": rule.name,
            "level": rule.level,
            "statement": rule.statement,
            "verdict": verdicts.get(rule.name.rpartition("-")[2], "passed"),
            "applied": 1,
            "situations": ["honest"],
        }
        for rule in client_rules().values()
    ]
    for rule in rules:
        if rule["verdict"] == "failed":
            rule["story"], rule["problem"] = "all is well", "it fails"
    return {"command": "x", "strict": False, "exit_code": 0, "rules": rules, "runs": []}


def test_a_row_has_the_verdict_of_each_client_on_a_rule() -> None:
    bad = ledger(gone="failed", server="warning", null="not tested")
    lines = list(page_of({"good": ledger(), "bad": bad}, 60))

    assert "| | | good | bad |" in lines
    assert "| `client.health-status-gone` | MUST | ✓ | **failed** |" in lines
    assert "| `client.mute-server` | SHOULD | ✓ | warning |" in lines
    assert "| `client.clear-null` | SHOULD | ✓ | - |" in lines


def test_what_is_broken_is_told_under_the_name_of_the_client() -> None:
    lines = list(page_of({"good": ledger(), "bad": ledger(gone="failed")}, 60))

    assert "## good" not in lines
    assert lines[-3:] == ["## bad", "", "- `client.health-status-gone`: when all is well, `it fails`"]
