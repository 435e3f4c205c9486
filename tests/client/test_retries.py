"""What is tried again, when, and how often: against a clock that only the pauses move."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import trio

import linq_phone_numbers as linq

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from tests.client.conftest import Clients

LINE = "3f2b8c1e-6a4d-4e59-9b70-1d2c3e4f5a6b"
EMPTY = httpx.Response(200, json={"phone_numbers": []})


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, instead of waiting for them; only this thread makes them."""
    made: list[float] = []
    here = threading.get_ident()

    def patch(module: ModuleType, name: str, here_instead: Callable[..., Any]) -> None:
        real = getattr(module, name)

        def either(*arguments: Any) -> Any:
            return (here_instead if threading.get_ident() == here else real)(*arguments)

        monkeypatch.setattr(module, name, either)

    async def pause(seconds: float) -> None:
        made.append(seconds)

    patch(time, "sleep", made.append)
    patch(asyncio, "sleep", pause)
    patch(trio, "sleep", pause)
    patch(time, "monotonic", lambda: sum(made))
    return made


class Server:
    """Gives the answers of a list, one after the other, and then an empty list of lines."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = iter(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = next(self.answers, EMPTY)
        if isinstance(answer, Exception):
            raise answer
        # A copy, since a response goes out once.
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@pytest.mark.parametrize(
    "failure",
    [
        *(httpx.Response(status) for status in (408, 429, 500, 502, 503, 504, 520, 529)),
        httpx.ConnectError("refused"),
        httpx.ReadError("reset"),
        httpx.ReadTimeout("slow"),
    ],
    ids=str,
)
def test_a_failure_that_may_pass_is_tried_again(
    clients: Clients, pauses: list[float], failure: httpx.Response | Exception
) -> None:
    server = Server(failure, failure)

    assert clients.list(server, max_retries=2).phone_numbers == []
    assert len(server.requests) == 3
    assert 1 <= pauses[0] <= 2
    assert 1 <= pauses[1] <= 4


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 405, 409, 415, 422, 501, 505])
def test_another_answer_is_final(clients: Clients, pauses: list[float], status: int) -> None:
    server = Server(httpx.Response(status))

    with pytest.raises(linq.APIStatusError):
        clients.list(server, max_retries=2)

    assert (len(server.requests), pauses) == (1, [])


@pytest.mark.parametrize(
    "failure",
    [
        httpx.UnsupportedProtocol("no"),
        httpx.LocalProtocolError("no"),
        httpx.DecodingError("no gzip"),
        httpx.Response(302, headers={"Location": "http://xn--a"}),
    ],
    ids=str,
)
def test_a_failure_that_will_not_pass_is_final(
    clients: Clients, pauses: list[float], failure: httpx.Response | Exception
) -> None:
    with pytest.raises(linq.APIConnectionError, match=r"failed at https://api|was not sent"):
        clients.list(Server(failure), max_retries=2)

    assert pauses == []


def test_a_body_that_breaks_the_contract_is_final(clients: Clients, pauses: list[float]) -> None:
    with pytest.raises(linq.APIResponseValidationError):
        clients.list(Server(httpx.Response(200, json={})), max_retries=2)

    assert pauses == []


def test_the_last_failure_is_raised_when_the_retries_are_used_up(
    clients: Clients, pauses: list[float]
) -> None:
    server = Server(*[httpx.Response(503)] * 5)

    with pytest.raises(linq.InternalServerError) as caught:
        clients.list(server, max_retries=3)

    assert (len(server.requests), len(pauses)) == (4, 3)
    error = caught.value
    assert (error.tries, error.seconds) == (4, sum(pauses))
    assert f"It was tried 4 times in {sum(pauses):.1f} s." in str(error)
    assert not [
        frame.name for frame in traceback.extract_tb(error.__traceback__) if "tenacity" in frame.filename
    ]


def test_retries_carry_the_same_body_and_token(clients: Clients, pauses: list[float]) -> None:
    server = Server(
        httpx.Response(500), httpx.Response(200, json={"id": LINE, "phone_number": "+12025550143"})
    )

    clients.update(server, LINE, forwarding_number="+13105550172", max_retries=1)

    assert len(pauses) == 1
    assert [json.loads(request.content) for request in server.requests] == [
        {"forwarding_number": "+13105550172"}
    ] * 2
    assert len({(request.method, str(request.url)) for request in server.requests}) == 1
    assert server.requests[1].headers["authorization"] == "Bearer canary-7f3d9b"


@pytest.mark.parametrize("seconds", [0, 7, 100])
def test_retry_after_is_obeyed_in_full(clients: Clients, pauses: list[float], seconds: int) -> None:
    server = Server(httpx.Response(429, headers={"Retry-After": str(seconds)}))

    clients.list(server, max_retries=1)

    assert pauses == [seconds]


IN_30_SECONDS = [
    "Mon, 01 Jan 2024 00:00:30 GMT",
    "Monday, 01-Jan-24 00:00:30 GMT",
    "Mon Jan  1 00:00:30 2024",
]


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Tokyo"])
@pytest.mark.parametrize("header", [*IN_30_SECONDS, "30", "29.5", "30."])
def test_retry_after_is_read_in_each_of_its_forms_wherever_the_client_is(
    clients: Clients, pauses: list[float], monkeypatch: pytest.MonkeyPatch, header: str, zone: str
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1704067200.0)  # 2024-01-01 00:00:00 UTC
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        clients.list(Server(httpx.Response(429, headers={"Retry-After": header})), max_retries=1)
    finally:
        monkeypatch.undo()
        time.tzset()

    assert pauses == [30]


@pytest.mark.parametrize("header", ["9999999999", "9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_retry_after_that_is_far_away_is_raised(clients: Clients, pauses: list[float], header: str) -> None:
    server = Server(httpx.Response(429, headers={"Retry-After": header}))

    with pytest.raises(linq.RateLimitError) as caught:
        clients.list(server, max_retries=1)

    assert caught.value.retry_after == 10**9
    assert (len(server.requests), pauses) == (1, [])


@pytest.mark.parametrize("header", ["soon", "-5", "٣", "5s", "0x10", "1e3"])
def test_a_retry_after_that_says_nothing_is_passed_over(
    clients: Clients, pauses: list[float], header: str
) -> None:
    clients.list(Server(httpx.Response(429, headers=[(b"Retry-After", header.encode())])), max_retries=1)

    assert 1 <= pauses[0] <= 2


def test_a_retry_after_beyond_the_deadline_is_raised_at_once(clients: Clients, pauses: list[float]) -> None:
    server = Server(httpx.Response(429, headers={"Retry-After": "11"}))

    with pytest.raises(linq.RateLimitError) as caught:
        clients.list(server, max_retries=1, deadline=10)

    assert (caught.value.retry_after, len(server.requests), pauses) == (11, 1, [])


def test_the_deadline_counts_all_pauses(clients: Clients, pauses: list[float]) -> None:
    server = Server(*[httpx.Response(429, headers={"Retry-After": "4"})] * 9)

    with pytest.raises(linq.RateLimitError):
        clients.list(server, max_retries=9, deadline=10)

    assert pauses == [4, 4]


def test_without_a_deadline_any_pause_is_made(clients: Clients, pauses: list[float]) -> None:
    clients.list(Server(httpx.Response(429, headers={"Retry-After": "86400"})), max_retries=1, deadline=None)

    assert pauses == [86400]


def test_pauses_grow_to_30_seconds_and_no_further(clients: Clients, pauses: list[float]) -> None:
    clients.list(Server(*[httpx.Response(503)] * 40), max_retries=40, deadline=None)

    assert len(pauses) == 40
    assert all(1 <= pause <= 30 for pause in pauses)
    assert max(pauses) > 15


def test_what_is_not_idempotent_is_only_tried_again_when_it_was_turned_away(pauses: list[float]) -> None:
    call: linq.types.Call[Any] = linq.types.Call("create", "POST", "/v3/things", parse=None)

    def send(*answers: httpx.Response | Exception) -> int:
        server = Server(*answers)
        with httpx.Client(transport=httpx.MockTransport(server)) as http, contextlib.suppress(linq.APIError):
            linq.LinqClient("token", http_client=http, max_retries=1).send(call)
        return len(server.requests)

    assert send(httpx.Response(429)) == 2
    assert send(httpx.Response(503)) == 1
    assert send(httpx.ReadError("reset")) == 1
    assert len(pauses) == 1


def test_a_retry_is_logged_without_the_token(
    clients: Clients, pauses: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "linq_phone_numbers")

    clients.list(Server(httpx.Response(503)), max_retries=1)

    ours = [record.getMessage() for record in caplog.records if record.name == "linq_phone_numbers"]
    assert len(pauses) == 1
    assert "was answered with 503" in ours[0]
    assert "Trying again in" in ours[1]
    assert "canary" not in caplog.text
