"""The curl line of a request: what the shell makes of it is the request again."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linq_contract.http.credentials import ACCOUNT, placeholder
from linq_contract.http.messages import NoAnswer, Request, Response, show
from linq_contract.report.curl import curl

BASE_URL = "http://127.0.0.1:8080/api/partner"
TOKEN = 'canary-7f3d9b51 $x`y"z'
BEARER = ("Authorization", f"Bearer {placeholder(ACCOUNT)}")
JSON = ("Content-Type", "application/json")
PATH = "/v3/phone_numbers"


@dataclass(frozen=True)
class Sent:
    """What curl sends for a command line."""

    method: bytes
    url: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes | None


def words_of(command: str) -> list[bytes]:
    """The words that bash hands to curl; a function of that name gets them."""
    script = f'curl() {{ printf "%s\\0" "$@"; }}\n{command}\n'
    done = subprocess.run(
        ["bash", "-c", script],
        env={**os.environ, ACCOUNT: TOKEN},
        capture_output=True,
        check=True,
    )
    assert not done.stderr
    return done.stdout.split(b"\0")[:-1]


def sent(request: Request) -> Sent:
    """Read the words as curl does."""
    words = iter(words_of(curl(request, BASE_URL)))
    method, url, body = None, b"", None
    headers: list[tuple[bytes, bytes]] = []
    for word in words:
        match word:
            case b"-i" | b"--path-as-is":
                pass
            case b"-X":
                method = next(words)
            case b"-H":
                header = next(words)
                name, _, value = header.partition(b": " if b":" in header else b";")
                headers.append((name, value))
            case b"--data-binary":
                body = next(words)
            case _:
                url = word
    return Sent(method or (b"GET" if body is None else b"POST"), url, tuple(headers), body)


def expected(request: Request) -> Sent:
    return Sent(
        request.method.encode(),
        (BASE_URL + request.target).encode(),
        tuple(
            (name.encode(), value.replace(BEARER[1][7:], TOKEN).encode()) for name, value in request.headers
        ),
        request.body,
    )


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", PATH, (BEARER,)),
        Request("DELETE", PATH, (BEARER,)),
        Request("POST", PATH, (BEARER, JSON), b"{}"),
        Request("PUT", f"{PATH}/x?a=b&c=d'e;f", (BEARER, JSON), b'{"forwarding_number": "+12025550143"}'),
        Request("PUT", f"{PATH}/..", (BEARER, JSON), b"{}"),
        Request("PUT", f"{PATH}/x", (BEARER, JSON), b""),
        Request("PUT", f"{PATH}/x", (BEARER, JSON), b"it's $HOME `id` $(id) \\ \" !"),
        Request("PUT", f"{PATH}/x", (BEARER, JSON), b"two\nlines\r\n\ttabbed"),
        Request("PUT", f"{PATH}/x", (BEARER, JSON), b"\x80\xff'\\ not UTF-8"),
        Request("PUT", f"{PATH}/x", (BEARER, JSON), "\u00e9\u200b\U0001f4de".encode()),
        Request("GET", PATH, (("X-Quotes", 'it\'s `a` "b" $c \\'), ("X-Empty", ""))),
        Request("GET", PATH, (("Authorization", f'Bearer "{BEARER[1][7:]}"'),)),
        Request("GET", PATH, (("Authorization", f"Bearer `{BEARER[1][7:]}\\"),)),
    ],
    ids=lambda request: f"{request.method} {request.target} {request.body}",
)
def test_the_shell_hands_curl_the_request(request_: Request) -> None:
    assert sent(request_) == expected(request_)


@settings(max_examples=40, deadline=None)
@example("${", "", b"")
@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#")),
    st.text(st.characters(min_codepoint=32, max_codepoint=126))
    .map(str.strip)
    .filter(lambda value: "${" not in value),
    st.binary(max_size=200).map(lambda body: body.replace(b"\0", b"")).filter(lambda body: body[:1] != b"@"),
)
def test_no_target_header_or_body_escapes_its_quotes(query: str, value: str, body: bytes) -> None:
    request = Request("PUT", f"{PATH}?{query}", (BEARER, JSON, ("X-Text", value)), body)

    assert sent(request) == expected(request)


@pytest.mark.parametrize(
    ("expansion", "token"),
    [
        ("^^", TOKEN.upper()),
        (",,", TOKEN.lower()),
        ("~~", TOKEN.swapcase()),
        ("%?", TOKEN[:-1]),
        ("#?", TOKEN[1:]),
        (":0:4", TOKEN[:4]),
    ],
)
def test_bash_expands_the_variants_of_a_token_as_the_wire_does(expansion: str, token: str) -> None:
    header = ("Authorization", f"Bearer {placeholder(ACCOUNT, expansion)}")

    assert sent(Request("GET", PATH, (header,))).headers == ((b"Authorization", f"Bearer {token}".encode()),)


def test_curl_is_told_to_leave_dots_in_a_path() -> None:
    assert b"--path-as-is" in words_of(curl(Request("GET", f"{PATH}/../x", (BEARER,)), BASE_URL))


def test_a_token_in_a_body_is_expanded_by_the_shell() -> None:
    body = b'{"forwarding_number": "a`b", "access_token": "%s"}'
    request = Request("PUT", PATH, (JSON,), body % placeholder(ACCOUNT).encode())

    assert sent(request).body == body % TOKEN.encode()


def test_a_long_body_is_cut_and_says_how_long_it_was() -> None:
    line = curl(Request("PUT", PATH, (JSON,), b"x" * 10_000), BASE_URL)

    assert len(line) < 300
    assert line.endswith("# 10,000 bytes")


# --- the response ------------------------------------------------------------------------------


def test_a_response_is_shown_with_the_headers_that_matter() -> None:
    headers = (("Content-Type", "application/json"), ("Server", "x"), ("Allow", "GET"), ("Retry-After", "1"))

    assert show(Response(405, headers, b'{"a":\n1}')) == [
        "HTTP 405",
        "Content-Type: application/json",
        "Allow: GET",
        "Retry-After: 1",
        '{"a":',
        "1}",
    ]


def test_no_response_is_shown_with_its_reason() -> None:
    assert show(NoAnswer("reset")) == ["(no response: reset)"]


@given(st.binary(max_size=300))
def test_no_body_can_move_the_cursor_of_a_terminal(body: bytes) -> None:
    assert all(line.isprintable() for line in show(Response(200, (), body)))


def test_a_long_response_is_cut() -> None:
    assert show(Response(200, (), b"x" * 5_000))[-1].endswith("... (5,000 characters)")
