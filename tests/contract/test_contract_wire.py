"""The one HTTP layer: what it lets out, and what it makes of what comes back."""

from __future__ import annotations

import base64
import gzip
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

import pytest
from starlette.responses import JSONResponse
from starlette.responses import Response as HttpResponse

import linq_document
from linq_contract.contract.lines import Accounts
from linq_contract.contract.numbers import fiction
from linq_contract.http.credentials import ACCOUNT, Credentials, placeholder
from linq_contract.http.messages import SAFE_METHODS, NoAnswer, Request, Response
from linq_contract.http.wire import RefusedError, Wire
from linq_contract.judge.auditor import Auditor
from linq_contract.judge.ledger import Ledger
from linq_contract.run.campaign import Campaign
from linq_contract.run.patience import Patience
from linq_contract.run.phases import PHASES
from linq_contract.run.session import Session
from linq_contract.safety.guard import Guard
from linq_contract.safety.journal import Journal
from linq_contract.safety.target import Permissions, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import Receive, Scope
    from starlette.types import Send as AsgiSend
    from tests.serving import Serve, Served, ServeMock

    from linq_document import Document

TOKEN = "canary-7f3d9b/51=Z"
PLACEHOLDER = placeholder(ACCOUNT)
TARGET = "/v3/phone_numbers"

Connect: TypeAlias = "Callable[..., Wire]"
Answering: TypeAlias = "Callable[[HttpResponse], Served]"


@pytest.fixture
def answering(serve: Serve) -> Answering:
    """A server that gives every request the same answer."""

    def serve_answer(answer: HttpResponse) -> Served:
        async def app(scope: Scope, receive: Receive, send: AsgiSend) -> None:
            await answer(scope, receive, send)

        return serve(app)

    return serve_answer


@pytest.fixture
def connect(contract: Document) -> Iterator[Connect]:
    wires: list[Wire] = []

    def open_wire(served: Served, *numbers: str, allow_writes: bool = True) -> Wire:
        target = Target(served.url, Credentials({ACCOUNT: TOKEN}), Permissions(forward_to=numbers))
        guard = Guard(target, contract, Accounts())
        guard.begin(Journal.in_memory(served.url, {}))
        wires.append(Wire(served.url, target.credentials, allow_writes=allow_writes, guards=(guard,)))
        return wires[-1]

    yield open_wire
    for wire in wires:
        wire.__exit__(None, None, None)


def put(number: object, **headers: str) -> Request:
    body = f'{{"forwarding_number": "{number}"}}'.encode()
    return Request("PUT", f"{TARGET}/x", tuple(headers.items()), body)


def response(answer: Response | NoAnswer) -> Response:
    assert isinstance(answer, Response)
    return answer


@pytest.mark.parametrize(
    "method", ["PUT", "POST", "PATCH", "DELETE", "TRACE", "CONNECT", "put", "get", "QUERY"]
)
def test_without_writes_no_other_method_leaves_the_process(
    answering: Answering, connect: Connect, method: str
) -> None:
    served = answering(JSONResponse({}))
    with pytest.raises(RefusedError, match="writes are not allowed"):
        connect(served, allow_writes=False).send(Request(method, TARGET, (), b"{}"))

    assert served.log == []


@pytest.mark.parametrize("method", sorted(SAFE_METHODS))
def test_without_writes_the_safe_methods_are_sent(
    answering: Answering, connect: Connect, method: str
) -> None:
    served = answering(JSONResponse({}))
    connect(served, allow_writes=False).send(Request(method, TARGET))

    assert served.methods == {method}


def test_without_writes_no_phase_gets_anything_else_out_even_if_it_tries(serve_mock: ServeMock) -> None:
    served = serve_mock()
    contract = linq_document.load()
    target = Target(served.url, Credentials({ACCOUNT: served.token}))
    with Wire(target.base_url, target.credentials, allow_writes=False) as wire:
        auditor = Auditor(contract, Ledger([*contract.rules.values()]))
        session = Session(wire, auditor, Patience(float("inf")))
        session.list()
        for phase in PHASES:
            try:
                phase.run(
                    Campaign(
                        session, Target(served.url, target.credentials, Permissions(allow_writes=True)), 1
                    )
                )
            except RefusedError:
                continue

    assert served.methods <= SAFE_METHODS
    assert len(served.log) > len(PHASES)


