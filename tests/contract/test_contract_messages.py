"""What is read off an answer alone, and how it is shown."""

from __future__ import annotations

import pytest

from linq_contract.http.messages import Response, show


def answered(body: bytes = b"", **headers: str) -> Response:
    return Response(429, tuple((name.replace("_", "-"), value) for name, value in headers.items()), body)


@pytest.mark.parametrize("value", ["inf", "-Infinity", "1e999", "nan", "soon"])
def test_a_retry_after_without_an_end_says_nothing_about_when(value: str) -> None:
    assert not answered(Retry_After=value).says_when


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"", []),
        (b"a\r\nb\n", ["a", "b"]),
        (b"a\x0bb\x0cc\x1cd", [r"a\x0bb\x0cc\x1cd"]),
        ("a\u2028b\x85c".encode(), [r"a\u2028b\x85c"]),
    ],
)
def test_a_body_is_shown_with_every_character_that_it_has(body: bytes, lines: list[str]) -> None:
    assert show(answered(body))[1:] == lines
