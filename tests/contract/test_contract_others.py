"""What somebody else does to an account is told from what the server does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import httpx
import pytest
from tests.clock import Clock

from linq_contract.contract.numbers import endless_fiction
from linq_contract.http.credentials import ACCOUNT, Credentials
from linq_contract.http.wire import Wire
from linq_contract.judge.auditor import Auditor
from linq_contract.judge.ledger import Ledger
from linq_contract.run.campaign import Campaign
from linq_contract.run.causes import Timing
from linq_contract.run.patience import Patience
from linq_contract.run.session import Session
from linq_contract.run.workloads.concurrency import race_on_one_line
from linq_contract.safety.target import Permissions, Target
from linq_mock.faults.isolation import GoneForMoment
from linq_mock.problems import Code, Problem
from linq_mock.variation import Variation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.serving import Served, ServeMock

    from linq_document import Document
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call, Response

QUICK = Timing(until_quiet=0, watched=0)

Connect: TypeAlias = "Callable[..., Session]"

NUMBER, ANOTHER = "+12025550143", "+12025550144"
NUMBERS = endless_fiction(60)
A_FEW_MORE = ("+12025550145", "+12025550146", "+12025550147")


WAITS_OF_A_WATCH = 2
SECONDS_FOR_WHAT_IS_LATE = 0.001
UPDATES_OF_A_RACE = 1 + 4 * 5 + 2  # one before it, those of the writers, and the clears


@dataclass
class Recording(Patience):
    waits: list[float] = field(default_factory=list[float])
    clock: Clock = field(default_factory=Clock)

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.sleep(seconds)


@pytest.fixture
def connect(contract: Document) -> Iterator[Connect]:
    """A session that has listed the account once, and that does not take its time."""
    wires: list[Wire] = []

    def connect_to(served: Served, timing: Timing = QUICK) -> Session:
        credentials = Credentials({ACCOUNT: served.token})
        wires.append(Wire(served.url, credentials, allow_writes=True))
        auditor = Auditor(contract, Ledger([*contract.rules.values()]))
        session = Session(
            wires[-1],
            auditor,
            Patience(float("inf")),
            timing=timing,
        )
        session.list()
        return session

    yield connect_to
    for wire in wires:
        wire.__exit__(None, None, None)


def broken(session: Session) -> set[str]:
    return set(session.auditor.ledger.broken_counts())


def colleague_sets(served: Served, line_id: str, number: str | None) -> None:
    headers = {"Authorization": f"Bearer {served.token}"}
    url = f"{served.url}/v3/phone_numbers/{line_id}"
    httpx.put(url, headers=headers, json={"forwarding_number": number}).raise_for_status()


@pytest.mark.parametrize("number", [None, NUMBER])
def test_a_single_change_by_somebody_else_breaks_no_rule(
    serve_mock: ServeMock, connect: Connect, number: str | None
) -> None:
    served = serve_mock()
    session = connect(served)
    forwarding = next(line for line in session.listed() if line.forwarding_number)
    colleague_sets(served, forwarding.id, number)
    session.list()

    assert broken(session) == set()


def test_a_number_that_somebody_else_puts_back_breaks_no_rule(
    serve_mock: ServeMock, connect: Connect
) -> None:
    served = serve_mock()
    session = connect(served)
    forwarding = next(line for line in session.listed() if line.forwarding_number)
    session.update(forwarding.id, NUMBER)
    session.list()
    colleague_sets(served, forwarding.id, forwarding.forwarding_number)
    session.list()

    assert broken(session) == set()


def test_a_line_that_somebody_else_clears_right_after_its_update_breaks_no_rule(
    serve_mock: ServeMock, connect: Connect
) -> None:
    served = serve_mock()
    session = connect(served)
    line = session.listed()[0]
    session.update(line.id, NUMBER)
    colleague_sets(served, line.id, None)
    session.list()

    assert broken(session) == set()


class ForgetsFirstNumbers(Variation):
    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        if line.get("forwarding_number") is not None:
            await super().store(call, account, line, number)


def test_an_update_that_is_lost_twice_is_held_against_the_server(
    serve_mock: ServeMock, connect: Connect
) -> None:
    session = connect(serve_mock(ForgetsFirstNumbers))
    empty = next(line for line in session.listed() if not line.forwarding_number)
    session.update(empty.id, NUMBER)
    session.list()

    assert broken(session) == {"update.read-your-writes"}


def test_a_change_by_somebody_else_among_refused_updates_breaks_no_rule(
    serve_mock: ServeMock, connect: Connect
) -> None:
    served = serve_mock()
    session = connect(served)
    first, *_, last = session.listed()
    for _ in range(3):
        session.update(first.id, "x")
    colleague_sets(served, last.id, NUMBER)
    session.list()

    assert broken(session) == set()


def test_a_number_that_the_run_never_sent_is_noted_as_somebody_elses(
    serve_mock: ServeMock, connect: Connect
) -> None:
    served = serve_mock()
    session = connect(served)
    line = session.listed()[0]
    colleague_sets(served, line.id, NUMBER)
    session.list()

    assert [change for change in session.causes.changes_by_others if NUMBER in change]


class ClearsOnEachUpdate(Variation):
    """An update of any other line clears the first one."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        first = next(iter(account.lines.values()))
        if line is not first:
            first["forwarding_number"] = None


