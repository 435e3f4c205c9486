"""Servers for the contract tests: the mock, or a broken one, in a thread, with a log of what reaches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.reports import hold_every_report
from tests.serving import BASE_PATH, CANARY, hosting

import linq_document
from linq_mock.accounts import two_accounts
from linq_mock.app import application
from linq_mock.behaviour import Behaviour
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.serving import Host, Serve, Served, ServeMock

    from linq_document import Document


@pytest.fixture(scope="session")
def contract() -> Document:
    return linq_document.load()


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    with hosting() as host:
        yield host


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


@pytest.fixture(autouse=True)
def every_report_keeps_to_its_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    hold_every_report(monkeypatch)
