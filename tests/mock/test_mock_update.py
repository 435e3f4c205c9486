from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import httpx
import jsonschema_rs
import pytest

import linq_document
from linq_mock.app import application
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    from tests.mock.conftest import Server

    from linq_mock.behaviour import Behaviour

NUMBER = "+13105550199"
OTHER_NUMBER = "+16465550142"


def assert_refused(response: httpx.Response, status: int, code: int) -> None:
    assert (response.status_code, response.json()["error"]["code"]) == (status, code), response.text


def test_an_update_answers_with_the_line_and_its_new_number(server: Server) -> None:
    line = server.lines()[1]
    response = server.forward(line["id"], NUMBER)

    assert response.status_code == 200
    assert response.json() == {
        "id": line["id"],
        "phone_number": line["phone_number"],
        "forwarding_number": NUMBER,
    }
    jsonschema_rs.validate(linq_document.load().schema("PhoneNumberUpdateResponse"), response.json())


def test_the_next_list_shows_the_new_number_and_nothing_else_new(server: Server) -> None:
    before, others = server.lines(), server.other_lines()
    server.forward(before[3]["id"], NUMBER)

    before[3]["forwarding_number"] = NUMBER
    assert server.lines() == before
    assert server.other_lines() == others


@pytest.mark.parametrize("nothing", [None, ""])
def test_null_and_the_empty_string_clear(server: Server, nothing: str | None) -> None:
    line = server.lines()[0]
    response = server.forward(line["id"], nothing)

    assert response.json()["forwarding_number"] is None
    assert server.lines()[0]["forwarding_number"] is None


def test_the_same_update_again_gets_the_same_answer(server: Server) -> None:
    line = server.lines()[0]

    assert server.forward(line["id"], NUMBER).json() == server.forward(line["id"], NUMBER).json()


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("13105550199", id="no plus"),
        pytest.param("+03105550199", id="leading zero"),
        pytest.param("+1", id="one digit"),
        pytest.param("+1310555019912345", id="16 digits"),
        pytest.param("+1310555019A", id="letter"),
        pytest.param("+1 310 555 0199", id="spaces"),
        pytest.param("+1-310-555-0199", id="hyphens"),
        pytest.param(" +13105550199", id="leading space"),
        pytest.param("+13105550199 ", id="trailing space"),
        pytest.param("+13105550199\n", id="trailing newline"),
        pytest.param("+13105550199\0", id="trailing NUL"),
        pytest.param("\N{FULLWIDTH PLUS SIGN}13105550199", id="full-width plus"),
        pytest.param("+1310555019\N{ARABIC-INDIC DIGIT NINE}", id="digit of another script"),
        pytest.param("+" + "1" * 10_000, id="10,000 digits"),
        pytest.param("\ud800", id="lone surrogate"),
        pytest.param("null", id="the word null"),
        pytest.param(" ", id="only a space"),
    ],
)
def test_a_text_that_is_not_e164_is_refused(server: Server, number: str) -> None:
    before = server.lines()
    response = server.update(before[0]["id"], content=json.dumps({"forwarding_number": number}))

    assert_refused(response, 400, 1002)
    assert server.lines() == before


@pytest.mark.parametrize(
    "value", [13105550199, 1.5, True, False, [], [NUMBER], {}, {"forwarding_number": NUMBER}]
)
def test_a_value_of_another_type_is_refused(server: Server, value: object) -> None:
    before = server.lines()

    assert_refused(server.forward(before[0]["id"], value), 400, 1005)
    assert server.lines() == before