def test_a_change_that_comes_again_with_the_same_update_is_held_against_the_server(
    serve_mock: ServeMock, connect: Connect
) -> None:
    session = connect(serve_mock(ClearsOnEachUpdate))
    session.update(session.listed()[1].id, NUMBER)
    session.list()

    assert broken(session) == {"update.isolated"}


def test_a_number_that_the_run_sent_long_ago_may_be_somebody_elses_where_others_were_seen(
    serve_mock: ServeMock, connect: Connect
) -> None:
    served = serve_mock()
    session = connect(served)
    first, second, *_ = session.listed()
    for number in (NUMBER, *A_FEW_MORE):
        session.update(first.id, number)
    session.list()
    colleague_sets(served, first.id, "+12125550199")
    session.list()
    session.update(second.id, ANOTHER)
    colleague_sets(served, first.id, NUMBER)
    session.list()

    assert broken(session) == set()


@pytest.mark.parametrize(
    ("number", "rule"), [(NUMBER, "update.read-your-writes"), (None, "update.clear-null")]
)
def test_a_number_that_returns_is_held_against_the_server_even_where_others_were_seen(
    serve_mock: ServeMock, connect: Connect, number: str | None, rule: str
) -> None:
    served = serve_mock()
    session = connect(served)
    first, second, *_ = session.listed()
    colleague_sets(served, first.id, "+12125550199")
    session.list()
    session.update(first.id, ANOTHER)
    session.update(first.id, number)
    session.list()
    colleague_sets(served, first.id, ANOTHER)
    session.update(second.id, NUMBER)
    session.list()

    assert rule in broken(session)


def test_a_number_from_before_the_last_that_returns_after_a_clear_is_held_against_the_clear(
    serve_mock: ServeMock, connect: Connect
) -> None:
    served = serve_mock()
    session = connect(served)
    line = session.listed()[0]
    for number in (NUMBER, ANOTHER, None):
        session.update(line.id, number)
        session.list()
    colleague_sets(served, line.id, NUMBER)
    session.list()

    assert broken(session) == {"list.safe", "update.clear-null"}


@dataclass
class Meanwhile(Patience):
    """Lets something happen in the wait of so many seconds, once."""

    seconds: float = 0
    happens: Callable[[], None] | None = None

    def wait(self, seconds: float) -> None:
        if seconds == self.seconds and self.happens:
            happens, self.happens = self.happens, None
            happens()


def test_what_only_the_server_can_have_done_is_judged_also_while_others_are_watched_for(
    serve_mock: ServeMock, connect: Connect
) -> None:
    served = serve_mock()
    session = connect(served, replace(QUICK, until_quiet=0.5))
    first, second, *_ = (line for line in session.listed() if line.forwarding_number)
    for number in (NUMBER, None):
        session.update(second.id, number)
        session.list()
    returns = partial(colleague_sets, served, second.id, NUMBER)
    session.patience = Meanwhile(float("inf"), seconds=0.5, happens=returns)
    colleague_sets(served, first.id, None)
    session.list()

    assert broken(session) == {"list.safe", "update.clear-null"}


