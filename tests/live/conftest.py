"""Servers for the tests of what passes: the mock, or one of a test's own, and a proxy before it."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import pytest
from tests.limits import limit
from tests.serving import BASE_PATH, CANARY, hosting

import linq_document
from linq_contract.live.judge import LiveJudge, WatchedLedger
from linq_contract.live.proxy import ReverseProxy
from linq_contract.live.serving import ProxyServer, listen
from linq_contract.recorded.server import RecordedServer
from linq_mock.accounts import two_accounts
from linq_mock.app import application
from linq_mock.behaviour import Behaviour
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from starlette.types import ASGIApp
    from tests.serving import Host

    from linq_contract.judge.exchange import Exchange
    from linq_contract.judge.ledger import Finding


@dataclass
class Proxied:
    """A server behind a proxy: where clients reach it, and what the judge has said of it."""

    url: str
    judge: LiveJudge
    end: Callable[[], None]
    told: list[tuple[Exchange, list[str]]] = field(default_factory=list["tuple[Exchange, list[str]]"])

    def finish(self) -> None:
        """Finish judging once the proxy has ended: a client has an answer before the judge has it."""
        self.end()
        self.judge.finish()

    def broken(self) -> set[str]:
        self.finish()
        return set(self.judge.ledger.broken_counts())


Proxy: TypeAlias = "Callable[[str], Proxied]"
Mock: TypeAlias = "Callable[..., str]"


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    with hosting() as host:
        yield host


@pytest.fixture
def serve(host: Host) -> Callable[[ASGIApp], str]:
    """Serve an application, and return its base URL."""
    return lambda app: host.mount(app).url


@pytest.fixture
def mock(host: Host) -> Mock:
    """Serve a behaviour of the mock whose first account has the canary for its token."""

    def serve_mock(behaviour: type[Behaviour] = Behaviour) -> str:
        accounts = two_accounts((CANARY, DEFAULT_TOKENS[1]), 3)
        return host.mount(application(behaviour(accounts, BASE_PATH))).url

    return serve_mock


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """Put a proxy before the server at a base URL, until the test ends."""
    with contextlib.ExitStack() as stack:
        yield lambda url: stack.enter_context(proxying(url))


@contextlib.contextmanager
def proxying(url: str) -> Generator[Proxied]:
    document, server = linq_document.load(), RecordedServer.at(url)
    told: list[tuple[Exchange, list[str]]] = []

    def hear(exchange: Exchange, findings: Iterable[Finding]) -> None:
        told.append((exchange, [finding.rule for finding in findings]))

    judge = LiveJudge(document, WatchedLedger([*document.rules.values()]), server, hear)
    listener, is_ready = listen(0), threading.Event()
    running = ProxyServer(ReverseProxy(url, judge), is_ready.set)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    assert is_ready.wait(limit(10))
    port = listener.getsockname()[1]

    def end() -> None:
        running.should_exit = True
        thread.join()

    yield Proxied(f"http://127.0.0.1:{port}{server.base_path}", judge, end, told)
    end()
