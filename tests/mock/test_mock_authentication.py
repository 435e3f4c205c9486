from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    from tests.mock.conftest import Server

TOKEN = DEFAULT_TOKENS[0]
NUMBER = "+13105550199"

WRONG = [
    pytest.param("", id="empty"),
    pytest.param("Bearer", id="scheme alone"),
    pytest.param("Bearer ", id="empty token"),
    pytest.param(TOKEN, id="token alone"),
    pytest.param(f"Basic {TOKEN}", id="another scheme"),
    pytest.param(f"Bearer {TOKEN}x", id="something after"),
    pytest.param(f"Bearer x{TOKEN}", id="something before"),
    pytest.param(f"Bearer {TOKEN} x", id="a second word"),
    pytest.param(f"Bearer  {TOKEN}", id="two spaces"),
    pytest.param(f"Bearer {TOKEN},{TOKEN}", id="twice"),
    pytest.param(f"Bearer {TOKEN[:-1]}", id="cut"),
    pytest.param(f"Bearer {TOKEN.upper()}", id="capitals"),
    pytest.param(f"Bearer {TOKEN}é".encode(), id="UTF-8"),
    pytest.param(f"Bearer {TOKEN}".encode() + b"\xff", id="no UTF-8"),
]


@pytest.mark.parametrize("authorization", WRONG)
def test_anything_but_the_token_is_refused_on_both_operations(
    server: Server, authorization: str | bytes
) -> None:
    before = server.lines()
    headers = [
        (b"Authorization", authorization.encode() if isinstance(authorization, str) else authorization)
    ]
    server.headers.pop("Authorization")
    answers = [
        server.get("/v3/phone_numbers", headers=headers),
        server.update(before[0]["id"], headers=headers, json={"forwarding_number": NUMBER}),
    ]

    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(401, 2004)] * 2
    assert server.lines(headers={"Authorization": f"Bearer {TOKEN}"}) == before
    assert not any(TOKEN.lower() in answer.text.lower() for answer in answers)


def test_no_token_is_refused(server: Server) -> None:
    server.headers.pop("Authorization")

    assert server.get("/v3/phone_numbers").status_code == 401


def test_two_authorization_headers_are_refused(server: Server) -> None:
    headers = [("Authorization", f"Bearer {TOKEN}"), ("Authorization", "Bearer x")]
    server.headers.pop("Authorization")

    assert server.get("/v3/phone_numbers", headers=headers).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_taken_in_any_letter_case(server: Server, scheme: str) -> None:
    assert server.get("/v3/phone_numbers", headers={"Authorization": f"{scheme} {TOKEN}"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v3/phone_numbers/00000000-0000-4000-8000-000000000000"),
        ("PUT", "/v3/phone_numbers/x"),
        ("GET", "/v3/nothing"),
        ("DELETE", "/v3/phone_numbers"),
        ("OPTIONS", "/v3/phone_numbers"),
    ],
)
def test_without_the_token_every_path_looks_the_same(server: Server, method: str, path: str) -> None:
    response = server.request(method, path, headers={"Authorization": "Bearer x"}, content=b"{")

    assert response.status_code == 401
