"""The mock without a network: what it answers, through ASGI."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import pytest

from linq_mock.accounts import two_accounts
from linq_mock.app import application
from linq_mock.behaviour import Behaviour
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

BASE_PATH = "/api/partner"


class InProcess(httpx.BaseTransport):
    """Hands the requests of a synchronous client to an ASGI application."""

    def __init__(self, app: ASGIApp) -> None:
        self._asgi = httpx.ASGITransport(app)
        self._runner = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._runner.run(self._answer(request))

    def close(self) -> None:
        self._runner.close()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._asgi.handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        content = b"".join([part async for part in response.stream])
        return httpx.Response(
            response.status_code, headers=response.headers, stream=httpx.ByteStream(content)
        )


class Server(httpx.Client):
    """A client of a mock in this process, as its first account."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(
            base_url=f"http://mock{BASE_PATH}",
            transport=InProcess(application(behaviour)),
            headers={"Authorization": f"Bearer {DEFAULT_TOKENS[0]}"},
        )

    def lines(self, **request: Any) -> list[dict[str, Any]]:
        response = self.get("/v3/phone_numbers", **request)
        assert response.status_code == 200, response.text
        lines: list[dict[str, Any]] = response.json()["phone_numbers"]
        return lines

    def other_lines(self) -> list[dict[str, Any]]:
        return self.lines(headers={"Authorization": f"Bearer {DEFAULT_TOKENS[1]}"})

    def update(self, phone_number_id: str, **request: Any) -> httpx.Response:
        return self.put(f"/v3/phone_numbers/{phone_number_id}", **request)

    def forward(self, phone_number_id: str, number: object) -> httpx.Response:
        return self.update(phone_number_id, json={"forwarding_number": number})


Serve: TypeAlias = "Callable[[Behaviour], Server]"


@pytest.fixture
def behaviour() -> Behaviour:
    return Behaviour(two_accounts(DEFAULT_TOKENS, 5), BASE_PATH)


@pytest.fixture
def serve() -> Iterator[Serve]:
    with contextlib.ExitStack() as stack:
        yield lambda behaviour: stack.enter_context(Server(behaviour))


@pytest.fixture
def server(serve: Serve, behaviour: Behaviour) -> Server:
    return serve(behaviour)
