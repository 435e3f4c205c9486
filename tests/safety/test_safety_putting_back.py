"""How lines are put back: what is sent, in which order and with which pauses, and what is said of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest
from tests.clock import Clock
from tests.honest import CONTRACT, OTHER, OWN, HonestServer, Stored, envelope, respond

from linq_contract.contract.lines import Line, listed_lines
from linq_contract.contract.numbers import fiction
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT, Credentials
from linq_contract.http.messages import Request, Response, json_object, parse_json
from linq_contract.judge.auditor import Auditor
from linq_contract.judge.ledger import Ledger
from linq_contract.run.patience import Patience
from linq_contract.run.restore import Fate, Restoration, put_back
from linq_contract.run.session import Session
from linq_contract.safety.guard import Guard
from linq_contract.safety.journal import Journal
from linq_contract.safety.records import Contents, originals_of
from linq_contract.safety.target import Target

if TYPE_CHECKING:
    from linq_contract.http.wire import Wire

HERE, ELSEWHERE = "http://127.0.0.1:1", "https://api.example.com"
BEFORE, OF_THE_RUN, SOMEBODY_ELSES = (fiction(index) for index in (1, 2, 3))
TIME_LIMIT = 100.0


@dataclass
class GuardedWire:
    """A wire to a server in memory."""

    server: HonestServer
    guard: Guard
    sent: list[Request] = field(default_factory=list[Request])

    def send(self, request: Request, *, timeout: float = 30) -> Response:
        assert timeout > 0
        self.guard(request)
        self.sent.append(request)
        return self.server.answer(request)


class Scene:
    """A run on a server, which ends or, if it is resumed, has been killed."""

    def __init__(self, server: HonestServer, url: str = HERE, *, is_resumed: bool = False) -> None:
        self.server = server
        accounts = {
            name: list(listed_lines(server.accounts[token].values()))
            for name, token in ((ACCOUNT, OWN), (OTHER_ACCOUNT, OTHER))
        }
        self.lines = [(name, line) for name, lines in accounts.items() for line in lines]
        self.journal = Journal(Contents(url, originals=originals_of(accounts)), is_resumed=is_resumed)
        auditor = Auditor(CONTRACT, Ledger([]))
        self._guard = Guard(Target(HERE, Credentials({})), CONTRACT, auditor.accounts)
        self._wire = GuardedWire(server, self._guard)
        self._session = Session(cast("Wire", self._wire), auditor, Patience(TIME_LIMIT))

    def line(self, index: int) -> Line:
        return self.lines[index][1]

    def update(self, *indices: int) -> None:
        """Do as a run does that updates lines, one after the other."""
        for index in indices:
            self.journal.sending([self.lines[index]], {OF_THE_RUN})
            self.change(index, OF_THE_RUN)

    def change(self, index: int, number: str | None) -> None:
        self.stored(index)["forwarding_number"] = number

    def stored(self, index: int) -> Stored:
        accounts = self.server.accounts.values()
        return next(lines[self.line(index).id] for lines in accounts if self.line(index).id in lines)

    def put_back(self) -> Restoration:
        return put_back(self._session, self._guard, self.journal)

    def force_back(self) -> Restoration:
        return put_back(self._session, self._guard, self.journal, force=True)

    @property
    def sent(self) -> list[Request]:
        return self._wire.sent

    @property
    def methods(self) -> str:
        """The first letters of what was sent to the first account."""
        return "".join(request.method[0] for request in self.sent if OWN in str(request.headers))

    @property
    def set_to(self) -> list[str | None]:
        bodies = [json_object(parse_json(request.body or b"")) for request in self.sent]
        return [body["forwarding_number"] for body in bodies if body is not None]

    @property
    def left(self) -> list[str]:
        """The lines that the journal still has something to do for."""
        return [original.line_id for original in self.journal.contents.pending]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in ("session", "patience"):
        monkeypatch.setattr(f"linq_contract.run.{module}.time", clock)
    return clock


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the session take the server for a slow one."""
    monkeypatch.setattr(Session, "is_slow", True)


def fates(restoration: Restoration) -> list[Fate]:
    return [outcome.fate for outcome in restoration.outcomes]


# --- what is sent --------------------------------------------------------------------------------


