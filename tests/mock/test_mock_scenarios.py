"""Scenario files: what is wrong with them, what happens in them, and the ready ones with their examples."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import yaml
from click.testing import CliRunner
from tests.mock.test_mock_control import Client, a_sandbox, refusal

from linq_mock import running
from linq_mock.cli import mock
from linq_mock.scenario import SCHEMA, ScenarioError, named_or_read, parse_scenario, ready_scenarios

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).parents[2] / "examples"

SAID = {
    "rate-limited": r"16 lists, and [2-9] s of waiting\.\n",  # what it has to, or more on a busy machine
    "line-at-risk": (
        r"(\+12065550100 HEALTHY 100\n){2}"
        r"(\+12065550100 AT_RISK 10\n){2}"
        r"(\+12065550100 CRITICAL 0\n){2}"
        r"\+12065550100 HEALTHY 100\n"
    ),
    "passing-outage": r"\+13105550199\n",
    "slow-answers": r"No answer in time; is it set\?\n\+13105550199\n",
    "released-line": r"\+12025550100 is gone\.\n\+14155550142 forwards now\.\n",
}


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(a_sandbox()) as client:
        yield client


def play(client: Client, text: str) -> None:
    client.sandbox.play(parse_scenario(text, "test", "test.yaml"))


# --- the ready ones -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAID)
def test_the_example_of_a_scenario_copes_with_it(name: str) -> None:
    example = EXAMPLES / f"{name.replace('-', '_')}.py"
    with running("--scenario", name) as server:
        environment = {
            **os.environ,
            "LINQ_API_V3_BASE_URL": server.url,
            "LINQ_API_V3_API_KEY": server.tokens[0],
        }
        done = subprocess.run(
            [sys.executable, example],
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    assert re.fullmatch(SAID[name], done.stdout)
    assert done.stderr == ""


def test_each_is_described_and_valid_and_has_an_example() -> None:
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    jsonschema_rs.meta.validate(schema)
    listed = CliRunner().invoke(mock, ["--list-scenarios"]).stdout.splitlines()

    assert list(ready_scenarios()) == sorted(SAID)
    assert [line.split()[0] for line in listed] == sorted(SAID)
    for path in ready_scenarios().values():
        jsonschema_rs.validate(schema, yaml.safe_load(path.read_text(encoding="utf-8")))
        assert named_or_read(str(path)).description.endswith(".")


# --- what is wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("acounts: []", "f.yaml:1:1: /acounts: there is no acounts here, did you mean accounts?"),
        (
            "timeline:\n  - after_request: 1\n",
            "f.yaml:2:5: /timeline/0/after_request: there is no after_request",
        ),
        ("timeline:\n  - { line: 1, remove: true }", "f.yaml:2:5: /timeline/0: "),
        ("timeline:\n  - after_requests: 1\n    reputation: HEALTHY", "f.yaml:2:5: /timeline/0: "),
        (
            "timeline:\n  - after_requests: 1\n    line: 1\n    reputation: BAD",
            "f.yaml:4:17: /timeline/0/reputation: ",
        ),
        ("timeline:\n  - after_requests: 1", "f.yaml:2:5: /timeline/0: nothing happens in this step"),
        (
            "timeline:\n  - after_requests: 1\n    account: me\n    behaviour: {}",
            "f.yaml:3:14: /timeline/0/account: there is no account me; there are account-1, account-2",
        ),
        ("behaviour: { faults: [x] }", "f.yaml:1:23: /behaviour/faults/0: there is no x."),
        (
            "behaviour:\n  freedoms:\n    - unknown-property",
            "f.yaml:3:7: /behaviour/freedoms/0: there is no unknown-property. Did you mean unknown-prop",
        ),
        (
            "accounts:\n  - name: a\n  - name: a\n    token: x",
            "f.yaml:3:11: /accounts/1/name: another account has the same name",
        ),
        (
            "accounts:\n  - lines:\n    - phone_number: '+12025550100'\n    - phone_number: '+12025550100'",
            "f.yaml:4:7: /accounts/0/lines/1: another line has the same phone_number",
        ),
        ("accounts: [", "f.yaml:2:1: this is not YAML"),
        ("accounts:\n\t- x", "f.yaml:2:1: this is not YAML"),
        ("[]", "f.yaml:1:1: "),
        ("a: \x00", "f.yaml: this is not YAML"),
        ("\n1: c", "f.yaml:2:1: a key is a text"),
        ("? [a]\n: b", "f.yaml:1:3: a key is a text"),
        ("description: !!binary aGk=", "f.yaml:1:14: binary is none of the types of JSON"),
        ("accounts: !!set {a}", "f.yaml:1:11: set is none of the types of JSON"),
        ("accounts: !!str {}", "f.yaml:1:11: str is none of the types of JSON"),
        ("accounts: &a [*a]", "f.yaml:1:11: an alias stands in what it is an alias of"),
        ("description: \ud800", "f.yaml:1:14: half of a surrogate pair is no character"),
        ("a: b\ndescription: \ud800", "f.yaml:2:14: half of a surrogate pair is no character"),
        ('description: "\\ud800"', "f.yaml:1:17: this is not YAML"),
        ("behaviour: { latency: .inf }", "f.yaml:1:23: .inf is no number of JSON"),
        ("description: !!bool maybe", "f.yaml:1:14: maybe is no bool"),
        ("accounts: [{ name: .. }]", "f.yaml:1:20: /accounts/0/name: "),
        (
            "accounts: [{ lines: 2 }]\ntimeline: [{ after_requests: 1, line: 3, remove: true }]",
            "f.yaml:2:39: /timeline/0/line: there is no line 3; account-1 never has more than 2",
        ),
        ("<<: 1", "f.yaml:1:5: this is not YAML"),
        ("[" * 100_000, "f.yaml:1:101: more than 100 values stand in one another"),
        (
            "\n".join(["a0: &0 [1]", *(f"a{n + 1}: &{n + 1} [{f'*{n},' * 10}]" for n in range(9))]),
            "f.yaml:7:5: these are more than 1,000,000 values",
        ),
    ],
)
def test_a_mistake_is_named_with_line_and_column(text: str, mistake: str) -> None:
    with pytest.raises(ScenarioError) as error:
        parse_scenario(text, "f", "f.yaml")

    assert str(error.value).startswith(mistake)


def test_what_only_yaml_takes_for_a_date_is_a_text_and_a_whole_number_an_integer() -> None:
    scenario = parse_scenario("description: 2020-01-01\naccounts: [{lines: 1.0}]", "f", "f.yaml")

    assert scenario.description == "2020-01-01"
    assert scenario.accounts is not None
    assert len(scenario.accounts[0].lines) == 1


def test_a_line_that_may_come_is_no_mistake() -> None:
    step = "{ after_requests: 1, line: 3, remove: true }"
    added = "{ after_requests: 2, add_line: {} }"

    assert parse_scenario(f"timeline: [{step.replace('3', '9')}]", "f", "f").steps
    assert parse_scenario(f"accounts: [{{ lines: 2 }}]\ntimeline: [{step}, {added}]", "f", "f").steps


def test_all_mistakes_are_named_in_the_order_of_their_places() -> None:
    with pytest.raises(ScenarioError) as error:
        parse_scenario(
            "timeline:\n  - after_requests: -1\n    behavior: {}\n    add_line: {line: 1}\n", "f", "f"
        )

    assert [line[:5] for line in str(error.value).splitlines()] == ["f:2:2", "f:3:5", "f:4:1"]


def test_a_mistake_is_shown_by_the_command(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("accounts: 3\n")

    assert f"{path}:1:11: /accounts: " in CliRunner().invoke(mock, ["--scenario", str(path)]).stderr
    assert "Did you mean rate-limited?" in CliRunner().invoke(mock, ["--scenario", "rate-limit"]).stderr
    assert "cannot be read" in CliRunner().invoke(mock, ["--scenario", "none.yaml"]).stderr


# --- what happens -------------------------------------------------------------------------------


def test_lines_change_after_so_many_requests(client: Client) -> None:
    play(
        client,
        "timeline: [{after_requests: 2, line: 2, reputation: CRITICAL, forwarding_number: '+13105550142'}]",
    )
    shown = [client.lines()[1] for _ in range(3)]

    assert [line["reputation"]["status"] for line in shown] == ["AT_RISK", "AT_RISK", "CRITICAL"]
    assert shown[2]["forwarding_number"] == "+13105550142"


def test_the_requests_of_another_account_do_not_count_for_a_step_that_names_one(client: Client) -> None:
    play(client, "timeline: [{after_requests: 1, account: account-2, line: 1, remove: true}]")
    client.lines()
    before = client.lines("linq-mock-token-2")

    assert client.lines("linq-mock-token-2") == before[1:]


def test_something_happens_after_a_time(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    play(client, "timeline: [{after_seconds: 60, behaviour: {status: 503}}]")
    before = client.listing().status_code
    later = time.monotonic() + 61
    monkeypatch.setattr("linq_mock.scenario.time.monotonic", lambda: later)

    assert (before, client.listing().status_code) == (200, 503)


def test_a_line_that_is_gone_is_let_be_and_a_step_that_fails_is_noted(client: Client) -> None:
    play(
        client,
        "timeline: [{after_requests: 1, line: 9, remove: true},"
        "{after_requests: 1, add_line: {phone_number: '+12025550100'}}]",
    )
    lines = client.lines()

    assert client.lines() == lines
    assert any("same phone_number" in getattr(entry, "what", "") for entry in client.sandbox.log.after(0))


def test_a_reset_begins_a_scenario_anew(client: Client) -> None:
    play(client, "accounts: [{lines: 2}]\ntimeline: [{after_requests: 1, line: 1, remove: true}]")
    counts = [len(client.lines()) for _ in range(2)]
    client.ask("POST", "/reset")

    assert counts == [len(client.lines()) for _ in range(2)] == [2, 1]


def test_the_control_api_lists_and_plays_scenarios(client: Client) -> None:
    listed: list[dict[str, Any]] = client.ask("GET", "/scenarios")["scenarios"]
    state = client.ask("PUT", "/scenario", json={"name": "released-line"})
    own = client.ask("PUT", "/scenario", json={"yaml": "accounts: [{name: mine}]"})

    assert [entry["name"] for entry in listed] == sorted(SAID)
    assert (state["scenario"], len(state["accounts"][0]["lines"])) == ("released-line", 2)
    assert [account["name"] for account in own["accounts"]] == ["mine"]
    assert "he YAML:1:1: /x: there is no x" in refusal(client, "PUT", "/scenario", {"yaml": "x: 1"})
    assert "he YAML:1:1: a key is a text" in refusal(client, "PUT", "/scenario", {"yaml": "1: c"})
    assert "There is no scenario x" in refusal(client, "PUT", "/scenario", {"name": "x"}, 404)
