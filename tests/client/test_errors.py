"""Whatever a server does wrong ends in one typed error."""

from __future__ import annotations

import json
import pickle
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import linq_phone_numbers as linq

if TYPE_CHECKING:
    from tests.client.conftest import Clients

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


def envelope(status: int, code: int, **more: Any) -> dict[str, Any]:
    detail = {
        "status": status,
        "code": code,
        "message": "as the server words it",
        "doc_url": "https://docs.example",
    }
    return {"success": False, "error": detail | more, "trace_id": TRACE_ID}


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 1002, linq.BadRequestError),
        (401, 2004, linq.AuthenticationError),
        (403, 2005, linq.PermissionDeniedError),
        (404, 2019, linq.NotFoundError),
        (405, 1005, linq.APIStatusError),
        (409, 1005, linq.ConflictError),
        (422, 1005, linq.UnprocessableEntityError),
        (429, 1007, linq.RateLimitError),
        (500, 3001, linq.InternalServerError),
        (503, 4004, linq.InternalServerError),
    ],
)
def test_an_error_of_the_contract_raises_its_class_with_all_that_it_says(
    clients: Clients, status: int, code: int, kind: type[linq.APIStatusError]
) -> None:
    with pytest.raises(linq.APIStatusError) as caught:
        clients.list(lambda _: httpx.Response(status, json=envelope(status, code)))

    error = caught.value
    assert type(error) is kind
    assert (error.status_code, error.code, error.detail) == (status, code, "as the server words it")
    assert (error.doc_url, error.trace_id, error.operation) == (
        "https://docs.example",
        TRACE_ID,
        "list_phone_numbers",
    )
    assert error.response.json() == error.body == envelope(status, code)
    assert error.request is not None
    assert (error.request.method, error.tries) == ("GET", 1)
    assert error.seconds >= 0
    assert str(error).startswith(
        f"list_phone_numbers (GET /v3/phone_numbers) was answered with {status}, code {code}: as the server"
    )
    assert TRACE_ID in str(error)


@pytest.mark.parametrize(
    ("headers", "more", "seconds"),
    [
        ({"Retry-After": "30"}, {"retry_after": 30}, 30),
        ({"Retry-After": "30"}, {}, 30),
        ({}, {"retry_after": 20}, 20),
        ({"Retry-After": "0"}, {}, 0),
        ({"Retry-After": "soon"}, {"retry_after": None}, None),
        ({"Retry-After": "Mon, 01 Jan 2024 00:00:30 GMT"}, {}, 30),
        ({"Retry-After": "Sun, 31 Dec 2023 00:00:00 GMT"}, {}, 0),
        ({"Retry-After": "9" * 5000}, {}, 10**9),
        ({}, {"retry_after": -1}, 0),
        ({}, {"retry_after": 10**400}, 10**9),
        ({}, {}, None),
    ],
)
def test_a_rate_limit_says_how_long_to_wait(
    clients: Clients,
    monkeypatch: pytest.MonkeyPatch,
    headers: dict[str, str],
    more: dict[str, Any],
    seconds: int | None,
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1704067200.0)  # 2024-01-01 00:00:00 UTC
    with pytest.raises(linq.RateLimitError) as caught:
        clients.list(lambda _: httpx.Response(429, headers=headers, json=envelope(429, 1007, **more)))

    assert caught.value.retry_after == seconds


WHOLE = envelope(400, 1002, retry_after=7)


@pytest.mark.parametrize(
    "missing", ["success", "trace_id", "error/status", "error/code", "error/message", "error/doc_url"]
)
def test_what_an_error_tells_is_there_whatever_else_is_missing(clients: Clients, missing: str) -> None:
    body = json.loads(json.dumps(WHOLE))
    around, _, name = missing.rpartition("/")
    del (body[around] if around else body)[name]

    with pytest.raises(linq.BadRequestError) as caught:
        clients.list(lambda _: httpx.Response(400, json=body))

    error = caught.value
    found = {
        "error/code": error.code,
        "error/message": error.detail,
        "error/doc_url": error.doc_url,
        "trace_id": error.trace_id,
    }
    assert {place for place, value in found.items() if value is None} == {missing} & set(found)
    assert error.retry_after == 7


