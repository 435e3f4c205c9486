"""What a run changed is put back: at its end, when it is broken off, and by `restore` when it was killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import httpx
import pytest
from click.testing import CliRunner
from tests.limits import limit
from tests.serving import CANARY

from linq_contract.cli import main
from linq_contract.contract.lines import listed_lines
from linq_contract.http.credentials import ACCOUNT
from linq_contract.http.messages import SAFE_METHODS, NoAnswer, Request
from linq_contract.http.messages import Response as Answer
from linq_contract.http.wire import Wire
from linq_contract.run import restore
from linq_contract.run.phases import PHASES
from linq_contract.safety.journal import Journal
from linq_contract.safety.journals import BusyError, unfinished
from linq_mock.behaviour import Behaviour
from linq_mock.problems import Code, Problem

if TYPE_CHECKING:
    from click.testing import Result
    from tests.serving import Served, ServeMock

    from linq_mock.messages import Call, Response

COMMAND = str(Path(sys.executable).with_name("linq-contract"))
NUMBER = "+12065550177"
SOMEBODY_ELSES = "+13105550188"
AN_UPDATE = 20
"""One by which a run has changed something, and after which it goes on for long."""
_MAIN = "from linq_contract.cli import main; main()"

pytestmark = pytest.mark.usefixtures("state")


def command(*arguments: str) -> Result:
    done = CliRunner().invoke(main, arguments, env={ACCOUNT: CANARY})
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.output
    return done


def put(served: Served, line_id: str, number: str | None) -> None:
    headers = {"Authorization": f"Bearer {served.token}"}
    body = {"forwarding_number": number}
    httpx.put(f"{served.url}/v3/phone_numbers/{line_id}", headers=headers, json=body).raise_for_status()


def leave_changed(served: Served, path: Path | None = None) -> Path:
    """Change every line as a run does that is killed; return its journal."""
    lines = list(listed_lines(served.lines(served.token)))
    journal = Journal.begin(served.url, {ACCOUNT: lines}, path)
    journal.sending([(ACCOUNT, line) for line in lines], {NUMBER})
    for line in lines:
        put(served, line.id, NUMBER)
    assert journal.path is not None
    journal.let_go()
    return journal.path


def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linq_contract.run.patience._LONGEST_BACKOFF", 0.0)
    monkeypatch.setattr(restore, "_PAUSES", (0.0, 0.0, 0.0, 0.0, 0.0))


def only(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(
        "linq_contract.commands.validate.PHASES", [phase for phase in PHASES if phase.name in names]
    )


# --- restore -------------------------------------------------------------------------------------


def _nothing_left(_server: str) -> list[Path]:
    return []


def test_what_was_left_is_put_back_and_said_for_each_line(serve_mock: ServeMock) -> None:
    served = serve_mock()
    before = served.forwarding_numbers()
    path = leave_changed(served)
    done = command("restore")

    assert done.exit_code == 0
    assert served.forwarding_numbers() == before
    assert done.output.count(" again.\n") == 3
    assert not path.exists()


def test_nothing_to_put_back_is_a_success(tmp_path: Path) -> None:
    assert command("restore").output == "Nothing is left to put back.\n"
    assert command("restore", str(tmp_path / "gone")).exit_code == 0


def test_a_journal_in_another_place_is_put_back_by_its_name_and_without(
    serve_mock: ServeMock, tmp_path: Path
) -> None:
    for arguments in (["restore", str(tmp_path / "own")], ["restore"]):
        served = serve_mock()
        before = served.forwarding_numbers()
        leave_changed(served, tmp_path / "own")

        assert command(*arguments).exit_code == 0
        assert served.forwarding_numbers() == before


def test_what_somebody_else_changed_since_is_left_alone_until_forced(serve_mock: ServeMock) -> None:
    served = serve_mock()
    lines = served.lines(served.token)
    before = served.forwarding_numbers()
    path = leave_changed(served)
    put(served, lines[0]["id"], SOMEBODY_ELSES)
    done = command("restore")

    assert done.exit_code == 4
    assert f"Line {lines[0]['id']} forwarded to {lines[0]['forwarding_number']} before" in done.output
    assert f"shows {SOMEBODY_ELSES} now" in done.output
    assert f"linq-contract restore {path}" in done.output
    assert served.forwarding_numbers() == [SOMEBODY_ELSES, *before[1:]]

    assert command("restore", "--force").exit_code == 0
    assert served.forwarding_numbers() == before
    assert unfinished() == []


def test_the_next_run_on_that_server_does_not_begin_and_says_how_to_go_on(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, "list")
    served, other = serve_mock(), serve_mock()
    path = leave_changed(served)
    served.log.clear()
    for arguments in ([], ["--allow-writes"]):
        done = command("validate", served.url, *arguments)

        assert done.exit_code == 2
        assert f"linq-contract restore {path}" in done.output
    assert served.log == []
    assert command("validate", other.url, "--rules", "list.schema").exit_code == 0


class Slow(Behaviour):
    """Answers late, and updates only once as many as it waits for are under way together."""

    waits_for: ClassVar[int] = 1
    are_together: ClassVar[asyncio.Event] = asyncio.Event()
    under_way: ClassVar[int] = 0
    most_under_way: ClassVar[int] = 0

    async def handle(self, call: Call) -> Response:
        kind, updates = type(self), call.method == "PUT"
        kind.under_way += updates
        kind.most_under_way = max(kind.under_way, kind.most_under_way)
        try:
            await asyncio.sleep(0.05)
            if kind.most_under_way == kind.waits_for:
                kind.are_together.set()
            if updates:
                await kind.are_together.wait()
            return await super().handle(call)
        finally:
            kind.under_way -= updates


def test_the_lines_of_a_slow_server_are_put_back_together(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve_mock(Slow)
    before = served.forwarding_numbers()
    leave_changed(served)

    assert Slow.most_under_way == 1
    monkeypatch.setattr(Slow, "are_together", asyncio.Event())
    monkeypatch.setattr(Slow, "waits_for", len(served.lines(served.token)))
    assert command("restore").exit_code == 0
    assert served.forwarding_numbers() == before
    assert Slow.most_under_way == Slow.waits_for


class FailsUpdates(Behaviour):
    """Fails the updates of which `failing` says how many."""

    failing = 0

    async def update_phone_number(self, call: Call, account: Any) -> Response:
        cls = type(self)
        if cls.failing:
            cls.failing -= 1
            raise Problem(Code.INTERNAL, "Not now")
        return await super().update_phone_number(call, account)


def test_a_server_that_fails_for_a_while_is_asked_again(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_waiting(monkeypatch)
    served = serve_mock(FailsUpdates)
    before = served.forwarding_numbers()
    leave_changed(served)
    monkeypatch.setattr(FailsUpdates, "failing", 20)

    assert command("restore").exit_code == 0
    assert served.forwarding_numbers() == before


def test_a_server_that_fails_for_ever_is_given_up_within_a_bound_and_the_journal_stays(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_waiting(monkeypatch)
    served = serve_mock(FailsUpdates)
    path = leave_changed(served)
    monkeypatch.setattr(FailsUpdates, "failing", 10_000)
    served.log.clear()
    done = command("restore")

    assert done.exit_code == 4
    assert done.output.count("could not be set back") == 3
    assert f"linq-contract restore {path}" in done.output
    assert len(served.log) < 150
    monkeypatch.setattr(FailsUpdates, "failing", 0)
    assert command("restore").exit_code == 0


def test_a_server_that_is_gone_is_said_to_be_and_the_journal_stays(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_waiting(monkeypatch)
    path = leave_changed(serve_mock())
    monkeypatch.setattr("linq_contract.http.wire.Wire.send", _give_no_answer)
    done = command("restore")

    assert done.exit_code == 3
    assert "The server does not answer" in done.output
    assert unfinished() == [path]


def test_a_list_that_cannot_be_read_is_said_to_be_and_the_journal_stays(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = leave_changed(serve_mock())

    def come_to_no_end(*_: object, **__: object) -> NoAnswer:
        return NoAnswer("no end came within 60 s", is_excessive=True)

    monkeypatch.setattr("linq_contract.http.wire.Wire.send", come_to_no_end)
    done = command("restore")

    assert done.exit_code == 3
    assert "Nothing was put back, since the list cannot be read: no end came" in done.output
    assert unfinished() == [path]


def test_a_server_that_is_away_keeps_no_other_from_being_put_back(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_waiting(monkeypatch)
    served = serve_mock()
    before, lines = served.forwarding_numbers(), list(listed_lines(served.lines(served.token)))
    for port in (1, 2, 3):
        away = Journal.begin(f"http://127.0.0.1:{port}", {ACCOUNT: lines})
        away.sending([(ACCOUNT, lines[0])], {NUMBER})
        away.let_go()
    leave_changed(served)
    done = command("restore")

    assert done.exit_code == 3
    assert done.output.count("The server does not answer") == 3
    assert served.forwarding_numbers() == before
    assert len(unfinished()) == 3


def test_a_server_that_goes_away_is_accused_of_nothing(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_waiting(monkeypatch)
    served, send = serve_mock(), Wire.send

    def send_while_it_is_there(wire: Wire, request: Request, **settings: Any) -> Answer | NoAnswer:
        if len(served.log) > AN_UPDATE:
            return NoAnswer("ConnectError: refused", is_away=True)
        return send(wire, request, **settings)

    monkeypatch.setattr(Wire, "send", send_while_it_is_there)
    done = command("validate", served.url)

    assert done.exit_code == 3
    assert "FAILED" not in done.output
    assert "the server stopped answering: ConnectError: refused" in done.output


def test_a_damaged_journal_puts_back_what_it_still_has_and_stays(serve_mock: ServeMock) -> None:
    served = serve_mock()
    path = leave_changed(served)
    content = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([content[0], b"x" * 20 + b"\n", *content[2:]]))
    done = command("restore")

    assert done.exit_code == 4
    assert "The journal is damaged" in done.output
    assert served.forwarding_numbers()[0] == NUMBER
    assert NUMBER not in served.forwarding_numbers()[1:]
    assert path.exists()
    assert command("restore", "--force").exit_code == 0
    assert not path.exists()


# --- a run that is broken off --------------------------------------------------------------------


def test_a_killed_run_is_put_back_by_restore(serve_mock: ServeMock, tmp_path: Path) -> None:
    served = serve_mock()
    before = served.forwarding_numbers()
    process = start(served, tmp_path)
    served.at_update(AN_UPDATE, process.kill)
    process.communicate(timeout=limit(60))

    assert served.forwarding_numbers() != before
    assert command("restore").exit_code == 0
    assert served.forwarding_numbers() == before


def test_a_second_run_on_the_same_lines_does_not_begin(serve_mock: ServeMock, tmp_path: Path) -> None:
    served = serve_mock()
    is_stopped = threading.Event()
    process = start(served, tmp_path)

    def stop() -> None:
        process.send_signal(signal.SIGSTOP)
        is_stopped.set()

    served.at_update(AN_UPDATE, stop)
    assert is_stopped.wait(limit(60))
    done = command("validate", served.url, "--allow-writes")
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGCONT)
    process.communicate(timeout=limit(60))

    assert done.exit_code == 2
    assert "Another run is changing line" in done.output
    assert process.returncode == 3
    assert unfinished() == []


def test_the_command_that_finishes_reaches_the_server_as_the_run_did(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_waiting(monkeypatch)
    only(monkeypatch, "set", "clear and repeat")
    monkeypatch.setenv("EDGE_SECRET", "who-asks")
    monkeypatch.setattr(Vanishes, "answering", 20)
    given = ("--header", "X-Edge=EDGE_SECRET", "--plain-http", "registry.test", "--rate", "500")
    done = command("validate", serve_mock(Vanishes).url, "--allow-writes", *given)
    (path,) = unfinished()

    assert done.exit_code == 4
    assert (
        f"To finish: linq-contract restore {path} --rate 500 --plain-http registry.test "
        "--header X-Edge=EDGE_SECRET"
    ) in done.output


@pytest.mark.parametrize("own_journal", [False, True])
def test_what_another_run_has_left_is_finished_by_a_command_that_reaches_the_server_as_the_run_does(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, own_journal: bool
) -> None:
    monkeypatch.setattr("linq_contract.run.validate.in_the_way", _nothing_left)
    served, given = serve_mock(), ["--plain-http", "registry.test", "--rate", "500"]
    path = tmp_path / "own"
    if own_journal:
        path.write_text("kept by somebody")
    else:
        leave_changed(served, path)
    named = ["--journal", str(path)] if own_journal else []
    done = command("validate", served.url, "--allow-writes", *given, *named)

    assert done.exit_code == 2
    assert f"\n  linq-contract restore {path} --rate 500 --plain-http registry.test" in done.output


def test_what_another_run_leaves_while_one_goes_on_is_finished_by_such_a_command(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    only(monkeypatch, "set")

    def refuse(*_: object) -> None:
        raise BusyError("A killed run has left line 1 changed.", tmp_path / "left")

    monkeypatch.setattr(Journal, "sending", refuse)
    done = command("validate", serve_mock().url, "--allow-writes", "--rate", "500")

    assert done.exit_code == 3
    assert f"linq-contract restore {tmp_path / 'left'} --rate 500" in done.output


@pytest.mark.parametrize("size", [0, 300])
def test_on_a_full_disk_nothing_is_written_to_the_server(
    serve_mock: ServeMock, tmp_path: Path, size: int
) -> None:
    served = serve_mock()
    process = start(served, tmp_path, largest_file=size)
    output, _ = process.communicate(timeout=limit(60))

    assert process.returncode == 2
    assert "cannot be written" in output
    assert served.methods <= SAFE_METHODS
    assert unfinished() == []


class Vanishes(Behaviour):
    """Answers so many requests, then none until it is told to."""

    answering = 0

    async def handle(self, call: Call) -> Response:
        cls = type(self)
        cls.answering -= 1
        if cls.answering < 0:
            raise ConnectionAbortedError
        return await super().handle(call)


def test_a_server_that_is_lost_in_the_middle_leaves_a_journal_and_the_command(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_waiting(monkeypatch)
    only(monkeypatch, "set", "clear and repeat")
    monkeypatch.setattr(Vanishes, "answering", 1_000)
    served = serve_mock(Vanishes)
    before = served.forwarding_numbers()
    monkeypatch.setattr(Vanishes, "answering", 20)
    done = command("validate", served.url, "--allow-writes")
    (path,) = unfinished()

    assert done.exit_code == 4
    assert f"To finish: linq-contract restore {path}" in done.output
    monkeypatch.setattr(Vanishes, "answering", 1_000)
    assert command("restore", str(path)).exit_code == 0
    assert served.forwarding_numbers() == before


def _give_no_answer(*_: object, **__: object) -> NoAnswer:
    return NoAnswer("reset")


def start(served: Served, folder: Path, largest_file: int | None = None) -> subprocess.Popen[str]:
    """Start a run with writes in a process of its own, whose files may have so many bytes."""
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({largest_file},) * 2)"
    begun = [COMMAND] if largest_file is None else [sys.executable, "-c", f"{limited}\n{_MAIN}"]
    return subprocess.Popen(
        [*begun, "validate", served.url, "--allow-writes"],
        env={**os.environ, ACCOUNT: served.token},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
