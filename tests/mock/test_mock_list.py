from __future__ import annotations

from typing import TYPE_CHECKING

import jsonschema_rs
import pytest
from tests.mock.conftest import BASE_PATH

import linq_document
from linq_mock.accounts import two_accounts
from linq_mock.behaviour import Behaviour
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    from tests.mock.conftest import Serve, Server


def test_a_list_is_in_the_schema_of_the_contract(server: Server) -> None:
    response = server.get("/v3/phone_numbers")

    schema = linq_document.load().schema("PhoneNumberListResponse")
    jsonschema_rs.validate(schema, response.json(), validate_formats=True)
    assert response.headers["Content-Type"] == "application/json"


def test_the_made_up_lines_show_every_status_and_every_way_not_to_forward(server: Server) -> None:
    lines = server.lines()

    assert {line["reputation"]["status"] for line in lines} == {"HEALTHY", "AT_RISK", "CRITICAL"}
    assert {line.get("forwarding_number", "absent") is None for line in lines} == {True, False}
    assert {"forwarding_number" in line for line in lines} == {True, False}
    assert all(line["health_status"] == line["reputation"] for line in lines)


def test_each_account_sees_its_own_lines_only(server: Server) -> None:
    own, others = server.lines(), server.other_lines()

    assert len(own) == 5
    assert len(others) == 3
    assert not {line["id"] for line in own} & {line["id"] for line in others}


def test_listing_twice_gives_the_same(server: Server) -> None:
    assert server.lines() == server.lines()


@pytest.mark.parametrize("numbers", [("+13105550199",), (None, "+13105550199"), ("+13105550199", "")])
def test_a_list_that_was_sent_before_shows_updates_as_a_first_one_does(
    serve: Serve, numbers: tuple[str | None, ...]
) -> None:
    listed, unlisted = (serve(Behaviour(two_accounts(DEFAULT_TOKENS, 5), BASE_PATH)) for _ in range(2))
    for line in listed.lines():
        for number in numbers:
            listed.forward(line["id"], number)
            unlisted.forward(line["id"], number)

    assert listed.get("/v3/phone_numbers").content == unlisted.get("/v3/phone_numbers").content


def test_a_head_request_gets_the_headers_of_the_list_and_no_body(server: Server) -> None:
    listed, headed = server.get("/v3/phone_numbers"), server.head("/v3/phone_numbers")

    assert headed.status_code == 200
    assert headed.content == b""
    assert headed.headers["Content-Length"] == listed.headers["Content-Length"]
