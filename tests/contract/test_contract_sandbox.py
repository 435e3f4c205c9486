"""The mock that the command starts says of each exchange which rules it kept and broke."""

from __future__ import annotations

import asyncio

import pytest

from linq_contract.sandbox import SandboxJudge
from linq_mock.accounts import two_accounts
from linq_mock.log import Verdict
from linq_mock.messages import Call, Headers
from linq_mock.sandbox import Sandbox
from linq_mock.settings import Setting

TOKENS = ("first-token", "second-token")
PATH = "/api/partner/v3/phone_numbers"


def judged(
    method: str = "GET",
    path: str = PATH,
    body: bytes = b"",
    token: str = TOKENS[0],
    fault: str = "",
    status: int | None = None,
) -> Verdict:
    setting = Setting(faults=(fault,) if fault else (), status=status)
    sandbox = Sandbox(two_accounts(TOKENS, 3), "/api/partner", setting=setting)
    sandbox.log.judge = SandboxJudge(sandbox)
    headers = [(b"authorization", f"Bearer {token}".encode())]
    if body:
        headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    asyncio.run(sandbox.respond(Call(method, path, Headers(headers), body)))
    (exchange,) = sandbox.log.exchanges()
    verdict = sandbox.log.judged(exchange)
    assert verdict is not None
    return verdict


def line_path(index: int = 0) -> str:
    own, _ = two_accounts(TOKENS, 3)
    return f"{PATH}/{[*own.lines][index]}"


@pytest.mark.parametrize("token", TOKENS)
def test_a_list_passes_the_rules_of_lists(token: str) -> None:
    verdict = judged(token=token)

    assert {"list.schema", "list.unique", "transport.trace-id"} <= set(verdict.passed)
    assert verdict.broken == ()


def test_an_update_passes_the_rules_of_updates() -> None:
    verdict = judged("PUT", line_path(), b'{"forwarding_number": "+12025550143"}')

    assert {"update.schema", "update.echo"} <= set(verdict.passed)
    assert verdict.broken == ()


def test_a_wrong_token_and_the_line_of_another_account_are_told_apart() -> None:
    body = b'{"forwarding_number": null}'

    assert "auth.invalid" in judged(token="x").passed
    assert "auth.tenant" in judged("PUT", line_path(), body, TOKENS[1]).passed


def test_a_fault_breaks_the_rule_that_it_is_named_after() -> None:
    verdict = judged(fault="list.health-status-agrees/always-healthy")

    assert [broken.rule for broken in verdict.broken] == ["list.health-status-agrees"]
    assert "has the health_status" in verdict.broken[0].evidence


@pytest.mark.parametrize("status", [429, 500, 503, 504])
def test_a_failure_that_may_pass_breaks_no_rule(status: int) -> None:
    verdict = judged(status=status)

    assert {"error.envelope", "transport.trace-id"} <= set(verdict.passed)
    assert verdict.broken == ()
