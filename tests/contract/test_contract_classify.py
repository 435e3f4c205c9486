"""What a request asks for, and which answers the contract leaves to the server."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

import linq_document
from linq_contract.contract.classification import Authority, Body, Classified, Media, Subject, classify
from linq_contract.contract.expectation import expect
from linq_contract.contract.lines import Accounts, Line
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT, Variant, placeholder
from linq_contract.http.messages import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from linq_document import Document

Classify: TypeAlias = "Callable[[Request], Classified]"

LISTING = "/v3/phone_numbers"
OWN, FOREIGN = (
    Line(line_id, line_id, number, None)
    for line_id, number in (
        ("3f2b8c1e-6a4d-4e59-9b70-1d2c3e4f5a6b", "+12025550143"),
        ("a81d4fae-7dec-41d0-a765-00a0c91e6bf6", "+13105550118"),
    )
)
UNKNOWN = "00000000-0000-4000-8000-000000000000"
TOKEN = f"Bearer {placeholder(ACCOUNT)}"
SET = b'{"forwarding_number": "+13105550172"}'
JSON = "application/json"


def request(
    method: str = "PUT",
    target: str = f"{LISTING}/{OWN.id}",
    body: bytes | None = SET,
    *,
    authorization: str | None = TOKEN,
    media: str | None = JSON,
) -> Request:
    headers = (("Authorization", authorization), ("Content-Type", media))
    return Request(method, target, tuple((name, value) for name, value in headers if value is not None), body)


def update(segment: str, **changes: Any) -> Request:
    return request(target=f"{LISTING}/{segment}", **changes)


@pytest.fixture
def classified(contract: Document) -> Classify:
    accounts = Accounts()
    accounts[ACCOUNT].adopt({OWN.key: OWN})
    accounts[OTHER_ACCOUNT].adopt({FOREIGN.key: FOREIGN})

    def classify_request(request: Request) -> Classified:
        return classify(request, contract, accounts)

    return classify_request


@pytest.mark.parametrize(
    ("header", "authority"),
    [
        (None, Authority.NONE),
        ("", Authority.INVALID),
        ("Bearer", Authority.INVALID),
        ("Bearer wrong", Authority.INVALID),
        (f"Basic {placeholder(ACCOUNT)}", Authority.INVALID),
        (f"{TOKEN}x", Authority.INVALID),
        (f"Bearer {placeholder(ACCOUNT, Variant.WITHOUT_THE_LAST)}", Authority.INVALID),
        (TOKEN, Authority.VALID),
        (f"Bearer {placeholder(OTHER_ACCOUNT)}", Authority.VALID),
        (TOKEN.replace("Bearer", "bearer"), Authority.FREE),
        (TOKEN.replace("Bearer", "BEARER"), Authority.FREE),
        (TOKEN.replace(" ", "  "), Authority.FREE),
        (TOKEN.replace(" ", "\t"), Authority.INVALID),
    ],
)
def test_the_authorization_says_what_it_is_worth(
    classified: Classify, header: str | None, authority: Authority
) -> None:
    assert classified(request(authorization=header)).authority is authority


@pytest.mark.parametrize("account", [ACCOUNT, OTHER_ACCOUNT])
def test_a_valid_token_says_whose_it_is(classified: Classify, account: str) -> None:
    assert classified(request(authorization=f"Bearer {placeholder(account)}")).account == account
    assert classified(request(authorization=f"bearer {placeholder(account)}")).account is None


@pytest.mark.parametrize(
    ("segment", "subject"),
    [
        (OWN.id, Subject.LINE),
        (OWN.id.upper(), Subject.FREE),
        (OWN.id.replace("-", ""), Subject.FREE),
        (FOREIGN.id, Subject.ANOTHER_ACCOUNTS_LINE),
        (FOREIGN.id.upper(), Subject.ANOTHER_ACCOUNTS_LINE),
        (FOREIGN.id.replace("-", ""), Subject.ANOTHER_ACCOUNTS_LINE),
        (UNKNOWN, Subject.UNKNOWN),
        (UNKNOWN.replace("-", ""), Subject.MALFORMED),
        ("x", Subject.MALFORMED),
        ("%2B12025550143", Subject.MALFORMED),
        (f"%7B{OWN.id}%7D", Subject.FREE),
        (f"urn:uuid:{OWN.id}", Subject.FREE),
        (OWN.id.replace("-", "--"), Subject.FREE),
        (f"%22{OWN.id}%22", Subject.FREE),
        (f"({OWN.id})", Subject.FREE),
        (f"(({OWN.id}))", Subject.MALFORMED),
        (f"0{OWN.id}", Subject.FREE),
        (f"1{OWN.id}", Subject.MALFORMED),
        (UNKNOWN.removeprefix("0"), Subject.MALFORMED),
        (OWN.id[1:], Subject.MALFORMED),
        (f"urn:uuid:{FOREIGN.id}", Subject.ANOTHER_ACCOUNTS_LINE),
        (f"urn:uuid:{UNKNOWN}", Subject.MALFORMED),
        *((f"{OWN.id}{space}", Subject.FREE) for space in ("%0A", "%20", "%09")),
        (f"%20{OWN.id}", Subject.FREE),
        (f"{UNKNOWN}%0A", Subject.MALFORMED),
        *((f"{OWN.id}{other}", Subject.MALFORMED) for other in ("%00", ".", "%0Ax", "%C2%A0")),
        (f"{OWN.id[:-1]}%EF%BC%90", Subject.MALFORMED),
        ("%00", Subject.MALFORMED),
        ("%FF", Subject.UNROUTABLE),
        (f"{OWN.id}%FF", Subject.UNROUTABLE),
        (f"{OWN.id}%C0%AF", Subject.UNROUTABLE),
        ("%zz", Subject.UNROUTABLE),
        (f"{OWN.id}%2F", Subject.LINE),
        (f"%2f{OWN.id}", Subject.LINE),
        (f"/{OWN.id}//", Subject.LINE),
        (f"{OWN.id}%2Fx", Subject.UNROUTABLE),
        (".", Subject.UNROUTABLE),
        ("..", Subject.UNROUTABLE),
    ],
)
def test_the_path_says_what_is_updated(classified: Classify, segment: str, subject: Subject) -> None:
    assert classified(update(segment)).subject is subject


def test_a_line_of_the_other_account_is_own_to_that_account(classified: Classify) -> None:
    theirs = classified(update(FOREIGN.id, authorization=f"Bearer {placeholder(OTHER_ACCOUNT)}"))

    assert (theirs.subject, theirs.line) == (Subject.LINE, FOREIGN)


def test_before_the_first_list_any_id_may_be_that_of_a_line(contract: Document) -> None:
    assert classify(update(UNKNOWN), contract, Accounts()).subject is Subject.FREE


@pytest.mark.parametrize(
    ("body", "kind", "value"),
    [
        (SET, Body.SET, "+13105550172"),
        (b'{"forwarding_number": null}', Body.CLEAR_NULL, None),
        (b'{"forwarding_number": ""}', Body.CLEAR_EMPTY, ""),
        (b'{"forwarding_number": "+1310555O172"}', Body.INVALID_NUMBER, "+1310555O172"),
        (b'{"forwarding_number": "+13105550172\\n"}', Body.INVALID_NUMBER, "+13105550172\n"),
        (b'{"forwarding_number": "null"}', Body.INVALID_NUMBER, "null"),
        (b'{"forwarding_number": 0}', Body.WRONG_TYPE, 0),
        (b'{"forwarding_number": false}', Body.WRONG_TYPE, False),
        (b'{"forwarding_number": []}', Body.WRONG_TYPE, []),
        (b"{}", Body.MISSING_FIELD, None),
        (b'{"Forwarding_Number": null}', Body.MISSING_FIELD, None),
        (b'{"__proto__": {"forwarding_number": null}}', Body.MISSING_FIELD, None),
        (b'{"forwarding_number": null, "x": {"forwarding_number": 1}}', Body.CLEAR_NULL, None),
        (b'{"forwarding_number": null, "x": %s}' % (b"9" * 5000), Body.CLEAR_NULL, None),
        (b'{"forwarding_number": null, "x": 1e400}', Body.CLEAR_NULL, None),
        (b'{"forwarding_number": null, "forwarding_number": null}', None, None),
        (b'{"forwarding_number": null, "x": 1, "x": 2}', Body.CLEAR_NULL, None),
        (b"[]", Body.NOT_AN_OBJECT, []),
        (b"null", Body.NOT_AN_OBJECT, None),
        (b'"+13105550172"', Body.NOT_AN_OBJECT, "+13105550172"),
        (b"{", Body.NOT_JSON, None),
        (b"\xff", Body.NOT_JSON, None),
        (b"", Body.EMPTY, None),
        (b" \r\n\t", Body.EMPTY, None),
        (None, Body.EMPTY, None),
    ],
)
def test_the_body_says_what_is_to_be_done(
    classified: Classify, body: bytes | None, kind: Body | None, value: object
) -> None:
    of = classified(request(body=body))

    assert (of.body, of.value) == (kind, value)


@pytest.mark.parametrize(
    ("body", "number"),
    [(SET, "+13105550172"), (b'{"forwarding_number": null}', None), (b'{"forwarding_number": ""}', None)],
)
def test_a_valid_body_says_which_number_the_line_has_afterwards(
    classified: Classify, body: bytes, number: str | None
) -> None:
    assert classified(request(body=body)).forwarding_number == number


@pytest.mark.parametrize(
    ("content_type", "media"),
    [
        (JSON, Media.JSON),
        ("application/json; charset=utf-8", Media.JSON),
        ("application/json;charset=utf-8", Media.JSON),
        ("application/json; charset=UTF-8", Media.JSON),
        ("Application/JSON", Media.FREE),
        ("application/json; charset=latin-1", Media.FREE),
        ("application/merge-patch+json", Media.FREE),
        ("text/json", Media.FREE),
        (None, Media.FREE),
        ("text/plain", Media.OTHER),
        ("application/x-www-form-urlencoded", Media.OTHER),
    ],
)
def test_the_content_type_says_how_a_body_is_labelled(
    classified: Classify, content_type: str | None, media: Media
) -> None:
    assert classified(request(media=content_type)).media is media


BROKEN = b"{"
MISSING = b"{}"
WRONG = b'{"forwarding_number": 1}'
INVALID = b'{"forwarding_number": "x"}'
EXPECTED: dict[str, tuple[Request, tuple[str, ...], str]] = {
    "list": (request("GET", LISTING, None), ("list.schema",), "200"),
    "no token": (request("GET", LISTING, None, authorization=None), ("auth.required",), "401/2004"),
    "wrong token": (request("GET", LISTING, None, authorization="Bearer x"), ("auth.invalid",), "401/2004"),
    "no token, own line": (request(authorization=None), ("auth.required",), "401/2004"),
    "no token, unknown id": (
        update(UNKNOWN, authorization=None),
        ("auth.required", "auth.first"),
        "401/2004",
    ),
    "no token, wrong body": (
        request(body=BROKEN, authorization=None),
        ("auth.required", "auth.first"),
        "401/2004",
    ),
    "set": (request(), ("update.schema",), "200"),
    "clear by null": (
        request(body=b'{"forwarding_number": null}'),
        ("update.schema", "update.clear-null"),
        "200",
    ),
    "clear by the empty string": (
        request(body=b'{"forwarding_number": ""}'),
        ("update.schema", "update.clear-empty"),
        "200",
    ),
    "unknown id": (update(UNKNOWN), ("update.unknown-id",), "404/2019"),
    "malformed id": (update("x"), ("update.malformed-id",), "400/1005 404/2019"),
    "another account's line": (update(FOREIGN.id), ("auth.tenant",), "404/2019 403/2005"),
    "invalid number": (request(body=INVALID), ("update.invalid-number",), "400/1002"),
    "wrong type": (request(body=WRONG), ("update.wrong-type",), "400/1002 400/1003 400/1005"),
    "missing field": (request(body=MISSING), ("update.missing-field",), "400/1001"),
    "not JSON": (request(body=BROKEN), ("update.invalid-body",), "400/1003"),
    "empty": (request(body=b""), ("update.invalid-body",), "400/1001 400/1003"),
    "not an object": (request(body=b"[]"), ("update.invalid-body",), "400/1001 400/1003 400/1005"),
    "other media type": (request(media="text/plain"), ("update.content-type",), "415 400/1003"),
    "unknown method": (request("DELETE", LISTING), ("transport.unknown-method",), "405"),
    "unknown method without a token": (
        request("POST", LISTING, authorization=None),
        ("transport.unknown-method",),
        "405 401/2004",
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_request_with_one_defect_or_none_gets_the_answers_of_its_rule(
    classified: Classify, contract: Document, name: str
) -> None:
    sent, rules, answers = EXPECTED[name]
    expectation = expect(classified(sent), contract)

    assert expectation is not None
    assert expectation.rules == rules
    assert {f"{a.status}/{a.code}" if a.code else f"{a.status}" for a in expectation.answers} == set(
        answers.split()
    )


def test_of_several_defects_the_first_names_the_rule(classified: Classify, contract: Document) -> None:
    expectation = expect(classified(update(UNKNOWN, body=INVALID, media="text/plain")), contract)

    assert expectation is not None
    assert expectation.rules == ("update.unknown-id",)


FREEDOMS: dict[str, tuple[Request, tuple[tuple[int, int | None], ...]]] = {
    "an implausible number may be refused": (
        request(body=b'{"forwarding_number": "+999123456789012"}'),
        ((200, None), (400, 1002)),
    ),
    "unknown properties may be refused": (
        request(body=b'{"forwarding_number": null, "x": 1}'),
        ((200, None), (400, 1001), (400, 1003), (400, 1005)),
    ),
    "unknown properties may be what is wrong": (request(body=b'{"x": 1}'), ((400, 1001), (400, 1005))),
    "path and body may be checked in any order": (
        update(UNKNOWN, body=INVALID),
        ((404, 2019), (400, 1002)),
    ),
    "media type and body may be checked in any order": (
        request(body=MISSING, media="text/plain"),
        ((415, None), (400, 1003), (400, 1001)),
    ),
    "a line of another account may be looked for after the body": (
        update(FOREIGN.id, body=WRONG),
        ((404, 2019), (403, 2005), (400, 1005)),
    ),
    "a body without a content type may be taken": (
        request(media=None),
        ((200, None), (415, None), (400, 1003), (400, 1001)),
    ),
    "an id in capitals may be taken": (update(OWN.id.upper()), ((200, None), (404, 2019), (400, 1005))),
    "an id without hyphens may be taken": (
        update(OWN.id.replace("-", "")),
        ((200, None), (404, 2019), (400, 1005)),
    ),
    "an unknown id of no version may be malformed": (
        update("ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ((404, 2019), (400, 1005)),
    ),
    "an unknown id in capitals may be malformed": (
        update(UNKNOWN.replace("0", "A")),
        ((404, 2019), (400, 1005)),
    ),
    "an id of another account without hyphens may be malformed": (
        update(FOREIGN.id.replace("-", "")),
        ((404, 2019), (403, 2005), (400, 1005)),
    ),
    "an encoded slash may divide a path": (
        update("a%2Fb"),
        ((404, None), (404, 2019), (400, 1005), (405, None)),
    ),
    "an empty segment may be left out": (
        update(f"/{OWN.id}"),
        ((200, None), (308, None), (404, 1005), (405, None)),
    ),
    "a slash at the end may be a redirect, as may an encoded one": (
        update(f"{OWN.id}%2F"),
        ((200, None), (301, None), (302, None), (404, 2019)),
    ),
    "a redirect may come before the token is looked at": (
        update(f"{OWN.id}/", authorization=None),
        ((401, 2004), (307, None), (404, 1005)),
    ),
    "the list may be sent for a path with an empty segment": (
        request("GET", f"/{LISTING}", None),
        ((200, None), (301, None), (404, 2019)),
    ),
    "an id that is not text may be no path": (update("%ff"), ((404, None), (400, None), (301, None))),
    "NaN may be a number": (
        request(body=b'{"forwarding_number": NaN}'),
        ((400, 1002), (400, 1003), (400, 1005)),
    ),
    "a NaN in another property may be ignored": (
        request(body=b'{"forwarding_number": null, "x": NaN}'),
        ((200, None), (400, 1002), (400, 1003), (400, 1005)),
    ),
    "what has a NaN may be an object without the field": (
        request(body=b'{"x": NaN}'),
        ((400, 1001), (400, 1003)),
    ),
    "bytes that are not UTF-8 may be characters": (
        request(body=b'{"forwarding_number": "\xff"}'),
        ((400, 1002), (400, 1003), (400, 1005)),
    ),
    "an unknown escape may be a character": (
        request(body=b'{"forwarding_number": "\\x2b12025550143"}'),
        ((400, 1002), (400, 1003), (400, 1005)),
    ),
    "a control character in a text may be one": (
        request(body=b'{"forwarding_number": "+12025550143\n"}'),
        ((400, 1002), (400, 1003), (400, 1005)),
    ),
    "a lone surrogate may be no number or no JSON": (
        request(body=b'{"forwarding_number": "\\ud800"}'),
        ((400, 1002), (400, 1003)),
    ),
    "a lone surrogate beside the number may be no JSON": (
        request(body=b'{"forwarding_number": null, "x": "\\ud800"}'),
        ((200, None), (400, 1002), (400, 1003), (400, 1005)),
    ),
    "what is nested deeply may be any value, or no JSON": (
        request(body=b'{"forwarding_number": %s%s}' % (b"[" * 9_000, b"]" * 9_000)),
        ((400, 1002), (400, 1003), (400, 1005)),
    ),
    "what is nested deeply beside the number may be no JSON": (
        request(body=b'{"forwarding_number": null, "x": %s%s}' % (b"[" * 9_000, b"]" * 9_000)),
        ((200, None), (400, 1003), (400, 1005)),
    ),
    "a long id may be too long": (update("x" * 7_000), ((404, 2019), (400, 1005), (414, None))),
    "a parameter may be too long": (update("x" * 101), ((404, 2019), (400, 1005), (414, None))),
    "a long query may be too long": (
        request("GET", f"{LISTING}?x={'x' * 7_000}", None),
        ((200, None), (400, 1005), (414, None)),
    ),
    "a long token may be too long": (
        request(authorization=f"Bearer {'x' * 9_000}"),
        ((401, 2004), (400, 1003), (431, None)),
    ),
    "a large body may be too large": (
        request(body=SET + b" " * 200_000),
        ((200, None), (413, None), (400, 1003)),
    ),
    "what is not to be had in JSON may be refused": (
        request("GET", LISTING, None).with_header("Accept", "image/png"),
        ((200, None), (406, None)),
    ),
    "an unknown expectation may fail": (
        request().with_header("Expect", "200-ok"),
        ((200, None), (417, None)),
    ),
    "an encoded body may be taken, decoded or refused": (
        request().with_header("Content-Encoding", "gzip"),
        ((200, None), (400, 1003), (415, None)),
    ),
    "headers may be too many": (
        replace(request(), headers=(("X", "x"),) * 60 + request().headers),
        ((200, None), (400, 1003), (431, None)),
    ),
    "a body may begin with a byte order mark": (
        request(body=b"\xef\xbb\xbf" + SET),
        ((200, None), (400, 1003)),
    ),
    "of two equal names a server may go by any, or by none": (
        request(body=b'{"forwarding_number": null, "forwarding_number": 1}'),
        ((200, None), (400, 1001), (400, 1003), (400, 1005)),
    ),
    "405 may come before 401": (
        request("PATCH", authorization="Bearer x"),
        ((405, None), (401, 2004)),
    ),
}


@pytest.mark.parametrize("name", FREEDOMS)
def test_a_server_is_free(classified: Classify, contract: Document, name: str) -> None:
    sent, answers = FREEDOMS[name]
    expectation = expect(classified(sent), contract)

    assert expectation is not None
    assert [answer for answer in answers if not expectation.allows(*answer)] == []
    assert not expectation.allows(500, 3001)


WRONG_ANSWERS: dict[str, tuple[Request, tuple[int, int | None]]] = {
    "NaN is no number": (request(body=b'{"forwarding_number": NaN}'), (200, None)),
    "an unknown escape is part of no number": (
        request(body=b'{"forwarding_number": "\\+12025550143"}'),
        (200, None),
    ),
    "a number with a leading zero is not ignored": (
        request(body=b'{"forwarding_number": null, "x": 01}'),
        (200, None),
    ),
    "a byte that is not UTF-8 is no number": (request(body=b'{"forwarding_number": "\xff"}'), (200, None)),
    "a lone surrogate is no number": (request(body=b'{"forwarding_number": "\\ud800"}'), (200, None)),
    "what no parser reads is no number either": (request(body=BROKEN), (400, 1002)),
    "a path within that of a line is not the line": (update(f"{OWN.id}%2Fx"), (200, None)),
    "a clean path is no redirect": (request(), (308, None)),
    "a slash too many is no token": (update(f"{OWN.id}/", authorization=None), (200, None)),
    "a long id is no id": (update("x" * 7_000), (200, None)),
}


@pytest.mark.parametrize("name", WRONG_ANSWERS)
def test_a_server_is_not_free(classified: Classify, contract: Document, name: str) -> None:
    sent, answer = WRONG_ANSWERS[name]
    expectation = expect(classified(sent), contract)

    assert expectation is not None
    assert not expectation.allows(*answer)


@pytest.mark.parametrize(
    "sent",
    [
        request("HEAD", LISTING, None),
        request("OPTIONS"),
        request("OPTIONS", LISTING, None, authorization=None),
        request("GET", "/v3/else", None),
        request("GET", "/v3/else", None, authorization=None),
        request("GET", LISTING, None, authorization=TOKEN.lower().replace("linq_api_v3_api_key", ACCOUNT)),
        request("GET", f"{LISTING}?limit=1", None),
        request("GET", LISTING, b"{}"),
    ],
    ids=lambda sent: f"{sent.method} {sent.target}",
)
def test_of_some_requests_the_contract_says_nothing(
    classified: Classify, contract: Document, sent: Request
) -> None:
    assert expect(classified(sent), contract) is None


def test_further_properties_are_told_apart(classified: Classify) -> None:
    of: Classified = classified(request(body=b'{"forwarding_number": null, "id": 1, "x": 2}'))

    assert of.extra_properties == {"id", "x"}


def test_of_an_operation_that_no_rule_speaks_of_nothing_is_expected_but_that_it_asks_for_the_token(
    contract: Document,
) -> None:
    item = {"get": {"operationId": "list_labels"}}
    changed = linq_document.Document({**contract.raw, "paths": {**contract.raw["paths"], "/v3/labels": item}})
    anonymous, own = (
        expect(classify(request("GET", "/v3/labels", None, authorization=each), changed, Accounts()), changed)
        for each in (None, TOKEN)
    )

    assert anonymous is not None
    assert anonymous.rules == ("auth.required",)
    assert own is None
