"""`linq-contract compare`: servers that answer alike, and those whose difference is named."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from tests.limits import limit

import prism
from linq_contract.cli import main
from linq_contract.comparison.comparing import VARIABLES, Comparison, compare
from linq_contract.comparison.scenario import MOST_REQUESTS
from linq_contract.http.credentials import ACCOUNT, Credentials
from linq_contract.http.messages import SAFE_METHODS
from linq_contract.safety.target import Permissions, Target
from linq_mock.behaviour import Behaviour
from linq_mock.faults import FAULTS
from linq_mock.freedoms import FREEDOMS
from linq_mock.variation import mixed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result
    from tests.serving import Served, ServeMock

CATALOGUE = {**FAULTS, **FREEDOMS}


def target(server: Served, *, allow_writes: bool = True) -> Target:
    return Target(server.url, Credentials({ACCOUNT: server.token}), Permissions(allow_writes=allow_writes))


def compared(a: Served, b: Served, seed: int = 1, *, allow_writes: bool = True) -> Comparison:
    targets = [target(each, allow_writes=allow_writes) for each in (a, b)]
    return compare(targets[0], targets[1], seed, lambda _name, _target: None)


def places(comparison: Comparison) -> set[tuple[str, str]]:
    return {(str(each.place.aspect), each.place.where) for each in comparison.differences}


# --- equal servers --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_servers_that_answer_alike_give_no_difference(serve_mock: ServeMock, seed: int) -> None:
    comparison = compared(serve_mock(), serve_mock(), seed)

    assert list(comparison.differences) == []
    assert comparison.exit_code == 0
    assert all(len(side.recording.steps) > 60 for side in comparison.sides)


ORDERS = ("lines-in-any-order", "properties-in-any-order")
WORDINGS = ("messages-in-another-language", "pretty-printed", "escaped")


@pytest.mark.parametrize("name", [*ORDERS, *WORDINGS])
def test_what_is_free_is_no_difference(serve_mock: ServeMock, name: str) -> None:
    assert list(compared(serve_mock(), serve_mock(mixed([FREEDOMS[name]]))).differences) == []


def test_both_are_asked_the_same_within_the_plan(serve_mock: ServeMock) -> None:
    a, b = serve_mock(), serve_mock()
    compared(a, b)
    sent = [[(seen.method, seen.target, seen.body) for seen in server.log] for server in (a, b)]

    assert sent[0] == sent[1]
    assert len(sent[0]) < 2 * MOST_REQUESTS


def test_another_seed_asks_something_else(serve_mock: ServeMock) -> None:
    a, b = serve_mock(), serve_mock()
    compared(a, a, 1)
    compared(b, b, 2)

    assert {seen.target for seen in a.log} != {seen.target for seen in b.log}


# --- servers that differ --------------------------------------------------------------------------

NAMED = {
    "unknown-properties": ("shape", "/phone_numbers/*/line_type"),
    "ids-in-capitals": ("shape", "/phone_numbers/*/id"),
    "absent-instead-of-null": ("shape", "/forwarding_number"),
    "byte-order-mark": ("shape", "the body"),
    "retry-after-null": ("shape", "/error/retry_after"),
    "charset": ("headers", "content-type"),
    "gzip": ("headers", "content-encoding"),
    "unknown-headers": ("headers", "deprecation"),
    "other-codes-where-free": ("meaning", "error.code"),
    "separate-doc-urls": ("meaning", "reputation and health_status"),
    "transport.trace-id/missing-on-clear": ("headers", "x-trace-id"),
    "transport.unknown-method/no-allow": ("headers", "allow"),
    "transport.unknown-method/404": ("status", ""),
    "transport.no-internals/html-404-page": ("headers", "content-type"),
    "error.envelope/success-missing-on-401": ("shape", "/success"),
    "error.envelope/error-is-text": ("shape", "/error"),
    "auth.required/open-list": ("status", ""),
    "update.read-your-writes/stale-by-one": ("meaning", "in the list after it"),
    "update.echo/old-number": ("meaning", "forwarding_number"),
    "list.health-status-present/gone": ("shape", "/phone_numbers/*/health_status"),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_difference_is_named(serve_mock: ServeMock, name: str) -> None:
    comparison = compared(serve_mock(), serve_mock(mixed([CATALOGUE[name]])))

    assert NAMED[name] in places(comparison)
    assert comparison.exit_code == 1


def test_the_rules_that_one_of_them_breaks_are_named(serve_mock: ServeMock) -> None:
    broken = serve_mock(mixed([FAULTS["transport.trace-id/missing-on-clear"]]))
    (difference,) = compared(serve_mock(), broken).differences

    assert (difference.of_a, difference.of_b) == ("32 hexadecimal digits", "absent")
    assert (difference.broken_by_a, difference.broken_by_b) == ([], ["transport.trace-id"])
    assert difference.steps[0] == "clear with null"


def test_a_difference_is_told_once_with_all_steps_that_show_it(serve_mock: ServeMock) -> None:
    (difference,) = compared(serve_mock(), serve_mock(mixed([FREEDOMS["charset"]]))).differences

    assert len(difference.steps) > 50


def test_values_are_spelt_as_json_has_them(serve_mock: ServeMock) -> None:
    broken = serve_mock(mixed([FAULTS["error.envelope/success-true"]]))
    differences = compared(serve_mock(), broken).differences

    assert ("false", "true") in {(each.of_a, each.of_b) for each in differences}


def test_lines_that_only_one_lists_are_summed_up(serve_mock: ServeMock) -> None:
    comparison = compared(serve_mock(lines=3), serve_mock(lines=300), allow_writes=False)
    (difference,) = comparison.differences

    assert difference.place.where == "lines that the other does not list"
    assert (difference.of_a, difference.of_b.partition(" and")[2]) == ("none", " 294 more")


def test_of_accounts_without_a_common_line_only_what_does_not_depend_on_lines_is_compared(
    serve_mock: ServeMock,
) -> None:
    comparison = compared(serve_mock(), serve_mock(mixed([FREEDOMS["thirty-countries"]])))
    assert list(comparison.differences) == []

    other = mixed([FREEDOMS["thirty-countries"], FREEDOMS["unknown-properties"]])
    assert NAMED["unknown-properties"] in places(compared(serve_mock(), serve_mock(other)))


def test_steps_that_only_one_account_has_lines_for_do_not_shift_the_others(serve_mock: ServeMock) -> None:
    a, b = serve_mock(lines=3), serve_mock(lines=1)
    comparison = compared(a, b)

    assert len(comparison.a.recording.steps) > len(comparison.b.recording.steps)
    assert places(comparison) == {("meaning", "lines that the other does not list")}


@pytest.mark.node
def test_prism_is_told_from_the_mock(serve_mock: ServeMock) -> None:
    mock = serve_mock()
    with prism.running(prism.PRISM, limit(60)) as url:
        comparison = compared(mock, replace(mock, url=url))

    of_headers = {("headers", "x-trace-id"), ("headers", "access-control-allow-origin")}
    assert places(comparison) >= {("status", ""), ("shape", "/error"), *of_headers}
    assert comparison.exit_code == 1


# --- safety ---------------------------------------------------------------------------------------


def test_without_permission_nothing_is_written(serve_mock: ServeMock) -> None:
    a, b = serve_mock(), serve_mock()
    comparison = compared(a, b, allow_writes=False)

    assert a.methods | b.methods <= SAFE_METHODS
    assert comparison.exit_code == 0


def test_both_are_as_they_were_before(serve_mock: ServeMock) -> None:
    a, b = serve_mock(), serve_mock(mixed([FAULTS["update.read-your-writes/stale-by-one"]]))
    before = a.forwarding_numbers()
    comparison = compared(a, b)

    assert a.updates > 10
    assert a.forwarding_numbers() == b.forwarding_numbers() == before
    assert [side.result.unrestored for side in comparison.sides] == [[], []]


# --- the command ----------------------------------------------------------------------------------


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    def run_command(a: Served, b: Served, *arguments: str) -> Result:
        monkeypatch.setenv(VARIABLES["A"], a.token)
        monkeypatch.setenv(VARIABLES["B"], b.token)
        return CliRunner().invoke(main, ["compare", a.url, b.url, *arguments])

    return run_command


def test_the_command_ends_with_0_for_equal_servers(serve_mock: ServeMock, run: Callable[..., Result]) -> None:
    done = run(serve_mock(), serve_mock(), "--seed", "1")

    assert done.exit_code == 0, done.output
    assert "The servers answer alike. " in done.output


def test_the_command_prints_and_writes_the_differences_without_a_token(
    serve_mock: ServeMock, run: Callable[..., Result], tmp_path: Path
) -> None:
    a, b = serve_mock(), serve_mock(mixed([FREEDOMS["charset"]]))
    done = run(a, b, "--allow-writes", "--seed", "1", "--report-dir", str(tmp_path))
    report: dict[str, Any] = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    page = (tmp_path / "comparison.html").read_text(encoding="utf-8")

    assert done.exit_code == report["exit_code"] == 1
    assert 'content-type: A application/json, B application/json;charset="utf-8";v=3' in done.output
    (told,) = report["differences"]
    assert (told["aspect"], told["where"]) == ("headers", "content-type")
    assert "${LINQ_API_V3_API_KEY_B}" in told["exchange_b"]["curl"]
    assert "${LINQ_API_V3_API_KEY}" in told["exchange_a"]["curl"]
    assert '<h1 class="failed">1 difference</h1>' in page
    assert a.token not in done.output + page + json.dumps(report)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_report_that_cannot_be_written_is_found_out_before_anything_is_sent(
    serve_mock: ServeMock, run: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    a, b = serve_mock(), serve_mock()
    done = run(a, b, "--report-dir", str(tmp_path / "taken" / "reports"))

    assert done.exit_code == 2
    assert "The report cannot be written to" in done.output
    assert a.log == b.log == []


def test_what_a_server_sends_is_inert_in_the_page(
    serve_mock: ServeMock, run: Callable[..., Result], tmp_path: Path
) -> None:
    class Scripted(Behaviour):
        def listed_line(self, call: Any, account: Any, line: Any) -> dict[str, Any]:
            return {**super().listed_line(call, account, line), "<script>alert(1)</script>": "<b>x</b>"}

    run(serve_mock(), serve_mock(Scripted), "--report-dir", str(tmp_path))
    page = (tmp_path / "comparison.html").read_text(encoding="utf-8")

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>" not in page


def test_a_server_that_is_not_there_is_named(serve_mock: ServeMock, run: Callable[..., Result]) -> None:
    nowhere = serve_mock()
    nowhere.url = "http://127.0.0.1:9/api/partner"
    done = run(serve_mock(), nowhere)

    assert done.exit_code == 3
    assert "B: The server does not answer: " in done.output


def test_a_token_that_is_refused_is_named_by_its_variable(
    serve_mock: ServeMock, run: Callable[..., Result]
) -> None:
    b = serve_mock()
    b.token = "of-nobody-at-all"
    done = run(serve_mock(), b)

    assert done.exit_code == 3
    assert "B: The server refuses the token in LINQ_API_V3_API_KEY_B with 401" in done.output


def test_the_token_of_one_server_is_not_sent_to_the_other(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = serve_mock(), serve_mock()
    monkeypatch.setenv(VARIABLES["A"], a.token)
    monkeypatch.delenv(VARIABLES["B"], raising=False)
    done = CliRunner().invoke(main, ["compare", a.url, b.url])

    assert done.exit_code == 2
    assert "The token of B is missing: put it into LINQ_API_V3_API_KEY_B." in done.output
    assert a.log == b.log == []
