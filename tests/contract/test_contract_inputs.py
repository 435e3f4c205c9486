"""The inputs that a server must refuse."""

from __future__ import annotations

import pytest

from linq_contract.classify import FIELD
from linq_contract.inputs import INVALID_NUMBERS, NUMBER, is_like_a_clear
from linq_contract.numbers import is_e164

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


@pytest.mark.parametrize("number", INVALID_NUMBERS)
def test_no_invalid_number_is_e164(number: str) -> None:
    assert not is_e164(number)
