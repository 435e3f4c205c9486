"""The server of one situation, in a thread of this process, and what it saw."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import linq_document
from linq_contract.clients.situations import REDIRECT, Situation, Trick
from linq_mock.accounts import DEFAULT_LINES, Account, Accounts, made_up_lines
from linq_mock.app import call_of, read_body
from linq_mock.messages import Call, Response
from linq_mock.server import Server, listen, url_of
from linq_mock.settings import InForce, Setting

if TYPE_CHECKING:
    from linq_mock.messages import Application, Receive, Scope, Send

BASE_PATH = "/api/partner"
_CHUNK = b" " * 65_536  # bytes: what is read from a socket at once
_SECONDS_BETWEEN_CHUNKS = 0.05  # so that whoever reads a minute of it has not filled the memory


@dataclass
class Seen:
    """A request as the server saw it: when, on the monotonic clock, and the status that it answered with."""

    at: float
    call: Call
    status: int | None = None

    @property
    def kind(self) -> tuple[str, str]:
        """The method and the path."""
        return self.call.method, self.call.raw_path

    @property
    def identity(self) -> tuple[str, str, str, bytes]:
        """What two requests have in common when one is the other, sent again."""
        return (*self.kind, self.call.query_string, self.call.body)


@dataclass
class Stage:
    """A server that puts a program into a situation. It redirects to a host that saw what is `elsewhere`."""

    situation: Situation
    token: str = field(default_factory=lambda: f"linq-judged-{secrets.token_hex(16)}", repr=False)
    seen: list[Seen] = field(default_factory=list[Seen])
    elsewhere: list[Seen] = field(default_factory=list[Seen])
    url: str = ""
    _other_host: str = ""

    def __post_init__(self) -> None:
        self._accounts = Accounts([Account.of(self.token, made_up_lines(DEFAULT_LINES), "judged")])
        self._behaviours: dict[Setting, InForce] = {}
        self._numbers: dict[tuple[str, str], count[int]] = {}
        self._in_force(self.situation.setting)  # so that the first request does not wait for the catalogues

    @classmethod
    @contextlib.contextmanager
    def set_for(cls, situation: Situation) -> Generator[Stage]:
        """Serve a situation as long as the context lasts."""
        stage = cls(situation)
        with contextlib.ExitStack() as servers:
            stage.url = servers.enter_context(_serving(stage.answer))
            if situation is REDIRECT:
                there = servers.enter_context(_serving(stage.answer_elsewhere))
                stage._other_host = there.removesuffix(BASE_PATH).replace("127.0.0.1", "localhost")
            yield stage

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the situation says, as an ASGI application."""
        body = await read_body(receive)
        if body is None:
            return
        seen = Seen(time.monotonic(), call_of(scope, body))
        self.seen.append(seen)
        number = next(self._numbers.setdefault(seen.kind, count(1)))
        play = self.situation.play(seen.call, number)
        if play is Trick.SILENT:
            await receive()
            return
        if play is Trick.REDIRECT:
            play = Response(status_code=307, headers={"Location": f"{self._other_host}{seen.kind[1]}"})
        setting = play if isinstance(play, Setting) else self.situation.setting
        response = play if isinstance(play, Response) else await self._in_force(setting).respond(seen.call)
        seen.status = response.status_code
        await _send(response, play, scope, receive, send)

    async def answer_elsewhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the host does that is redirected to: with 401 to everybody."""
        body = await read_body(receive)
        self.elsewhere.append(Seen(time.monotonic(), call_of(scope, body or b""), 401))
        response = await self._in_force(Setting(status=401)).respond(self.elsewhere[-1].call)
        await response(scope, receive, send)

    def _in_force(self, setting: Setting) -> InForce:
        if setting not in self._behaviours:
            document = linq_document.load()
            self._behaviours[setting] = InForce(setting, self._accounts, BASE_PATH, document)
        return self._behaviours[setting]


async def _send(response: Response, play: object, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["method"] == "HEAD":
        response.body = b""
    if play is Trick.CUT:
        await send({"type": "http.response.start", "status": 200, "headers": response.raw_headers})
        half = response.body[: len(response.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        return  # less than the Content-Length: the server ends the connection
    if play is Trick.ENDLESS:
        del response.headers["Content-Length"]
        await send({"type": "http.response.start", "status": 200, "headers": response.raw_headers})
        await send({"type": "http.response.body", "body": response.body, "more_body": True})
        gone = asyncio.ensure_future(receive())
        while not gone.done():
            await send({"type": "http.response.body", "body": _CHUNK, "more_body": True})
            await asyncio.sleep(_SECONDS_BETWEEN_CHUNKS)
        return
    await response(scope, receive, send)


@contextlib.contextmanager
def _serving(app: Application) -> Generator[str]:
    """Serve an application in a thread, as long as the context lasts; the value is its base URL."""
    listener, is_ready = listen("127.0.0.1", 0), threading.Event()
    server = Server(app, is_ready.set, asyncio.Event())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    is_ready.wait()
    try:
        yield url_of(listener, BASE_PATH)
    finally:
        server.should_exit = True
        thread.join()
