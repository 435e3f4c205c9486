"""Token, base URL, timeouts, and the httpx client of the user."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import Any

import httpx
import pydantic
import pytest

import linq_phone_numbers as linq

EMPTY = {"phone_numbers": list[Any]()}


def record_into(requests: list[httpx.Request]) -> httpx.MockTransport:
    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json=EMPTY)

    return httpx.MockTransport(handler)


@pytest.mark.parametrize("kind", [linq.LinqClient, linq.AsyncLinqClient])
class TestBothClients:
    def test_the_token_may_come_from_the_environment(
        self, kind: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LINQ_API_V3_API_KEY", "from-environment")

        assert kind().base_url == "https://api.linqapp.com/api/partner"

    def test_a_missing_token_is_refused_and_the_message_names_the_variable(self, kind: Any) -> None:
        with pytest.raises(linq.InvalidInputError, match="LINQ_API_V3_API_KEY"):
            kind()

    @pytest.mark.parametrize("token", ["", " ", "a b", "a\nb", "tökén"])
    def test_a_token_that_cannot_be_one_is_refused_and_not_shown(self, kind: Any, token: str) -> None:
        with pytest.raises(linq.InvalidInputError, match="token") as caught:
            kind(token)

        assert not token.strip() or token not in str(caught.value)

    @pytest.mark.parametrize(
        ("token", "name"), [(b"token", "bytes"), (7, "int"), (pydantic.SecretStr("canary"), "SecretStr")]
    )
    def test_a_token_that_is_no_text_is_refused_and_its_type_is_named(
        self, kind: Any, token: object, name: str
    ) -> None:
        with pytest.raises(linq.InvalidInputError, match=f"is a {name}: it must be a text") as caught:
            kind(token)

        assert "canary" not in str(caught.value)

    @pytest.mark.parametrize("token", ["a-token\n", "Bearer a-token"])
    def test_white_space_in_a_token_is_told(self, kind: Any, token: str) -> None:
        with pytest.raises(linq.InvalidInputError, match="has white space, which no token has"):
            kind(token)

    def test_an_empty_token_in_the_environment_is_refused(
        self, kind: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LINQ_API_V3_API_KEY", "")

        with pytest.raises(linq.InvalidInputError, match="empty"):
            kind()

    def test_the_base_url_may_come_from_the_environment(
        self, kind: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LINQ_API_V3_BASE_URL", "http://127.0.0.1:8080/base/")

        assert kind("token").base_url == "http://127.0.0.1:8080/base"
        assert kind("token", "https://example.com").base_url == "https://example.com"

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "api.linqapp.com",
            "ftp://example.com",
            "https://",
            "https://user:secret@example.com",
            "http://[::1",
            "//x",
            "http://xn--a/api",
            "https://example.com ",
            "https://example.com/api ",
        ],
    )
    def test_a_base_url_without_scheme_or_host_is_refused(self, kind: Any, url: str) -> None:
        with pytest.raises(linq.InvalidInputError, match="LINQ_API_V3_BASE_URL"):
            kind("token", url)

    def test_the_token_is_not_in_the_repr(self, kind: Any) -> None:
        assert repr(kind("canary")) == f"{kind.__name__}(base_url='https://api.linqapp.com/api/partner')"


def test_the_users_own_http_client_keeps_its_settings_and_stays_open() -> None:
    requests: list[httpx.Request] = []
    own = httpx.Client(
        transport=record_into(requests),
        base_url="https://elsewhere.example",
        headers={"X-Mine": "kept"},
        auth=("user", "password"),
        timeout=7,
    )

    with linq.LinqClient("token", http_client=own) as client:
        client.phone_numbers.list()

    assert not own.is_closed
    assert str(requests[0].url) == "https://api.linqapp.com/api/partner/v3/phone_numbers"
    assert requests[0].headers["x-mine"] == "kept"
    assert requests[0].headers["authorization"] == "Basic dXNlcjpwYXNzd29yZA=="
    assert requests[0].extensions["timeout"] == httpx.Timeout(7).as_dict()
    assert str(own.base_url) == "https://elsewhere.example"
    assert "authorization" not in own.headers
    own.close()


def test_the_users_own_async_http_client_stays_open() -> None:
    requests: list[httpx.Request] = []

    async def use() -> None:
        async with httpx.AsyncClient(transport=record_into(requests)) as own:
            async with linq.AsyncLinqClient("token", http_client=own) as client:
                await client.phone_numbers.list()
            assert not own.is_closed

    asyncio.run(use())
    assert len(requests) == 1


def test_a_client_of_ours_waits_60_seconds_and_5_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    requests: list[httpx.Request] = []
    answer = record_into(requests).handle_request

    def handle_request(_: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        return answer(request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle_request)

    with linq.LinqClient("token") as client:
        client.phone_numbers.list()

    assert requests[0].extensions["timeout"] == {"connect": 5, "read": 60, "write": 60, "pool": 60}


def test_a_timeout_is_set_for_a_client_or_for_a_call() -> None:
    requests: list[httpx.Request] = []

    with (
        httpx.Client(transport=record_into(requests)) as own,
        linq.LinqClient("token", http_client=own, timeout=3, deadline=None) as client,
    ):
        client.phone_numbers.list()
        client.phone_numbers.list(timeout=4)
        client.phone_numbers.list(timeout=None)

    assert [request.extensions["timeout"]["read"] for request in requests] == [3, 4, None]


def test_a_closed_client_says_so() -> None:
    with linq.LinqClient("token") as client:
        pass

    with pytest.raises(linq.APIError, match="the client is closed"):
        client.phone_numbers.list()


def test_a_client_that_is_closed_meanwhile_says_so() -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        own.close()
        raise RuntimeError("Cannot send a request, as the client has been closed.")

    own = httpx.Client(transport=httpx.MockTransport(handler))

    with pytest.raises(linq.APIError, match="the client is closed"):
        linq.LinqClient("token", http_client=own).phone_numbers.list()


def test_a_closed_async_client_says_so() -> None:
    async def use() -> None:
        client = linq.AsyncLinqClient("token")
        await client.aclose()
        with pytest.raises(linq.APIError, match="the client is closed"):
            await client.phone_numbers.list()

    asyncio.run(use())


def test_an_async_client_that_is_closed_while_it_waits_for_its_token_says_so() -> None:
    asked = 0

    async def ask() -> str:
        nonlocal asked
        asked += 1
        if asked == 2:
            await client.aclose()
        return "token"

    async def use() -> None:
        for reason in ("failed at", "the client is closed"):
            with pytest.raises(linq.APIError, match=reason):
                await client.phone_numbers.list()

    client = linq.AsyncLinqClient(ask, "http://127.0.0.1:9", max_retries=0)
    asyncio.run(use())


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"timeout": "5"}, "timeout is '5': it must be seconds"),
    ({"timeout": 0}, "timeout is 0"),
    ({"timeout": True}, "timeout is True"),
    ({"timeout": float("nan")}, "timeout is nan"),
    ({"timeout": httpx.Timeout(5, read=-1)}, "timeout.read is -1: it must be seconds, or None"),
    ({"timeout": httpx.Timeout(5, pool=float("nan"))}, "timeout.pool is nan"),
    ({"max_retries": "2"}, "max_retries is '2': it must be a whole number, 0 or more"),
    ({"max_retries": None}, "max_retries is None"),
    ({"max_retries": -1}, "max_retries is -1"),
    ({"max_retries": 1.5}, "max_retries is 1.5"),
    ({"deadline": "5"}, "deadline is '5': it must be seconds, or None for no limit"),
    ({"deadline": 0}, "deadline is 0"),
    ({"default_headers": "X-A: 1"}, "default_headers is 'X-A: 1'"),
    ({"default_headers": {"X-A": 1}}, "default_headers has a value for X-A that is no printable ASCII text"),
    ({"default_headers": {"": "1"}}, "default_headers has '', which is no name of a header"),
    ({"http_client": "http"}, "http_client is 'http': it must be an httpx."),
    ({"base_url": 7}, "base_url"),
    ({"base_url": "http://127.0.0.1:83616"}, "perhaps a port"),
    ({"base_url": "http://127.0.0.1:0"}, "a port"),
    ({"base_url": "http://a..b/api"}, "label empty"),
    ({"base_url": f"http://{'a' * 64}/api"}, "label too long"),
]


@pytest.mark.parametrize("kind", [linq.LinqClient, linq.AsyncLinqClient])
@pytest.mark.parametrize(("settings", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_setting_of_the_wrong_kind_is_refused_with_a_sentence(
    kind: Any, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(linq.InvalidInputError, match=re.escape(message)):
        kind("token", **settings)


def test_the_httpx_client_of_the_other_kind_is_refused() -> None:
    other: Any = httpx.AsyncClient()
    with pytest.raises(linq.InvalidInputError, match=r"is a AsyncClient: it must be an httpx\.Client"):
        linq.LinqClient("token", http_client=other)
    other = httpx.Client()
    with pytest.raises(linq.InvalidInputError, match=r"is a Client: it must be an httpx\.AsyncClient"):
        linq.AsyncLinqClient("token", http_client=other)


@pytest.mark.parametrize("kind", [linq.LinqClient, linq.AsyncLinqClient])
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1"),
        ("ALL_PROXY", "socks://x"),
        ("NO_PROXY", "[::1"),
        ("SSL_CERT_FILE", "/no/such/file"),
    ],
)
def test_an_environment_that_no_connection_can_be_made_in_is_refused_and_named(
    kind: Any, variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    monkeypatch.setitem(sys.modules, "socksio", None)  # as where the extra is not installed

    with pytest.raises(linq.InvalidInputError, match=variable):
        kind("token")


def test_a_function_that_is_asynchronous_is_refused_by_the_sync_client() -> None:
    async def ask() -> str:
        return "token"

    function: Any = ask
    with (
        linq.LinqClient(function) as client,
        pytest.raises(linq.InvalidInputError, match="is a coroutine: it must be a text"),
    ):
        client.phone_numbers.list()


def test_a_base_url_may_be_one_of_httpx() -> None:
    client = linq.LinqClient("token", httpx.URL("https://example.com/base/"))

    assert client.base_url == "https://example.com/base"


@pytest.mark.parametrize(
    ("own", "timeout"),
    [
        (None, httpx.Timeout(60, connect=5)),
        (httpx.Client(), httpx.Timeout(60, connect=5)),
        (httpx.Client(timeout=7), httpx.Timeout(7)),
        (httpx.Client(timeout=None), httpx.Timeout(None)),
    ],
    ids=["none", "one that says nothing", "one of 7 s", "one that waits for ever"],
)
def test_a_client_waits_60_seconds_unless_the_users_own_says_something_else(
    own: httpx.Client | None, timeout: httpx.Timeout
) -> None:
    assert linq.LinqClient("token", http_client=own).timeout == timeout


def test_the_auth_of_the_users_own_client_is_asked() -> None:
    requests: list[httpx.Request] = []

    def sign(request: httpx.Request) -> httpx.Request:
        request.headers["X-Signature"] = f"of {request.headers['authorization']}"
        return request

    with httpx.Client(transport=record_into(requests), auth=sign) as own:
        linq.LinqClient("token", http_client=own).phone_numbers.list()

    assert requests[0].headers["X-Signature"] == "of Bearer token"


def test_the_auth_of_the_users_own_async_client_is_asked() -> None:
    requests: list[httpx.Request] = []

    async def use() -> None:
        async with httpx.AsyncClient(transport=record_into(requests), auth=("user", "password")) as own:
            await linq.AsyncLinqClient("token", http_client=own).phone_numbers.list()

    asyncio.run(use())
    assert requests[0].headers["authorization"].startswith("Basic ")


def test_the_package_names_itself_unless_the_users_own_client_does() -> None:
    requests: list[httpx.Request] = []
    for own in (
        httpx.Client(transport=record_into(requests)),
        httpx.Client(transport=record_into(requests), headers={"User-Agent": "mine/1"}),
    ):
        with own:
            linq.LinqClient("token", http_client=own).phone_numbers.list()

    assert [request.headers["User-Agent"] for request in requests] == [
        f"linq-phone-numbers/{linq.__version__}",
        "mine/1",
    ]
