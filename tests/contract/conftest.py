"""Servers for the contract tests: the mock, or a broken one, in a thread, with a log of what reaches it."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import httpx
import pytest
import uvicorn

from linq_contract import document
from linq_mock.accounts import two_accounts
from linq_mock.app import application
from linq_mock.behaviour import Behaviour
from linq_mock.server import listen, url_of
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Generator, Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from linq_contract.document import Document

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
        return [
            line.get("forwarding_number")
            for token in (self.token, DEFAULT_TOKENS[1])
            for line in self._list(token)
        ]

    def _list(self, token: str) -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {token}"}
        listing = httpx.get(f"{self.url}/v3/phone_numbers", headers=headers).json()
        return cast("list[dict[str, Any]]", listing["phone_numbers"])


Serve: TypeAlias = "Callable[[ASGIApp], Served]"
ServeMock: TypeAlias = "Callable[..., Served]"


@pytest.fixture(scope="session")
def contract() -> Document:
    return document.load()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve an ASGI application on a free port until the test ends."""
    with contextlib.ExitStack() as stack:
        yield lambda app: stack.enter_context(_running(app))


@pytest.fixture
def serve_mock(serve: Serve) -> ServeMock:
    """Serve a behaviour of the mock whose first account has the canary for its token."""

    def serve_behaviour(behaviour: type[Behaviour] = Behaviour, lines: int = 3) -> Served:
        accounts = two_accounts((CANARY, DEFAULT_TOKENS[1]), lines)
        return serve(application(behaviour(accounts, BASE_PATH)))

    return serve_behaviour


@contextlib.contextmanager
def _running(app: ASGIApp) -> Generator[Served]:
    listener = listen("127.0.0.1", 0)
    served = Served(url_of(listener, BASE_PATH))
    server = _Server(uvicorn.Config(_logged(app, served.log), lifespan="off", log_config=None, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert server.is_ready.wait(10)
        yield served
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_ready.set()


def _logged(app: ASGIApp, log: list[Seen]) -> ASGIApp:
    async def logged(scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        log.append(Seen(scope["method"], scope["raw_path"] + query, headers, body))
        unread = [message]

        async def again() -> Message:
            return {"type": "http.request", "body": body} if unread and unread.pop() else await receive()

        await app(scope, again, send)

    return logged
