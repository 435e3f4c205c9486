"""`make validate-prism` judges Prism, reports that it could, and leaves no server behind."""

from __future__ import annotations

import socket
import sys
from urllib.parse import urlsplit

import pytest

import prism

SERVER = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
print("Starting")
print(f"Prism is listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
while True:
    connection, _ = listener.accept()
    print("x" * 1_000_000, flush=True)
    connection.close()
"""
VALIDATE = """
import os, socket, sys
from pathlib import Path
from urllib.parse import urlsplit
url = urlsplit(sys.argv[-1])
for _ in range(3):
    socket.create_connection((url.hostname, url.port)).recv(1)
print(os.environ["LINQ_API_V3_API_KEY"], *sys.argv[2:])
Path(sys.argv[sys.argv.index("--report-dir") + 1], "report.json").touch()
sys.exit(int(sys.argv[1]))
"""


def python(source: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", source, *arguments]


def is_closed(url: str) -> bool:
    address = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((address.hostname, address.port)) != 0


@pytest.mark.parametrize("verdict", [0, 1, 4])
def test_it_succeeds_when_prism_was_judged(verdict: int) -> None:
    assert prism.main(python(SERVER), python(VALIDATE, str(verdict))) == 0


@pytest.mark.parametrize("verdict", [2, 3, 70])
def test_it_fails_as_the_validate_command_fails(verdict: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert prism.main(python(SERVER), python(VALIDATE, str(verdict))) == verdict
    assert f"ended with {verdict}" in capsys.readouterr().err


@pytest.mark.parametrize("end", ["raise RuntimeError", ""])
def test_it_fails_when_the_validate_command_ends_without_a_report(end: str) -> None:
    assert prism.main(python(SERVER), python(end)) != 0


def test_the_validate_command_gets_the_url_and_never_the_users_token(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LINQ_API_V3_API_KEY", "the-users-own")

    prism.main(python(SERVER), python(VALIDATE, "0", "--allow-writes"))

    token, option, *_, url = capfd.readouterr().out.splitlines()[0].split()
    assert (token, option) == ("any-token-will-do-for-prism", "--allow-writes")
    assert url.startswith("http://127.0.0.1:")


def test_the_server_is_stopped_when_judging_it_fails() -> None:
    urls: list[str] = []

    def judge() -> None:
        with prism.running(python(SERVER), seconds=30) as url:
            urls.append(url)
            assert not is_closed(url)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge()
    assert is_closed(urls[0])


def test_a_server_that_ends_before_it_listens_is_an_error_with_its_last_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert prism.main(python("print('no such document')"), python(VALIDATE, "0")) == 3
    assert "no such document" in capsys.readouterr().err


def test_a_server_that_does_not_listen_in_time_is_stopped() -> None:
    silent = python("import threading; threading.Event().wait()")

    with pytest.raises(prism.NotReadyError), prism.running(silent, seconds=0.5):
        pytest.fail("it never listened")


def test_a_server_that_is_not_installed_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert prism.main(["/nowhere/prism"], python(VALIDATE, "0")) == 3
    assert "/nowhere/prism" in capsys.readouterr().err
