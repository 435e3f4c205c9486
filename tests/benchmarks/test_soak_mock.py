"""Whether the mock stays as it is however much it is asked, and whether that would be noticed."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest
import soak_mock
from soak_mock import MAY_GROW, Sent, Soaked

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def limits() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_memory_of_the_mock_stays_the_same_and_a_thousand_connections_are_answered(
    capsys: pytest.CaptureFixture[str],
) -> None:
    soak_mock.main(["--requests", "20000", "--connections", "1000"])

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == soak_mock.PARTS + 2
    assert lines[-2] == "1,000 connections at once: each was answered"
    assert lines[-1].startswith("The memory has not grown: ")


def test_a_memory_that_grows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def leaking(_pid: int, _port: int, _requests: int, connections: int) -> Soaked:
        return Soaked([30.0, 30.5, 30.1 + MAY_GROW], connections)

    monkeypatch.setattr(soak_mock, "soak", leaking)

    with pytest.raises(SystemExit, match=r"has grown by 2\.1 MiB"):
        soak_mock.main([])


def test_an_answer_that_is_another_than_it_should_be_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = soak_mock.requests_of_all_kinds()[0]
    monkeypatch.setattr(soak_mock, "requests_of_all_kinds", lambda: [Sent(listing.head, b"204")])

    with pytest.raises(SystemExit, match="instead of"):
        soak_mock.main(["--requests", "10", "--connections", "1"])
