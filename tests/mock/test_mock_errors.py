from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest

import linq_document
from linq_mock.accounts import two_accounts
from linq_mock.behaviour import Behaviour
from linq_mock.messages import Call, Response
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    from tests.mock.conftest import Serve, Server

    from linq_mock.accounts import Account

REQUESTS = [
    pytest.param("GET", "/v3/phone_numbers", 200, id="list"),
    pytest.param("HEAD", "/v3/phone_numbers", 200, id="head"),
    pytest.param("OPTIONS", "/v3/phone_numbers", 204, id="options"),
    pytest.param("PUT", "/v3/phone_numbers/x", 400, id="bad request"),
    pytest.param("PUT", "/v3/phone_numbers/00000000-0000-4000-8000-000000000000", 404, id="unknown id"),
    pytest.param("PUT", "/v3/phone_numbers/", 404, id="no id"),
    pytest.param("GET", "/v3/phone_numbers/", 404, id="trailing slash"),
    pytest.param("GET", "/v3/nothing", 404, id="unknown path"),
    pytest.param("POST", "/v3/phone_numbers", 405, id="unknown method"),
]


@pytest.mark.parametrize(("method", "path", "status"), REQUESTS)
def test_every_response_has_a_trace_id_of_its_own(
    server: Server, method: str, path: str, status: int
) -> None:
    sent = "0" * 32
    headers = {"X-Trace-ID": sent, "traceparent": f"00-{sent}-{'1' * 16}-01"}
    responses = [server.request(method, path, headers=headers) for _ in range(2)]
    trace_ids = {response.headers["X-Trace-ID"] for response in responses}

    assert [response.status_code for response in responses] == [status] * 2
    assert len(trace_ids - {sent}) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", trace_id) for trace_id in trace_ids)


@pytest.mark.parametrize(
    ("method", "path", "status"), [case for case in REQUESTS if case.id not in {"list", "head", "options"}]
)
def test_every_error_is_in_the_envelope(server: Server, method: str, path: str, status: int) -> None:
    response = server.request(method, path)
    body = response.json()

    jsonschema_rs.validate(linq_document.load().schema("ErrorResponse"), body)
    assert body["error"]["status"] == status
    assert body["trace_id"] == response.headers["X-Trace-ID"]
    assert body["error"]["doc_url"].endswith(f"/{body['error']['code']}/")
    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("path", "allow"),
    [("/v3/phone_numbers", {"GET", "HEAD", "OPTIONS"}), ("/v3/phone_numbers/x", {"PUT", "OPTIONS"})],
)
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "TRACE", "QUERY"])
def test_an_unknown_method_is_told_which_there_are(
    server: Server, method: str, path: str, allow: set[str]
) -> None:
    response = server.request(method, path)

    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == allow


class Broken(Behaviour):
    async def list_phone_numbers(self, call: Call, account: Account) -> Response:
        raise RuntimeError(f"a secret of {account.token} for {call.method}")


def test_a_failure_of_the_mock_reveals_nothing(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve(Broken(two_accounts(DEFAULT_TOKENS, 1), "/api/partner"))
    with caplog.at_level(logging.ERROR):
        response = server.get("/v3/phone_numbers")

    assert response.status_code == 500
    assert response.json() == {
        "success": False,
        "error": {
            "status": 500,
            "code": 3001,
            "message": "Internal server error",
            "doc_url": "https://docs.linqapp.com/error/codes/3xxx/3001/",
        },
        "trace_id": response.headers["X-Trace-ID"],
    }
    assert "RuntimeError" in caplog.text


@pytest.mark.parametrize("operation_id", linq_document.load().operations)
def test_no_operation_of_the_contract_ends_in_a_failure(server: Server, operation_id: str) -> None:
    operation = linq_document.load().operations[operation_id]
    path = re.sub(r"\{\w+\}", "00000000-0000-4000-8000-000000000000", operation.path)

    assert server.request(operation.method, path).status_code < 500


def test_the_base_path_may_be_empty(serve: Serve) -> None:
    server = serve(Behaviour(two_accounts(DEFAULT_TOKENS, 1), ""))

    assert server.get("http://mock/v3/phone_numbers").status_code == 200
    assert server.get("/v3/phone_numbers").status_code == 404
