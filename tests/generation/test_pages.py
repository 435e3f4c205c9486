"""An operation that answers in pages has a method that goes through all of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from generator.errors import GenerationError

if TYPE_CHECKING:
    from types import ModuleType

    from .conftest import Make

EXTENSION = {
    "items": "$response.body#/data",
    "next": "$response.body#/meta/next",
    "cursor": "$request.query.cursor",
}
PAGE: dict[str, Any] = {
    "type": "object",
    "required": ["meta"],
    "properties": {
        "data": {"type": "array", "items": {"$ref": "#/components/schemas/Chat"}},
        "meta": {"type": "object", "properties": {"next": {"type": ["string", "null"]}}},
    },
}
CHAT = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
TEXT = {"type": "string"}
PARAMETERS = [{"in": "query", "name": name, "schema": TEXT} for name in ("cursor", "label")]


def document(extension: Any = EXTENSION) -> dict[str, Any]:
    content = {"application/json": {"schema": PAGE}}
    operation: dict[str, Any] = {
        "operationId": "list_chats",
        "tags": ["chats"],
        "x-pagination": extension,
        "parameters": PARAMETERS,
        "responses": {"200": {"description": "A page.", "content": content}},
    }
    return {
        "servers": [{"url": "https://example.com"}],
        "paths": {"/chats": {"get": operation}},
        "components": {"schemas": {"Chat": CHAT}},
    }


def answer(request: httpx.Request) -> httpx.Response:
    """Three pages, the last of which has no items; all with one label."""
    assert request.url.params["label"] == "x"
    page = int(request.url.params.get("cursor", "0"))
    body: dict[str, Any] = {"meta": {"next": str(page + 1)}, "data": [{"id": page}, {"id": page + 10}]}
    return httpx.Response(200, json=body if page < 2 else {"meta": {}})


@pytest.fixture
def package(make_client: Make) -> ModuleType:
    return make_client(document())


def test_the_items_of_all_pages_come_one_after_the_other(package: ModuleType) -> None:
    client = package.MadeClient(http_client=httpx.Client(transport=httpx.MockTransport(answer)))

    assert [chat.id for chat in client.chats.list_all(label="x")] == [0, 10, 1, 11]
    assert [chat.id for chat in client.chats.list_all(label="x", cursor="1")] == [1, 11]


def test_they_come_from_the_asynchronous_client_too(package: ModuleType) -> None:
    async def ids() -> list[int]:
        http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        chats = package.AsyncMadeClient(http_client=http).chats
        return [chat.id async for chat in chats.list_all(label="x")]

    assert asyncio.run(ids()) == [0, 10, 1, 11]


def test_a_page_that_names_itself_as_the_next_one_ends_with_an_error(package: ModuleType) -> None:
    def same(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"meta": {"next": "1"}, "data": [{"id": 1}]})

    client = package.MadeClient(http_client=httpx.Client(transport=httpx.MockTransport(same)))

    with pytest.raises(package.APIError, match="list_chats was stopped: a page names itself as the next one"):
        list(client.chats.list_all())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cursor": "cursor"}, "must have items: "),
        ({"cursor": "$request.query.after"}, "names the parameter after, which the query does not have"),
        ({"items": "$response.body#/items"}, "names .*#/items, and the answer has no such property"),
        ({"items": "$response.body#/meta"}, "names .*#/meta, which is no array"),
    ],
)
def test_an_extension_that_says_something_else_is_refused(
    make_client: Make, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(GenerationError, match=f"GET /chats: x-pagination {said}"):
        make_client(document(EXTENSION | changes))