def test_a_number_that_was_sent_aside_is_not_taken_for_somebody_elses(
    serve_mock: ServeMock, connect: Connect
) -> None:
    served = serve_mock()
    session = connect(served)
    line = session.listed()[0]
    session.send_aside(session.update_request(line.id, {"forwarding_number": NUMBER}))
    session.update(line.id, ANOTHER)
    session.list()
    colleague_sets(served, line.id, NUMBER)
    session.list()

    assert broken(session) == {"list.safe"}
    assert session.causes.changes_by_others == []


class ClearsOnSomeUpdates(Variation):
    """An update of the second line clears the first one, so many times."""

    times: ClassVar[float] = 0

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        first, second, *_ = account.lines.values()
        if line is second and first["forwarding_number"] and self.times > 0:
            type(self).times -= 1
            first["forwarding_number"] = None


@pytest.mark.parametrize(("times", "rules"), [(4, set[str]()), (float("inf"), {"update.isolated"})])
def test_where_others_were_seen_a_change_has_to_come_again_four_times(
    serve_mock: ServeMock,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    times: float,
    rules: set[str],
) -> None:
    monkeypatch.setattr(ClearsOnSomeUpdates, "times", times)
    served = serve_mock(ClearsOnSomeUpdates)
    session = connect(served)
    first, second, *_ = session.listed()
    colleague_sets(served, first.id, NUMBER)
    session.list()
    session.update(second.id, ANOTHER)
    session.list()

    assert broken(session) == rules


class ReleasesALine(Variation):
    """The account has its first line no more once it was updated three times."""

    updates: ClassVar[int] = 0

    def find_line(self, call: Call, account: Account, phone_number_id: str) -> Line:
        type(self).updates += 1
        if self.updates == 3:
            del account.lines[next(iter(account.lines))]
        return super().find_line(call, account, phone_number_id)


def test_an_update_of_a_line_that_was_released_may_be_answered_with_404(
    serve_mock: ServeMock, connect: Connect
) -> None:
    session = connect(serve_mock(ReleasesALine))
    line = session.listed()[0]
    for number in (NUMBER, ANOTHER, NUMBER, ANOTHER):
        status = session.update(line.id, number).status
        session.list()

    assert status == 404
    assert broken(session) == set()


class ReleasesALineInARace(ReleasesALine):
    updates: ClassVar[int] = 0


def test_so_may_one_that_is_sent_aside(serve_mock: ServeMock, connect: Connect) -> None:
    session = connect(serve_mock(ReleasesALineInARace))
    line = session.listed()[0]
    statuses = [
        session.send_aside(session.update_request(line.id, {"forwarding_number": NUMBER})).status
        for _ in range(4)
    ]

    assert statuses == [200, 200, 404, 404]
    assert broken(session) == set()


class ReleasesALineAmongUpdates(ReleasesALine):
    updates: ClassVar[int] = 0


def test_updates_that_were_answered_before_a_line_was_released_are_of_a_known_line(
    serve_mock: ServeMock, connect: Connect
) -> None:
    session = connect(serve_mock(ReleasesALineAmongUpdates))
    line = session.listed()[0]
    updates = [session.update_request(line.id, {"forwarding_number": number}) for number in A_FEW_MORE]
    statuses = [exchange.status for exchange in session.send_together([[*updates, updates[0]]])]

    assert statuses == [200, 200, 404, 404]
    assert broken(session) == set()


class ClearsAfterARace(Variation):
    """Somebody clears the line of a race 30 ms after its last update, in so many races."""

    races: ClassVar[int] = 0
    updates: ClassVar[int] = 0

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        kind = type(self)
        kind.updates += 1
        if self.updates == UPDATES_OF_A_RACE:
            kind.updates = 0
            kind.races -= 1
            if self.races >= 0:
                asyncio.get_running_loop().call_later(0.03, self.clear, line)

    def clear(self, line: Line) -> None:
        line["forwarding_number"] = None


