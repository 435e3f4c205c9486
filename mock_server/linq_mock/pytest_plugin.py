"""The pytest plugin: `linq_mock`, an account of a mock that the session serves, for each test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from linq_mock.accounts import DEFAULT_LINES
from linq_mock.inprocess import LinqMock, MockServer

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_STRICT = "linq_mock_strict"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        _STRICT, "Fail a test whose program sends linq_mock what it has no answer for.", "bool", default=True
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "linq_mock(lines=5, strict=True): how many lines the account of linq_mock has, and whether a request "
        "that it has no answer for fails the test.",
    )


@pytest.fixture(scope="session")
def linq_mock_server() -> Iterator[MockServer]:
    """The server of the session, in a thread of this process."""
    with MockServer.started() as server:
        yield server


@pytest.fixture
def linq_mock(linq_mock_server: MockServer, request: pytest.FixtureRequest) -> Iterator[LinqMock]:
    """An account of its own for this test: its lines, its behaviour, and what was sent with its token."""
    lines = _of_marker(request.node, "lines", DEFAULT_LINES)
    with linq_mock_server.account(_name_of(request.node), lines=lines) as mock:
        yield mock


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail a test in which something unexpected was asked for, or say so beside its own failure."""
    try:
        yield
    except Exception as error:
        for line in _unexpected(item):
            error.add_note(line)
        raise
    if unexpected := _unexpected(item):
        pytest.fail("\n".join(unexpected), pytrace=False)


def _unexpected(item: pytest.Item) -> list[str]:
    mock = getattr(item, "funcargs", {}).get("linq_mock")
    is_strict = _of_marker(item, "strict", item.config.getini(_STRICT))
    if not isinstance(mock, LinqMock) or not is_strict:
        return []
    unexpected = mock.unexpected()
    relaxed = "If that is meant, mark the test with @pytest.mark.linq_mock(strict=False)."
    return ["linq_mock was asked for what it does not have:", *unexpected, relaxed] if unexpected else []


def _of_marker(item: pytest.Item, name: str, default: Any) -> Any:
    for marker in item.iter_markers("linq_mock"):
        if unknown := marker.kwargs.keys() - {"lines", "strict"} or marker.args:
            pytest.fail(f"@pytest.mark.linq_mock takes lines= and strict=, not {unknown}", pytrace=False)
        if name in marker.kwargs:
            return marker.kwargs[name]
    return default


def _name_of(item: pytest.Item) -> str:
    """Return the name of a test as one of an account, so that its lines are the same in each run."""
    return re.sub("[^A-Za-z0-9._~-]+", "-", item.nodeid)[-100:]