@pytest.mark.parametrize("number", ["+12124567890", "+1 (212) 456-7890", "0012124567890", "+442071234567"])
def test_a_number_that_could_be_a_strangers_does_not_leave(
    answering: Answering, connect: Connect, number: str
) -> None:
    served = answering(JSONResponse({}))
    wire = connect(served)
    with pytest.raises(RefusedError, match="could be a stranger's"):
        wire.send(put(number))

    assert served.log == []
    assert wire.sent == 0


@pytest.mark.parametrize("number", [fiction(7), "x", "", "+999123456789012", "null"])
def test_a_number_that_rings_nobody_is_sent(answering: Answering, connect: Connect, number: str) -> None:
    served = answering(JSONResponse({}))
    connect(served).send(put(number))

    assert number.encode() in served.log[0].body


def test_a_number_that_a_line_forwarded_to_before_may_be_put_back(
    answering: Answering, connect: Connect
) -> None:
    served = answering(JSONResponse({}))
    wire = connect(served, "+12124567890")
    wire.send(put("+12124567890"))

    assert len(served.log) == 1


def test_placeholders_are_resolved_on_the_wire_alone(answering: Answering, connect: Connect) -> None:
    served = answering(JSONResponse({}))
    request = Request("GET", TARGET, (("Authorization", f"Bearer {PLACEHOLDER}"), ("X-Other", "${HOME}")))
    connect(served).send(request)

    assert served.log[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert served.log[0].headers["x-other"] == "${HOME}"
    assert TOKEN not in repr(request)


def test_a_placeholder_in_a_body_becomes_the_token_as_json_spells_it(
    answering: Answering, connect: Connect
) -> None:
    served = answering(JSONResponse({}))
    body = b'{"access_token": "%s", "x": "${HOME} \xff"}'
    connect(served).send(Request("PUT", TARGET, (), body % PLACEHOLDER.encode()))

    assert served.log[0].body == body % TOKEN.encode()
    assert served.log[0].headers["content-length"] == str(len(served.log[0].body))


SHAPES = {
    "as it is": TOKEN,
    "URL-encoded": quote(TOKEN, safe=""),
    "base64": base64.b64encode(TOKEN.encode()).decode(),
    "base64 of the header": base64.b64encode(f"Bearer {TOKEN}".encode()).decode(),
    "upper case": TOKEN.upper(),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_token_that_comes_back_is_concealed_in_body_and_headers(
    answering: Answering, connect: Connect, shape: str
) -> None:
    shown = SHAPES[shape]
    headers = {"X-Echo": shown, f"X-{quote(TOKEN, safe='').replace('%', '-')}": "x"}
    answer = response(
        connect(answering(HttpResponse(f"<{shown}>", headers=headers))).send(Request("GET", TARGET))
    )

    assert shown.rstrip("=") not in answer.body.decode()
    assert shown.rstrip("=") not in str(answer.header("X-Echo"))
    assert PLACEHOLDER.encode() in answer.body


def test_a_token_in_a_compressed_body_is_concealed(answering: Answering, connect: Connect) -> None:
    packed = HttpResponse(gzip.compress(TOKEN.encode()), headers={"Content-Encoding": "gzip"})

    assert response(connect(answering(packed)).send(Request("GET", TARGET))).body == PLACEHOLDER.encode()


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
def test_a_compressed_body_is_decoded(answering: Answering, connect: Connect, coding: str) -> None:
    packed = HttpResponse(gzip.compress(b'{"a": 1}'), headers={"Content-Encoding": coding})

    assert response(connect(answering(packed)).send(Request("GET", TARGET))).json == {"a": 1}


@pytest.mark.parametrize("body", [b"{}", b"\x1f\x8b\x08", gzip.compress(b"{}", mtime=0)[:-4]])
def test_a_body_that_is_not_compressed_as_it_claims_stays_as_it_is(
    answering: Answering, connect: Connect, body: bytes
) -> None:
    lying = HttpResponse(body, headers={"Content-Encoding": "gzip"})

    assert response(connect(answering(lying)).send(Request("GET", TARGET))).body == body


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(
    answering: Answering, connect: Connect, status: int
) -> None:
    elsewhere = answering(JSONResponse({}))
    served = answering(HttpResponse(status_code=status, headers={"Location": f"{elsewhere.url}/x"}))
    request = Request("GET", TARGET, (("Authorization", f"Bearer {PLACEHOLDER}"),))

    assert response(connect(served).send(request)).status == status
    assert elsewhere.log == []


@pytest.mark.parametrize(
    "target",
    [
        "/v3/phone_numbers/%2e%2E",
        "/v3/phone_numbers/../x/./y",
        "/v3/phone_numbers/.",
        "/v3//phone_numbers///",
        "/v3/phone_numbers/a%2Fb%5Cc%00%0a%7e~",
        "/v3/phone_numbers/%zz%",
        '/v3/phone_numbers/[a]{b}|^`"<>',
        "/v3/phone_numbers?a=b&a=%20+%2B&=&",
        "/v3/phone_numbers/x;y=z,'(1)!*:@$&=+",
    ],
)
def test_the_target_reaches_the_server_byte_for_byte(
    answering: Answering, connect: Connect, target: str
) -> None:
    served = answering(JSONResponse({}))
    connect(served).send(Request("GET", target))

    assert served.log[0].target == f"/api/partner{target}".encode()


def test_headers_and_body_reach_the_server_as_they_are(answering: Answering, connect: Connect) -> None:
    served = answering(JSONResponse({}))
    body = bytes(range(256))
    connect(served).send(
        Request("PUT", TARGET, (("Content-Type", "Application/JSON;  x"), ("X-Empty", "")), body)
    )
    seen = served.log[0]

    assert seen.body == body
    assert seen.headers["content-type"] == "Application/JSON;  x"
    assert seen.headers["x-empty"] == ""
    assert "accept" not in seen.headers


def test_a_request_without_a_body_has_no_length_and_an_empty_one_has_zero(
    answering: Answering, connect: Connect
) -> None:
    served = answering(JSONResponse({}))
    wire = connect(served)
    wire.send(Request("PUT", TARGET, (), None))
    wire.send(Request("PUT", TARGET, (), b""))

    assert [seen.headers.get("content-length") for seen in served.log] == [None, "0"]


@pytest.mark.parametrize("header", [("X", "a\nb"), ("X", "\u20ac\x00"), ("X Y", "a"), ("\u20ac", "a")])
def test_what_http_cannot_carry_is_refused_and_not_an_error_of_the_server(
    answering: Answering, connect: Connect, header: tuple[str, str]
) -> None:
    with pytest.raises(RefusedError, match="cannot carry"):
        connect(answering(JSONResponse({}))).send(Request("GET", TARGET, (header,)))


def test_a_server_that_is_gone_gives_no_answer_with_a_reason(serve: Serve, connect: Connect) -> None:
    async def hang_up(_scope: Scope, _receive: Receive, send: AsgiSend) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
        await send({"type": "http.response.body", "body": b"{"})

    answer = connect(serve(hang_up)).send(Request("GET", TARGET))

    assert isinstance(answer, NoAnswer)
    assert answer.reason


def test_silence_is_told_from_a_broken_connection(serve: Serve, connect: Connect) -> None:
    async def wait(_scope: Scope, receive: Receive, _send: AsgiSend) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    answer = connect(serve(wait)).send(Request("GET", TARGET), timeout=0.05)

    assert answer == NoAnswer("nothing came within 0.05 s", timed_out=True)


def test_a_wire_counts_what_it_sent(answering: Answering, connect: Connect) -> None:
    wire: Any = connect(answering(JSONResponse({})))
    for _ in range(3):
        wire.send(Request("GET", TARGET))

    assert wire.sent == 3
