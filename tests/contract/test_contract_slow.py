"""A slow server is asked for several things at once, of which none disturbs another."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import pytest
from click.testing import CliRunner

from linq_contract.cli import main
from linq_contract.http.credentials import ACCOUNT
from linq_contract.run.phases import PHASES
from linq_mock.behaviour import Behaviour

if TYPE_CHECKING:
    from tests.serving import ServeMock

    from linq_mock.messages import Call, Response

pytestmark = pytest.mark.long

SECONDS = 0.03
RACES = {"concurrency", "duels", "updates among lists", "concurrent accounts", "concurrent lines"}
LONG = {"coverage, fuzzing and stateful", "exhaustion"}


class Update(NamedTuple):
    line: str
    value: Any
    began: float
    ended: float

    def disturbs(self, other: Update) -> bool:
        """Whether it depends on which of two comes first what the line forwards to."""
        overlaps = self.began < other.ended and other.began < self.ended
        return self.line == other.line and overlaps and self.value != other.value


class Slow(Behaviour):
    """Answers late, and remembers the updates that were done."""

    updates: ClassVar[list[Update]] = []
    most_at_once: ClassVar[int] = 0
    at_once: ClassVar[int] = 0

    async def handle(self, call: Call) -> Response:
        kind, loop = type(self), asyncio.get_running_loop()
        began = loop.time()
        kind.at_once += 1
        kind.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await asyncio.sleep(SECONDS)
            response = await super().handle(call)
        finally:
            kind.at_once -= 1
        if call.method == "PUT" and response.status_code == 200:
            shown = json.loads(response.body)
            kind.updates.append(Update(shown["id"], shown["forwarding_number"], began, loop.time()))
        return response


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Slow, "updates", [])
    monkeypatch.setattr(Slow, "most_at_once", 0)


def judge(served: Any, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    phases = [phase for phase in PHASES if phase.name not in RACES | LONG]
    monkeypatch.setattr("linq_contract.commands.validate.PHASES", phases)
    words = ["validate", served.url, "--allow-writes", "--seed", "1", *arguments]
    return CliRunner().invoke(main, words, env={ACCOUNT: served.token}).exit_code


def test_no_two_updates_that_disturb_one_another_are_under_way_at_once(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    exit_code = judge(serve_mock(Slow), monkeypatch)
    pairs = itertools.combinations(Slow.updates, 2)

    assert exit_code == 0
    assert len(Slow.updates) > 100
    assert Slow.most_at_once > 8
    assert [pair for pair in pairs if pair[0].disturbs(pair[1])] == []


def test_no_more_requests_are_under_way_than_the_user_permits(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    exit_code = judge(serve_mock(Slow), monkeypatch, "--concurrency", "3", "--budget", "150")

    assert (exit_code, Slow.most_at_once) == (0, 3)
