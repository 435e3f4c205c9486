"""Tokens are put in while a request is sent, and taken out of whatever comes back."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linq_contract.http.credentials import (
    ACCOUNT,
    OTHER_ACCOUNT,
    Credentials,
    Variant,
    placeholder,
)

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "canary+7f3d9b/51=Z"
PLACEHOLDER = placeholder(ACCOUNT)
CREDENTIALS = Credentials({ACCOUNT: TOKEN, OTHER_ACCOUNT: "second-token-4711"})
TOKENS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8).filter(
    lambda token: not token.isalpha() and token.lower() not in PLACEHOLDER.lower()
)


@pytest.mark.parametrize(
    ("variant", "resolved"),
    [
        (None, TOKEN),
        (Variant.IN_THE_OTHER_CASE, "CANARY+7F3D9B/51=z"),
        (Variant.BACKWARDS, "Z=15/b9d3f7+yranac"),
        (Variant.ALTERED_INSIDE, "canary+7f~d9b/51=Z"),
        (Variant.WITHOUT_THE_LAST, "canary+7f3d9b/51="),
        (Variant.WITHOUT_THE_FIRST, "anary+7f3d9b/51=Z"),
        (Variant.FIRST_FOUR, "cana"),
        (Variant.AFTER_FOUR, "ry+7f3d9b/51=Z"),
        (Variant.FIRST_AS_ESCAPE, "%63"),
        (Variant.AS_USER, base64.b64encode(f"{TOKEN}:".encode()).decode()),
        (Variant.AFTER_USER, base64.b64encode(f"x:{TOKEN}".encode()).decode()),
    ],
)
def test_a_placeholder_resolves_to_the_variant_that_it_names(variant: Variant | None, resolved: str) -> None:
    assert CREDENTIALS.resolve(f"Bearer {placeholder(ACCOUNT, variant)}x") == f"Bearer {resolved}x"


@pytest.mark.parametrize(
    ("token", "text", "is_valid"),
    [
        (TOKEN, f"Bearer {PLACEHOLDER}", True),
        (TOKEN, f"Basic {PLACEHOLDER}", False),
        (TOKEN, f"Bearer {placeholder(ACCOUNT, Variant.IN_THE_OTHER_CASE)}", False),
        ("4711-0815", f"Bearer {placeholder(ACCOUNT, Variant.IN_THE_OTHER_CASE)}", True),
        ("short", f"Bearer {placeholder(ACCOUNT, Variant.ALTERED_INSIDE)}", True),
        ("1234554321", f"Bearer {placeholder(ACCOUNT, Variant.BACKWARDS)}", True),
    ],
)
def test_a_variant_that_is_the_token_itself_is_told_from_the_others(
    token: str, text: str, *, is_valid: bool
) -> None:
    assert Credentials({ACCOUNT: token}).is_valid(text) is is_valid


@pytest.mark.parametrize("variant", [Variant.BACKWARDS, Variant.ALTERED_INSIDE])
def test_a_variant_that_comes_back_is_concealed_too(variant: Variant) -> None:
    text = placeholder(ACCOUNT, variant)

    assert CREDENTIALS.conceal(f"a {CREDENTIALS.resolve(text)} b".encode()).decode() == f"a {text} b"


@pytest.mark.parametrize("text", ["${HOME}", "$LINQ_API_V3_API_KEY", "${LINQ_API_V3_API_KEY%%x}", "${}"])
def test_what_is_no_placeholder_stays(text: str) -> None:
    assert CREDENTIALS.resolve(text) == text


def test_the_placeholder_of_an_absent_token_resolves_to_nothing() -> None:
    assert Credentials({}).resolve(f"Bearer {PLACEHOLDER}") == "Bearer "


ENCODINGS: dict[str, Callable[[str], str]] = {
    "as sent": str,
    "upper case": str.upper,
    "URL-encoded": lambda token: quote(token, safe=""),
    "URL-encoded in lower case": lambda token: quote(token, safe="").lower(),
    "base64": lambda token: base64.b64encode(token.encode()).decode(),
    "base64 of the header": lambda token: base64.b64encode(f"Bearer {token}".encode()).decode(),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(token=TOKENS)
def test_a_token_is_concealed(encoding: str, token: str) -> None:
    shown = ENCODINGS[encoding](token)
    concealed = Credentials({ACCOUNT: token}).conceal(f"a {shown} b".encode())

    assert shown.rstrip("=") not in concealed.decode()
    assert PLACEHOLDER.encode() in concealed


def test_each_token_is_concealed_by_the_placeholder_of_its_variable() -> None:
    assert CREDENTIALS.conceal(b"second-token-4711") == placeholder(OTHER_ACCOUNT).encode()


@pytest.mark.parametrize("token", ["token", "phonenumber", "a", "1"])
def test_a_token_that_is_a_word_is_left_in_texts_that_may_well_use_it(token: str) -> None:
    assert Credentials({ACCOUNT: token}).conceal(f"a {token} b".encode()) == f"a {token} b".encode()


def test_the_representation_shows_no_token() -> None:
    assert "canary" not in repr(CREDENTIALS)