@pytest.mark.parametrize(
    ("more", "code", "seconds"),
    [
        ({"code": "1002"}, 1002, None),
        ({"code": "no_such_line"}, "no_such_line", None),
        ({"code": 4.5}, None, None),
        ({"code": True}, None, None),
        ({"retry_after": 30.5}, 1002, 31),
        ({"retry_after": "30"}, 1002, 30),
        ({"doc_url": 7}, 1002, None),
    ],
)
def test_a_member_of_another_type_harms_no_other(
    clients: Clients, more: dict[str, Any], code: int | str | None, seconds: int | None
) -> None:
    with pytest.raises(linq.BadRequestError) as caught:
        clients.list(
            lambda _: httpx.Response(
                400, json=envelope(400, 1002) | {"error": WHOLE["error"] | {"retry_after": None} | more}
            )
        )

    error = caught.value
    assert (error.code, error.detail, error.retry_after) == (code, "as the server words it", seconds)
    assert "as the server words it" in str(error)


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b'{"detail": [{"loc": ["body"], "msg": "field required"}]}', '"msg": "field required"'),
        (b"upstream\n connect\terror", "was answered with 502: upstream connect error."),
        (b"<html>" + b"x" * 1000, "was answered with 502: <html>xxxxx"),
        (b"\x1b[31m\xff", r"\x1b[31m"),
        (b"", "was answered with 502 and an empty body."),
    ],
)
def test_a_body_that_is_no_envelope_is_shown_by_its_beginning(
    clients: Clients, content: bytes, shown: str
) -> None:
    with pytest.raises(linq.InternalServerError) as caught:
        clients.list(lambda _: httpx.Response(502, content=content))

    assert shown in str(caught.value)
    assert len(str(caught.value)) < 320
    assert "None" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "body"), [(b'{"x": 1}', {"x": 1}), (b"plain", "plain"), (b"", None), (b"[1", "[1")]
)
def test_an_error_has_the_body_as_json_or_as_text(clients: Clients, content: bytes, body: Any) -> None:
    with pytest.raises(linq.InternalServerError) as failed:
        clients.list(lambda _: httpx.Response(500, content=content))
    with pytest.raises(linq.APIResponseValidationError) as invalid:
        clients.list(lambda _: httpx.Response(200, content=content))

    assert failed.value.body == invalid.value.body == body