@pytest.fixture
def race_before_clears(
    serve_mock: ServeMock, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int], set[str]]:
    """The rules that are broken when somebody clears the lines of so many of nine races."""

    def race(clears: int) -> set[str]:
        monkeypatch.setattr(ClearsAfterARace, "races", clears)
        monkeypatch.setattr(ClearsAfterARace, "updates", 0)
        served = serve_mock(ClearsAfterARace)
        session = connect(served)
        target = Target(served.url, Credentials({ACCOUNT: served.token}), Permissions(allow_writes=True))
        for _ in range(3):
            race_on_one_line(Campaign(session, target, 1))
        return broken(session)

    return race


def test_a_clear_after_one_race_may_be_somebody_elses(race_before_clears: Callable[[int], set[str]]) -> None:
    assert race_before_clears(1) == set()


# Of nine clears some show nothing, since a race may end with one of its own; three are proof.
def test_clears_after_each_race_are_the_servers(race_before_clears: Callable[[int], set[str]]) -> None:
    assert "update.atomic" in race_before_clears(9)


# --- what only looks like somebody else ----------------------------------------------------------


class LimitsAfterWriting(Variation):
    limited: ClassVar[bool] = False

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        if not self.limited:
            type(self).limited = True
            raise Problem(Code.RATE_LIMITED, "Rate limit exceeded", retry_after=0)


def test_an_update_that_was_answered_with_429_must_have_changed_nothing(
    serve_mock: ServeMock, connect: Connect
) -> None:
    session = connect(serve_mock(LimitsAfterWriting))
    session.update(session.listed()[0].id, NUMBER)

    assert broken(session) == {"update.rejected-unchanged"}


class LosesALineAtTimes(Variation):
    """With every tenth update the account loses its last line."""

    updates: ClassVar[int] = 0

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        type(self).updates += 1
        if self.updates % 10 == 0:
            account.lines.popitem()


def test_after_three_times_nobody_else_is_looked_for_any_more(
    serve_mock: ServeMock, connect: Connect
) -> None:
    session = connect(serve_mock(LosesALineAtTimes), replace(QUICK, late=SECONDS_FOR_WHAT_IS_LATE))
    line = session.listed()[0]
    waits: list[float] = []
    session.patience = Recording(float("inf"), waits=waits)
    for turn in range(70):
        session.update(line.id, NUMBER if turn % 2 else ANOTHER)
        session.list()

    assert broken(session) == {"update.isolated"}
    of_watches = [seconds for seconds in waits if seconds != SECONDS_FOR_WHAT_IS_LATE]
    assert len(of_watches) == 3 * WAITS_OF_A_WATCH


def clear_the_first_line_by_the_second(session: Session) -> None:
    first, second, *_ = session.listed()
    for line in (first, second):
        session.update(line.id, next(NUMBERS))
        session.list()


def test_what_one_request_did_several_times_is_not_looked_into_any_more(
    serve_mock: ServeMock, connect: Connect
) -> None:
    session = connect(serve_mock(ClearsOnEachUpdate))
    sent: list[int] = []
    for _ in range(6):
        before = session.auditor.ledger.judged
        clear_the_first_line_by_the_second(session)
        sent.append(session.auditor.ledger.judged - before)

    assert broken(session) == {"update.isolated"}
    assert min(sent[:3]) > 5
    assert sent[4:] == [5, 5]


@pytest.mark.parametrize(("times", "seconds"), [(0, 50), (1, 1)])
def test_others_are_given_less_time_once_a_server_was_shown_to_change_lines_itself(
    serve_mock: ServeMock, connect: Connect, monkeypatch: pytest.MonkeyPatch, times: int, seconds: float
) -> None:
    clock = Clock()
    monkeypatch.setattr("linq_contract.run.causes.time", clock)
    served = serve_mock(ClearsOnEachUpdate)
    session = connect(served, replace(QUICK, watched=1))
    session.patience = Recording(float("inf"), clock=clock)
    for _ in range(times):
        clear_the_first_line_by_the_second(session)
    clock.now = 50
    forwarding = [line for line in session.listed() if line.forwarding_number]
    session.patience = Recording(float("inf"), clock=clock)
    colleague_sets(served, forwarding[-1].id, None)
    session.list()

    assert session.patience.waits[-1] == seconds


