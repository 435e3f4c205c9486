"""The transport: a client notices nothing of it, and its user learns which rules the server breaks."""

from __future__ import annotations

import json
import threading

import httpx
import pytest
from tests.honest import OTHER, OWN, HonestServer, Stored
from tests.serving import CANARY

from linq_contract.contract.numbers import fiction
from linq_contract.http.messages import Request
from linq_contract.live.transport import BrokenRuleError, ValidatingTransport
from linq_phone_numbers import AsyncLinqClient, LinqClient

BASE = "https://api.linqapp.com/api/partner"


def sending_to(server: HonestServer) -> httpx.MockTransport:
    """What sends requests to a server in this process, whose first account has the canary for its token."""

    def answer(request: httpx.Request) -> httpx.Response:
        token = request.headers.get("Authorization", "").replace(CANARY, OWN)
        asked = Request(
            request.method,
            request.url.raw_path.decode().removeprefix("/api/partner"),
            (("Authorization", token),),
            request.content or None,
        )
        response = server.answer(asked)
        return httpx.Response(response.status, headers=[*response.headers], content=response.body)

    assert OTHER != CANARY
    return httpx.MockTransport(answer)


class LeavesOutTheNumber(HonestServer):
    def updated(self, line: Stored, number: str | None) -> Stored:
        return {**super().updated(line, number), "phone_number": None}


class Forgets(HonestServer):
    def store(self, line: Stored, number: str | None, _body: Stored) -> None:
        pass


def updating(transport: ValidatingTransport) -> None:
    with httpx.Client(transport=transport) as http, LinqClient(CANARY, BASE, http_client=http) as client:
        for number in range(2):
            line = client.phone_numbers.list().phone_numbers[0]
            client.phone_numbers.update(line.id, forwarding_number=fiction(7 + number))
            client.phone_numbers.list()
            client.phone_numbers.list()


def test_a_server_that_keeps_the_contract_breaks_nothing() -> None:
    transport = ValidatingTransport(sending_to(HonestServer()), on_broken="raise")
    updating(transport)

    assert transport.finish() == []
    assert transport.ledger.entries["update.read-your-writes"].tested


def test_what_is_broken_is_collected() -> None:
    transport = ValidatingTransport(sending_to(Forgets()))
    updating(transport)

    assert {each.rule for each in transport.finish()} == {"update.read-your-writes"}


def test_an_answer_that_breaks_a_rule_raises() -> None:
    transport = ValidatingTransport(sending_to(LeavesOutTheNumber()), on_broken="raise")
    with httpx.Client(transport=transport, base_url=BASE, headers=bearer()) as client:
        line = client.get("/v3/phone_numbers").json()["phone_numbers"][0]
        with pytest.raises(BrokenRuleError, match=r"update\.schema") as raised:
            client.put(f"/v3/phone_numbers/{line['id']}", json={"forwarding_number": None})

    assert {each.rule for each in raised.value.broken} >= {"update.schema", "update.echo"}
    assert CANARY not in str(raised.value)


@pytest.mark.anyio
async def test_an_asynchronous_client_is_judged_too(anyio_backend_name: str) -> None:
    transport = ValidatingTransport(sending_to(LeavesOutTheNumber()))
    async with (
        httpx.AsyncClient(transport=transport) as http,
        AsyncLinqClient(CANARY, BASE, http_client=http) as client,
    ):
        await client.phone_numbers.list()
    with_list = transport.broken

    assert anyio_backend_name
    assert with_list == []


def bearer() -> dict[str, str]:
    return {"Authorization": f"Bearer {CANARY}"}


def test_other_requests_pass_unjudged() -> None:
    transport = ValidatingTransport(
        httpx.MockTransport(lambda _: httpx.Response(200, text="hello")), on_broken="raise"
    )
    with httpx.Client(transport=transport) as client:
        assert client.get("https://example.com/").text == "hello"

    assert transport.finish() == []
    assert transport.ledger.tested == 0


def test_what_began_before_the_server_was_known_hides_nothing() -> None:
    is_known = threading.Event()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/other":
            is_known.wait()
            return httpx.Response(200)
        is_known.set()
        other.join()
        return httpx.Response(200, json={"phone_numbers": [{"id": "17"}]})

    transport = ValidatingTransport(httpx.MockTransport(answer))
    with httpx.Client(transport=transport, base_url=BASE, headers=bearer()) as client:
        other = threading.Thread(target=client.get, args=["https://api.linqapp.com/other"])
        other.start()
        client.get("/v3/phone_numbers")

    assert "list.schema" in {each.rule for each in transport.broken}


def test_what_sends_may_fail() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away", request=request)

    transport = ValidatingTransport(httpx.MockTransport(fail), on_broken="raise")
    with httpx.Client(transport=transport) as client, pytest.raises(httpx.ConnectError):
        client.get(f"{BASE}/v3/phone_numbers")

    assert transport.finish() == []


@pytest.mark.parametrize("strict", [False, True])
def test_should_rules_count_where_they_are_to(strict: bool) -> None:  # noqa: FBT001 - as pytest passes it
    class LinksElsewhere(HonestServer):
        def listed(self, token: str) -> list[Stored]:
            lines: list[Stored] = json.loads(json.dumps(super().listed(token)))
            for line in lines:
                line["reputation"]["doc_url"] = "ftp://example.com/"
            return lines

    transport = ValidatingTransport(sending_to(LinksElsewhere()), strict=strict)
    with httpx.Client(transport=transport, base_url=BASE, headers=bearer()) as client:
        client.get("/v3/phone_numbers")

    assert bool(transport.finish()) is strict
