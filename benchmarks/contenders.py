"""How each contender lists the lines of an account: sync, async, and what it parses them with.

Their packages are imported by name, since each is installed for the process that measures it alone.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from importlib import import_module
from types import GenericAlias
from typing import Any

import httpx

TOKEN = "token"  # noqa: S105 - no secret: the server asks for none
PATH = "/v3/phone_numbers"

List = Callable[[], Any]
AsyncList = Callable[[], Awaitable[Any]]


class Ours:
    """The client of this project."""

    def __init__(self) -> None:
        self.module: Any = import_module("linq_phone_numbers")

    def sync(self, url: str, transport: httpx.MockTransport | None = None) -> List:
        http = httpx.Client(transport=transport) if transport else None
        method: List = self.module.LinqClient(TOKEN, url, http_client=http).phone_numbers.list
        return method

    def asynchronous(self, url: str) -> AsyncList:
        method: AsyncList = self.module.AsyncLinqClient(TOKEN, url).phone_numbers.list
        return method

    def parse(self, data: Any) -> Any:
        return self.module.PhoneNumberListResponse.from_dict(data)


class OursOverAiohttp(Ours):
    """The same over the transport of the extra `aiohttp`."""

    def asynchronous(self, url: str) -> AsyncList:
        http = self.module.aiohttp_client()
        method: AsyncList = self.module.AsyncLinqClient(TOKEN, url, http_client=http).phone_numbers.list
        return method


class Stock:
    """What openapi-python-client writes for the same contract with its own templates."""

    def __init__(self) -> None:
        self.client: Any = import_module("stock_client").AuthenticatedClient
        self.module: Any = import_module("stock_client.api.phone_numbers.list_phone_numbers")
        self.models: Any = import_module("stock_client.models")

    def sync(self, url: str, transport: httpx.MockTransport | None = None) -> List:
        client = self.client(url, TOKEN, httpx_args={"transport": transport} if transport else {})
        return lambda: self.module.sync(client=client)

    def asynchronous(self, url: str) -> AsyncList:
        client = self.client(url, TOKEN, timeout=httpx.Timeout(60))
        return lambda: self.module.asyncio(client=client)

    def parse(self, data: Any) -> Any:
        return self.models.PhoneNumberListResponse.from_dict(data)


class Vendor:
    """The vendor's SDK, in the version that is on the path."""

    def __init__(self) -> None:
        self.module: Any = import_module("linq")

    def sync(self, url: str, transport: httpx.MockTransport | None = None) -> List:
        http = httpx.Client(transport=transport) if transport else None
        method: List = self.module.LinqAPIV3(api_key=TOKEN, base_url=url, http_client=http).phone_numbers.list
        return method

    def asynchronous(self, url: str) -> AsyncList:
        method: AsyncList = self.module.AsyncLinqAPIV3(api_key=TOKEN, base_url=url).phone_numbers.list
        return method


class VendorOverAiohttp(Vendor):
    """The same over the aiohttp transport that it offers as an extra."""

    def asynchronous(self, url: str) -> AsyncList:
        http = self.module.DefaultAioHttpClient()
        client = self.module.AsyncLinqAPIV3(api_key=TOKEN, base_url=url, http_client=http)
        method: AsyncList = client.phone_numbers.list
        return method


class Bare:
    """httpx and json: what everybody pays, and nothing is checked."""

    def sync(self, url: str, transport: httpx.MockTransport | None = None) -> List:
        http = httpx.Client(transport=transport, timeout=60)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return lambda: self.read(http.get(url + PATH, headers=headers).raise_for_status().content)

    def asynchronous(self, url: str) -> AsyncList:
        http = httpx.AsyncClient(timeout=60)
        headers = {"Authorization": f"Bearer {TOKEN}"}

        async def call() -> Any:
            return self.read((await http.get(url + PATH, headers=headers)).raise_for_status().content)

        return call

    def read(self, content: bytes) -> Any:
        return json.loads(content)


class Msgspec(Bare):
    """httpx, and msgspec structs that name every property: parsing in C, the limit."""

    def __init__(self) -> None:
        msgspec: Any = import_module("msgspec")
        reputation = msgspec.defstruct("Reputation", [("status", str), ("doc_url", str)])
        line = msgspec.defstruct(
            "Line",
            [
                *(("id", str), ("phone_number", str), ("reputation", reputation)),
                *(("health_status", reputation), ("forwarding_number", str | None, None)),
            ],
        )
        lines = msgspec.defstruct("Lines", [("phone_numbers", GenericAlias(list, (line,)))])
        self.decoder = msgspec.json.Decoder(lines)

    def read(self, content: bytes) -> Any:
        return self.decoder.decode(content)


CONTENDERS: dict[str, Callable[[], Any]] = {
    "ours": Ours,
    "ours, aiohttp": OursOverAiohttp,
    "stock": Stock,
    "linq-python 0.15.1": Vendor,
    "linq-python newest": Vendor,
    "linq-python newest, aiohttp": VendorOverAiohttp,
    "httpx + json": Bare,
    "httpx + msgspec": Msgspec,
}
