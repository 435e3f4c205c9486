"""How much is sent, how fast, and that this is known before anything is."""

from __future__ import annotations

import itertools
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from starlette.responses import JSONResponse
from tests.clock import Clock
from tests.limits import limit
from tests.serving import CANARY

from linq_contract.cli import main
from linq_contract.contract.numbers import fiction
from linq_contract.embedded import embedded_mock
from linq_contract.http.credentials import ACCOUNT, Credentials
from linq_contract.http.messages import Request, Response
from linq_contract.http.pace import Pace
from linq_contract.http.wire import Wire
from linq_contract.run.phases import PHASES
from linq_contract.run.plan import plan
from linq_contract.run.result import Options
from linq_contract.run.validate import Step, judged_rules, validate
from linq_contract.run.workloads import exploring, generated, updating
from linq_contract.safety.target import Permissions, Target

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send
    from tests.serving import Serve, ServeMock

LINE = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("linq_contract.http.pace.time", clock)
    return clock


def pass_through(pace: Pace, times: int) -> None:
    for _ in range(times):
        with pace.turn():
            pass


def test_requests_leave_at_the_rate(clock: Clock) -> None:
    pass_through(Pace(5), 11)

    assert clock.now == pytest.approx(2)


def test_without_a_rate_nothing_waits(clock: Clock) -> None:
    pass_through(Pace(), 1_000)

    assert clock.slept == []


def test_a_pause_that_the_server_asks_for_holds_all_requests(clock: Clock) -> None:
    pace = Pace()
    pace.hold(7)
    pass_through(pace, 3)

    assert clock.slept == [7]


def test_a_retry_after_holds_the_requests_of_all_threads(serve: Serve, clock: Clock) -> None:
    served = serve(JSONResponse({}, 429, headers={"Retry-After": "3"}))
    with Wire(served.url, Credentials({}), allow_writes=False) as wire:
        wire.send(Request("GET", "/"))
        with ThreadPoolExecutor(1) as another_thread:
            another_thread.submit(wire.send, Request("GET", "/")).result()

    assert clock.slept == [3]


@pytest.mark.parametrize(("value", "seconds"), [("3", 3), ("Tue, 24 Nov 2026 10:00:07 GMT", 7), ("x", 1)])
def test_a_retry_after_may_be_a_number_or_a_date(
    monkeypatch: pytest.MonkeyPatch, value: str, seconds: float
) -> None:
    monkeypatch.setattr("linq_contract.http.messages.time.time", lambda: 1_795_514_400.0)

    assert Response(429, (("Retry-After", value),), b"").retry_after == seconds


def test_no_more_requests_are_under_way_than_allowed(serve: Serve) -> None:
    under_way, most = 0, 0
    both = threading.Barrier(2, timeout=limit(10))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await JSONResponse({})(scope, receive, send)

    def one(pace: Pace) -> None:
        nonlocal under_way, most
        with pace.turn():
            under_way += 1
            most = max(most, under_way)
            both.wait()
            under_way -= 1

    pace = Pace(at_once=2)
    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(one, pace) for _ in range(8)]:
            future.result()

    assert most == 2
    assert serve(app).log == []


@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_five_requests_leave_in_a_second_unless_said_otherwise() -> None:
    url, credentials = "https://192.0.2.1", Credentials({})

    assert Target(url, credentials).requests_per_second == 5
    assert Target(url, credentials, Permissions(rate=0.5)).requests_per_second == 0.5


def test_on_this_machine_requests_leave_as_fast_as_they_can() -> None:
    assert Target("http://127.0.0.1:1", Credentials({})).requests_per_second is None


# --- the plan ------------------------------------------------------------------------------------


def test_every_phase_says_how_many_requests_it_sends_at_most() -> None:
    assert [phase.name for phase in PHASES if not any(phase.requests)] == []


@pytest.mark.parametrize("writes", [False, True])
def test_no_phase_sends_more_than_planned_to_a_server_that_keeps_the_contract(
    monkeypatch: pytest.MonkeyPatch,
    *,
    writes: bool,
) -> None:
    monkeypatch.setattr(generated, "_SECONDS", 1)
    monkeypatch.setattr(updating, "_SECONDS_WAITED", 0)
    monkeypatch.setattr(exploring, "_SEQUENCES", 2)
    monkeypatch.setattr(exploring, "_MUTATED_NUMBERS", 10)
    wires: list[Wire] = []
    counts: list[tuple[str, int]] = []
    begin = Wire.__init__

    def keep(wire: Wire, *arguments: object, **options: object) -> None:
        begin(wire, *arguments, **options)  # type: ignore[arg-type]
        wires.append(wire)

    monkeypatch.setattr(Wire, "__init__", keep)

    def count(step: Step) -> None:
        counts.append((step.phase.name, wires[-1].sent))

    with embedded_mock("--lines", "4") as mock:
        target = replace(mock, permissions=replace(mock.permissions, allow_writes=writes))
        result = validate(target, Options(1), count)
    most = plan(target, judged_rules(["*"])).requests
    sent = {name: after - before for (name, before), (_, after) in itertools.pairwise(counts)}

    assert result.requests <= most
    planned = {phase.name: phase.requests.most(target, 4) for phase in PHASES}
    assert {name: number for name, number in sent.items() if number > planned[name]} == {}


def test_a_dry_run_prints_operations_lines_numbers_and_requests_and_sends_nothing(
    serve_mock: ServeMock,
) -> None:
    served = serve_mock()
    command = ["validate", served.url, "--allow-writes", "--line", LINE, "--dry-run"]
    done = CliRunner().invoke(main, command, env={ACCOUNT: CANARY})

    assert done.exit_code == 0
    assert served.log == []
    assert "GET /v3/phone_numbers, PUT /v3/phone_numbers/{phoneNumberId}" in done.output
    assert f"lines to update: {LINE}" in done.output
    assert "fictional" in done.output
    listed = [
        int(number.replace(",", ""))
        for number in re.findall(r"^  \S.* ([0-9,]+)$", done.output, re.MULTILINE)
    ]
    total = re.search(r"At most ([0-9,]+) requests", done.output)
    assert total is not None
    assert sum(listed) < int(total[1].replace(",", "")) < sum(listed) + 20


# --- the user's own numbers ----------------------------------------------------------------------


def test_the_users_own_numbers_are_set_instead_of_fictional_ones(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve_mock()
    before = {number for number in served.forwarding_numbers() if number}
    served.log.clear()
    own = ("+12124567890", "+442079460123")
    names = {"set", "clear and repeat", "same values", "sequences"}
    monkeypatch.setattr(
        "linq_contract.commands.validate.PHASES", [phase for phase in PHASES if phase.name in names]
    )
    monkeypatch.setattr(exploring, "_SEQUENCES", 3)
    command = ["validate", served.url, "--allow-writes", *(f"--forward-to={number}" for number in own)]
    done = CliRunner().invoke(main, command, env={ACCOUNT: CANARY})
    numbers = re.findall(
        rb'"forwarding_number": "(\+[1-9][0-9]{1,14})"', b"".join(x.body for x in served.log)
    )
    set_ = {number.decode() for number in numbers}

    assert done.exit_code == 0, done.output
    assert set(own) <= set_ <= {*own, *before}
    assert fiction(0) not in set_


@pytest.mark.parametrize("number", ["12124567890", "+0212", "", "+1 212 456 7890"])
def test_a_number_of_the_users_own_that_is_not_e164_is_wrong_use(number: str) -> None:
    done = CliRunner().invoke(main, ["validate", f"--forward-to={number}"])

    assert done.exit_code == 2
    assert "is not E.164" in done.output
