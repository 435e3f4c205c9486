"""A client that keeps the rules passes, and each rule is broken by one that is wrong in one place."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from tests.limits import limit

import linq_document
from linq_contract.clients.checks import CHECKS
from linq_contract.clients.program import Performance, perform
from linq_contract.clients.rules import client_rules
from linq_contract.clients.situations import HONEST, SITUATIONS, Situation
from linq_contract.clients.verdicts import judge_program
from linq_contract.judge.ledger import Verdict

PROGRAM = Path(__file__).with_name("program.py")
ROOT = Path(__file__).parents[2]
GOOD = PROGRAM.read_text(encoding="utf-8")
SECONDS_OF_WAITING = 6
"""What a client takes that gives up is half of it; one that does not would take any time."""
NAMED = {situation.name: situation for situation in SITUATIONS}


def written(folder: Path, text: str) -> list[str]:
    path = folder / "program.py"
    path.write_text(text, encoding="utf-8")
    return [sys.executable, "-S", str(path)]


def performed(folder: Path, text: str, situation: Situation = HONEST) -> Performance:
    seconds = SECONDS_OF_WAITING if situation.given_up_by else limit(5)
    return perform(written(folder, text), situation, seconds)


def problems(rule: str, here: Performance, honest: Performance) -> list[str]:
    return [outcome.text for outcome in CHECKS[rule](here, honest) if outcome]


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return performed(tmp_path_factory.mktemp("good"), GOOD)


@pytest.mark.long
def test_a_good_client_keeps_every_rule_and_tests_each(tmp_path: Path) -> None:
    result = judge_program(written(tmp_path, GOOD), limit(20), strict=True, told=lambda _situation: None)

    assert {name: entry.verdict(strict=True) for name, entry in result.entries.items()} == dict.fromkeys(
        client_rules(), Verdict.PASSED
    )
    assert result.exit_code == 0


FOLLOWED = """if answer.status == 307:
            there = urlsplit(answer.headers["Location"])
            elsewhere = http.client.HTTPConnection("127.0.0.1", there.port)
            elsewhere.request(method, there.path, data, HEADERS)
            answer = elsewhere.getresponse()
        if answer.status != 200:"""

ANOTHER_BODY = "data = data and data.replace('+1', '+2')"
KNOWN = "assert {line['reputation']['status'] for line in lines} <= {'HEALTHY', 'AT_RISK', 'CRITICAL'}"


def before_updates(line: str) -> tuple[str, str]:
    """Have the program look at what it has listed."""
    return "for number in", f"{line}\nfor number in"


BROKEN = {
    "client.valid-requests": ("honest", '{"forwarding_number": number}', '{"forward_to": number}'),
    "client.clear-null": ("honest", '"+13105550199", None', '"+13105550199", ""'),
    "client.token-in-header": ("honest", "URL.path + path", 'URL.path + path + "?key=" + TOKEN'),
    "client.token-not-elsewhere": ("redirect", "if answer.status != 200:", FOLLOWED),
    "client.token-not-printed": ("outage", 'sys.exit(f"{answer.status}")', "sys.exit(str(HEADERS))"),
    "client.retry-after": ("limited", 'float(answer.headers.get("Retry-After", PAUSE))', "PAUSE"),
    "client.retries-bounded": ("outage", "= 3, 0.2", "= 12, 0"),
    "client.retry-with-backoff": ("outage", "= 3, 0.2", "= 3, 0"),
    "client.retry-unchanged": ("outage-that-passes", "PAUSE)))", f"PAUSE))); {ANOTHER_BODY}"),
    "client.no-retry-when-refused": ("refused-404", "{429, 502, 503}", "{404, 429, 502, 503}"),
    "client.passing-limit": ("limited", "{429, 502, 503}", "{502, 503}"),
    "client.passing-outage": ("outage-that-passes", "{429, 502, 503}", "{429, 502}"),
    "client.html-error": ("gateway", "{429, 502, 503}", "{429, 503}"),
    "client.unknown-property": ("unknown-properties", *before_updates("assert len(lines[0]) < 6")),
    "client.unknown-value": ("unknown-value", *before_updates(KNOWN)),
    "client.health-status-gone": ("health-status-gone", *before_updates("lines[0]['health_status']")),
    "client.null-and-absent": ("absent", *before_updates("[line['forwarding_number'] for line in lines]")),
    "client.cut-body": ("cut", 'sys.exit("The answer is cut.")', "sys.exit(0)"),
    "client.endless-body": ("endless", "3.0, 3.0", "3.0, 1e9"),
    "client.mute-server": ("mute", "3.0, 3.0", "None, 3.0"),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_client_that_is_wrong_in_one_place_breaks_the_rule(
    rule: str, tmp_path: Path, honest: Performance
) -> None:
    situation, right, wrong = BROKEN[rule]
    assert right in GOOD
    here = performed(tmp_path, GOOD.replace(right, wrong, 1), NAMED[situation])

    assert problems(rule, here, honest), (here.ending, here.last_words)


def test_every_rule_has_a_check_and_is_shown_broken_once() -> None:
    assert set(CHECKS) == set(client_rules()) == set(BROKEN)


def test_every_rule_is_complete_and_named_like_those_of_servers() -> None:
    sources = {"reference", "docs", "sdk", "RFC 9110", "project"}

    for rule in client_rules().values():
        assert re.fullmatch(r"client\.[a-z-]+", rule.name)
        assert rule.statement.endswith(".")
        assert rule.source
        assert set(rule.source) <= sources
    assert not set(client_rules()) & set(linq_document.load().rules)


def test_every_rule_that_a_situation_names_is_one() -> None:
    named = {name for each in SITUATIONS for name in (each.survived_by, each.given_up_by) if name}

    assert named <= set(client_rules())


# --- what is no fault of a client ---------------------------------------------------------------


def test_a_program_that_means_to_send_the_same_twice_does_not_try_again(tmp_path: Path) -> None:
    twice = GOOD.replace("for number in (NUMBER, CLEAR)", "for number in (NUMBER, NUMBER, CLEAR)")
    honest, limited = performed(tmp_path, twice), performed(tmp_path, twice, NAMED["limited"])

    assert problems("client.no-retry-when-refused", limited, honest) == []
    assert problems("client.retries-bounded", performed(tmp_path, twice, NAMED["outage"]), honest) == []


def test_a_redirect_is_to_the_same_path_of_the_other_host(tmp_path: Path) -> None:
    here = performed(tmp_path, GOOD.replace("if answer.status != 200:", FOLLOWED), NAMED["redirect"])

    assert [each.call.raw_path for each in here.elsewhere] == [here.seen[0].call.raw_path]


def test_a_client_that_follows_a_redirect_without_the_token_keeps_the_rule(
    tmp_path: Path, honest: Performance
) -> None:
    followed = FOLLOWED.replace("data, HEADERS", "data, {}")
    here = performed(tmp_path, GOOD.replace("if answer.status != 200:", followed), NAMED["redirect"])

    assert len(here.elsewhere) == 1
    assert problems("client.token-not-elsewhere", here, honest) == []


def test_a_program_that_only_lists_leaves_the_rules_of_updates_untested(tmp_path: Path) -> None:
    lists = GOOD.partition("for number in")[0]
    here = performed(tmp_path, lists)

    assert list(CHECKS["client.clear-null"](here, here)) == []


# --- the documentation ----------------------------------------------------------------------------


def test_the_page_has_every_situation_and_every_rule() -> None:
    page = (ROOT / "docs/validating-a-client.md").read_text(encoding="utf-8")

    assert [f"| `{each.name}` | {each.story} |" in page for each in SITUATIONS] == [True] * len(SITUATIONS)
    for rule in client_rules().values():
        assert f"| `{rule.name}` | {rule.level} | {rule.statement} |" in page


def test_the_measured_page_has_a_verdict_for_every_rule() -> None:
    page = (ROOT / "docs/validated-clients.md").read_text(encoding="utf-8")

    assert re.findall(r"^\| `(client\.[a-z-]+)` \|", page, re.MULTILINE) == list(client_rules())