@pytest.mark.parametrize("body", [{}, {"forwardingNumber": NUMBER}, {"id": "x"}])
def test_an_object_without_the_field_is_refused(server: Server, body: object) -> None:
    assert_refused(server.update(server.lines()[0]["id"], json=body), 400, 1001)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b" ", id="white space"),
        pytest.param(b"{", id="cut"),
        pytest.param(b'{"forwarding_number": "+13105550199"', id="cut at the end"),
        pytest.param(b"{'forwarding_number': null}", id="single quotes"),
        pytest.param(b'{"forwarding_number": null,}', id="trailing comma"),
        pytest.param(b'{"forwarding_number": null} x', id="trailing text"),
        pytest.param(b'{"forwarding_number": NaN}', id="NaN"),
        pytest.param(b'{"forwarding_number": null, "x": -Infinity}', id="Infinity"),
        pytest.param(b'{"forwarding_number": "\xff"}', id="invalid UTF-8"),
        pytest.param('{"forwarding_number": null}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b"forwarding_number=null", id="form"),
        pytest.param(b"[" * 100_000, id="deeply nested"),
        pytest.param(b'{"forwarding_number": null, "x": "' + b"x" * 9_000_000 + b'"}', id="too long"),
        pytest.param(b"[]", id="array"),
        pytest.param(b'"+13105550199"', id="string"),
        pytest.param(b"null", id="null"),
        pytest.param(b"1", id="number"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(server: Server, body: bytes) -> None:
    before = server.lines()

    assert_refused(server.update(before[0]["id"], content=body), 400, 1003)
    assert server.lines() == before


def test_a_number_of_any_length_is_a_value_of_the_wrong_type(server: Server) -> None:
    body = b'{"forwarding_number": ' + b"1" * 10_000 + b"}"

    assert_refused(server.update(server.lines()[0]["id"], content=body), 400, 1005)


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "x"]
)
def test_another_media_type_is_refused(server: Server, media_type: str) -> None:
    before = server.lines()
    response = server.update(
        before[0]["id"],
        content=json.dumps({"forwarding_number": NUMBER}),
        headers={"Content-Type": media_type},
    )

    assert_refused(response, 415, 1003)
    assert server.lines() == before


@pytest.mark.parametrize("media_type", [None, "Application/JSON", "application/json ; charset=utf-8"])
def test_json_is_taken_in_any_spelling_and_without_a_media_type(
    server: Server, media_type: str | None
) -> None:
    response = server.update(
        server.lines()[0]["id"],
        content=json.dumps({"forwarding_number": NUMBER}),
        headers={"Content-Type": media_type} if media_type else {},
    )

    assert response.status_code == 200


def test_further_properties_change_nothing(server: Server) -> None:
    line, other, *_ = before = server.lines()
    further = {"id": other["id"], "phone_number": NUMBER, "reputation": None, "health_status": "CRITICAL"}
    response = server.update(line["id"], json={"forwarding_number": OTHER_NUMBER, **further})

    before[0]["forwarding_number"] = OTHER_NUMBER
    assert response.json()["id"] == line["id"]
    assert server.lines() == before


def test_an_unknown_id_is_not_found(server: Server) -> None:
    assert_refused(server.forward("00000000-0000-4000-8000-000000000000", NUMBER), 404, 2019)


def test_another_accounts_line_is_not_found_and_keeps_its_number(server: Server) -> None:
    others = server.other_lines()

    assert_refused(server.forward(others[0]["id"], NUMBER), 404, 2019)
    assert server.other_lines() == others


def test_an_id_is_found_in_capitals_too(server: Server) -> None:
    line = server.lines()[0]

    assert server.forward(line["id"].upper(), NUMBER).json()["id"] == line["id"]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("{{{id}}}", id="braces"),
        pytest.param("urn:uuid:{id}", id="urn"),
        pytest.param("{bare}", id="no hyphens"),
        pytest.param("{cut}", id="cut"),
        pytest.param("{id}0", id="one more"),
        pytest.param("{id}%0A", id="newline"),
        pytest.param("{id}%00", id="NUL"),
        pytest.param("{id}%2Fx", id="encoded slash"),
        pytest.param("%2B12025550100", id="phone number"),
        pytest.param("x", id="letter"),
        pytest.param("%FF", id="no UTF-8"),
        pytest.param("1" * 5_000, id="long"),
    ],
)
def test_an_id_that_is_no_uuid_is_refused(server: Server, written: str) -> None:
    before = server.lines()
    line_id = before[0]["id"]
    malformed = written.format(id=line_id, bare=line_id.replace("-", ""), cut=line_id[:-1])

    assert_refused(server.forward(malformed, NUMBER), 400, 1005)
    assert server.lines() == before


def test_concurrent_updates_of_different_lines_all_remain(behaviour: Behaviour, server: Server) -> None:
    paths = [f"/v3/phone_numbers/{line['id']}" for line in server.lines()]

    async def update_all() -> None:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(application(behaviour)),
            base_url=server.base_url,
            headers={"Authorization": f"Bearer {DEFAULT_TOKENS[0]}"},
        ) as client:
            await asyncio.gather(*(client.put(path, json={"forwarding_number": NUMBER}) for path in paths))

    asyncio.run(update_all())

    assert {line["forwarding_number"] for line in server.lines()} == {NUMBER}