def test_what_comes_late_is_looked_into_for_some_seconds_of_a_run_however_often_it_comes(
    serve_mock: ServeMock, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr("linq_contract.run.causes.time", clock)
    monkeypatch.setattr("linq_mock.faults.isolation.now", clock.monotonic)
    session = connect(serve_mock(GoneForMoment), Timing())
    session.patience = Recording(float("inf"), clock=clock)
    first, second, *_ = session.listed()
    for _ in range(20):
        session.update(second.id, "x")
        session.update(second.id, next(NUMBERS))
        session.list()
        clock.sleep(0.4)
        session.update(first.id, "x")
        session.list()

    assert broken(session)
    assert session.patience.waits.count(Timing().late) < 12


class WritesLater(Variation):
    """What was refused with 401 is carried out with the next update of another caller."""

    late: ClassVar[list[tuple[str, bytes]]] = []

    async def handle(self, call: Call) -> Response:
        try:
            account = self.authenticate(call)
        except Problem:
            if call.method == "PUT":
                self.late.append((call.raw_path.rpartition("/")[2], call.body))
            raise
        if call.method == "PUT" and self.late:
            line_id, body = self.late.pop()
            account.lines[line_id]["forwarding_number"] = body.decode().split('"')[3]
        return await super().handle(call)


def test_a_late_change_is_held_against_the_request_that_was_refused(
    serve_mock: ServeMock, connect: Connect
) -> None:
    session = connect(serve_mock(WritesLater))
    first, second, *_ = session.listed()
    refused = session.update_request(first.id, {"forwarding_number": NUMBER}).with_authorization(None)
    session.send(refused)
    session.list()
    session.update(second.id, ANOTHER)
    session.list()

    assert broken(session) == {"auth.no-write"}
    finding = session.auditor.ledger.entries["auth.no-write"].finding
    assert finding is not None
    assert refused in [exchange.request for exchange in finding.evidence]


class SetsALineOften(Variation):
    """After the first update somebody sets another line every millisecond, for 100 ms."""

    is_over: ClassVar[bool] = False

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        if self.is_over:
            return
        type(self).is_over = True
        other = next(each for each in account.lines.values() if each is not line)
        for turn in range(100):
            asyncio.get_running_loop().call_later(0.001 * turn, self.set, other, turn)

    def set(self, line: Line, turn: int) -> None:
        line["forwarding_number"] = f"+134755501{turn:02}"


def test_a_burst_of_changes_is_somebody_elses(serve_mock: ServeMock, connect: Connect) -> None:
    session = connect(serve_mock(SetsALineOften))
    line = session.listed()[0]
    for number in (NUMBER, None):
        session.update(line.id, number)
        session.list()

    assert broken(session) == set()
    assert session.causes.is_shared


# --- lists while lines are updated ---------------------------------------------------------------


class HidesALineMeanwhile(Variation):
    """Leaves a line out of the list while another, or the same, is updated."""

    hidden: ClassVar[int] = 0
    under_way: ClassVar[int] = 0

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        kind = type(self)
        kind.under_way += 1
        await asyncio.sleep(0.01)
        kind.under_way -= 1
        await super().store(call, account, line, number)

    def list_body(self, call: Call, account: Account) -> JsonObject:
        lines = super().list_body(call, account)["phone_numbers"]
        return {"phone_numbers": [x for i, x in enumerate(lines) if not self.under_way or i != self.hidden]}


@pytest.mark.parametrize(("hidden", "rule"), [(0, "update.atomic"), (1, "update.isolated")])
def test_a_line_that_is_missing_only_while_updates_are_under_way_is_not_released(
    serve_mock: ServeMock, connect: Connect, monkeypatch: pytest.MonkeyPatch, hidden: int, rule: str
) -> None:
    monkeypatch.setattr(HidesALineMeanwhile, "hidden", hidden)
    served = serve_mock(HidesALineMeanwhile)
    session = connect(served)
    target = Target(served.url, Credentials({ACCOUNT: served.token}), Permissions(allow_writes=True))
    race_on_one_line(Campaign(session, target, 1))

    assert rule in broken(session)