def test_a_line_that_the_run_changed_is_set_once_and_read_back() -> None:
    scene = Scene(HonestServer())
    scene.update(1)
    done = scene.put_back()

    assert (scene.methods, scene.set_to) == ("GPG", [BEFORE])
    assert done.sentences == [f"Line {scene.line(1).id} forwards to {BEFORE} again."]
    assert (scene.stored(1)["forwarding_number"], scene.left) == (BEFORE, [])


@pytest.mark.usefixtures("slow")
def test_the_accounts_of_a_slow_server_are_put_back_together() -> None:
    scene = Scene(HonestServer())
    scene.update(1, 3)
    done = scene.put_back()

    assert [request.method for request in scene.sent] == ["GET", "GET", "PUT", "PUT", "GET", "GET"]
    assert fates(done) == [Fate.RESTORED] * 2
    assert scene.left == []


@pytest.mark.usefixtures("state")
def test_what_is_left_is_finished_by_a_command_where_there_is_a_journal_on_disk() -> None:
    scene = Scene(StoresNothing())
    scene.update(1)
    assert scene.put_back().command is None
    scene.journal = Journal.begin(HERE, {ACCOUNT: [scene.line(1)]})
    scene.journal.sending([scene.lines[1]], {OF_THE_RUN})
    done = scene.put_back()

    assert done.sentences[1:] == [f"To finish: linq-contract restore {scene.journal.path}"]


class SetsOnlyWhereThereIsNone(HonestServer):
    def update(self, token: str, line_id: str, body: Stored | None) -> Response:
        if self.accounts[token][line_id]["forwarding_number"] and (body or {}).get("forwarding_number"):
            return self.refuse(400, 1002)
        return super().update(token, line_id, body)


def test_a_line_that_takes_no_second_number_is_cleared_first() -> None:
    scene = Scene(SetsOnlyWhereThereIsNone())
    scene.update(1)

    assert fates(scene.put_back()) == [Fate.RESTORED]
    assert (scene.methods, scene.set_to) == ("GPPPG", [BEFORE, None, BEFORE])


class StoresNothing(HonestServer):
    def store(self, line: Stored, number: str | None, body: Stored) -> None:
        pass


def test_a_line_that_stays_as_it_is_is_tried_with_pauses_and_given_up(clock: Clock) -> None:
    scene = Scene(StoresNothing())
    scene.update(0)
    done = scene.put_back()

    assert clock.slept == [0.0, 0.0, 0.4, 0.8, 1.6]
    assert (scene.methods, scene.set_to) == ("GP" * 5, [None, "", None, "", None])
    assert done.sentences == [f"Line {scene.line(0).id} could not be set back to nothing."]
    assert scene.left == [scene.line(0).id]


class ListsLater(HonestServer):
    """Answers the first list with something else."""

    is_asked = False

    def listed(self, token: str) -> list[Stored]:
        was_asked, self.is_asked = self.is_asked, True
        return super().listed(token) if was_asked else cast("list[Stored]", "later")


def test_an_account_whose_list_cannot_be_read_is_looked_at_again() -> None:
    scene = Scene(ListsLater())
    scene.update(1)

    assert fates(scene.put_back()) == [Fate.RESTORED]
    assert scene.methods == "GGPG"


class LimitsTheFirstAccount(HonestServer):
    def answer(self, request: Request) -> Response:
        if OWN in str(request.headers):
            return respond(429, envelope(429, 1007, retry_after=3600), Retry_After="3600")
        return super().answer(request)


def test_an_account_that_is_limited_for_long_is_not_waited_for_and_others_are_put_back(clock: Clock) -> None:
    scene = Scene(LimitsTheFirstAccount())
    scene.update(1, 3)
    done = scene.put_back()

    assert (scene.methods, clock.slept) == ("GG", [0.0, 0.0])
    assert fates(done) == [Fate.NOT_RESTORED] * 3 + [Fate.RESTORED]
    assert scene.left == [scene.line(index).id for index in range(3)]


@pytest.mark.usefixtures("slow")
def test_nor_are_they_where_all_are_looked_at_together() -> None:
    scene = Scene(LimitsTheFirstAccount())
    scene.update(1, 3)
    done = scene.put_back()

    assert fates(done) == [Fate.NOT_RESTORED] * 3 + [Fate.RESTORED]
    assert scene.left == [scene.line(index).id for index in range(3)]


