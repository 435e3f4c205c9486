"""HTTP/1.1 as the mock reads and writes it, byte for byte."""

from __future__ import annotations

import json
import re
import socket
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.limits import limit

from linq_mock import Mock, running
from linq_mock.accounts import made_up_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE = made_up_lines(1)[0]["id"]
GET = "GET PATH HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer one"
CLOSING = f"{GET}\r\nConnection: close\r\n\r\n"
PUT = f"PUT PATH/{LINE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer one"
BODY = '{"forwarding_number": "+13105550199"}'


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with running("--lines", "2", tokens=("one", "two")) as mock:
        yield mock


def connected(mock: Mock) -> socket.socket:
    url = httpx.URL(mock.url)
    return socket.create_connection((url.host, url.port or 0), timeout=limit(10))


def talk(mock: Mock, *parts: str) -> bytes:
    """Send a text in parts on one connection that it closes, and return all that is answered."""
    path = f"{httpx.URL(mock.url).path}/v3/phone_numbers"
    with connected(mock) as connection:
        for part in parts:
            connection.sendall(part.replace("PATH", path).encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


def statuses(answers: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] ([0-9]{3}) ", answers)]


def test_requests_that_come_together_are_answered_in_their_order(mock: Mock) -> None:
    unknown = GET.replace("PATH", "/elsewhere")

    answers = talk(mock, f"{GET}\r\n\r\n{unknown}\r\n\r\n{CLOSING}")

    assert statuses(answers) == [200, 404, 200]


def test_what_is_quick_does_not_overtake_what_is_slow(mock: Mock) -> None:
    slow = f"{GET}\r\nX-Mock-Behaviour: 429\r\n\r\n"

    assert statuses(talk(mock, f"{slow}{GET}\r\n\r\n{slow}{CLOSING}")) == [429, 200, 429, 200]


def test_a_body_may_come_byte_by_byte(mock: Mock) -> None:
    head = f"{PUT}\r\nConnection: close\r\nContent-Length: {len(BODY)}\r\n\r\n"

    assert statuses(talk(mock, head, *BODY)) == [200]


def test_a_body_may_come_in_chunks(mock: Mock) -> None:
    head = f"{PUT}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = [f"{len(part):x}\r\n{part}\r\n" for part in (BODY[:10], BODY[10:], "")]

    assert statuses(talk(mock, head, *chunks)) == [200]


@pytest.mark.parametrize("spaces", [1_000, 70_000, 2_000_000])
def test_a_long_body_is_read_to_its_end(mock: Mock, spaces: int) -> None:
    body = BODY + " " * spaces
    head = f"{PUT}\r\nContent-Length: {len(body)}\r\n\r\n"

    assert statuses(talk(mock, head, body, CLOSING)) == [200, 200]


def test_a_client_that_waits_to_be_told_to_continue_is_told(mock: Mock) -> None:
    head = f"{PUT}\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: {len(BODY)}\r\n\r\n"

    assert statuses(talk(mock, head, BODY)) == [100, 200]


def test_a_head_request_is_answered_with_the_length_and_without_the_body(mock: Mock) -> None:
    whole = talk(mock, CLOSING).partition(b"\r\n\r\n")[2]

    head, _, body = talk(mock, CLOSING.replace("GET", "HEAD")).partition(b"\r\n\r\n")

    assert f"content-length: {len(whole)}".encode() in head
    assert body == b""


def test_a_connection_of_http_1_0_is_closed_after_its_answer(mock: Mock) -> None:
    answer = talk(mock, f"{GET.replace('1.1', '1.0')}\r\n\r\n")

    assert statuses(answer) == [200]
    assert b"connection: close\r\n" in answer


def test_a_connection_that_asks_to_be_closed_is_told_that_it_is(mock: Mock) -> None:
    assert b"\r\nconnection: close\r\n" in talk(mock, CLOSING)


def test_what_follows_a_request_that_closes_is_not_answered(mock: Mock) -> None:
    assert statuses(talk(mock, f"{CLOSING}{GET}\r\n\r\n")) == [200]


def test_an_answer_is_as_long_as_it_says(mock: Mock) -> None:
    head, _, body = talk(mock, CLOSING).partition(b"\r\n\r\n")

    assert f"content-length: {len(body)}".encode() in head
    assert len(json.loads(body)["phone_numbers"]) == 2


def test_a_query_is_no_part_of_the_path(mock: Mock) -> None:
    assert statuses(talk(mock, CLOSING.replace("PATH", "PATH?a=b"))) == [200]


def test_a_target_may_be_in_absolute_form(mock: Mock) -> None:
    assert statuses(talk(mock, CLOSING.replace("PATH", "http://somewhere.example:80PATH"))) == [200]


def test_a_client_that_offers_another_protocol_goes_on_with_this_one(mock: Mock) -> None:
    offering = f"{GET}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n"

    assert statuses(talk(mock, offering, CLOSING)) == [200, 200]


def test_a_method_that_nobody_knows_is_one_that_the_path_does_not_have(mock: Mock) -> None:
    assert statuses(talk(mock, f"{GET.replace('GET', 'BREW')}\r\n\r\n", CLOSING)) == [405, 200]


@pytest.mark.parametrize("host", ["X: y", "Host: x\r\nHost: y"])
def test_a_request_names_one_host(mock: Mock, host: str) -> None:
    assert statuses(talk(mock, CLOSING.replace("Host: x", host))) == [400]


def test_what_is_not_http_is_answered_in_the_envelope(mock: Mock) -> None:
    head, _, body = talk(mock, "GET / HTTP/1.1\r\nHost: x\r\nX: \0\r\n\r\n").partition(b"\r\n\r\n")

    trace_id = re.search(rb"X-Trace-ID: ([0-9a-f]{32})", head)
    assert head.startswith(b"HTTP/1.1 400 ")
    assert trace_id is not None
    assert b'"trace_id": "' + trace_id[1] + b'"' in body
