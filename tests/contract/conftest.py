"""Servers for the contract tests: the mock, or a broken one, in a thread, with a log of what reaches it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import httpx
import pytest
import uvicorn
from hypothesis import settings

import linq_document
from linq_mock.accounts import two_accounts
from linq_mock.app import application
from linq_mock.behaviour import Behaviour
from linq_mock.server import listen, url_of
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from linq_document import Document

# Examples share the machine with the servers and processes of other tests.
settings.register_profile("contract", deadline=None)
settings.load_profile("contract")

BASE_PATH = "/api/partner"
CANARY = "canary-7f3d9b51-c0ffee"


@dataclass(frozen=True)
class Seen:
    """A request as the server saw it; `target` is the path and query, byte for byte."""

    method: str
    target: bytes
    headers: dict[str, str]
    body: bytes


@dataclass
class Served:
    """A server that runs in a thread."""

    url: str
    token: str = CANARY
    log: list[Seen] = field(default_factory=list[Seen])

    @property
    def methods(self) -> set[str]:
        return {seen.method for seen in self.log}

    def forwarding_numbers(self) -> list[str | None]:
        """What the server itself says that the lines of both accounts forward to."""
        tokens = (self.token, DEFAULT_TOKENS[1])
        return [line.get("forwarding_number") for token in tokens for line in self.lines(token)]

    def lines(self, token: str) -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {token}"}
        listing = httpx.get(f"{self.url}/v3/phone_numbers", headers=headers).json()
        return cast("list[dict[str, Any]]", listing["phone_numbers"])


Serve: TypeAlias = "Callable[[ASGIApp], Served]"
ServeMock: TypeAlias = "Callable[..., Served]"


@pytest.fixture(scope="session")
def contract() -> Document:
    return linq_document.load()


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    host = Host()
    listener = listen("127.0.0.1", 0)
    server = ReadyServer(uvicorn.Config(host, lifespan="off", log_config=None, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    assert server.is_ready.wait(10)
    host.url = url_of(listener, "")
    yield host
    server.should_exit = True
    thread.join()


@pytest.fixture
def serve(host: Host) -> Serve:
    """Serve an ASGI application until the tests end."""
    return host.mount


@pytest.fixture
def serve_mock(serve: Serve) -> ServeMock:
    """Serve a behaviour of the mock whose first account has the canary for its token."""

    def serve_behaviour(behaviour: type[Behaviour] = Behaviour, lines: int = 3) -> Served:
        accounts = two_accounts((CANARY, DEFAULT_TOKENS[1]), lines)
        return serve(application(behaviour(accounts, BASE_PATH)))

    return serve_behaviour


class Host:
    """An ASGI application that hands each request to the one that is mounted at its first segment."""

    def __init__(self) -> None:
        self.url = ""
        self._mounted: dict[bytes, tuple[ASGIApp, Served]] = {}

    def mount(self, app: ASGIApp) -> Served:
        prefix = f"/{len(self._mounted)}"
        served = Served(f"{self.url}{prefix}{BASE_PATH}")
        self._mounted[prefix.encode()] = app, served
        return served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        prefix, slash, rest = scope["raw_path"][1:].partition(b"/")
        app, served = self._mounted[b"/" + prefix]
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        served.log.append(Seen(scope["method"], slash + rest + query, headers, body))
        unread: list[Message] = [{"type": "http.request", "body": body}]

        async def again() -> Message:
            return unread.pop() if unread else await receive()

        await app({**scope, "raw_path": slash + rest}, again, send)


class ReadyServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_ready.set()