def test_the_request_of_an_error_has_all_but_the_token(clients: Clients, line: dict[str, Any]) -> None:
    sent: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(404, json=envelope(404, 2019))

    def fail(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        raise httpx.ReadError("reset")

    for handler in (refuse, fail):
        with pytest.raises(linq.APIError) as caught:
            clients.update(handler, line["id"], forwarding_number=None)
        request = caught.value.request
        assert request is not None
        assert (request.method, request.url, request.content) == ("PUT", sent[-1].url, sent[-1].content)
        assert "authorization" not in request.headers
        # The one that transports and hooks have seen is theirs: tests look for the token there.
        assert sent[-1].headers["authorization"] == "Bearer canary-7f3d9b"


def test_an_error_of_raise_for_status_in_a_hook_is_that_of_its_status() -> None:
    answers = [httpx.Response(404, json=envelope(404, 2019)), httpx.Response(200, json={"phone_numbers": []})]

    def raise_for_status(response: httpx.Response) -> None:
        response.raise_for_status()

    hooks = {"response": [raise_for_status]}
    transport = httpx.MockTransport(lambda _: answers.pop(0))
    with (
        httpx.Client(transport=transport, event_hooks=hooks) as http,
        linq.LinqClient("token", http_client=http) as client,
    ):
        with pytest.raises(linq.NotFoundError) as caught:
            client.phone_numbers.list()
        assert client.phone_numbers.list().phone_numbers == []

    assert isinstance(caught.value.__cause__, httpx.HTTPStatusError)


@pytest.mark.parametrize(
    "raised", [AssertionError("no route"), KeyError("oops"), TypeError("x"), RuntimeError("y")]
)
def test_an_error_of_a_transport_or_a_hook_comes_out_as_itself_and_is_not_retried(
    clients: Clients, raised: Exception
) -> None:
    requests: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        raise raised

    with pytest.raises(type(raised)) as caught:
        clients.list(handler, max_retries=2)

    assert caught.value is raised
    assert len(requests) == 1


def test_an_answer_with_another_id_is_an_error(clients: Clients, line: dict[str, Any]) -> None:
    other = {"id": "00000000-0000-4000-8000-000000000000", "phone_number": line["phone_number"]}

    with pytest.raises(linq.APIResponseValidationError, match="was asked for") as caught:
        clients.update(lambda _: httpx.Response(200, json=other), line["id"], forwarding_number=None)

    assert caught.value.pointer == "/id"
    assert line["id"] in str(caught.value)


def test_an_id_in_other_letters_is_the_same(clients: Clients, line: dict[str, Any]) -> None:
    answer = {"id": line["id"].upper(), "phone_number": line["phone_number"]}

    updated = clients.update(lambda _: httpx.Response(200, json=answer), line["id"], forwarding_number=None)

    assert updated.id == line["id"].upper()


@pytest.mark.parametrize("status", [301, 400, 401, 418, 499, 500, 520, 599])
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"error": 1}', b"[]", b"\xff", b'{"success": NaN}', b"[" * 100_000]
)
def test_an_error_without_the_envelope_is_typed_by_its_status_alone(
    clients: Clients, status: int, body: bytes
) -> None:
    with pytest.raises(linq.APIStatusError) as caught:
        clients.list(lambda _: httpx.Response(status, content=body, headers={"X-Trace-ID": TRACE_ID}))

    error = caught.value
    assert (error.status_code, error.code, error.detail, error.doc_url) == (status, None, None, None)
    assert error.trace_id == TRACE_ID


@pytest.mark.parametrize(
    ("body", "pointer", "reason"),
    [
        (b"", "", "is empty"),
        (b"<html>", "", "is not JSON"),
        (b'{"phone_numbers": [', "", "is not JSON"),
        (b"[" * 100_000, "", "is not JSON"),
        (b'{"phone_numbers": NaN}', "", "is not JSON"),
        (b"\xff", "", "is not JSON"),
        (b"null", "", "is null, not an object"),
        (b"[]", "", "is not an object: list"),
        (b"{}", "/phone_numbers", "is missing"),
        (b'{"phone_numbers": {}}', "/phone_numbers", "is not an array: dict"),
        (b'{"phone_numbers": [7]}', "/phone_numbers/0", "is not an object: 7"),
    ],
)
def test_a_body_that_breaks_the_contract_is_reported_with_its_pointer(
    clients: Clients, body: bytes, pointer: str, reason: str
) -> None:
    with pytest.raises(linq.APIResponseValidationError) as caught:
        clients.list(lambda _: httpx.Response(200, content=body, headers={"X-Trace-ID": TRACE_ID}))

    error = caught.value
    assert (error.pointer, error.status_code, error.trace_id) == (pointer, 200, TRACE_ID)
    assert error.operation == "list_phone_numbers"
    assert f"{pointer or 'the value'} {reason}" in str(error)


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b'{"phone_numbers": []}', {"Content-Type": "text/html"}),
        (b'\xef\xbb\xbf{"phone_numbers": []}', {"Content-Type": "application/json; charset=utf-8"}),
        (b' {"phone_numbers"\n:[]}\n', {}),
    ],
    ids=["content type", "byte order mark", "white space"],
)
def test_a_body_is_judged_by_what_it_holds_alone(
    clients: Clients, content: bytes, headers: dict[str, str]
) -> None:
    answer = clients.list(lambda _: httpx.Response(200, content=content, headers=headers))

    assert answer.phone_numbers == []


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (httpx.ConnectError("refused"), linq.APIConnectionError),
        (httpx.ReadError("reset"), linq.APIConnectionError),
        (httpx.RemoteProtocolError("cut"), linq.APIConnectionError),
        (httpx.DecodingError("no gzip"), linq.APIConnectionError),
        (httpx.ConnectTimeout("slow"), linq.APITimeoutError),
        (httpx.ReadTimeout("slow"), linq.APITimeoutError),
        (httpx.PoolTimeout("busy"), linq.APITimeoutError),
    ],
)
def test_a_failed_connection_is_an_error_of_ours_with_its_cause(
    clients: Clients, raised: Exception, kind: type[linq.APIConnectionError]
) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise raised

    with pytest.raises(linq.APIConnectionError) as caught:
        clients.list(handler)

    assert type(caught.value) is kind
    assert caught.value.__cause__ is raised
    assert str(raised) in str(caught.value)


