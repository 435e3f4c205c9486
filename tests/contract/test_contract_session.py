"""How a session waits and tries again, on a clock that only waiting moves."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

import pytest
from tests.clock import Clock
from tests.honest import Stored, envelope, respond
from tests.limits import limit

from linq_contract.http.messages import NoAnswer, Request, Response
from linq_contract.judge.auditor import Auditor
from linq_contract.judge.ledger import Ledger
from linq_contract.run.patience import OutOfTimeError, Patience, RateLimitedError
from linq_contract.run.session import Session, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from linq_contract.http.wire import Wire
    from linq_document import Document

ID = "3f2b8c1e-6a4d-4e59-9b70-1d2c3e4f5a6b"
NUMBER = "+12025550143"
LIMIT = 100.0
CODES = {429: 1007, 500: 3001, 503: 4004, 504: 3005}

Answer: TypeAlias = "tuple[int, dict[str, str]] | NoAnswer"
Play: TypeAlias = "Callable[..., Scene]"
PlayTimed: TypeAlias = "Callable[[float], tuple[Scene, TimedWire]]"


class ScriptedWire:
    """Gives the answers of a script, the last one again and again, each with a trace id of its own."""

    def __init__(self, script: tuple[Answer, ...]) -> None:
        self.sent: list[Request] = []
        self._script = itertools.chain(script, itertools.repeat(script[-1]))

    def send(self, request: Request, *, timeout: float = 30) -> Response | NoAnswer:
        assert timeout > 0
        self.sent.append(request)
        answer = next(self._script)
        return answer if isinstance(answer, NoAnswer) else self._respond(*answer)

    def _respond(self, status: int, headers: dict[str, str]) -> Response:
        trace_id = f"{len(self.sent):032x}"
        asked = headers.get("Retry-After", "")
        wait = {"retry_after": int(asked)} if asked.isdigit() else {}
        body: Stored = {"phone_numbers": []}
        if status in CODES:
            body = envelope(status, CODES[status], trace_id, **wait)
        return respond(status, body, X_Trace_ID=trace_id, **headers)


@dataclass
class Scene:
    clock: Clock
    wire: ScriptedWire
    session: Session

    @property
    def broken(self) -> set[str]:
        return set(self.session.auditor.ledger.broken_counts())


@pytest.fixture
def play(contract: Document, monkeypatch: pytest.MonkeyPatch) -> Play:
    """A session whose server follows a script."""

    def play_script(*script: Answer) -> Scene:
        clock, wire = Clock(), ScriptedWire(script)
        for module in ("session", "patience", "causes"):
            monkeypatch.setattr(f"linq_contract.run.{module}.time", clock)
        auditor = Auditor(contract, Ledger([*contract.rules.values()]))
        return Scene(clock, wire, Session(cast("Wire", wire), auditor, Patience(LIMIT)))

    return play_script


OK: Answer = (200, {})
FAILURES: list[Answer] = [
    (500, {}),
    (503, {}),
    (504, {}),
    NoAnswer("reset"),
    NoAnswer("silence", timed_out=True),
]


def limited(seconds: int) -> Answer:
    return 429, {"Retry-After": str(seconds)}


def test_an_answer_that_stands_is_given_at_once(play: Play) -> None:
    scene = play(OK)

    assert scene.session.list().status == 200
    assert (len(scene.wire.sent), scene.clock.slept) == (1, [])


def test_a_rate_limit_is_waited_for_as_long_as_it_asks_and_breaks_nothing(play: Play) -> None:
    scene = play(limited(3), limited(0), limited(7), OK)

    assert scene.session.list().status == 200
    assert scene.clock.slept == [3, 0, 7]
    assert scene.broken == set()


def test_a_rate_limit_that_names_no_time_is_left_alone_for_longer_each_time(
    play: Play,
) -> None:
    scene = play(*[limited(0)] * 7, OK)
    scene.session.list()

    assert scene.clock.slept[:2] == [0, 0]
    assert scene.clock.slept[2:] == sorted(set(scene.clock.slept[2:]))
    assert scene.clock.slept[2] > 0


def test_a_rate_limit_that_does_not_say_how_long_is_waited_for_as_long_as_was_enough(play: Play) -> None:
    unsaid: Answer = (429, {"Retry-After": "soon"})
    scene = play(unsaid, OK, unsaid, OK, unsaid, unsaid, unsaid, OK, unsaid, OK)
    for _ in range(4):
        scene.session.list()

    assert scene.clock.slept == [1, 0.5, 0.25, 0.5, 1, 0.5]
    assert scene.broken == {"error.retry-after"}


def test_answers_that_did_not_stand_are_counted(play: Play) -> None:
    scene = play(limited(1), (503, {}), (500, {}), OK)
    scene.session.list()

    assert (scene.session.limited, scene.session.healed) == (1, 2)


def test_a_rate_limit_that_is_longer_than_the_run_is_willing_to_wait_ends_it(play: Play) -> None:
    scene = play(limited(61))
    with pytest.raises(RateLimitedError, match="asked to wait for 61 s"):
        scene.session.list()

    assert scene.clock.slept == []


@pytest.mark.parametrize(("is_fixed", "left"), [(False, LIMIT), (True, LIMIT - 90)])
def test_what_a_rate_limit_asks_to_wait_is_no_time_of_the_run_unless_its_end_is_fixed(
    play: Play, left: float, *, is_fixed: bool
) -> None:
    scene = play(limited(30), OK, limited(60), OK)
    scene.session.patience = Patience(LIMIT, is_fixed=is_fixed)
    scene.session.list()
    scene.session.list()

    assert scene.clock.now == 90
    assert scene.session.patience.left == left


def test_what_a_rate_limit_asks_of_several_threads_at_once_prolongs_the_run_once(play: Play) -> None:
    patience, clock = Patience(LIMIT), play(OK).clock
    patience.prolong(5)
    clock.now += 1
    patience.prolong(5)
    patience.prolong(2)

    assert patience.deadline == LIMIT + 6


@pytest.mark.parametrize(("is_fixed", "waits"), [(True, 3), (False, 7)])
def test_a_rate_limit_that_never_ends_ends_with_the_time(play: Play, waits: int, *, is_fixed: bool) -> None:
    scene = play(limited(30))
    scene.session.patience = Patience(LIMIT, is_fixed=is_fixed)
    with pytest.raises(OutOfTimeError):
        scene.session.list()

    assert scene.clock.slept == [30] * waits


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_that_a_retry_heals_breaks_nothing(play: Play, failure: Answer) -> None:
    scene = play(failure, OK)

    assert scene.session.list().status == 200
    assert len(scene.wire.sent) == 2
    assert scene.broken == set()


@pytest.mark.parametrize("failure", FAILURES[:3])
def test_a_failure_that_persists_breaks_the_rule_of_the_request(play: Play, failure: Answer) -> None:
    scene = play(failure)
    scene.session.list()

    assert scene.broken == {"list.schema"}
    assert 3 <= len(scene.wire.sent) <= 10


def test_retries_send_the_same_request(play: Play) -> None:
    scene = play((503, {}), (500, {}), OK)
    scene.session.update(ID, NUMBER)

    assert len(scene.wire.sent) == 3
    assert len(set(scene.wire.sent)) == 1


def test_the_pauses_between_retries_grow(play: Play) -> None:
    scene = play((503, {}))
    scene.session.list()
    slept = scene.clock.slept

    assert slept == sorted(set(slept))
    assert sum(slept) < 5


def test_a_failure_that_names_a_time_is_left_alone_until_then(play: Play) -> None:
    scene = play((503, {"Retry-After": "11"}), OK)
    scene.session.list()

    assert scene.clock.slept == [11]


def test_failures_that_ask_for_a_time_as_a_habit_are_soon_tried_again_without(play: Play) -> None:
    scene = play(*[(503, {"Retry-After": "1"}), OK] * 100)
    for _ in range(100):
        scene.session.list()

    assert scene.clock.slept[:10] == [1] * 10
    assert sum(scene.clock.slept) < 15


def test_a_failure_that_is_not_over_without_is_left_alone_for_as_long_as_it_asks(play: Play) -> None:
    scene = play((503, {"Retry-After": "11"}), OK, *[(503, {"Retry-After": "11"})] * 2, OK)
    for _ in range(2):
        scene.session.list()

    first, soon, as_asked = scene.clock.slept
    assert (first, as_asked) == (11, 11)
    assert soon < 1


def test_what_failed_to_the_end_before_is_tried_less_often(play: Play) -> None:
    scene = play((500, {}))
    scene.session.list()
    first = len(scene.wire.sent)
    scene.session.list()

    assert 1 < len(scene.wire.sent) - first < first


def test_silence_is_tried_less_often_than_a_refused_connection(play: Play) -> None:
    counts: list[int] = []
    for failure in FAILURES[:2:-1]:
        scene = play(failure)
        with pytest.raises(UnreachableError):
            scene.session.list()
        counts.append(len(scene.wire.sent))

    assert counts == sorted(set(counts))


def test_a_list_that_gets_no_answer_means_that_the_server_is_gone(play: Play) -> None:
    with pytest.raises(UnreachableError, match="reset"):
        play(NoAnswer("reset")).session.list()


def test_nothing_is_sent_after_the_deadline(play: Play) -> None:
    scene = play(OK)
    scene.clock.now = LIMIT
    with pytest.raises(OutOfTimeError):
        scene.session.list()

    assert scene.wire.sent == []


@pytest.mark.parametrize(
    "value", ["soon", "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 +99999999999", "-5", ""]
)
def test_a_time_to_wait_that_cannot_be_read_is_no_reason_to_fall_over(play: Play, value: str) -> None:
    scene = play((503, {"Retry-After": value}), OK)

    assert scene.session.list().status == 200
    assert len(scene.clock.slept) == 1


def test_requests_follow_the_document(play: Play) -> None:
    session = play(OK).session
    update = session.update_request("a/b", {"forwarding_number": None})

    assert session.list_request().target == "/v3/phone_numbers"
    assert (update.method, update.target) == ("PUT", "/v3/phone_numbers/a%2Fb")
    assert update.header("Content-Type") == "application/json"
    assert update.header("authorization") == "Bearer ${LINQ_API_V3_API_KEY}"


# --- several at once -----------------------------------------------------------------------------


@pytest.fixture
def play_timed(play: Play, monkeypatch: pytest.MonkeyPatch) -> PlayTimed:
    """A session that knows a server by five answers, each of which took so many seconds."""

    def play_with(seconds: float) -> tuple[Scene, TimedWire]:
        scene = play(OK)
        wire = TimedWire(scene, seconds)
        monkeypatch.setattr(scene.session, "wire", wire)
        for _ in range(5):
            scene.session.list()
        return scene, wire

    return play_with


class TimedWire:
    """Takes its time for each answer; with a barrier, until as many requests are there as it wants."""

    def __init__(self, scene: Scene, seconds: float) -> None:
        self.together: threading.Barrier | None = None
        self.threads: set[int] = set()
        self._scene = scene
        self._seconds = seconds

    def send(self, request: Request, *, timeout: float = 30) -> Response | NoAnswer:
        self.threads.add(threading.get_ident())
        if self.together:
            self.together.wait(timeout=limit(10))
        self._scene.clock.now += self._seconds
        return self._scene.wire.send(request, timeout=timeout)


def test_a_fast_server_gets_one_request_after_the_other(
    play_timed: PlayTimed,
) -> None:
    scene, wire = play_timed(0.01)
    scene.session.send_all([scene.session.list_request()] * 16)

    assert len(scene.wire.sent) == 21
    assert wire.threads == {threading.get_ident()}


def test_a_slow_server_gets_eight_requests_at_once(
    play_timed: PlayTimed,
) -> None:
    scene, wire = play_timed(0.5)
    wire.together = threading.Barrier(8)
    scene.session.send_all([scene.session.list_request()] * 16)

    assert len(scene.wire.sent) == 21
    assert not wire.together.broken


def test_what_ends_one_of_several_requests_at_once_is_raised(
    play_timed: PlayTimed,
) -> None:
    scene, _ = play_timed(0.5)
    scene.clock.now = LIMIT

    with pytest.raises(OutOfTimeError):
        scene.session.send_all([scene.session.list_request()] * 16)
