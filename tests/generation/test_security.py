"""A call is sent with the credentials that the document asks for, to the server that it names."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from generator.errors import GenerationError

if TYPE_CHECKING:
    from types import ModuleType

    from .conftest import Make

SCHEMES: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "Basic"},
    "in header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "in query": {"type": "apiKey", "in": "query", "name": "key"},
    "in cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "oauth": {"type": "oauth2", "flows": {}},
    "oidc": {"type": "openIdConnect", "openIdConnectUrl": "https://example.com"},
    "certificate": {"type": "mutualTLS"},
}
DONE = {"204": {"description": "Done."}}
SERVER = [{"url": "https://api.example.com/v1"}]


def operation(name: str, **members: Any) -> dict[str, Any]:
    return {"get": {"operationId": name, "responses": DONE, **members}}


def document(*requirements: Any, **operations: Any) -> dict[str, Any]:
    return {
        "servers": SERVER,
        "security": [{name: [] for name in names} for names in requirements],
        "paths": {f"/{name}": operation(name, **members) for name, members in operations.items()},
        "components": {"securitySchemes": SCHEMES},
    }


def sent(
    package: ModuleType, name: str, *arguments: Any, passed: dict[str, Any] | None = None, **settings: Any
) -> httpx.Request:
    """The request that the operation of this name makes."""
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(204)

    http = httpx.Client(transport=httpx.MockTransport(answer))
    client = package.MadeClient(*arguments, http_client=http, **settings)
    getattr(client.default, name)(**(passed or {}))
    return requests[0]


@pytest.mark.parametrize(
    ("scheme", "header", "value"),
    [
        ("bearer", "Authorization", "Bearer a:secret"),
        ("oauth", "Authorization", "Bearer a:secret"),
        ("oidc", "Authorization", "Bearer a:secret"),
        ("basic", "Authorization", "Basic YTpzZWNyZXQ="),
        ("in header", "X-Key", "a:secret"),
        ("in cookie", "Cookie", "sid=a:secret"),
    ],
)
def test_the_token_is_sent_as_its_scheme_says(
    make_client: Make, scheme: str, header: str, value: str
) -> None:
    request = sent(make_client(document([scheme], ask={})), "ask", "a:secret")

    assert request.headers[header] == value
    assert header == "Authorization" or "Authorization" not in request.headers


def test_a_key_can_be_sent_in_the_query(make_client: Make) -> None:
    request = sent(make_client(document(["in query"], ask={})), "ask", "a+secret")

    assert dict(request.url.params) == {"key": "a+secret"}


def test_a_key_that_is_passed_to_a_call_goes_before_the_one_of_the_client(make_client: Make) -> None:
    key = {"in": "query", "name": "key", "schema": {"type": "string"}}
    package = make_client(document(["in query"], look={"parameters": [key]}))

    assert sent(package, "look", "of-the-client").url.params["key"] == "of-the-client"
    assert sent(package, "look", "of-the-client", passed={"key": "mine"}).url.params["key"] == "mine"


def test_an_operation_without_security_gets_no_token(make_client: Make) -> None:
    request = sent(make_client(document(["bearer"], ask={"security": []})), "ask", "secret")

    assert "Authorization" not in request.headers


def test_a_document_that_says_nothing_of_tokens_needs_none_and_sends_one_that_is_given(
    make_client: Make,
) -> None:
    package = make_client({"servers": SERVER, "paths": {"/ask": operation("ask")}})

    assert "Authorization" not in sent(package, "ask").headers
    assert sent(package, "ask", "secret").headers["Authorization"] == "Bearer secret"


def test_several_schemes_at_once_are_all_sent(make_client: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    package = make_client(document(["bearer", "in header", "in cookie"], ask={}))
    monkeypatch.setenv("MADE_IN_COOKIE", "session")

    headers = sent(package, "ask", "secret", credentials={"in header": "key"}).headers

    assert (headers["Authorization"], headers["X-Key"], headers["Cookie"]) == (
        *("Bearer secret", "key", "sid=session"),
    )


def test_the_first_alternative_that_there_are_credentials_for_is_taken(make_client: Make) -> None:
    package = make_client(document(["bearer"], ["in header"], [], ask={}))

    assert sent(package, "ask", credentials={"in header": "key"}).headers["X-Key"] == "key"
    assert sent(package, "ask", "secret").headers["Authorization"] == "Bearer secret"
    assert not {"Authorization", "X-Key"} & {*sent(package, "ask").headers}


def test_a_credential_that_is_missing_is_named_before_anything_is_sent(make_client: Make) -> None:
    package = make_client(document(["bearer"], ask={"security": [{"in header": []}]}))

    with pytest.raises(package.InvalidInputError, match=r"ask .* credentials\['in header'\].*MADE_IN_HEADER"):
        sent(package, "ask", "secret")


def test_a_scheme_that_nobody_described_has_no_credential(make_client: Make) -> None:
    package = make_client(document(["bearer"], ask={}))

    with pytest.raises(package.InvalidInputError, match="credentials has 'other', which is none of basic"):
        package.MadeClient("secret", credentials={"other": "x"})


def test_no_credential_is_in_an_error(make_client: Make) -> None:
    package = make_client(document(["in query", "in header", "in cookie"], ask={}))

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, json={"you": [str(request.url), *request.headers.values()]})

    http = httpx.Client(transport=httpx.MockTransport(answer))
    secrets = {"in header": "secret-two", "in cookie": "secret-three"}
    client = package.MadeClient("secret-one", credentials=secrets, http_client=http)
    with pytest.raises(package.BadRequestError) as caught:
        client.default.ask()

    error = caught.value
    shown = [error, error.body, error.request.url, error.request.headers.raw, error.response.text, client]
    assert "secret-" not in "".join(f"{each!s}{each!r}" for each in shown)


def test_what_cannot_be_sent_is_refused(make_client: Make) -> None:
    refused = document(ask={"security": [{"digest": []}]})
    refused["components"]["securitySchemes"] = {"digest": {"type": "http", "scheme": "digest"}}

    with pytest.raises(GenerationError, match="GET /ask: The security scheme digest is of a kind"):
        make_client(refused)


@pytest.mark.parametrize("schemes", [{}, {"basic": SCHEMES["basic"]}])
def test_of_a_scheme_that_is_not_described_nothing_is_known(
    make_client: Make, schemes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    undescribed = document(ask={"security": [{"other": []}]})
    undescribed["components"]["securitySchemes"] = schemes
    package = make_client(undescribed)

    assert "Authorization" not in sent(package, "ask").headers
    monkeypatch.setenv("MADE_TOKEN" if schemes else "MADE_API_KEY", "secret")
    assert sent(package, "ask").headers["Authorization"] == "Bearer secret"


class TestServers:
    def test_an_operation_is_sent_to_its_own_server_unless_the_client_has_one(
        self, make_client: Make
    ) -> None:
        own = {"servers": [{"url": "https://files.example.com"}]}
        package = make_client(document(["bearer"], ask=own))

        assert str(sent(package, "ask", "secret").url) == "https://files.example.com/ask"
        assert str(sent(package, "ask", "secret", base_url="http://test").url) == "http://test/ask"

    def test_the_server_of_a_path_counts_for_its_operations_and_may_be_relative(
        self, make_client: Make
    ) -> None:
        with_path = document(["bearer"], ask={})
        with_path["paths"]["/ask"]["servers"] = [{"url": "/v2"}]

        assert str(sent(make_client(with_path), "ask", "secret").url) == "https://api.example.com/v2/ask"

    def test_the_variables_of_a_server_have_their_defaults_and_can_be_set(self, make_client: Make) -> None:
        variables = {"region": {"default": "eu", "enum": ["eu", "us"]}, "base": {"default": "v1"}}
        server = {"url": "https://{region}.example.com/{base}", "variables": variables}
        package = make_client({**document(["bearer"], ask={}), "servers": [server]})
        server_url = importlib.import_module(f"{package.__name__}.servers").server_url

        assert str(sent(package, "ask", "secret").url) == "https://eu.example.com/v1/ask"
        assert server_url(region="us", base="v2") == "https://us.example.com/v2"
