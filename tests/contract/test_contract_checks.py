"""The checks of a single exchange: what they find, and what they must never find."""

from __future__ import annotations

import base64
import copy
import json
import string
import uuid
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.honest import CONTRACT, GUIDE, OWN, PATH, TRACE_ID, envelope, line, refuse, respond

from linq_contract.contract.classification import classify
from linq_contract.contract.expectation import expect
from linq_contract.contract.lines import Accounts, listed_lines
from linq_contract.http.credentials import ACCOUNT
from linq_contract.http.messages import NoAnswer, Request, Response
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.registry import checked, checked_rules

if TYPE_CHECKING:
    from collections.abc import Callable

Broken: TypeAlias = dict[str, str]

OTHER_TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
TOKEN = f"Bearer {OWN}"


LINES = [
    line(1, forwarding_number="+13105550172"),
    line(2, "AT_RISK", forwarding_number=None),
    line(3, "CRITICAL"),
]
ID = LINES[0]["id"]
UPDATED = {"id": ID, "phone_number": LINES[0]["phone_number"], "forwarding_number": "+13105550199"}
ENVELOPE = envelope(401, 2004)


def ask(method: str = "GET", target: str = PATH, body: bytes | None = None, **headers: str) -> Request:
    named = {"Authorization": TOKEN, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Request(method, target, tuple((name, value) for name, value in named.items() if value), body)


def put(value: object = "+13105550199", segment: str = ID, **headers: str) -> Request:
    body = value if isinstance(value, bytes) else json.dumps({"forwarding_number": value}).encode()
    return ask("PUT", f"{PATH}/{segment}", body, Content_Type="application/json", **headers)


def listing(*lines: dict[str, Any]) -> Response:
    return respond(200, {"phone_numbers": list(lines)})


def updated(**changes: Any) -> Response:
    return respond(200, {**UPDATED, **changes})


def broken(request: Request, given: Response | NoAnswer, *, final: bool = True) -> Broken:
    """The rules that an exchange breaks, each with the first thing that is wrong."""
    accounts = Accounts()
    accounts[ACCOUNT].adopt({one.key: one for one in listed_lines(LINES)})
    classified = classify(request, CONTRACT, accounts)
    exchange = Exchange(CONTRACT, request, given, classified, expect(classified, CONTRACT), final)
    return {rule: problem for rule, problem in reversed(list(checked(exchange))) if problem}


def changed(place: str, **changes: Any) -> dict[str, Any]:
    """The first line with other values in one of its objects."""
    return {**LINES[0], place: {**LINES[0][place], **changes}}


ANONYMOUS = ask(Authorization="")
LIMITED = {"status": 429, "code": 1007, "retry_after": 30}

INTERNALS = (
    ("no rows: select l.id, l.number from lines l where l.id = ? limit 1", "SQL"),
    ("Traceback (most recent call last):", "a stack trace"),
    ('File "app.py", line 3, in <module>', "a stack trace"),
    ("at Object.update (server.js:10:5)", "a stack trace"),
    ("at com.linq.Api.update(Api.java:42)", "a stack trace"),
    ("goroutine 1 [running]:", "a stack trace"),
    ("Not a HASH reference at Phone.pm line 12.", "a stack trace"),
    ("open /home/deploy/config: no such file", "a file path"),
    (r"C:\inetpub\wwwroot", "a file path"),
    (r"\\files\deploy\api.dll could not convert", "a file path"),
    ("/srv/www/site-packages/flask", "a file path"),
    ("SELECT id FROM lines WHERE id = 1", "SQL"),
    ("UPDATE phone_numbers SET forwarding_number = $1", "SQL"),
    ('duplicate key value violates unique constraint "lines_pkey"', "SQL"),
    ("sqlalchemy.exc.DataError", "SQL"),
    ('null value in column "id" violates not-null constraint', "SQL"),
    ("<html><body>Bad Request</body></html>", "HTML"),
    ("<!DOCTYPE html>", "HTML"),
    ("invalid<br/>number", "HTML"),
)
NOT_E164: tuple[object, ...] = ("", "null", "13105550172", "+13105550172\n", "+0", 13105550172, False, [], {})

BROKEN: dict[str, list[tuple[Request, Response | NoAnswer, str]]] = {
    "transport.json": [
        (ask(), respond(200, {"phone_numbers": []}, Content_Type="text/html"), "text/html"),
        (ask(), respond(200, {"phone_numbers": []}, Content_Type="application/jsonp"), "application/jsonp"),
        (ask(), respond(200, {"phone_numbers": []}, Content_Type=None), "absent"),
        (ask(), respond(200, b""), "not JSON"),
        (ask(), respond(200, b"\xff"), "not JSON in UTF-8"),
        (ask(), respond(200, b'{"phone_numbers": [], "x": NaN}'), "not JSON"),
        (ask(), respond(200, b'{"phone_numbers": [], "x": -Infinity}'), "not JSON"),
        (ask(Accept_Encoding="identity"), respond(200, b"{}", Content_Encoding="gzip"), "encoded with gzip"),
        (ask(Accept_Encoding="gzip;q=1"), respond(200, b"{}", Content_Encoding="br"), "offered gzip;q=1"),
        (put(), respond(200, b"[" * 100_000), "not JSON"),
        (put(segment="x" * 7_000), respond(414, b"<p>Too long</p>", Content_Type="text/html"), "text/html"),
        (ask(target="/v3/else"), respond(308, b"", Content_Type="text/html"), "text/html"),
        (ask(target=f"{PATH}/"), respond(400, b"<p>No</p>", Content_Type="text/html"), "text/html"),
    ],
    "transport.trace-id": [
        (ask(target=f"{PATH}/"), respond(308, b"", X_Trace_ID=None), "no X-Trace-ID"),
        (ask(), respond(200, {"phone_numbers": []}, X_Trace_ID=None), "no X-Trace-ID"),
        (ask(), respond(200, {"phone_numbers": []}, X_Trace_ID=TRACE_ID.upper()), "32 lowercase hex"),
        (ask(), respond(200, {"phone_numbers": []}, X_Trace_ID=TRACE_ID[1:]), "32 lowercase hex"),
        (ANONYMOUS, respond(401, ENVELOPE, X_Trace_ID=None), "no X-Trace-ID"),
    ],
    "transport.trace-id-unique": [
        (ask(X_Trace_ID=TRACE_ID), listing(), "the client sent"),
        (ask(X_Trace_ID=TRACE_ID.upper()), listing(), "the client sent"),
        (ask(X_Trace_ID=str(uuid.UUID(TRACE_ID))), listing(), "the client sent"),
        (ask(traceparent=f"00-{TRACE_ID}-00f067aa0ba902b7-01"), listing(), "the client sent"),
        (ask(traceparent=f"00-{TRACE_ID}"), listing(), "the client sent"),
    ],
    "transport.unknown-method": [
        (ask("DELETE"), refuse(404, 2019), "answered 404 / 2019, expected 405"),
        (ask("DELETE"), respond(405, envelope(405, 1005)), "Allow is None, expected GET"),
        (ask("DELETE"), respond(405, envelope(405, 1005), Allow="PUT"), "expected GET"),
        (ask("GET", f"{PATH}/{ID}"), respond(405, envelope(405, 1005), Allow="PUT, GET"), "expected PUT"),
    ],
    "transport.no-internals": [
        (put("x"), respond(500, b"<h1>Internal Server Error</h1>"), "HTML"),
        *((put("x"), refuse(400, 1002, message=text), what) for text, what in INTERNALS),
    ],
    "transport.no-token-echo": [
        (ask(), respond(200, {"phone_numbers": [], "x": TOKEN}), "the body holds"),
        (
            ask(),
            respond(200, {"phone_numbers": []}, Set_Cookie=f"session={OWN}"),
            "Set-Cookie",
        ),
        (
            ask(Authorization="Bearer wrong-token-4711"),
            refuse(401, 2004, message="wrong-token-4711?"),
            "the body holds",
        ),
        (ask(Authorization="", Cookie=f"token={OWN}"), refuse(401, 2004, message=OWN), "the body holds"),
        (
            ask(target=f"{PATH}?token={OWN}", Authorization=""),
            refuse(401, 2004, message=OWN),
            "the body holds",
        ),
        (
            ask("PUT", f"{PATH}/{ID}", json.dumps({"token": OWN}).encode(), Authorization=""),
            refuse(401, 2004, message=OWN),
            "the body holds",
        ),
        (
            ask(Authorization=f"Basic {base64.b64encode(b'sam:wrong-token-4711').decode()}"),
            refuse(401, 2004, message="sam:wrong-token-4711?"),
            "the body holds",
        ),
    ],
    "error.envelope": [
        (ANONYMOUS, respond(401, {"error": "Unauthorized"}), "/error: "),
        (ANONYMOUS, respond(401, {**ENVELOPE, "success": True}), "/success: "),
        (
            ANONYMOUS,
            respond(401, {k: v for k, v in ENVELOPE.items() if k != "trace_id"}),
            '"trace_id" is a required',
        ),
        (ANONYMOUS, respond(401, b"Unauthorized"), "not JSON"),
        (ANONYMOUS, respond(401, [ENVELOPE]), "the body: "),
        (ANONYMOUS, refuse(401, 2004, code="2004"), "/error/code: "),
        (ANONYMOUS, refuse(401, 2004, message=None), "/error/message: "),
    ],
    "error.status-agrees": [
        (ANONYMOUS, refuse(401, 2004, status=403), "error.status is 403 and the HTTP status is 401"),
        (ANONYMOUS, refuse(401, 2004, status="401"), "'401'"),
    ],
    "error.code-agrees": [
        (ANONYMOUS, refuse(401, 2005), "code 2005 does not belong to HTTP 401"),
        (put("x"), refuse(400, 4004), "code 4004 does not belong to HTTP 400"),
        (put(segment="x"), refuse(404, 1005), "code 1005 does not belong to HTTP 404"),
        (ask("DELETE"), respond(405, envelope(405, 3001), Allow="GET"), "not in 1xxx or 2xxx"),
        (ask("DELETE"), respond(405, envelope(405, 1005, code="1005"), Allow="GET"), "not in 1xxx or 2xxx"),
        (ANONYMOUS, refuse(401, 2004, code=9999), "code 9999"),
    ],
    "error.trace-id-agrees": [
        (ANONYMOUS, respond(401, ENVELOPE, X_Trace_ID=OTHER_TRACE_ID), OTHER_TRACE_ID),
        (ANONYMOUS, respond(401, {**ENVELOPE, "trace_id": TRACE_ID.upper()}), TRACE_ID.upper()),
    ],
    "error.doc-url": [
        (
            ANONYMOUS,
            refuse(401, 2004, doc_url="https://docs.linqapp.com/error/codes/"),
            "expected https://docs.linqapp.com/",
        ),
        (
            ANONYMOUS,
            refuse(401, 2004, doc_url="https://docs.linqapp.com/error/codes/2xxx/2005/"),
            "2xxx/2004/",
        ),
    ],
    "error.retry-after": [
        (ask(), respond(429, envelope(429, 1007, **LIMITED)), "Retry-After is None"),
        (
            ask(),
            respond(429, envelope(429, 1007, **LIMITED), Retry_After="29"),
            "is 30 and Retry-After is 29",
        ),
        (ask(), respond(429, envelope(429, 1007), Retry_After="30"), "is None and Retry-After is 30"),
        (ask(), respond(429, envelope(429, 1007, retry_after=True), Retry_After="1"), "is True and"),
        (ask(), respond(429, envelope(429, 1007, **LIMITED), Retry_After="30.5"), "not whole seconds"),
        (ask(), respond(429, envelope(429, 1007, **LIMITED), Retry_After="-1"), "not whole seconds"),
        (
            ask(),
            respond(429, envelope(429, 1007, **LIMITED), Retry_After="Sun, 06 Nov 1994 08:49:37 GMT"),
            "not whole seconds",
        ),
        (
            ask(),
            respond(429, envelope(429, 1007, **LIMITED) | {"error": "slow down"}, Retry_After="30"),
            "is None",
        ),
        (ANONYMOUS, refuse(401, 2004, retry_after=30), "error.retry_after is 30 beside HTTP 401"),
        (ANONYMOUS, refuse(401, 2004, retry_after=0), "error.retry_after is 0 beside HTTP 401"),
    ],
    "auth.required": [
        (ask(target="/v3/else", Authorization=""), listing(), "the list was sent without a token"),
        (ANONYMOUS, listing(*LINES), "answered 200, expected 401 / 2004"),
        (ANONYMOUS, refuse(403, 2005), "answered 403 / 2005"),
        (put(Authorization=""), updated(), "answered 200"),
    ],
    "auth.invalid": [
        (ask(Authorization="Bearer x"), listing(), "answered 200"),
        (put(Authorization=f"{TOKEN}x"), updated(), "answered 200"),
        (ask(Authorization=TOKEN.replace("Bearer", "Basic")), listing(), "answered 200"),
    ],
    "auth.first": [
        (put(segment="x", Authorization=""), refuse(404, 2019), "answered 404 / 2019, expected 401 / 2004"),
        (put(b"{", Authorization="Bearer x"), refuse(400, 1003), "answered 400 / 1003, expected 401 / 2004"),
    ],
    "list.schema": [
        (ask(), listing({**LINES[0], "id": "half a pair: \ud83d"}), "/phone_numbers/0/id"),
        (ask(), respond(200, []), "the body: "),
        (ask(), respond(200, {"phone_numbers": None}), "/phone_numbers: "),
        (ask(), respond(200, {}), '"phone_numbers" is a required'),
        (ask(), listing({**LINES[0], "id": "1"}), "/phone_numbers/0/id: "),
        (ask(), listing({**LINES[0], "phone_number": "2025550143"}), "/phone_numbers/0/phone_number: "),
        (
            ask(),
            listing({k: v for k, v in LINES[0].items() if k != "reputation"}),
            '"reputation" is a required',
        ),
        (ask(), respond(204, b""), "answered 204, expected 200"),
        (ask(), refuse(404, 2019), "answered 404 / 2019, expected 200"),
        (ask(), NoAnswer("ReadError"), "there is no answer (ReadError)"),
    ],
    "list.unique": [
        (ask(), listing(LINES[0], {**LINES[1], "id": ID}), f"the id {ID} is listed twice"),
        (ask(), listing(LINES[0], {**LINES[1], "id": ID.upper()}), "is listed twice"),
        (ask(), listing(LINES[0], {**LINES[1], "phone_number": "+12025550141"}), "phone_number +12025550141"),
    ],
    "list.health-status-present": [
        (ask(), listing({k: v for k, v in LINES[0].items() if k != "health_status"}), "has no health_status"),
        (ask(), listing(LINES[0], {**LINES[1], "health_status": None}), f"line {LINES[1]['id']} has no"),
    ],
    "list.health-status-agrees": [
        (ask(), listing(LINES[1], changed("health_status", status="CRITICAL")), "'CRITICAL'"),
    ],
    "list.status-values": [
        (ask(), listing(changed("reputation", status="healthy")), "reputation status 'healthy'"),
        (ask(), listing(changed("health_status", status="OPTED_OUT")), "health_status status 'OPTED_OUT'"),
        (ask(), listing(changed("reputation", status={})), "status {}"),
    ],
    "list.doc-url": [
        (ask(), listing(changed("reputation", doc_url="/guides/#healthy")), "not an absolute http(s) URL"),
        (ask(), listing(changed("reputation", doc_url="ftp://docs.linqapp.com/x")), "not an absolute"),
        (ask(), listing(changed("reputation", doc_url="")), "not an absolute"),
        (ask(), listing(changed("reputation", doc_url="http://[")), "not an absolute"),
        (
            ask(),
            listing(LINES[0], line(2, reputation={"status": "HEALTHY", "doc_url": "https://x/"})),
            "on another",
        ),
        (
            ask(),
            listing(LINES[0], line(2, health_status={"status": "CRITICAL", "doc_url": f"{GUIDE}#healthy"})),
            "both",
        ),
    ],
    "list.forwarding-number": [
        (ask(), listing({**LINES[0], "forwarding_number": value}), repr(value)) for value in NOT_E164
    ],
    "update.schema": [
        (put(), respond(200, {}), "is a required property"),
        (put(), updated(id="1"), "/id: "),
        (put(), updated(forwarding_number=""), "/forwarding_number: "),
        (put(), respond(200, b"OK"), "not JSON"),
        (put(), respond(204, b""), "answered 204, expected 200"),
        (put(), refuse(400, 1002), "answered 400 / 1002, expected 200"),
        (put(), refuse(500, 3001), "answered 500 / 3001, expected 200"),
    ],
    "update.echo": [
        (put(), updated(id=LINES[1]["id"]), f"and the path {ID}"),
        (put(), updated(phone_number="+12025550199"), "and the list +12025550141"),
        (put(), updated(forwarding_number="+13105550172"), "'+13105550199' was sent"),
        (put(), updated(forwarding_number=None), "None"),
        (put(), respond(200, {k: v for k, v in UPDATED.items() if k != "forwarding_number"}), "None"),
    ],
    "update.clear-null": [
        (put(None), updated(), "still has the forwarding number '+13105550199'"),
        (put(None), refuse(400, 1002), "answered 400 / 1002, expected 200"),
    ],
    "update.clear-empty": [
        (put(""), updated(), "still has the forwarding number '+13105550199'"),
        (put(""), updated(forwarding_number=""), "still has the forwarding number ''"),
        (put(""), refuse(400, 1002), "answered 400 / 1002, expected 200"),
    ],
    "update.invalid-number": [
        (put("x"), updated(forwarding_number="x"), "answered 200, expected 400 / 1002"),
        (put("+12025550143\n"), refuse(400, 1005), "answered 400 / 1005"),
    ],
    "update.missing-field": [
        (put(b"{}"), updated(), "answered 200"),
        (put(b"{}"), refuse(400, 1003), "expected 400 / 1001"),
    ],
    "update.wrong-type": [(put(1), updated(), "answered 200"), (put([]), refuse(500, 3001), "answered 500")],
    "update.invalid-body": [
        (put(b"{"), updated(), "answered 200"),
        (put(b"[]"), refuse(400, 1002), "answered 400 / 1002"),
        (put(b""), refuse(400, 1005), "expected 400 / 1001 or 400 / 1003"),
    ],
    "update.content-type": [
        (
            ask("PUT", f"{PATH}/{ID}", b'{"forwarding_number": null}', Content_Type="text/plain"),
            updated(),
            "200",
        ),
    ],
    "update.unknown-id": [
        (put(segment="00000000-0000-4000-8000-000000000000"), refuse(400, 1005), "expected 404 / 2019"),
        (put(segment="00000000-0000-4000-8000-000000000000"), updated(), "answered 200"),
    ],
    "update.malformed-id": [
        (put(segment="x"), refuse(500, 3001), "answered 500"),
        (put(segment="%2B12025550141"), updated(), "answered 200"),
        (put(segment=f"{ID}%2Fx"), updated(), "answered 200"),
        (put(segment="%ff"), refuse(500, 3001), "answered 500"),
        (put(segment=""), updated(), "an update that names no line was carried out"),
    ],
}
CASES = [(rule, *case) for rule, cases in BROKEN.items() for case in cases]


@pytest.mark.parametrize(("rule", "request_", "response", "reason"), CASES, ids=[case[0] for case in CASES])
def test_a_broken_exchange_is_found_with_the_reason(
    rule: str, request_: Request, response: Response | NoAnswer, reason: str
) -> None:
    assert reason in broken(request_, response).get(rule, "nothing was found")


def test_the_table_of_broken_exchanges_has_every_check_of_a_single_exchange() -> None:
    # Only the history of a line of another account breaks auth.tenant here; its test is with the auditor.
    assert checked_rules(Exchange) - {"auth.tenant"} == set(BROKEN)


CONFORMING: dict[str, tuple[Request, Response | NoAnswer]] = {
    "a list": (ask(), listing(*LINES)),
    "an empty list": (ask(), listing()),
    "an update": (put(), updated()),
    "a refusal": (ANONYMOUS, refuse(401, 2004)),
    "a clear by null": (put(None), updated(forwarding_number=None)),
    "a clear by the empty string": (put(""), updated(forwarding_number=None)),
    "a clear answered without the property": (
        put(""),
        respond(200, {"id": ID, "phone_number": LINES[0]["phone_number"]}),
    ),
    "unknown properties in a list": (
        ask(),
        respond(200, {"phone_numbers": [{**LINES[0], "x": [None]}], "next": None}),
    ),
    "unknown properties in an update": (put(), updated(line_type="RCS")),
    "unknown properties in an error": (ANONYMOUS, respond(401, {**envelope(401, 2004, hint="x"), "x": 1})),
    "unknown headers": (ask(), respond(200, {"phone_numbers": []}, Server="x", Retry_After="soon")),
    "retry_after null beside another error": (ANONYMOUS, refuse(401, 2004, retry_after=None)),
    "a rate limit": (ask(), respond(429, envelope(429, 1007, **LIMITED), Retry_After="30")),
    "a rate limit instead of a refusal": (
        put("x"),
        respond(429, envelope(429, 1007, **LIMITED), Retry_After="30"),
    ),
    "a byte order mark": (
        ask(),
        respond(200, b"\xef\xbb\xbf" + json.dumps({"phone_numbers": LINES}).encode()),
    ),
    "a coding that the client offered": (
        ask(Accept_Encoding="br;q=0.5, GZIP"),
        respond(200, {"phone_numbers": []}, Content_Encoding="gzip"),
    ),
    "a coding where the client takes any": (
        ask(Accept_Encoding="*"),
        respond(200, {"phone_numbers": []}, Content_Encoding="br"),
    ),
    "a coding where the client did not say what it takes": (
        ask(),
        respond(200, {"phone_numbers": []}, Content_Encoding="gzip"),
    ),
    "a charset": (ask(), respond(200, {"phone_numbers": []}, Content_Type="application/json; charset=utf-8")),
    "a content type in capitals": (
        ask(),
        respond(200, {"phone_numbers": []}, Content_Type="Application/JSON"),
    ),
    "pretty-printed and escaped": (
        put(),
        respond(200, json.dumps(UPDATED, indent=2).replace("+", "\\u002b").encode()),
    ),
    "ids in capitals in a list": (ask(), listing(*({**one, "id": one["id"].upper()} for one in LINES))),
    "an id in capitals in an update": (put(), updated(id=ID.upper())),
    "different pages for reputation and health_status": (
        ask(),
        listing({**LINES[0], "health_status": {"status": "HEALTHY", "doc_url": "http://x/y?z#h"}}),
    ),
    "lines that forward to the same number": (
        ask(),
        listing(*({**one, "forwarding_number": "+13105550172"} for one in LINES)),
    ),
    "lines of any country": (
        ask(),
        listing(line(1, phone_number="+442079460000"), line(2, phone_number="+81312345678")),
    ),
    "a page of the error code without the last slash": (
        ANONYMOUS,
        refuse(401, 2004, doc_url=ENVELOPE["error"]["doc_url"].rstrip("/")),
    ),
    "an Allow with the operations of the path": (
        ask("DELETE"),
        respond(405, envelope(405, 1005), Allow="GET"),
    ),
    "an Allow with an operation that was added beside": (
        ask("DELETE"),
        respond(405, envelope(405, 1005), Allow="GET, POST"),
    ),
    "an Allow with HEAD and OPTIONS in small letters": (
        ask("DELETE"),
        respond(405, envelope(405, 1005), Allow="get,head , options"),
    ),
    "any code beside 415": (
        ask("PUT", f"{PATH}/{ID}", b"{}", Content_Type="text/plain"),
        refuse(415, 2019),
    ),
    "the last code of 2xxx beside 415": (
        ask("PUT", f"{PATH}/{ID}", b"{}", Content_Type="text/plain"),
        refuse(415, 2999),
    ),
    "any code beside 404 of an unknown path": (ask("GET", "/v3/else"), refuse(404, 1005)),
    "a trace id of its own": (
        ask(X_Trace_ID=OTHER_TRACE_ID, traceparent=f"00-{OTHER_TRACE_ID}-1-01"),
        listing(),
    ),
    "the reason phrase of a short token": (
        ask(Authorization="Bearer x"),
        refuse(401, 2004, message="x marks the spot"),
    ),
    "HEAD with a body of any kind": (ask("HEAD"), respond(200, b"", Content_Type=None, X_Trace_ID=None)),
    "HEAD that is refused": (ask("HEAD"), respond(405, b"", Content_Type="text/html", X_Trace_ID=None)),
    "HEAD with the trace id that was sent": (ask("HEAD", X_Trace_ID=TRACE_ID), respond(200, b"")),
    "a page for everybody beside the paths": (
        ask(target="/v3/else", Authorization=""),
        respond(200, {"status": "up"}),
    ),
    "OPTIONS without content": (ask("OPTIONS"), respond(204, b"", Content_Type=None, X_Trace_ID=None)),
    "TRACE that sends back what it was sent": (
        ask("TRACE"),
        respond(200, f"Authorization: {TOKEN}".encode(), Content_Type="message/http", X_Trace_ID=None),
    ),
    "a redirect from a path with a slash too many": (
        ask(target=f"{PATH}/"),
        respond(308, b"<p>Moved</p>", Content_Type="text/html"),
    ),
    "a redirect before the token is looked at": (
        ask(target=f"/{PATH}", Authorization=""),
        respond(301, b"", Content_Type=None),
    ),
    "a redirect of an update": (put(segment=f"{ID}%2F"), respond(307, b"", Content_Type=None)),
    "a redirect of an update without an id": (put(segment=""), respond(308, b"", Content_Type=None)),
    "an update of a path with a slash too many": (put(segment=f"/{ID}"), updated()),
    "an id in braces": (put(segment=f"%7B{ID}%7D"), updated()),
    "a lone surrogate that is no JSON": (put("\ud800"), refuse(400, 1003)),
    "NaN that is no number": (put(b'{"forwarding_number": NaN}'), refuse(400, 1002)),
    "a path that is too long": (put(segment="x" * 7_000), refuse(414, 1005)),
    "headers that are too long": (ask(X_Padding="x" * 9_000), refuse(431, 1003)),
    "a body that is too large": (put(b" " * 200_000), refuse(413, 1003)),
    "a body that is too large to be answered": (put(b" " * 200_000), NoAnswer("the connection was reset")),
    "another media type that is not to be had": (ask(Accept="image/png"), refuse(406, 1005)),
    "OPTIONS that fails": (ask("OPTIONS"), respond(500, b"<h1>no</h1>", X_Trace_ID=None)),
}


@pytest.mark.parametrize("name", CONFORMING)
def test_a_server_is_free_to_answer_with(name: str) -> None:
    assert broken(*CONFORMING[name]) == {}


@pytest.mark.parametrize(
    "given_", [refuse(500, 3001), refuse(503, 4004), refuse(504, 3005), NoAnswer("reset")]
)
def test_a_failure_that_is_tried_again_breaks_nothing(given_: Response | NoAnswer) -> None:
    assert broken(ask(), given_, final=False) == {}


MESSAGES = (
    "forwarding_number must match ^\\+[1-9][0-9]{1,14}$",
    "/forwarding_number: expected a string or null, got 12 (see https://docs.linqapp.com/errors/at/line/3)",
    "Please select another number from the list, or update and set it again.",
    "Please select a number from the list where it is shown.",
    "No route for PUT /v3/phone_numbers/x at 12:30:45",
    "Expecting ',' delimiter: line 1 column 24 (char 23)",
    "You cannot drop the table here; delete from your list.",
    "1 < 2 and 3 > 2; a -> b <- c <=> d",
    "forwarding_number violates pattern constraint",
    "Unexpected token at body(1:24)",
    "A field is missing at <body>.forwarding_number",
    "See https://api.example.rs:8443/docs",
    "Nummer ung\u00fcltig \u2014 \u756a\u53f7\u304c\u7121\u52b9\u3067\u3059",
    "",
)


@pytest.mark.parametrize("message", MESSAGES)
def test_no_wording_is_an_accusation(message: str) -> None:
    assert broken(put("x"), refuse(400, 1002, message=message)) == {}


WORDS = st.lists(
    st.one_of(
        st.text(string.ascii_letters + string.digits + "_-'", min_size=1, max_size=12),
        st.sampled_from(sorted(CONTRACT.rules)),
        st.sampled_from(["phone_numbers", "forwarding_number", "id", "0"]).map("/{}".format),
        st.sampled_from(
            ["select", "from", "update", "set", "delete", "insert", "table", "at", "in", "line", "file"]
        ),
        st.text(".,:;!?()[]{}=+*#&%$\u2026\u201c\u201d", min_size=1, max_size=3),
    ),
    max_size=20,
).map(" ".join)


@given(WORDS)
def test_no_message_of_words_and_pointers_reveals_internals(message: str) -> None:
    assert "transport.no-internals" not in broken(put("x"), refuse(400, 1002, message=message))


@pytest.mark.parametrize("sent", ["<html>", "/etc/passwd", "SELECT id FROM lines", "SELECT l\xedneas FROM l"])
def test_a_quote_of_what_the_client_sent_reveals_nothing(sent: str) -> None:
    assert broken(put(sent), refuse(400, 1002, message=f"{sent} is not E.164")) == {}


def test_a_quote_is_taken_out_whole_where_a_part_of_it_was_sent_as_well() -> None:
    given_ = refuse(400, 1002, message="/etc/passwd is not E.164")

    assert broken(put("/etc/passwd", X_Name="passwd"), given_) == {}


@pytest.mark.parametrize("quoted", ["a%5Fb%20c?d=<b/>", "a%5Fb%20c", "a_b c"])
def test_a_quote_of_the_path_with_the_servers_own_before_it_reveals_nothing(quoted: str) -> None:
    given_ = refuse(404, 1005, message=f"/app/api{PATH}/{quoted} was not found")

    assert "transport.no-internals" not in broken(put(segment="a%5Fb%20c?d=<b/>"), given_)


@pytest.mark.parametrize(("sent", "is_quoted"), [("C:", False), ("C:\\", True)])
def test_what_is_too_short_to_be_a_quote_still_reveals_something(sent: str, *, is_quoted: bool) -> None:
    given_ = refuse(400, 1002, message=r"C:\inetpub\wwwroot")

    assert ("transport.no-internals" in broken(put(sent), given_)) is not is_quoted


@pytest.mark.parametrize(
    ("request_", "response", "rules"),
    [
        (ask(), listing(changed("reputation", doc_url="nowhere")), {"list.doc-url"}),
        (ask(), listing(changed("reputation", doc_url=5)), {"list.doc-url", "list.schema"}),
        (ANONYMOUS, refuse(401, 2004, doc_url="nowhere"), {"error.doc-url"}),
    ],
)
def test_a_text_that_is_no_url_breaks_the_rule_of_urls_alone(
    request_: Request, response: Response, rules: set[str]
) -> None:
    assert set(broken(request_, response)) == rules


@pytest.mark.parametrize("status", [406, 408, 411, 413, 414, 417, 421, 426, 431])
def test_a_status_of_http_alone_has_any_code(status: int) -> None:
    assert "error.code-agrees" not in broken(ask(), refuse(status, 4004))


Change: TypeAlias = "Callable[[dict[str, Any]], Any]"
CHANGES: dict[str, Change] = {
    "message": lambda body: body["error"].update(message=None),
    "code": lambda body: body["error"].pop("code"),
    "success": lambda body: body.pop("success"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_incomplete_envelope_breaks_that_rule_and_does_not_crash_the_others(name: str) -> None:
    body = copy.deepcopy(envelope(401, 2004))
    CHANGES[name](body)

    assert "error.envelope" in broken(ANONYMOUS, respond(401, body))


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["HEALTHY", "+12025550143", ID]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["phone_numbers", "id", "phone_number", "reputation", "health_status", "status", "doc_url"]
            )
            | st.sampled_from(
                ["forwarding_number", "error", "code", "message", "trace_id", "success", "retry_after"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(
    st.sampled_from([ask(), put(), put(None), put("x"), ANONYMOUS, ask("DELETE")]),
    st.sampled_from([200, 204, 302, 400, 401, 404, 405, 415, 429, 500, 520]),
    JSON_VALUES,
)
def test_no_body_of_any_shape_makes_a_check_fall_over(sent: Request, status: int, body: object) -> None:
    broken(sent, respond(status, body))
