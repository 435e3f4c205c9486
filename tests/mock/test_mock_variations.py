"""The catalogues of faults and freedoms: each is what it says that it is."""

from __future__ import annotations

import gzip
import inspect
import logging
import re
from itertools import combinations
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from click.testing import CliRunner
from tests.mock.scenario import briefly, converse, json_of

import linq_document
from linq_mock.behaviour import Behaviour
from linq_mock.cli import mock
from linq_mock.faults import FAULTS
from linq_mock.freedoms import FREEDOMS
from linq_mock.variation import mixed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mock.scenario import Conversation

RULES = linq_document.load().rules
SCHEMAS = {
    answer: jsonschema_rs.validator_for(linq_document.load().schema(name), validate_formats=True)
    for answer, name in {
        "GET": "PhoneNumberListResponse",
        "PUT": "PhoneNumberUpdateResponse",
        "error": "ErrorResponse",
    }.items()
}


@pytest.fixture(scope="session")
def honest() -> Conversation:
    return converse(Behaviour)


@pytest.fixture(autouse=True)
def fewer_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the long conversations the lists of five thousand lines."""
    monkeypatch.setattr(FREEDOMS["5000-lines"], "lines", 50)


@pytest.fixture
def crashes(caplog: pytest.LogCaptureFixture) -> Iterator[list[logging.LogRecord]]:
    """What the mock logs when it fails to answer."""
    with caplog.at_level(logging.ERROR, "linq_mock"):
        yield caplog.records


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_shows_in_some_exchange(
    honest: Conversation, name: str, crashes: list[logging.LogRecord]
) -> None:
    assert converse(mixed([FAULTS[name]])).observed != honest.observed
    assert not crashes


@pytest.mark.parametrize("name", FREEDOMS)
def test_a_freedom_shows_in_some_exchange_and_keeps_the_schemas(
    honest: Conversation, name: str, crashes: list[logging.LogRecord]
) -> None:
    conversation = converse(mixed([FREEDOMS[name]]))

    assert conversation.observed != honest.observed
    assert not crashes
    for method, status, content in conversation.answers:
        if status not in {204, 308} and method in {"GET", "PUT", "DELETE"}:
            whole = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
            SCHEMAS[method if status == 200 else "error"].validate(json_of(whole))


def test_any_two_freedoms_mix(crashes: list[logging.LogRecord]) -> None:
    for pair in combinations(FREEDOMS.values(), 2):
        assert len(converse(mixed(pair), briefly).answers) == 2
    assert not crashes


@pytest.mark.parametrize("order", [1, -1])
def test_a_fault_mixes_with_one_that_refines_it(order: int) -> None:
    names = ["update.malformed-id/phone-number", "update.malformed-id/phone-number-without-plus"]
    both = [FAULTS[name] for name in names[::order]]

    assert issubclass(mixed(both), both[0])
    assert issubclass(mixed(both), both[1])


def test_the_honest_server_is_always_the_same(honest: Conversation) -> None:
    assert converse(Behaviour).observed == honest.observed


def test_every_rule_has_a_fault_and_every_fault_names_rules() -> None:
    named = [rule for fault in FAULTS.values() for rule in fault.rules()]

    assert set(named) == set(RULES)
    assert {name.partition("/")[0] for name in FAULTS} == set(RULES)
    assert all(len(set(fault.rules())) == len(fault.rules()) for fault in FAULTS.values())


def test_each_says_in_one_line_what_it_is() -> None:
    lines = {name: inspect.getdoc(variation) or "" for name, variation in {**FAULTS, **FREEDOMS}.items()}

    assert not [name for name, line in lines.items() if not re.fullmatch(r"[A-Z\d].*\.", line)]


@pytest.mark.parametrize(("option", "catalogue"), [("--list-faults", FAULTS), ("--list-freedoms", FREEDOMS)])
def test_the_catalogues_are_listed_with_their_descriptions(option: str, catalogue: dict[str, Any]) -> None:
    lines = CliRunner().invoke(mock, [option]).stdout.splitlines()

    assert [line.split()[0] for line in lines] == list(catalogue)
    assert all(line.endswith(".") for line in lines)


def test_an_unknown_fault_is_refused_with_the_nearest_name() -> None:
    result = CliRunner().invoke(mock, ["--fault", "update.isolated/neigbour"])

    assert result.exit_code == 2
    assert "Did you mean update.isolated/neighbour?" in result.stderr
