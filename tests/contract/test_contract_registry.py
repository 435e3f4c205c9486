"""Rules and checks belong together, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linq_contract.judge.clauses import CLAUSES
from linq_contract.judge.registry import checked_rules
from linq_contract.run.phases import PHASES

if TYPE_CHECKING:
    from linq_document import Document


def test_every_rule_has_a_check(contract: Document) -> None:
    assert contract.rules.keys() - checked_rules() == set()


def test_every_check_has_a_rule(contract: Document) -> None:
    assert contract.rules.keys() >= checked_rules()


def test_clauses_are_those_of_rules(contract: Document) -> None:
    assert contract.rules.keys() >= CLAUSES.keys()


def test_every_rule_is_tested_by_a_phase_that_names_its_family(contract: Document) -> None:
    named = tuple(prefix for phase in PHASES for prefix in phase.rules if prefix)

    assert [rule for rule in contract.rules if not rule.startswith(named)] == []
