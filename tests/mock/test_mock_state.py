"""A state that survives in a file: a mock that is killed, and files that are not one."""

from __future__ import annotations

import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import pytest
from tests.mock.test_mock_control import Client

from linq_mock.accounts import two_accounts
from linq_mock.sandbox import Sandbox
from linq_mock.settings import Setting
from linq_mock.state_file import StateFile, StateFileError
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

Restart: TypeAlias = "Callable[..., Client]"

READY = "linq-mock is ready at "
TOKEN = DEFAULT_TOKENS[0]
KILLS = 8


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mock.sqlite"


@pytest.fixture
def restarted(path: Path) -> Iterator[Restart]:
    """A function that returns a client of a sandbox with the state that the last one has left."""
    opened: list[tuple[StateFile, Client]] = []

    def restart(**options: Any) -> Client:
        for state, client in opened:
            client.close()
            state.close()
        state = StateFile(path)
        client = Client(Sandbox(two_accounts(DEFAULT_TOKENS, 3), "/api/partner", state=state, **options))
        opened.append((state, client))
        return client

    yield restart
    for state, client in opened:
        client.close()
        state.close()


@contextmanager
def started(
    path: Path, lines: int = 2, largest_file: int = resource.RLIM_INFINITY
) -> Generator[subprocess.Popen[str]]:
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({largest_file}, -1))"
    program = f"{limited}; import runpy; runpy.run_module('linq_mock', run_name='__main__')"
    options = ["--port", "0", "--state", str(path), "--lines", str(lines)]
    command = [sys.executable, "-c", program, *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().removeprefix(READY).strip()


def refused(path: Path, **options: int) -> str:
    with started(path, **options) as process:
        _, stderr = process.communicate(timeout=10)
    assert process.returncode == 2
    assert "Traceback" not in stderr
    return " ".join(stderr.split())


# --- what survives ------------------------------------------------------------------------------


def test_updates_accounts_lines_and_requests_are_there_again(restarted: Restart) -> None:
    client = restarted()
    client.forward(client.lines()[1])
    made = client.ask("POST", "/accounts", 201, json={"name": "more", "lines": 2})
    client.ask("DELETE", f"/accounts/more/lines/{made['lines'][0]['id']}", 204)
    added = client.ask("POST", "/accounts/more/lines", 201, json={"reputation": "CRITICAL"})
    state, requests = client.ask("GET", "/state"), client.ask("GET", "/requests")
    again = restarted()

    assert again.ask("GET", "/accounts")["accounts"] == state["accounts"]
    assert again.lines()[1]["forwarding_number"] == "+13105550199"
    assert again.lines(made["token"])[-1] == added
    assert again.ask("GET", "/requests")["requests"][:2] == requests["requests"]
    assert TOKEN not in str(again.ask("GET", "/requests"))


def test_a_saved_request_is_sent_again_with_the_token_of_its_account(restarted: Restart) -> None:
    restarted().lines()
    again = restarted().ask("POST", "/requests/1/again", 201)

    assert again["response"]["status"] == 200
    assert TOKEN not in str(again)


def test_what_a_fault_does_to_the_lines_survives_too(restarted: Restart) -> None:
    client = restarted(setting=Setting(faults=("update.isolated/neighbour",)))
    client.forward(client.lines()[0])
    lines = client.lines()

    assert [line.get("forwarding_number") for line in lines].count("+13105550199") > 1
    assert restarted().lines() == lines


def test_forgotten_requests_are_forgotten_for_good(restarted: Restart) -> None:
    client = restarted()
    client.lines()
    client.ask("DELETE", "/requests", 204)

    assert restarted().ask("GET", "/requests")["requests"] == []


def test_a_killed_mock_loses_no_update_that_was_answered(path: Path) -> None:
    """Kill it at random moments while updates go on, and look what is there."""
    chance = random.Random(0)
    sent, answered = "", ""
    for _ in range(KILLS):
        with started(path) as process, httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            url = f"{url_of(process)}/v3/phone_numbers"
            line = client.get(url).json()["phone_numbers"][0]
            if sent:
                assert line["forwarding_number"] in {answered, sent}
            killing = threading.Timer(chance.uniform(0.02, 0.3), process.kill)
            killing.start()
            try:
                for number in range(100_000):
                    sent = f"+1999{number:09}"
                    client.put(f"{url}/{line['id']}", json={"forwarding_number": sent}).raise_for_status()
                    answered = sent
            except httpx.TransportError:
                killing.join()
    assert answered


# --- what is refused, and kept ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a letter", "is no state of the mock, and was left as it is"),
        (b"SQLite format 3\0", "is no state of the mock, and was left as it is"),
    ],
)
def test_a_file_of_something_else_is_refused_and_kept(path: Path, content: bytes, reason: str) -> None:
    path.write_bytes(content)

    assert reason in refused(path)
    assert path.read_bytes() == content


