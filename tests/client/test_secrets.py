"""The token is in nothing that anybody gets to see, whatever goes wrong, at debug level too."""

from __future__ import annotations

import asyncio
import copy
import logging
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import linq_phone_numbers as linq
from linq_phone_numbers.api.phone_numbers import list_phone_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.client.conftest import Clients, Handler

TOKEN = "canary-7f3d9b"
LINE = "3f2b8c1e-6a4d-4e59-9b70-1d2c3e4f5a6b"


def everything_shown(error: BaseException) -> str:
    """Return all that a log or a crash report can show of an error, its causes, and their variables."""
    # Without the frames of the tests, which make clients out of the token.
    frames = traceback.walk_tb(error.__traceback__)
    ours = (step for step in frames if "/tests/" not in step[0].f_code.co_filename)
    stack = traceback.StackSummary.extract(ours, capture_locals=True)
    shown = [str(error), repr(error), repr(vars(error)), *stack.format()]
    if isinstance(error, httpx.HTTPError):  # what pickles causes, as tblib does, takes this with them
        shown.append(repr(error.request.headers.raw))
    shown += [everything_shown(each) for each in (error.__cause__, error.__context__) if each]
    return "\n".join(shown)


def refuse(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


def fail_in_a_hook(_: httpx.Request) -> httpx.Response:
    raise RuntimeError("not an error of httpx")


def answer_with(status: int, **options: Any) -> Handler:
    return lambda _: httpx.Response(status, **options)


def envelope(status: int) -> dict[str, Any]:
    detail = {"status": status, "code": 2019, "message": f"echo {TOKEN}", "doc_url": f"https://x/{TOKEN}"}
    return {"success": False, "error": detail, "trace_id": TOKEN}


FAILURES = {
    "refused": refuse,
    "no envelope": answer_with(500, text="x"),
    "echo in an error": answer_with(404, json=envelope(404)),
    "echo in a header": answer_with(401, headers={"X-Echo": f"Bearer {TOKEN}", "X-Trace-ID": TOKEN}),
    "echo in a name": answer_with(500, text=f'{{"\\u{ord(TOKEN[0]):04x}{TOKEN[1:]}": 1}}'),
    "echo in a reply": answer_with(200, json={"phone_numbers": [TOKEN]}),
    "echo in HTML": answer_with(200, text=f"<html>{TOKEN}", headers={"Content-Type": f"text/{TOKEN}"}),
    "redirect": answer_with(307, headers={"Location": f"https://example.com/?{TOKEN}"}),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_no_error_traceback_log_warning_or_pickle_shows_the_token(
    clients: Clients,
    failure: Handler,
    caplog: pytest.LogCaptureFixture,
    recwarn: pytest.WarningsRecorder,
) -> None:
    caplog.set_level(logging.DEBUG)

    with pytest.raises(linq.APIError) as caught:
        clients.list(failure)

    error = caught.value
    assert TOKEN not in everything_shown(error)
    assert TOKEN not in caplog.text
    assert TOKEN not in " ".join(str(warning.message) for warning in recwarn)
    assert TOKEN.encode() not in pickle.dumps(error)
    if isinstance(error, linq.APIResponseError):
        assert TOKEN not in error.response.text + repr(error.response.headers.raw)
        assert TOKEN not in repr(error.response.request.headers.raw)


def test_an_error_that_is_not_ours_shows_no_token_either(clients: Clients) -> None:
    with pytest.raises(RuntimeError, match="not an error of httpx") as caught:
        clients.list(fail_in_a_hook, max_retries=2)

    assert TOKEN not in everything_shown(caught.value)


def fail_with_an_error_that_is_its_own_cause(_request: httpx.Request) -> httpx.Response:
    error = httpx.ConnectError("no route")
    raise error from error


def test_an_error_that_is_its_own_cause_is_reported_like_any_other(clients: Clients) -> None:
    with pytest.raises(linq.APIConnectionError, match="no route"):
        clients.list(fail_with_an_error_that_is_its_own_cause, max_retries=0)


def unusable_token() -> object:
    return linq.LinqClient(f"{TOKEN}\n")


def unusable_async_token() -> object:
    return linq.AsyncLinqClient(f"{TOKEN} and more")


def unusable_url() -> object:
    return linq.LinqClient(TOKEN, "api.linqapp.com")


def unusable_async_url() -> object:
    return linq.AsyncLinqClient(TOKEN, "ftp://example.com")


def unusable_number() -> object:
    return linq.LinqClient(TOKEN).phone_numbers.update(LINE, forwarding_number="123")


def unusable_body() -> object:
    call: linq.types.Call[None] = linq.types.Call("create", "POST", "/things", parse=None, body={1j})
    return linq.LinqClient(TOKEN).send(call)


def unusable_token_of_a_function() -> object:
    return linq.LinqClient(lambda: f"{TOKEN}\n").phone_numbers.list()


def unusable_async_token_of_a_function() -> object:
    return asyncio.run(_listed(linq.AsyncLinqClient(lambda: f"{TOKEN}\n")))


def unusable_async_token_of_an_async_function() -> object:
    async def ask() -> str:
        return f"{TOKEN}\n"

    return asyncio.run(_listed(linq.AsyncLinqClient(ask)))


async def _listed(client: linq.AsyncLinqClient) -> object:
    return await client.phone_numbers.list()


@pytest.mark.parametrize(
    "misuse",
    [
        *(unusable_token, unusable_async_token, unusable_url, unusable_async_url),
        *(unusable_token_of_a_function, unusable_async_token_of_a_function),
        *(unusable_async_token_of_an_async_function, unusable_number, unusable_body),
    ],
)
def test_no_refusal_of_bad_input_shows_the_token(misuse: Callable[[], object]) -> None:
    with pytest.raises(linq.InvalidInputError) as caught:
        misuse()

    assert TOKEN not in everything_shown(caught.value)


@pytest.mark.parametrize("kind", [linq.LinqClient, linq.AsyncLinqClient])
def test_a_client_shows_no_token_and_is_neither_copied_nor_pickled(kind: Any) -> None:
    client = kind(TOKEN)

    assert TOKEN not in f"{client!r} {client} {vars(client)} {vars(client.phone_numbers)}"
    for take_away in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="holds a token") as caught:
            take_away(client)
        assert TOKEN not in everything_shown(caught.value)


def test_a_raw_response_shows_no_token() -> None:
    answer = httpx.Response(200, json={"phone_numbers": [], "echo": TOKEN}, headers={"X-Echo": TOKEN})
    with httpx.Client(transport=httpx.MockTransport(lambda _: answer)) as http:
        raw = linq.LinqClient(TOKEN, http_client=http).send_raw(list_phone_numbers())

    assert raw.response.json() == {"phone_numbers": [], "echo": "[token]"}
    assert TOKEN.encode() not in pickle.dumps(raw.response)


def test_a_retry_shows_no_token(clients: Clients, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    turned_away = httpx.Response(429, headers={"Retry-After": "0"})
    answers = iter([turned_away, httpx.Response(400, json=envelope(400))])

    with pytest.raises(linq.BadRequestError) as caught:
        clients.list(lambda _: next(answers), max_retries=1)

    assert "Trying again" in caplog.text
    assert TOKEN not in caplog.text
    assert TOKEN not in everything_shown(caught.value)


@pytest.mark.parametrize("token", ["t", "list", "number"])
def test_an_error_says_what_the_server_said_also_when_a_short_token_is_in_it(
    clients: Clients, token: str
) -> None:
    detail = "There is no such number in the list."

    with pytest.raises(linq.NotFoundError) as caught:
        clients.list(answer_with(404, json={"error": {"message": detail}}), api_key=token)

    assert "list_phone_numbers (GET /v3/phone_numbers)" in str(caught.value)
    assert (caught.value.detail, caught.value.body) == (detail, {"error": {"message": detail}})
