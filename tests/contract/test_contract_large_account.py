"""Less is sent to a large account, and what it does wrong is shown as precisely."""

from __future__ import annotations

import pytest

from linq_contract.embedded import embedded_mock
from linq_contract.run.phases import PHASES
from linq_contract.run.result import Options
from linq_contract.run.validate import validate

LARGE = 501


@pytest.mark.parametrize(
    ("phase", "fault"),
    [
        ("same values", "update.isolated/takes-number-from-others"),
        ("same values", "update.isolated/lines-with-same-number-follow"),
        ("extra properties", "update.no-mass-assignment/phone-number"),
        ("extra properties", "update.no-mass-assignment/on-refusal"),
        ("extra properties", "update.no-mass-assignment/id"),
    ],
)
def test_what_an_update_of_a_large_account_does_is_shown_by_that_update_alone(
    monkeypatch: pytest.MonkeyPatch, phase: str, fault: str
) -> None:
    monkeypatch.setattr("linq_contract.run.session._SLOW", float("inf"))  # as a busy machine may seem
    rule = fault.partition("/")[0]
    phases = [each for each in PHASES if each.name in {"list", phase}]
    with embedded_mock("--lines", str(LARGE), "--fault", fault) as target:
        result = validate(target, Options(1), lambda _step: None, phases)

    finding = result.ledger.entries[rule].finding
    assert finding is not None
    assert sum(exchange.is_update for exchange in finding.evidence) == 1