# --- what somebody else changed ------------------------------------------------------------------


def test_what_somebody_else_set_after_the_run_is_left_alone_until_forced() -> None:
    scene = Scene(HonestServer())
    scene.update(1)
    scene.change(1, SOMEBODY_ELSES)

    assert fates(scene.put_back()) == [Fate.CHANGED_BY_OTHERS]
    assert (scene.methods, scene.left) == ("G", [scene.line(1).id])
    assert fates(scene.force_back()) == [Fate.RESTORED]
    assert (scene.stored(1)["forwarding_number"], scene.left) == (BEFORE, [])


def test_what_somebody_else_set_on_a_line_that_a_run_left_alone_is_no_concern_at_its_end() -> None:
    scene = Scene(HonestServer())
    scene.change(1, SOMEBODY_ELSES)

    assert scene.put_back() == Restoration([], None)
    assert (scene.methods, scene.left) == ("G", [])


def test_it_is_one_where_the_run_was_killed_and_every_line_is_spoken_of() -> None:
    scene = Scene(HonestServer(), is_resumed=True)
    scene.change(1, SOMEBODY_ELSES)

    assert fates(scene.put_back()) == [Fate.UNCHANGED, Fate.CHANGED_BY_OTHERS] + [Fate.UNCHANGED] * 3
    assert scene.left == [scene.line(1).id]


@pytest.mark.parametrize(
    ("url", "fate"), [(HERE, [Fate.NOT_RESTORED]), (ELSEWHERE, [])], ids=["here", "elsewhere"]
)
def test_a_line_that_the_run_did_not_name_and_that_is_cleared_is_its_doing_on_this_machine(
    url: str, fate: list[Fate]
) -> None:
    scene = Scene(StoresNothing(), url)
    scene.change(1, None)

    assert fates(scene.put_back()) == fate


# --- lines that are not listed -------------------------------------------------------------------


class HidesTheSecondLine(HonestServer):
    def listed(self, token: str) -> list[Stored]:
        return [line for index, line in enumerate(super().listed(token)) if index != 1]


def test_a_line_that_is_not_listed_and_can_be_updated_stays_in_the_journal_until_forced() -> None:
    scene = Scene(HidesTheSecondLine())
    scene.update(1)

    assert fates(scene.put_back())[0] is Fate.NOT_LISTED
    assert scene.line(1).id in scene.left
    scene.force_back()
    assert scene.left == []


class LimitsUpdatesOfWhatItHides(HidesTheSecondLine):
    def answer(self, request: Request) -> Response:
        if request.method == "PUT":
            return respond(429, envelope(429, 1007, retry_after=3600), Retry_After="3600")
        return super().answer(request)


def test_a_line_that_is_not_listed_and_cannot_be_asked_for_stays_in_the_journal() -> None:
    scene = Scene(LimitsUpdatesOfWhatItHides())
    scene.update(1)

    assert set(fates(scene.put_back())) == {Fate.NOT_LISTED}
    assert scene.line(1).id in scene.left


def test_a_line_that_was_released_is_nothing_to_put_back() -> None:
    scene = Scene(HonestServer())
    scene.update(1)
    del scene.server.accounts[OWN][scene.line(1).id]
    done = scene.put_back()

    assert (scene.methods, fates(done)) == ("GP", [Fate.GONE])
    assert (done.failed, scene.left) == ([], [])


def test_force_does_not_give_up_a_line_that_is_listed() -> None:
    scene = Scene(StoresNothing())
    scene.update(1)

    assert fates(scene.force_back()) == [Fate.NOT_RESTORED]
    assert scene.left == [scene.line(1).id]


class FailsForEver(HonestServer):
    def answer(self, request: Request) -> Response:
        self.on_refused(request)
        return self.refuse(500, 3006)


def test_a_server_that_fails_leaves_every_line_in_the_journal() -> None:
    scene = Scene(FailsForEver())
    scene.update(1)

    assert fates(scene.put_back()) == [Fate.NOT_RESTORED] * 5
    assert len(scene.left) == 5
