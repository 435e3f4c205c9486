"""A sample of the faults, each caught in its act."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from linq_mock import running
from linq_mock.accounts import two_accounts
from linq_mock.faults import FAULTS
from linq_mock.freedoms import FREEDOMS
from linq_mock.tokens import DEFAULT_TOKENS
from linq_mock.variation import mixed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.mock.conftest import Serve, Server

TOKEN = DEFAULT_TOKENS[0]
NUMBER = "+13105550199"
OTHER_NUMBER = "+16465550142"


@pytest.fixture
def faulty(serve: Serve) -> Callable[[str], Server]:
    def start(*names: str) -> Server:
        behaviour = mixed([{**FAULTS, **FREEDOMS}[name] for name in names])
        return serve(behaviour(two_accounts(DEFAULT_TOKENS, 5), "/api/partner"))

    return start


def test_a_stale_list_is_one_write_behind(faulty: Callable[[str], Server]) -> None:
    server = faulty("update.read-your-writes/stale-by-one")
    line_id = server.lines()[0]["id"]
    shown: list[str] = []
    for number in (NUMBER, OTHER_NUMBER):
        assert server.forward(line_id, number).json()["forwarding_number"] == number
        shown.append(server.lines()[0]["forwarding_number"])

    assert shown == ["+13105550100", NUMBER]


def test_a_token_in_capitals_passes(faulty: Callable[[str], Server]) -> None:
    server = faulty("auth.invalid/ignores-case")

    assert len(server.lines(headers={"Authorization": f"Bearer {TOKEN.upper()}"})) == 5


def test_an_update_is_carried_out_although_it_was_answered_with_401(faulty: Callable[[str], Server]) -> None:
    server = faulty("auth.no-write/writes-with-wrong-token")
    response = server.put(
        f"/v3/phone_numbers/{server.lines()[1]['id']}",
        headers={"Authorization": "Bearer x"},
        json={"forwarding_number": NUMBER},
    )

    assert response.status_code == 401
    assert server.lines()[1]["forwarding_number"] == NUMBER


def test_a_clear_shows_in_the_answer_only(faulty: Callable[[str], Server]) -> None:
    server = faulty("update.clear-null/in-answer-only")
    line = server.lines()[0]

    assert server.forward(line["id"], None).json()["forwarding_number"] is None
    assert server.lines()[0] == line


def test_an_id_with_the_right_first_group_finds_the_line(faulty: Callable[[str], Server]) -> None:
    server = faulty("update.unknown-id/first-group")
    line_id = server.lines()[0]["id"]

    assert server.forward(line_id[:8] + "-0000-4000-8000-000000000000", NUMBER).json()["id"] == line_id


def test_trace_ids_come_again_after_a_hundred(faulty: Callable[[str], Server]) -> None:
    server = faulty("transport.trace-id-unique/repeats-after-100")
    trace_ids = [server.get("/v3/phone_numbers").headers["X-Trace-ID"] for _ in range(101)]

    assert len(set(trace_ids[:100])) == 100
    assert trace_ids[100] == trace_ids[0]


def test_retry_after_is_a_date(faulty: Callable[[str], Server]) -> None:
    server = faulty("error.retry-after/date")
    answers = [server.get("/v3/phone_numbers") for _ in range(20)]

    assert answers[-1].json()["error"]["retry_after"] == 1
    assert answers[-1].headers["Retry-After"].endswith("GMT")


def test_a_number_with_a_trailing_newline_is_stored(faulty: Callable[[str], Server]) -> None:
    server = faulty("update.invalid-number/trailing-newline")
    server.forward(server.lines()[0]["id"], f"{NUMBER}\n")

    assert server.lines()[0]["forwarding_number"] == f"{NUMBER}\n"


def test_two_faults_mix(faulty: Callable[..., Server]) -> None:
    server = faulty("list.unique/first-line-again", "transport.trace-id/capitals")
    response = server.get("/v3/phone_numbers")

    assert len(response.json()["phone_numbers"]) == 6
    assert response.headers["X-Trace-ID"].isupper()


def test_a_list_that_a_fault_keeps_shows_what_a_colleague_set(
    faulty: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FREEDOMS["colleague-sets"], "every", 0)
    server = faulty("update.atomic/stale-refill", "colleague-sets")
    shown = [server.lines()[-1]["forwarding_number"] for _ in range(2)]

    assert shown == ["+19075550191", "+19075550192"]


def test_five_thousand_lines_are_listed(faulty: Callable[[str], Server]) -> None:
    assert len(faulty("5000-lines").lines()) == 5000


def test_faults_and_freedoms_are_options_of_the_command() -> None:
    options = ("--fault", "update.schema/202", "--freedom", "chunked", "--freedom", "no-keep-alive")
    with (
        running(*options) as mock,
        httpx.Client(base_url=mock.url, headers={"Authorization": f"Bearer {mock.tokens[0]}"}) as client,
    ):
        listed = client.get("/v3/phone_numbers")
        line_id = listed.json()["phone_numbers"][0]["id"]
        updated = client.put(f"/v3/phone_numbers/{line_id}", json={"forwarding_number": NUMBER})

    assert listed.headers["Transfer-Encoding"] == "chunked"
    assert listed.headers["Connection"] == "close"
    assert updated.status_code == 202
