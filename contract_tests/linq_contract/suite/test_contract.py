from __future__ import annotations

import pytest

import linq_document
from linq_contract.judge.ledger import Verdict
from linq_contract.report.description import describe, describe_rule
from linq_contract.report.terminal import finding_lines
from linq_contract.run.result import Result


@pytest.mark.parametrize("rule", linq_document.load().rules)
def test_server_keeps_rule(rule: str, result: Result) -> None:
    entry = result.ledger.entries[rule]
    described = describe_rule(entry, result, {})
    shown = "\n".join(finding_lines(described))
    match result.verdict(entry):
        case Verdict.NOT_EXERCISED:
            pytest.skip(entry.unexercised_because)
        case Verdict.NOT_JUDGED:
            pytest.fail(f"{rule} was not judged: {entry.unexercised_because}")
        case Verdict.ACCEPTED | Verdict.WARNING as verdict:
            pytest.xfail(f"{verdict}: {shown}")
        case verdict:
            assert verdict is Verdict.PASSED, shown


def test_run_was_complete_and_as_asked(result: Result) -> None:
    described = describe(result, {})
    drift = described["drift"] if described["fails_by_drift"] else ()

    assert [*described["gaps"], *described["rotten_acceptances"], *drift] == []


def test_run_restores_every_forwarding_number(result: Result) -> None:
    assert not result.unrestored
