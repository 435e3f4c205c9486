"""What can be set for a client, for a copy of it, and for one call."""

from __future__ import annotations

import asyncio
import inspect
import typing
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock, create_autospec, patch

import httpx
import pytest
import trio

import linq_phone_numbers as linq

if TYPE_CHECKING:
    from collections.abc import Awaitable

EMPTY: dict[str, Any] = {"phone_numbers": []}
LINE = "3f2b8c1e-6a4d-4e59-9b70-1d2c3e4f5a6b"


class Recorder:
    """A transport's handler that answers with an empty list, and keeps the requests."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = [*answers]
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answers.pop(0) if self.answers else httpx.Response(200, json=EMPTY)

    @property
    def tokens(self) -> list[str]:
        return [request.headers["authorization"].removeprefix("Bearer ") for request in self.requests]

    def client(self, api_key: Any = "token", **settings: Any) -> linq.LinqClient:
        http = httpx.Client(transport=httpx.MockTransport(self))
        return linq.LinqClient(api_key, http_client=http, **settings)

    def async_client(self, api_key: Any = "token", **settings: Any) -> linq.AsyncLinqClient:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return linq.AsyncLinqClient(api_key, http_client=http, **settings)


def run_asyncio(function: Any) -> Any:
    return asyncio.run(function())


class TestWithOptions:
    def test_a_copy_has_other_settings_and_the_client_keeps_its_own(self) -> None:
        recorder = Recorder()
        client = recorder.client(default_headers={"X-Team": "billing", "X-Stage": "1"})

        copy = client.with_options(
            api_key="other",
            base_url="https://example.com/base/",
            default_headers={"X-Team": "sales"},
            timeout=7,
            max_retries=5,
            deadline=None,
        )
        copy.phone_numbers.list()
        client.phone_numbers.list()

        assert isinstance(copy, linq.LinqClient)
        assert (copy.base_url, copy.timeout, copy.max_retries, copy.deadline) == (
            "https://example.com/base",
            httpx.Timeout(7),
            5,
            None,
        )
        assert copy.default_headers == {"X-Team": "sales", "X-Stage": "1"}
        assert (client.timeout, client.max_retries, client.deadline) == (linq.DEFAULT_TIMEOUT, 2, 180)
        assert client.default_headers == {"X-Team": "billing", "X-Stage": "1"}
        assert recorder.tokens == ["other", "token"]
        assert [request.url.host for request in recorder.requests] == ["example.com", "api.linqapp.com"]
        assert [request.headers["X-Team"] for request in recorder.requests] == ["sales", "billing"]

    def test_what_is_not_changed_stays(self) -> None:
        client = linq.LinqClient("token", "https://example.com", timeout=3, max_retries=1, deadline=9)

        copy = client.with_options()

        assert (copy.base_url, copy.timeout, copy.max_retries, copy.deadline) == (
            client.base_url,
            client.timeout,
            client.max_retries,
            client.deadline,
        )

    def test_a_copy_shares_the_connections_and_does_not_close_them(self) -> None:
        client = linq.LinqClient("token")

        with client.with_options(max_retries=0) as copy:
            pass
        assert not copy.is_closed
        client.close()

        assert copy.is_closed
        with pytest.raises(linq.APIError, match="the client is closed"):
            copy.phone_numbers.list()

    def test_an_async_copy_too(self) -> None:
        async def use() -> list[bool]:
            client = linq.AsyncLinqClient("token")
            async with client.with_options(api_key="other", timeout=1) as copy:
                pass
            before = copy.is_closed
            await client.aclose()
            return [before, copy.is_closed]

        assert asyncio.run(use()) == [False, True]

    def test_a_setting_that_is_none_is_refused(self) -> None:
        with pytest.raises(linq.InvalidInputError, match="max_retries"):
            linq.LinqClient("token").with_options(max_retries=-1)

    @pytest.mark.parametrize("kind", [linq.LinqClient, linq.AsyncLinqClient])
    @pytest.mark.parametrize("name", ["timout", "http_client"])
    def test_an_option_that_it_does_not_take_is_refused(self, kind: Any, name: str) -> None:
        with pytest.raises(TypeError, match=f"with_options takes no argument '{name}'"):
            kind("token").with_options(**{name: None})

    @pytest.mark.parametrize("kind", [linq.LinqClient, linq.AsyncLinqClient])
    def test_a_base_url_of_none_is_that_of_the_client(self, kind: Any) -> None:
        client = kind("token", "https://example.com")

        assert client.with_options(base_url=None).base_url == "https://example.com"

    def test_a_copy_of_a_subclass_has_what_the_subclass_has_set(self) -> None:
        recorder = Recorder()

        class OfATeam(linq.LinqClient):
            def __init__(self, team: str) -> None:
                super().__init__("token", http_client=httpx.Client(transport=httpx.MockTransport(recorder)))
                self.team = team

        client = OfATeam("billing")
        client.phone_numbers.list()
        copy = client.with_options(default_headers={"X-Team": client.team})
        copy.phone_numbers.list()

        assert copy.team == "billing"
        assert [request.headers.get("X-Team") for request in recorder.requests] == [None, "billing"]


class TestTokenOfAFunction:
    def test_a_function_is_asked_for_each_request(self) -> None:
        recorder = Recorder(httpx.Response(429, headers={"Retry-After": "0"}))
        tokens = iter(["first", "second", "third"])

        client = recorder.client(lambda: next(tokens))
        client.phone_numbers.list()
        client.phone_numbers.list()

        assert recorder.tokens == ["first", "second", "third"]

    @pytest.mark.parametrize("run", [run_asyncio, trio.run], ids=["asyncio", "trio"])
    def test_an_asynchronous_function_is_awaited(self, run: Any) -> None:
        recorder = Recorder()

        async def provide() -> str:
            return "provided"

        async def use() -> None:
            await recorder.async_client(provide).phone_numbers.list()
            await recorder.async_client(lambda: "plain").phone_numbers.list()

        run(use)

        assert recorder.tokens == ["provided", "plain"]

    def test_an_object_that_can_be_called_is_one(self) -> None:
        class Vault:
            def __call__(self) -> str:
                return "from the vault"[:4]

        recorder = Recorder()
        recorder.client(Vault()).phone_numbers.list()

        assert recorder.tokens == ["from"]

    @pytest.mark.parametrize("provided", [None, "", "a b", 7])
    def test_what_is_no_token_is_refused_before_a_request(self, provided: Any) -> None:
        recorder = Recorder()

        with pytest.raises(linq.InvalidInputError, match="token"):
            recorder.client(lambda: provided).phone_numbers.list()

        assert not recorder.requests

    def test_an_error_of_the_function_comes_out_as_itself(self) -> None:
        def fail() -> str:
            raise LookupError("the vault is sealed")

        with pytest.raises(LookupError, match="sealed"):
            Recorder().client(fail).phone_numbers.list()

    def test_the_token_of_that_request_is_what_is_kept_out_of_its_error(self) -> None:
        echo = httpx.Response(400, text="canary-of-this-call")
        client = Recorder(echo).client(lambda: "canary-of-this-call")

        with pytest.raises(linq.BadRequestError) as caught:
            client.phone_numbers.list()

        assert "canary" not in str(caught.value) + caught.value.response.text


class TestOptionsOfACall:
    def test_headers_and_parameters_are_added(self) -> None:
        recorder = Recorder()

        recorder.client(default_headers={"X-Team": "billing"}).phone_numbers.list(
            extra_headers={"X-Team": "sales", "Idempotency-Key": "7"},
            extra_query={"page": 2, "kind": [1, 2]},
        )

        request = recorder.requests[0]
        assert request.headers.get_list("X-Team") == ["sales"]
        assert request.headers["Idempotency-Key"] == "7"
        assert request.url.query == b"page=2&kind=1&kind=2"

    def test_what_is_unset_is_not_sent(self) -> None:
        recorder = Recorder()

        recorder.client().phone_numbers.list(extra_query={"a": linq.UNSET, "b": 1}, timeout=linq.UNSET)

        assert recorder.requests[0].url.query == b"b=1"
        assert recorder.requests[0].extensions["timeout"]["read"] == 60

    def test_they_are_of_that_call_alone(self) -> None:
        recorder = Recorder()
        client = recorder.client()

        client.phone_numbers.list(extra_headers={"X-Once": "1"}, extra_query={"once": 1}, timeout=3)
        client.phone_numbers.list()

        assert "X-Once" not in recorder.requests[1].headers
        assert recorder.requests[1].url.query == b""
        assert recorder.requests[1].extensions["timeout"]["read"] == 60

    def test_retries_and_deadline_are_replaced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pauses: list[float] = []
        monkeypatch.setattr("time.sleep", pauses.append)
        recorder = Recorder(*[httpx.Response(503)] * 4)
        client = recorder.client(max_retries=9)

        with pytest.raises(linq.InternalServerError):
            client.phone_numbers.list(max_retries=1)
        with pytest.raises(linq.InternalServerError):
            client.phone_numbers.list(deadline=0.5)

        assert (len(recorder.requests), len(pauses)) == (3, 1)

    @pytest.mark.parametrize(
        ("options", "name"),
        [
            ({"timeout": "5"}, "timeout is '5'"),
            ({"max_retries": True}, "max_retries is True"),
            ({"deadline": -1}, "deadline is -1"),
            ({"extra_headers": {"X-Ä": "1"}}, "extra_headers has"),
            ({"extra_headers": {"X-A": "1\r\nX-B: 2"}}, "extra_headers has a value for X-A"),
            ({"extra_headers": ["X-A"]}, "extra_headers is a list"),
            ({"extra_query": "a=1"}, "extra_query is 'a=1'"),
            ({"extra_query": {"a": {"b": 1}}}, "extra_query has a dict for 'a'"),
            ({"extra_query": {"a": [b"1"]}}, "extra_query has a list for 'a'"),
            ({"extra_query": {"a": "\ud800"}}, "list_phone_numbers was not sent: "),
        ],
    )
    def test_what_is_none_is_refused_before_a_request(self, options: Any, name: str) -> None:
        recorder = Recorder()

        with pytest.raises(linq.InvalidInputError, match=name):
            recorder.client().phone_numbers.list(**options)

        assert not recorder.requests


class TestRawResponses:
    def test_the_methods_of_with_raw_response_return_the_response_too(self) -> None:
        answer = httpx.Response(200, json=EMPTY, headers={"X-Trace-ID": "abc"})
        client = Recorder(httpx.Response(429, headers={"Retry-After": "0"}), answer).client()

        raw = client.phone_numbers.with_raw_response.list(extra_headers={"X-A": "1"})

        assert raw.result == linq.PhoneNumberListResponse(phone_numbers=[])
        assert (raw.response.status_code, raw.trace_id, raw.tries) == (200, "abc", 2)
        assert raw.seconds > 0
        assert raw.response.request.headers["X-A"] == "1"

    def test_the_asynchronous_ones_as_well(self) -> None:
        answer = {"id": LINE, "phone_number": "+12025550143"}
        client = Recorder(httpx.Response(200, json=answer)).async_client()

        raw = asyncio.run(client.phone_numbers.with_raw_response.update(LINE, forwarding_number=None))

        assert (raw.result.id, raw.response.json()) == (LINE, answer)

    def test_they_take_the_same_arguments(self) -> None:
        for client in (linq.LinqClient("token"), linq.AsyncLinqClient("token")):
            plain, raw = client.phone_numbers, client.phone_numbers.with_raw_response
            for method in ("list", "update"):
                assert (
                    inspect.signature(getattr(plain, method)).parameters
                    == inspect.signature(getattr(raw, method)).parameters
                )


class TestOtherRequests:
    def test_json_is_sent_and_returned_as_it_is(self) -> None:
        recorder = Recorder(httpx.Response(201, json={"id": 7}))

        answer = recorder.client().request("post", "/v3/chats", query={"a": 1}, body={"x": None})

        request = recorder.requests[0]
        assert answer == {"id": 7}
        assert (request.method, request.url.path, request.url.query) == (
            "POST",
            "/api/partner/v3/chats",
            b"a=1",
        )
        assert request.content == b'{"x": null}'
        assert recorder.tokens == ["token"]

    def test_an_empty_body_is_none(self) -> None:
        assert Recorder(httpx.Response(204)).client().request("DELETE", "/v3/chats/1") is None

    def test_a_model_reads_the_answer(self) -> None:
        answer = asyncio.run(
            Recorder()
            .async_client()
            .request("GET", "/v3/phone_numbers", parse=linq.PhoneNumberListResponse.from_dict)
        )

        assert answer.phone_numbers == []

    def test_an_error_is_typed_as_always(self) -> None:
        with pytest.raises(linq.NotFoundError, match=r"request \(GET /v3/chats/1\) was answered with 404"):
            Recorder(httpx.Response(404)).client().request("GET", "/v3/chats/1")

    @pytest.mark.parametrize(
        "path", ["v3/chats", "https://example.com/", "/v3/../x", "/./x", "/x?a=1", "/x#y"]
    )
    def test_a_path_that_leads_elsewhere_is_refused(self, path: str) -> None:
        recorder = Recorder()

        with pytest.raises(linq.InvalidInputError, match="path"):
            recorder.client().request("GET", path)

        assert not recorder.requests

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ("a=1", "query is 'a=1': it must map names"),
            ({"a": {"b": 1}}, "query has a dict for 'a'"),
            ({"a": b"1"}, "query has a bytes for 'a'"),
        ],
    )
    def test_a_query_that_is_none_is_refused(self, query: Any, message: str) -> None:
        recorder = Recorder()

        with pytest.raises(linq.InvalidInputError, match=message):
            recorder.client().request("GET", "/v3/chats", query=query)

        assert not recorder.requests


class TestForThoseWhoInspect:
    @pytest.mark.parametrize("kind", [linq.LinqClient, linq.AsyncLinqClient])
    def test_type_hints_resolve_at_run_time(self, kind: Any) -> None:
        resource = kind.phone_numbers
        for function in (
            *(kind.__init__, kind.send, kind.send_raw, kind.with_options),
            *(resource.list, resource.update, resource.with_raw_response.update),
        ):
            assert "return" in typing.get_type_hints(function)

    def test_a_mock_of_the_class_has_its_resources(self) -> None:
        mock = create_autospec(linq.LinqClient, instance=True)
        mock.phone_numbers.list.return_value = "listed"

        assert mock.phone_numbers.list(timeout=3) == "listed"
        with pytest.raises(TypeError):
            mock.phone_numbers.update(forwarding_number=None)
        with pytest.raises(AttributeError):
            mock.phone_numbers.delete()
        assert Mock(spec=linq.LinqClient).phone_numbers

    def test_a_mock_of_the_async_class_is_awaited(self) -> None:
        mock = create_autospec(linq.AsyncLinqClient, instance=True)
        mock.phone_numbers.update.return_value = "updated"
        call: Awaitable[Any] = mock.phone_numbers.update(LINE, forwarding_number=None)

        async def use() -> Any:
            return await call

        assert asyncio.run(use()) == "updated"

    def test_a_resource_can_be_patched_on_the_class(self) -> None:
        with patch.object(linq.LinqClient, "phone_numbers") as resource:
            assert linq.LinqClient("token").phone_numbers is resource

        assert linq.LinqClient("token").phone_numbers is not resource
