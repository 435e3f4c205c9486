"""Both clients, the async one on asyncio and on trio, with a transport that answers as a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import trio

import linq_document
import linq_phone_numbers as linq

TOKEN = "canary-7f3d9b"

Handler = Callable[[httpx.Request], httpx.Response]


class Clients:
    """One of the two clients: calls are made on a client of their own, whose transport is a function."""

    def __init__(self, run: Callable[[Callable[[], Awaitable[Any]]], Any] | None) -> None:
        """Make calls with the sync client, or with the async one in an event loop that `run` starts."""
        self.run = run

    def list(self, handler: Handler | None, **settings: Any) -> linq.PhoneNumberListResponse:
        result: linq.PhoneNumberListResponse = self._call("list", handler, settings)
        return result

    def update(
        self, handler: Handler | None, *arguments: Any, forwarding_number: Any, **settings: Any
    ) -> linq.PhoneNumberUpdateResponse:
        result: linq.PhoneNumberUpdateResponse = self._call(
            "update", handler, settings, *arguments, forwarding_number=forwarding_number
        )
        return result

    def _call(
        self, method: str, handler: Handler | None, settings: dict[str, Any], *arguments: Any, **keywords: Any
    ) -> Any:
        transport = httpx.MockTransport(handler) if handler else None  # None stands for real connections
        settings.setdefault("api_key", TOKEN)
        settings.setdefault("max_retries", 0)
        if self.run is None:
            with (
                httpx.Client(transport=transport) as http,
                linq.LinqClient(http_client=http, **settings) as client,
            ):
                return getattr(client.phone_numbers, method)(*arguments, **keywords)

        async def call() -> Any:
            async with (
                httpx.AsyncClient(transport=transport) as http,
                linq.AsyncLinqClient(http_client=http, **settings) as client,
            ):
                return await getattr(client.phone_numbers, method)(*arguments, **keywords)

        return self.run(call)


def run_asyncio(function: Callable[[], Any]) -> Any:
    return asyncio.run(function())


@pytest.fixture(params=[None, run_asyncio, trio.run], ids=["sync", "asyncio", "trio"])
def clients(request: pytest.FixtureRequest) -> Clients:
    return Clients(request.param)


@pytest.fixture
def line() -> dict[str, Any]:
    """A line that forwards, as the contract shows one."""
    example: dict[str, Any] = linq_document.load().raw["components"]["schemas"]["PhoneNumber"]["examples"][0]
    return dict(example)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINQ_API_V3_API_KEY", raising=False)
    monkeypatch.delenv("LINQ_API_V3_BASE_URL", raising=False)
