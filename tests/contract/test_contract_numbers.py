"""What is E.164, what is plausible, and what could be somebody's number."""

from __future__ import annotations

import itertools
import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linq_contract.contract.numbers import (
    AREA_CODES,
    could_ring_a_stranger,
    endless_fiction,
    fiction,
    is_e164,
    is_fiction,
    is_plausible,
)
from linq_contract.run.workloads.inputs import INVALID_NUMBERS

ALL_FICTION = [fiction(index) for index in range(100 * len(AREA_CODES))]
REAL_NUMBERS = [
    number
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    if (example := phonenumbers.example_number(region)) is not None
    and not is_fiction(number := phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))
]
NINE_SCRIPTS = [chr(zero) for zero in (0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xE50, 0xFF10, 0x1D7CE)]


@pytest.mark.parametrize("number", ["+12", "+12025550143", "+999123456789012"])
def test_two_to_fifteen_digits_after_a_plus_are_e164(number: str) -> None:
    assert is_e164(number)


@pytest.mark.parametrize("value", [*INVALID_NUMBERS, None, 12025550143, ["+12025550143"]])
def test_anything_else_is_not_e164(value: object) -> None:
    assert not is_e164(value)


def test_fictional_numbers_are_plausible_e164_and_reserved_for_fiction() -> None:
    assert all(is_e164(number) and is_plausible(number) for number in ALL_FICTION)
    assert all(re.fullmatch(r"\+1[2-9][0-9]{2}55501[0-9]{2}", number) for number in ALL_FICTION)


def test_fictional_numbers_differ_until_all_are_used() -> None:
    assert len(set(ALL_FICTION)) == len(ALL_FICTION)
    assert fiction(len(ALL_FICTION)) == fiction(0)


def test_the_numbers_of_a_run_differ_from_their_neighbours_in_area_and_line() -> None:
    for first, second in itertools.pairwise(itertools.islice(endless_fiction(3), 500)):
        assert first[2:5] != second[2:5]
        assert first[-2:] != second[-2:]


@pytest.mark.parametrize("number", ["+12025550200", "+12025551143", "+442025550143", "+1202555014"])
def test_numbers_beside_the_fictional_range_are_not_fiction(number: str) -> None:
    assert not is_fiction(number)


@given(
    number=st.sampled_from(REAL_NUMBERS),
    prefix=st.sampled_from(["", "+", "00", "++", "tel:+", "\n"]),
    separators=st.lists(st.sampled_from(["", " ", "-", ".", "/", "(", "\u00a0", "\u200b", "x"]), min_size=15),
    zeros=st.lists(st.sampled_from(NINE_SCRIPTS), min_size=15),
)
def test_a_real_number_in_any_formatting_could_ring_a_stranger(
    number: str, prefix: str, separators: list[str], zeros: list[str]
) -> None:
    digits = [chr(ord(zero) + int(digit)) for digit, zero in zip(number[1:], zeros, strict=False)]
    text = prefix + "".join(map("".join, zip(digits, separators, strict=False)))

    assert could_ring_a_stranger(text)


@given(
    st.sampled_from(ALL_FICTION),
    st.sampled_from(["{}", " {} ", "tel:{}", "({})", "{}\n"]),
)
def test_a_fictional_number_in_any_formatting_rings_nobody(number: str, formatting: str) -> None:
    assert not could_ring_a_stranger(formatting.format(number))


@pytest.mark.parametrize("number", INVALID_NUMBERS)
def test_no_invalid_number_that_a_run_sends_could_ring_a_stranger(number: str) -> None:
    assert not could_ring_a_stranger(number)
