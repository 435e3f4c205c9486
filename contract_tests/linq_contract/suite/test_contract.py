from __future__ import annotations

import pytest

import linq_document
from linq_contract.judge.ledger import Verdict
from linq_contract.report.description import Description
from linq_contract.report.terminal import drift_line, finding_lines


@pytest.mark.parametrize("rule", linq_document.load().rules)
def test_server_keeps_rule(rule: str, run: Description) -> None:
    described = next(each for each in run["rules"] if each["rule"] == rule)
    shown = "\n".join(finding_lines(described))
    match Verdict(described["verdict"]):
        case Verdict.NOT_TESTED:
            pytest.skip(described.get("because", ""))
        case Verdict.INCOMPLETE:
            pytest.fail(f"{rule} is incomplete: {described.get('because')}")
        case Verdict.ACCEPTED | Verdict.WARNING as verdict:
            pytest.xfail(f"{verdict}: {shown}")
        case verdict:
            assert verdict is Verdict.PASSED, shown


def test_run_was_complete_and_as_asked(run: Description) -> None:
    drift = [drift_line(each) for each in run["drift"]] if run["fails_by_drift"] else []

    assert [*run["gaps"], *run["rotten_acceptances"], *drift] == []


def test_run_restores_every_forwarding_number(run: Description) -> None:
    assert run["unrestored_lines"] == []
