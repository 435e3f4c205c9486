"""How a session spares a slow server's time: several requests at once, one thread that judges them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias, cast

import pytest
from tests.clock import Clock
from tests.honest import CONTRACT, OWN, HonestServer, Stored, line
from tests.limits import limit

from linq_contract.contract.numbers import fiction
from linq_contract.http.credentials import ACCOUNT, Credentials
from linq_contract.http.messages import NoAnswer, Request, Response
from linq_contract.http.wire import Wire
from linq_contract.judge.auditor import Auditor
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.ledger import Ledger
from linq_contract.run.campaign import Campaign
from linq_contract.run.patience import Patience
from linq_contract.run.session import Repeated, Session, UnreachableError
from linq_contract.run.workloads.probing import send_in_batches
from linq_contract.safety.target import Permissions, Target

IDS = [line(index)["id"] for index in range(3)]
LATE, UNDER_WAY = 0.2, 40
"""Seconds that an answer takes, and requests at once that one by one take longer than most timeouts."""
FOREVER = Patience(float("inf"))
Begin: TypeAlias = "Callable[..., Scene]"


@dataclass
class ServedWire:
    """A wire to a server in this process, one request after the other."""

    server: HonestServer
    sent: list[Request] = field(default_factory=list[Request])
    lock: threading.Lock = field(default_factory=threading.Lock)
    is_gone_for_lists: bool = False

    def send(self, request: Request, *, timeout: float = 30) -> Response | NoAnswer:
        assert timeout > 0
        with self.lock:
            self.sent.append(request)
            if self.is_gone_for_lists and request.method == "GET":
                return NoAnswer("silence", is_excessive=True)
            return self.server.answer(request)

    def reconnect(self) -> None:
        """Do nothing: there are no connections."""


class WatchedAuditor(Auditor):
    """Remembers which threads it was used by."""

    def __init__(self) -> None:
        super().__init__(CONTRACT, Ledger([*CONTRACT.rules.values()]))
        self.threads: set[int] = set()

    def judge_alone(self, exchange: Exchange) -> Exchange:
        self.threads.add(threading.get_ident())
        return super().judge_alone(exchange)


@dataclass
class Scene:
    session: Session
    wire: ServedWire
    auditor: WatchedAuditor

    @property
    def methods(self) -> str:
        return "".join(request.method[0] for request in self.wire.sent)

    def updates(self, *indices: int) -> list[Request]:
        return [self.session.update_request(IDS[i], {"forwarding_number": fiction(i + 5)}) for i in indices]


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Begin:
    """A session that has listed once, with a server that seems to be slow, or not."""

    def begin_session(server: HonestServer | None = None, *, is_slow: bool) -> Scene:
        monkeypatch.setattr("linq_contract.run.session._SLOW", 0.0 if is_slow else float("inf"))
        wire, auditor = ServedWire(server or HonestServer()), WatchedAuditor()
        session = Session(cast("Wire", wire), auditor, FOREVER)
        session.list()
        wire.sent.clear()
        return Scene(session, wire, auditor)

    return begin_session


def test_each_request_to_a_fast_server_is_followed_by_a_list(begin: Begin) -> None:
    scene = begin(is_slow=False)
    scene.session.in_step([scene.updates(0, 0), scene.updates(1)])

    assert scene.methods == "PGPGPG"
    assert [request.target.rpartition("/")[2] for request in scene.wire.sent[::2]] == [IDS[0], IDS[0], IDS[1]]


def test_requests_to_a_slow_server_that_name_different_lines_share_a_list(begin: Begin) -> None:
    scene = begin(is_slow=True)
    scene.session.in_step([scene.updates(0, 0), scene.updates(1)])

    assert scene.methods == "PPGPG"


@pytest.mark.parametrize(("is_slow", "sent"), [(False, "PPGPG"), (True, "PPPG")])
def test_groups_of_requests_go_to_a_slow_server_as_one(begin: Begin, sent: str, *, is_slow: bool) -> None:
    scene = begin(is_slow=is_slow)
    target = Target("http://127.0.0.1:1", Credentials({ACCOUNT: OWN}), Permissions())
    send_in_batches(Campaign(scene.session, target, 1), scene.updates(0, 1), scene.updates(2))

    assert scene.methods == sent


@pytest.mark.parametrize("is_slow", [False, True])
def test_updates_whose_order_does_not_matter_can_leave_the_model_alone(
    begin: Begin, *, is_slow: bool
) -> None:
    scene = begin(is_slow=is_slow)
    updates = scene.updates(0, 1, 2)
    before = scene.auditor.accounts[ACCOUNT].lines
    exchanges = scene.session.send_all_aside(updates)

    assert {exchange.request for exchange in exchanges} == set(updates)
    assert scene.auditor.accounts[ACCOUNT].lines == before


def test_a_server_that_answers_one_request_at_a_time_is_waited_for(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, clock, timeouts = begin(is_slow=True), Clock(), list[float]()
    monkeypatch.setattr("linq_contract.run.session.time", clock)
    answer = scene.wire.send

    def answer_late(request: Request, *, timeout: float = 30) -> Response | NoAnswer:
        timeouts.append(timeout)
        clock.sleep(LATE)
        return answer(request, timeout=timeout)

    monkeypatch.setattr(scene.wire, "send", answer_late)
    for _ in range(30):
        scene.session.list()

    assert timeouts[-1] > LATE * UNDER_WAY


@pytest.mark.parametrize("is_slow", [False, True])
def test_both_ways_judge_the_same(begin: Begin, *, is_slow: bool) -> None:
    scene = begin(ForgetsTheSecondLine(), is_slow=is_slow)
    scene.session.in_step([scene.updates(0), scene.updates(1), scene.updates(2)])

    assert set(scene.auditor.ledger.broken_counts()) == {"update.read-your-writes"}


def test_of_updates_that_share_a_list_the_evidence_is_the_one_whose_line_differs(begin: Begin) -> None:
    scene = begin(ForgetsTheSecondLine(), is_slow=True)
    scene.session.in_step([scene.updates(0), scene.updates(1), scene.updates(2)])
    finding = scene.auditor.ledger.entries["update.read-your-writes"].finding

    assert finding is not None
    assert [exchange.named_key for exchange in finding.evidence if exchange.is_update] == [IDS[1]]


@pytest.mark.parametrize("is_slow", [False, True])
def test_a_list_that_gets_no_answer_ends_the_steps(begin: Begin, *, is_slow: bool) -> None:
    scene = begin(is_slow=is_slow)
    scene.wire.is_gone_for_lists = True
    with pytest.raises(UnreachableError):
        scene.session.in_step([scene.updates(0), scene.updates(1)])


def test_what_threads_have_sent_is_judged_by_the_thread_that_asked(begin: Begin) -> None:
    scene = begin(is_slow=True)
    scene.session.send_all(scene.updates(0, 1, 2))
    scene.session.send_together([scene.updates(0), scene.updates(1), [scene.session.list_request()]])

    assert scene.auditor.threads == {threading.get_ident()}


def test_a_run_that_ends_after_updates_at_once_expects_none_of_their_values(begin: Begin) -> None:
    scene = begin(is_slow=False)
    scene.session.send_all(scene.updates(0))
    scene.session.send_together(
        [scene.updates(0, 0), [scene.session.update_request(IDS[0], {"forwarding_number": None})]]
    )
    scene.session.list()

    assert not scene.auditor.ledger.broken_counts()


@dataclass
class WaitsForLists(ServedWire):
    """Answers an update once so many lists have come."""

    lists: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    waits_for: int = 0

    def send(self, request: Request, *, timeout: float = 30) -> Response | NoAnswer:
        if request.method == "GET":
            self.lists.release()
        for _ in range(self.waits_for if request.method == "PUT" else 0):
            assert self.lists.acquire(timeout=limit(10))
        return super().send(request, timeout=timeout)


@pytest.mark.parametrize(
    ("waits_for", "at_least", "at_most", "lists"),
    [(7, 1, 7, range(7, 8)), (5, 1, 1_000_000, range(5, 1_000_000)), (0, 4, 4, range(4, 5))],
    ids=["as often as it may", "until the others are done", "as often as it must"],
)
def test_what_is_sent_meanwhile_goes_on_until_the_others_are_answered(
    begin: Begin, waits_for: int, at_least: int, at_most: int, lists: range
) -> None:
    scene = begin(is_slow=False)
    scene.session.wire = cast("Wire", WaitsForLists(scene.wire.server, scene.wire.sent, waits_for=waits_for))
    listing = Repeated(scene.session.list_request(), at_least, at_most)
    exchanges = scene.session.send_together([scene.updates(0)], [listing])

    assert len(exchanges) == len(scene.methods)
    assert scene.methods.count("P") == 1
    assert scene.methods.count("G") in lists


def test_a_line_that_threads_find_released_is_looked_for_before_that_is_judged(begin: Begin) -> None:
    scene = begin(ReleasesTheThirdLine(), is_slow=True)
    scene.session.send_all(scene.updates(0, 1, 2))

    assert not scene.auditor.ledger.broken_counts().keys() & {"update.schema", "update.isolated"}
    assert scene.methods.startswith("PPPG")


def test_a_second_thread_that_would_look_at_the_account_is_an_error(begin: Begin) -> None:
    scene = begin(is_slow=False)
    looking, done = threading.Event(), threading.Event()
    errors: list[BaseException] = []

    def look() -> None:
        looking.wait()
        try:
            scene.session.list()
        except AssertionError as error:
            errors.append(error)
        done.set()

    class Meeting(ServedWire):
        def send(self, request: Request, *, timeout: float = 30) -> Response | NoAnswer:
            looking.set()
            done.wait()
            return super().send(request, timeout=timeout)

    scene.session.wire = cast("Wire", Meeting(scene.wire.server))
    other = threading.Thread(target=look)
    other.start()
    scene.session.list()
    other.join()

    assert [str(error) for error in errors] == ["two threads look at the account at once"]


class ForgetsTheSecondLine(HonestServer):
    def store(self, line: Stored, number: str | None, body: Stored) -> None:
        if line["id"] != IDS[1]:
            super().store(line, number, body)


class ReleasesTheThirdLine(HonestServer):
    def find(self, token: str, line_id: str) -> Stored | None:
        if token == OWN and line_id == IDS[2]:
            self.accounts[OWN].pop(line_id, None)
        return super().find(token, line_id)
