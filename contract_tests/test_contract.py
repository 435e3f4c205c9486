from __future__ import annotations

import pytest

import linq_document
from linq_contract.judge.ledger import Verdict
from linq_contract.report.description import describe_rule
from linq_contract.report.terminal import finding_lines
from linq_contract.run.result import Result


@pytest.mark.parametrize("rule", linq_document.load().rules)
def test_server_keeps_rule(rule: str, result: Result) -> None:
    entry = result.ledger.entries[rule]
    verdict = entry.verdict(strict=True)
    if verdict is Verdict.NOT_EXERCISED:
        pytest.skip(entry.unexercised_because)

    assert verdict is Verdict.PASSED, "\n".join(finding_lines(describe_rule(entry, result, {})))


def test_run_restores_every_forwarding_number(result: Result) -> None:
    assert not result.unrestored