@pytest.mark.parametrize("body", [envelope(404, 2019), "x"], ids=["envelope", "none"])
def test_an_error_survives_pickling(clients: Clients, body: Any) -> None:
    with pytest.raises(linq.NotFoundError) as caught:
        clients.list(lambda _: httpx.Response(404, json=body))

    error, copy = caught.value, pickle.loads(pickle.dumps(caught.value))

    assert (str(copy), copy.code, copy.trace_id) == (str(error), error.code, error.trace_id)
    assert (copy.body, copy.tries, copy.operation) == (error.body, 1, "list_phone_numbers")


@pytest.mark.parametrize("token", ["4", '"', "e", ":"])
def test_an_error_is_read_whatever_the_token_looks_like(clients: Clients, token: str) -> None:
    with pytest.raises(linq.NotFoundError) as caught:
        clients.list(lambda _: httpx.Response(404, json=envelope(404, 2019)), api_key=token)

    assert caught.value.code == 2019


@pytest.mark.parametrize("depth", range(100, 1100, 50))
def test_deeply_nested_json_is_no_crash(clients: Clients, depth: int) -> None:
    body = b'{"error": ' + b"[" * depth + b"]" * depth + b"}"

    with pytest.raises(linq.BadRequestError):
        clients.list(lambda _: httpx.Response(400, content=body))
    with pytest.raises(linq.APIResponseValidationError):
        clients.list(lambda _: httpx.Response(200, content=body))


def test_a_message_can_be_printed_whatever_the_server_sent(clients: Clients) -> None:
    body = json.dumps(envelope(400, 1002, message="\ud800"))

    with pytest.raises(linq.BadRequestError) as caught:
        clients.list(lambda _: httpx.Response(400, content=body.encode()))

    str(caught.value).encode()


def test_a_message_is_one_line_whatever_the_server_sent(clients: Clients) -> None:
    said = "Busy.\n2026-01-01 INFO all is well\r\x1b[2J\x9b\u202e"

    body = envelope(400, 1002, message=said) | {"trace_id": "a\x9b"}

    with pytest.raises(linq.BadRequestError) as caught:
        clients.list(lambda _: httpx.Response(400, json=body))

    assert str(caught.value).isprintable()
    assert caught.value.detail == said


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(404, json={"error": {"message": "There is no such line."}}),
        httpx.Response(502, text="Bad gateway."),
        httpx.RemoteProtocolError("Server disconnected without sending a response."),
        httpx.ReadTimeout("The read operation timed out."),
    ],
    ids=str,
)
def test_a_message_ends_with_one_full_stop(clients: Clients, failure: httpx.Response | Exception) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        if isinstance(failure, Exception):
            raise failure
        return httpx.Response(failure.status_code, headers=failure.headers, content=failure.content)

    with pytest.raises(linq.APIError, match=r"[^.]\.$"):
        clients.list(handler)
