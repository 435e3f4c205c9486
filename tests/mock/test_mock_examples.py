"""Operations that the mock has no state for, of a changed document."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import linq_document
from linq_mock.accounts import two_accounts
from linq_mock.behaviour import Behaviour
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    import httpx
    from tests.mock.conftest import Serve, Server

ADDED = """
/v3/labels:
  get:
    operationId: list_labels
    parameters:
      - { name: limit, in: query, schema: { type: integer, minimum: 1 } }
      - { name: kind, in: query, required: true, schema: { type: array, items: { enum: [team, city] } } }
    responses:
      '200':
        description: The labels.
        headers:
          X-Total: { schema: { type: integer }, example: 7 }
        content:
          application/json:
            schema: { type: array }
            examples: { two: { value: [{ name: a }, { name: b }] } }
  post:
    operationId: create_label
    requestBody:
      required: true
      content:
        application/json:
          schema:
            type: object
            required: [name]
            properties: { name: { type: string, minLength: 2 } }
    responses:
      '201':
        description: The label.
        content:
          application/json:
            schema:
              type: object
              required: [id, line, number]
              properties:
                id: { type: string, format: uuid }
                line: { $ref: '#/components/schemas/PhoneNumberReputation' }
                number: { $ref: '#/components/schemas/E164' }
/v3/labels/first:
  get:
    operationId: get_first_label
    responses: { '204': { description: None. } }
/v3/labels/{labelId}:
  parameters:
    - { name: labelId, in: path, required: true, schema: { type: integer } }
  get:
    operationId: get_label
    responses:
      '200': { description: A label., content: { application/json: { example: { name: a } } } }
"""


@pytest.fixture
def server(serve: Serve) -> Server:
    raw = copy.deepcopy(linq_document.load().raw)
    raw["paths"] |= yaml.safe_load(ADDED)
    document = linq_document.Document(raw)
    return serve(Behaviour(two_accounts(DEFAULT_TOKENS, 2), "/api/partner", document))


def error_of(response: httpx.Response) -> tuple[int, int]:
    assert response.json()["trace_id"] == response.headers["X-Trace-ID"]
    return response.status_code, response.json()["error"]["code"]


def test_an_example_of_the_document_is_the_answer(server: Server) -> None:
    response = server.get("/v3/labels", params={"kind": ["team", "city"], "limit": 2})

    assert (response.status_code, response.json()) == (200, [{"name": "a"}, {"name": "b"}])
    assert response.headers["X-Total"] == "7"
    assert len(response.headers["X-Trace-ID"]) == 32


def test_without_an_example_the_answer_is_what_the_schema_requires(server: Server) -> None:
    response = server.post("/v3/labels", json={"name": "a team"})

    assert response.status_code == 201
    assert response.json()["line"]["status"] == "AT_RISK"
    assert response.json()["number"] == "+12025550143"


def test_an_answer_without_content_has_no_body(server: Server) -> None:
    response = server.get("/v3/labels/first")

    assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize(
    ("params", "code"), [({}, 1001), ({"kind": "x"}, 1005), ({"kind": "team", "limit": "0"}, 1005)]
)
def test_parameters_are_validated_first(server: Server, params: dict[str, str], code: int) -> None:
    assert error_of(server.get("/v3/labels", params=params)) == (400, code)


@pytest.mark.parametrize(("label", "status"), [("12", 200), ("x", 400)])
def test_a_parameter_in_the_path_is_validated(server: Server, label: str, status: int) -> None:
    assert server.get(f"/v3/labels/{label}").status_code == status


@pytest.mark.parametrize(
    ("request_body", "answer"),
    [
        ({"json": {}}, (400, 1001)),
        ({"json": {"name": "a"}}, (400, 1005)),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, (400, 1003)),
        ({}, (400, 1001)),
        ({"content": b"name=a", "headers": {"Content-Type": "text/plain"}}, (415, 1003)),
    ],
)
def test_a_body_is_validated(server: Server, request_body: dict[str, Any], answer: tuple[int, int]) -> None:
    assert error_of(server.post("/v3/labels", **request_body)) == answer


def test_the_place_of_an_invalid_value_is_named(server: Server) -> None:
    message = server.post("/v3/labels", json={"name": "a"}).json()["error"]["message"]

    assert message == "The body at /name breaks the contract: minLength"


def test_a_token_is_asked_for_first(server: Server) -> None:
    assert error_of(server.get("/v3/labels", headers={"Authorization": "x"})) == (401, 2004)


def test_an_unknown_path_is_told_which_there_are(server: Server) -> None:
    below = server.get("/v3/label").json()["error"]["message"]
    outside = server.get("http://mock/v3/labels").json()["error"]["message"]

    assert "/v3/labels (GET, POST)" in below
    assert "/v3/phone_numbers/{phoneNumberId} (PUT)" in below
    assert "all below /api/partner." in outside


def test_an_unknown_method_is_told_which_there_are(server: Server) -> None:
    response = server.delete("/v3/labels")

    assert response.status_code == 405
    assert response.json()["error"]["message"].endswith("Its methods are GET, HEAD, OPTIONS, POST.")