def test_the_database_of_another_program_is_refused_and_kept(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE notes (text)")
    database.close()
    content = path.read_bytes()

    with pytest.raises(StateFileError, match="of another program"):
        StateFile(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("start", [100, 4096, 8192])
def test_a_damaged_state_is_refused_and_kept(path: Path, restarted: Restart, start: int) -> None:
    restarted().lines()
    restarted()
    copy = path.with_name("damaged.sqlite")
    shutil.copy(path, copy)
    content = bytearray(copy.read_bytes())
    content[start : start + 400] = b"\xff" * 400
    copy.write_bytes(content)

    with pytest.raises(StateFileError, match="is damaged, and was left as it is"):
        StateFile(copy)
    assert copy.read_bytes() == content


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE lines SET line = '{}'",
        "UPDATE lines SET line = '[]'",
        "UPDATE lines SET line = 'x'",
        "UPDATE lines SET line = NULL",
        "UPDATE lines SET line = json_set(line, '$.reputation.status', 1)",
        "UPDATE lines SET line = CAST(x'ff' AS TEXT)",
        "UPDATE accounts SET token = NULL",
        "UPDATE accounts SET token = 'a b' WHERE position = 0",
        "UPDATE accounts SET added = 'x'",
        "UPDATE requests SET request = '{}'",
        "UPDATE requests SET request = json_set(request, '$.status', '200')",
        "UPDATE requests SET request = json_set(request, '$.headers', json('[1]'))",
        "UPDATE requests SET request = json_set(request, '$.body', '\u20ac')",
        "DROP TABLE accounts",
        "DROP TABLE lines",
        "DROP TABLE requests",
    ],
)
def test_a_damaged_row_is_refused_and_kept(path: Path, restarted: Restart, damage: str) -> None:
    restarted().lines()
    restarted()
    copy = path.with_name("damaged.sqlite")
    shutil.copy(path, copy)
    with sqlite3.connect(copy) as database:
        database.execute(damage)
    database.close()
    content = copy.read_bytes()
    state = StateFile(copy)

    with pytest.raises(StateFileError, match="is damaged, and was left as it is"):
        Sandbox(two_accounts(DEFAULT_TOKENS, 3), state=state)
    state.close()
    assert copy.read_bytes() == content


def test_a_damaged_row_is_told_in_a_sentence(path: Path, restarted: Restart) -> None:
    restarted().lines()
    restarted()
    copy = path.with_name("damaged.sqlite")
    shutil.copy(path, copy)
    with sqlite3.connect(copy) as database:
        database.execute("UPDATE lines SET line = '{}'")
    database.close()

    assert "is damaged, and was left as it is: id is missing" in refused(copy)


def test_two_processes_do_not_share_one(path: Path) -> None:
    with started(path) as process:
        url_of(process)

        assert "is the state of another mock that is running" in refused(path)


def test_only_its_owner_can_read_it(path: Path, restarted: Restart) -> None:
    restarted()

    assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "cannot be written: No such file or directory" in refused(tmp_path / "nowhere" / "mock.sqlite")


def test_an_update_that_cannot_be_saved_is_not_said_to_be(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    state = StateFile(path)
    with Client(Sandbox(two_accounts(DEFAULT_TOKENS, 1), "/api/partner", state=state)) as client:
        line = client.lines()[0]
        state.close()

        assert client.forward(line).status_code == 500
    assert "The state cannot be saved" in caplog.text


def test_a_full_disk_is_told_at_the_start(path: Path) -> None:
    """A file that cannot grow is as good as a full disk, and needs none."""
    assert "The state cannot be saved to" in refused(path, lines=5000, largest_file=200_000)


def test_a_full_disk_is_told_while_the_mock_runs(path: Path) -> None:
    with started(path, largest_file=200_000) as process:
        url = url_of(process)
        control = f"{url.removesuffix('/api/partner')}/_mock"
        with httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            statuses = [client.get(f"{url}/v3/phone_numbers").status_code for _ in range(100)]
            answers = [client.post(f"{control}/accounts", json={}), client.delete(f"{control}/requests")]
            answers.append(client.get(f"{url}/v3/phone_numbers"))
        process.terminate()
        _, stderr = process.communicate(timeout=10)

    assert statuses[0] == 200
    assert {answer.status_code for answer in answers} == {500}
    for answer in answers:
        assert "The state cannot be saved to" in answer.json()["error"]["message"]
    assert "The state cannot be saved to" in stderr
    assert "Traceback" not in stderr


def test_a_scenario_and_a_state_exclude_each_other(path: Path) -> None:
    command = [sys.executable, "-m", "linq_mock", "--state", str(path), "--scenario", "rate-limited"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)

    assert done.returncode == 2
    assert not path.exists()
