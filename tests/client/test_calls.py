"""What is sent, and what comes back, when all is well."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import linq_phone_numbers as linq

if TYPE_CHECKING:
    from tests.client.conftest import Clients


def recorder(body: Any) -> tuple[list[httpx.Request], Any]:
    """A handler that answers 200 with a body, and the list of the requests that it got."""
    requests: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json=body)

    return requests, handler


def test_list_gets_the_lines(clients: Clients, line: dict[str, Any]) -> None:
    requests, handler = recorder({"phone_numbers": [line]})

    lines = clients.list(handler).phone_numbers

    assert [(request.method, str(request.url)) for request in requests] == [
        ("GET", "https://api.linqapp.com/api/partner/v3/phone_numbers")
    ]
    assert requests[0].headers["authorization"] == "Bearer canary-7f3d9b"
    assert [each.phone_number for each in lines] == [line["phone_number"]]
    assert lines[0].reputation.status is linq.ReputationStatus.HEALTHY


@pytest.mark.parametrize("number", ["+13105550172", None, ""])
def test_update_puts_the_number_as_it_is_given(
    clients: Clients, line: dict[str, Any], number: str | None
) -> None:
    requests, handler = recorder({"id": line["id"], "phone_number": line["phone_number"]})

    updated = clients.update(handler, line["id"], forwarding_number=number)

    assert requests[0].method == "PUT"
    assert requests[0].url.path == f"/api/partner/v3/phone_numbers/{line['id']}"
    assert requests[0].headers["content-type"] == "application/json"
    assert json.loads(requests[0].content) == {"forwarding_number": number}
    assert updated.forwarding_number is linq.UNSET


def test_update_takes_a_uuid_object(clients: Clients, line: dict[str, Any]) -> None:
    requests, handler = recorder({"id": line["id"], "phone_number": line["phone_number"]})

    clients.update(handler, uuid.UUID(line["id"]), forwarding_number=None)

    assert requests[0].url.path.endswith(line["id"])


@pytest.mark.parametrize(
    ("number", "part"),
    [
        ("12025550143", "forwarding_number is not text that matches"),
        ("+1202555014३", "forwarding_number is not text that matches"),
        ("+12025550143\n", "forwarding_number is not text that matches"),
        (12025550143, "forwarding_number is not a string"),
        (True, "forwarding_number is not a string"),
    ],
)
def test_a_number_that_is_not_e164_is_refused_before_a_request(
    clients: Clients, line: dict[str, Any], number: Any, part: str
) -> None:
    requests, handler = recorder({})

    with pytest.raises(linq.InvalidInputError, match=part) as caught:
        clients.update(handler, line["id"], forwarding_number=number)

    assert isinstance(caught.value, ValueError)
    assert "E.164" in str(caught.value)
    assert not requests


@pytest.mark.parametrize(
    "wrong", ["+12025550143", "", "../x", "{3f2b8c1e-6a4d-4e59-9b70-1d2c3e4f5a6b}", None, 7]
)
def test_an_id_that_is_not_a_uuid_is_refused_before_a_request(clients: Clients, wrong: Any) -> None:
    requests, handler = recorder({})

    with pytest.raises(linq.InvalidInputError, match=r"phone_number_id is .*It is not the phone number"):
        clients.update(handler, wrong, forwarding_number=None)

    assert not requests


def test_a_redirect_is_an_error_and_is_not_followed(clients: Clients) -> None:
    requests: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(307, headers={"Location": "https://example.com/"})

    with pytest.raises(linq.APIStatusError, match="307"):
        clients.list(handler)

    assert len(requests) == 1
