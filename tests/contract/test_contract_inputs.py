"""The inputs that a server must refuse."""

from __future__ import annotations

import re

import pytest

from linq_contract.contract.classification import FIELD
from linq_contract.contract.numbers import could_ring_a_stranger, is_e164
from linq_contract.http.messages import NOT_JSON, json_object, parse_json
from linq_contract.run.extent import Part
from linq_contract.run.workloads.inputs import (
    FAR_TOO_DEEP,
    INVALID_NUMBERS,
    NOT_JSON_BODIES,
    NUMBER,
    bodies_with_a_strange_member,
    deeply_nested_bodies,
    is_like_a_clear,
    malformed_ids,
    spellings_of_a_valid_body,
)

EMPTY: list[object] = [False, 0, [], {}, [None], " ", "\n", "NULL", "None", "+", "\u200b"]
OTHER: list[object] = [True, 1, [NUMBER], {"number": NUMBER}, "x", f"{NUMBER} "]


@pytest.mark.parametrize(
    "body",
    [
        *({FIELD: value} for value in EMPTY),
        *({}, {"phone_number": NUMBER}, None, False, "", [], [None]),
        *(b"", b" ", b"\x00"),
    ],
)
def test_a_wrong_body_may_be_like_one_that_clears(body: object) -> None:
    assert is_like_a_clear(body)


@pytest.mark.parametrize(
    "body",
    [
        *({FIELD: value} for value in OTHER),
        *(True, NUMBER, [NUMBER], [{FIELD: NUMBER}]),
        *(b"{", b'{"forwarding_number": NaN}'),
    ],
)
def test_other_wrong_bodies_are_not_like_one_that_clears(body: object) -> None:
    assert not is_like_a_clear(body)


@pytest.mark.parametrize("body", [*spellings_of_a_valid_body(NUMBER)])
def test_every_spelling_of_a_valid_body_is_the_same_update(body: bytes) -> None:
    assert parse_json(body) == {FIELD: NUMBER}


@pytest.mark.parametrize("body", [*bodies_with_a_strange_member(NUMBER)])
def test_a_strange_member_leaves_the_update_what_it_is(body: bytes) -> None:
    members = json_object(parse_json(body))

    assert members is not None
    assert members[FIELD] == NUMBER
    assert len(members) > 1


@pytest.mark.parametrize("body", NOT_JSON_BODIES)
def test_no_body_that_is_not_json_can_be_parsed(body: bytes) -> None:
    assert parse_json(body) is NOT_JSON


@pytest.mark.parametrize(
    "line_id",
    [each for part in Part for each in malformed_ids(["3f2b8c1e-6a4d-4e59-9b70-1d2c3e4f5a6b"], part)],
)
def test_no_malformed_id_is_a_uuid(line_id: str) -> None:
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", line_id) is None


@pytest.mark.parametrize("number", INVALID_NUMBERS)
def test_no_invalid_number_is_e164(number: str) -> None:
    assert not is_e164(number)


@pytest.mark.parametrize("number", INVALID_NUMBERS)
def test_no_invalid_number_could_be_a_strangers(number: str) -> None:
    assert not could_ring_a_stranger(number)


def test_bodies_are_nested_in_the_field_beside_it_and_all_in_all() -> None:
    parsed = [parse_json(body) for body in deeply_nested_bodies(FAR_TOO_DEEP)]
    fields = [(json_object(body) or {FIELD: body})[FIELD] for body in parsed]

    assert [type(field) for field in fields] == [list, str, dict, str, list]
