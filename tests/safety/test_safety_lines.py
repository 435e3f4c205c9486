"""On a server elsewhere only the lines that the user names are ever named, and only its operations used."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
from click.testing import CliRunner
from tests.serving import CANARY, Served

import linq_document
from linq_contract.cli import main
from linq_contract.contract.lines import Accounts, Line
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT, Credentials
from linq_contract.http.messages import Request
from linq_contract.http.wire import RefusedError, Wire
from linq_contract.judge.auditor import Auditor
from linq_contract.judge.ledger import Ledger
from linq_contract.run.patience import Patience
from linq_contract.run.phases import PHASES
from linq_contract.run.session import Session
from linq_contract.run.workloads import generated
from linq_contract.safety.guard import Guard
from linq_contract.safety.journal import Journal
from linq_contract.safety.target import Permissions, Target
from linq_mock.accounts import two_accounts
from linq_mock.app import application
from linq_mock.behaviour import Behaviour
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result
    from tests.serving import Host

    from linq_document import Document

_FAST = "--rate=100000"


@pytest.fixture
def live(tls_host: Host, trusted: None, elsewhere: None, state: object) -> Served:  # noqa: ARG001 - it is so for them
    """A mock behind TLS that counts as being elsewhere."""
    return tls_host.mount(
        application(Behaviour(two_accounts((CANARY, DEFAULT_TOKENS[1]), 4), "/api/partner"))
    )


def ids(served: Served) -> list[str]:
    return [line["id"] for line in lines(served)]


def lines(served: Served) -> list[dict[str, str]]:
    headers = {"Authorization": f"Bearer {served.token}"}
    answer = httpx.get(f"{served.url}/v3/phone_numbers", headers=headers)
    served.log.clear()
    listed: list[dict[str, str]] = answer.json()["phone_numbers"]
    return listed


def judge(served: Served, *arguments: str, other: str | None = None) -> Result:
    command = ["validate", served.url, "--seed", "1", _FAST, *arguments]
    return CliRunner().invoke(main, command, env={ACCOUNT: served.token, OTHER_ACCOUNT: other})


def test_updates_elsewhere_need_a_line_and_the_refusal_lists_those_to_choose_from(live: Served) -> None:
    known = lines(live)
    done = judge(live, "--allow-writes")

    assert done.exit_code == 2
    assert "--allow-writes needs --line ID" in done.output
    assert all(f"{line['id']}  {line['phone_number']}" in done.output for line in known)
    assert live.methods == {"GET"}


def test_a_line_that_the_account_does_not_have_is_refused_before_anything_is_changed(live: Served) -> None:
    done = judge(live, "--allow-writes", "--line", "00000000-0000-4000-8000-000000000000")

    assert done.exit_code == 2
    assert "The account has no line 00000000-0000-4000-8000-000000000000" in done.output
    assert live.methods == {"GET"}


def test_a_run_elsewhere_names_no_line_but_those_of_the_user_and_sends_no_unknown_method(
    live: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = {"tokens", "waiting", "bodies", "sequences", "mutated numbers", "concurrency", "concurrent lines"}
    monkeypatch.setattr(
        "linq_contract.commands.validate.PHASES", [phase for phase in PHASES if phase.name not in long]
    )
    monkeypatch.setattr(generated, "_SECONDS", 1)
    monkeypatch.setattr(generated, "_REQUESTS", 1)
    known, before = ids(live), lines(live)
    done = judge(live, "--allow-writes", "--line", known[1], "--line", known[2])
    named = {line_id for seen in live.log for line_id in known if line_id.encode() in seen.target.lower()}

    assert done.exit_code == 0, done.output
    assert named == {known[1], known[2]}
    assert live.methods == {"GET", "HEAD", "OPTIONS", "PUT"}
    assert "At most" in done.output.splitlines()[0]
    assert len(re.findall(r"^Line \S+ forwards to .* (again|as before)\.$", done.output, re.MULTILINE)) == 2
    assert lines(live) == before


def test_a_second_account_elsewhere_is_left_alone_without_its_token(live: Served) -> None:
    known = ids(live)
    done = judge(live, "--allow-writes", "--line", known[0], "--other-line", known[1])

    assert done.exit_code == 2
    assert f"needs the token of its account in {OTHER_ACCOUNT}" in done.output
    assert live.log == []


# --- the guard beneath every engine --------------------------------------------------------------


@pytest.fixture
def guarded(live: Served, contract: Document) -> Iterator[Session]:
    """A session that may name the first line alone."""
    auditor = Auditor(contract, Ledger([]))
    credentials = Credentials({ACCOUNT: live.token})
    target = Target(live.url, credentials, Permissions(allow_writes=True, lines=frozenset(ids(live)[:1])))
    guard = Guard(target, contract, auditor.accounts)
    guard.begin(Journal.in_memory(live.url, {}))
    with Wire(live.url, credentials, allow_writes=True, guards=(guard,)) as wire:
        session = Session(wire, auditor, Patience(float("inf")))
        session.list()
        yield session


@pytest.mark.parametrize(
    "spelling",
    ["{}", "{}/x", "x{}", "%7B{}%7D", "{}?a=b", "x?id={}"],
)
def test_a_line_that_is_not_named_by_the_user_is_refused_in_every_spelling(
    guarded: Session, live: Served, spelling: str
) -> None:
    first, second, *_ = [line.id for line in guarded.listed()]
    live.log.clear()
    for shown in (second, second.upper(), second.replace("-", ""), second.replace("-", "%2d")):
        for method in ("PUT", "GET"):
            request = guarded.update_request(first, {"forwarding_number": None})
            target = guarded.update_target(spelling.format(shown))
            with pytest.raises(RefusedError, match="is not one of those"):
                guarded.wire.send(replace(request, method=method, target=target))

    assert live.log == []


@pytest.mark.parametrize("body", [b'{"forwarding_number": null}', b'{"forwarding_number": "/"}', None])
@pytest.mark.parametrize("spelling", ["{}", "{}/", "{}/x", "{}?a=b"])
def test_a_line_that_is_not_named_by_the_user_is_refused_without_its_zeros(
    contract: Document, spelling: str, body: bytes | None
) -> None:
    permitted, other = (f"00000000-0000-4000-8000-00000000000{digit}" for digit in "12")
    accounts = Accounts()
    accounts[ACCOUNT].adopt({each: Line(each, each, "+12025550143", None) for each in (permitted, other)})
    permissions = Permissions(allow_writes=True, lines=frozenset({permitted}))
    target = Target("http://127.0.0.1:8080", Credentials({ACCOUNT: "token"}), permissions)
    guard = Guard(target, contract, accounts)
    guard.begin(Journal.in_memory(target.server, {}))

    with pytest.raises(RefusedError, match="is not one of those"):
        guard(Request("PUT", f"/v3/phone_numbers/{spelling.format('0-0-4000-8000-2')}", (), body))


def test_a_line_that_is_not_named_by_the_user_is_refused_in_a_body(guarded: Session, live: Served) -> None:
    first, second, *_ = [line.id for line in guarded.listed()]
    live.log.clear()
    with pytest.raises(RefusedError, match="is not one of those"):
        guarded.update(first, {"id": second})

    assert live.log == []


def test_unknown_and_malformed_ids_are_sent(guarded: Session, live: Served) -> None:
    for line_id in ("00000000-0000-4000-8000-000000000000", "x", "+12025550143"):
        guarded.update(line_id, None)

    assert live.methods == {"GET", "PUT"}


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_a_method_that_the_contract_does_not_have_is_not_sent_elsewhere(
    guarded: Session, live: Served, method: str
) -> None:
    (first, *_) = [line.id for line in guarded.listed()]
    live.log.clear()
    with pytest.raises(RefusedError, match="is no update of a line"):
        guarded.wire.send(replace(guarded.update_request(first, {}), method=method))

    assert live.log == []


def test_an_operation_that_no_journal_puts_back_is_not_sent_elsewhere(contract: Document) -> None:
    item = {"post": {"operationId": "create_label"}}
    changed = linq_document.Document({**contract.raw, "paths": {**contract.raw["paths"], "/v3/labels": item}})
    guard = Guard(Target("https://x", Credentials({}), Permissions(allow_writes=True)), changed, Accounts())
    guard.begin(Journal.in_memory("https://x", {}))

    with pytest.raises(RefusedError, match="could not be put back"):
        guard(Request("POST", "/v3/labels"))
