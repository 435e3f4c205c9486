"""Servers in threads, with a log of what reaches them, and something to do when it does."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import httpx
import uvicorn
from tests.limits import limit

from linq_mock.server import listen, url_of
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Generator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BASE_PATH = "/api/partner"
CANARY = "canary-7f3d9b51-c0ffee"
_SECONDS_TO_CLOSE = 1
"""Without it, a connection whose client has given up on TLS is waited for without end from Python 3.12 on."""


@dataclass(frozen=True)
class Seen:
    """A request as the server saw it; `target` is the path and query, byte for byte."""

    method: str
    target: bytes
    headers: dict[str, str]
    body: bytes


def _do_nothing() -> None:
    pass


@dataclass
class Served:
    """A server that runs in a thread."""

    url: str
    token: str = CANARY
    log: list[Seen] = field(default_factory=list[Seen])
    _due: int = 0
    _act: Callable[[], object] = _do_nothing

    @property
    def methods(self) -> set[str]:
        return {seen.method for seen in self.log}

    @property
    def updates(self) -> int:
        return sum(seen.method == "PUT" for seen in self.log)

    def at_update(self, number: int, act: Callable[[], object]) -> None:
        """Act once, when that update has arrived or a later one, and before it is carried out."""
        self._due, self._act = number, act

    def note(self, seen: Seen) -> None:
        """Write down a request that has arrived."""
        self.log.append(seen)
        if seen.method == "PUT" and self.updates >= self._due:
            act, self._act = self._act, _do_nothing
            act()

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
        served.note(Seen(scope["method"], slash + rest + query, headers, body))
        unread: list[Message] = [{"type": "http.request", "body": body}]

        async def again() -> Message:
            return unread.pop() if unread else await receive()

        await app({**scope, "raw_path": slash + rest}, again, send)


@contextlib.contextmanager
def hosting(**tls: Any) -> Generator[Host]:
    """Run a host in a thread; `tls` are the files that uvicorn needs to speak TLS."""
    host, listener = Host(), listen("127.0.0.1", 0)
    # Whatever else is installed: it lets a hostile server send what httptools would not.
    config = uvicorn.Config(
        host,
        http="h11",
        lifespan="off",
        log_config=None,
        ws="none",
        timeout_graceful_shutdown=_SECONDS_TO_CLOSE,
        **tls,
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    assert server.is_ready.wait(limit(10))
    host.url = url_of(listener, "").replace("http://", "https://" if tls else "http://")
    try:
        yield host
    finally:
        server.should_exit = True
        thread.join()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_ready.set()
