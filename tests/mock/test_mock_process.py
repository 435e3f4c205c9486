"""The mock as a process: what it prints, what it listens on, how it ends."""

from __future__ import annotations

import re
import signal
import socket
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest
import trustme
from tests.limits import limit

from linq_mock import Mock, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMAND = [sys.executable, "-m", "linq_mock", "--port", "0"]


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with running("--lines", "2", "--base-path", "/x/", tokens=("one", "two")) as mock:
        yield mock


def refused(*arguments: str) -> str:
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=limit(10), check=False
    )
    assert done.returncode == 2, done
    assert not done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_one_line_and_ends_without_a_word(
    process: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert process.stdout is not None
    ready = process.stdout.readline()
    url = ready.removeprefix("linq-mock is ready at ").strip()
    with httpx.Client() as client:
        status = client.get(f"{url}/v3/phone_numbers").status_code
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=limit(10))

    assert re.fullmatch(r"linq-mock is ready at http://127\.0\.0\.1:[0-9]+/api/partner\n", ready)
    assert (status, process.returncode, stdout, stderr) == (401, 0, "", "")


def test_it_imports_only_what_a_request_of_the_contract_needs() -> None:
    later = [
        *("jsonschema_rs", "schemathesis", "hypothesis", "linq_contract", "linq_phone_numbers", "sqlite3"),
        *("linq_mock.faults", "linq_mock.freedoms", "linq_mock.scenario"),
        *("linq_mock.control.api", "linq_mock.control.page", "linq_mock.state_file"),
    ]
    program = f"""
import sys
from linq_mock import cli
cli.serve = lambda app, listener, *others: print({{*{later}}} & {{*sys.modules}})
cli.mock(["--port", "0"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.stdout == "set()\n", done.stderr


def test_it_has_the_tokens_and_the_base_path_that_it_was_given(mock: Mock) -> None:
    def count(token: str) -> int:
        answer = httpx.get(f"{mock.url}/v3/phone_numbers", headers={"Authorization": f"Bearer {token}"})
        return len(answer.json()["phone_numbers"])

    assert mock.url.endswith("/x")
    assert (count("one"), count("two")) == (2, 3)


def test_it_knows_a_line_of_the_second_account(mock: Mock) -> None:
    headers = {"Authorization": f"Bearer {mock.tokens[1]}"}
    lines = httpx.get(f"{mock.url}/v3/phone_numbers", headers=headers).json()["phone_numbers"]

    assert mock.other_line in {line["id"] for line in lines}


def test_what_follows_the_events_does_not_delay_the_end(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    url = httpx.URL(process.stdout.readline().removeprefix("linq-mock is ready at ").strip())
    with httpx.stream("GET", url.copy_with(path="/_mock/events")) as response:
        events = response.iter_text()
        assert next(events) == ": linq-mock\n\n"
        process.send_signal(signal.SIGINT)
        assert list(events) == []  # a stream that delayed the end would be cut off
        assert process.wait(limit(5)) == 0


def test_other_machines_have_no_control_api_and_no_header_unless_it_has_a_token() -> None:
    with running("--host", "0.0.0.0") as mock:
        url = mock.url.replace("0.0.0.0", "127.0.0.1")
        headers = {"Authorization": f"Bearer {mock.tokens[0]}", "X-Mock-Behaviour": "429"}

        assert httpx.get(f"{url}/v3/phone_numbers", headers=headers).status_code == 200
        assert httpx.get(httpx.URL(url).copy_with(path="/_mock/state")).status_code == 401
    with running("--host", "0.0.0.0", "--control", "secret") as mock:
        state = httpx.URL(mock.url.replace("0.0.0.0", "127.0.0.1")).copy_with(path="/_mock/state")

        assert httpx.get(state).status_code == 401
        assert httpx.get(state, headers={"Authorization": "Bearer secret"}).status_code == 200


def test_it_serves_https_with_a_certificate(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    context = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
    with running("--certificate", str(tmp_path / "both.pem")) as mock, httpx.Client(verify=context) as client:
        headers = {"Authorization": f"Bearer {mock.tokens[0]}"}

        assert mock.url.startswith("https://127.0.0.1:")
        assert client.get(f"{mock.url}/v3/phone_numbers", headers=headers).status_code == 200
        state = httpx.URL(mock.url).copy_with(path="/_mock/state")
        assert client.get(state).json()["base_url"] == mock.url


def test_a_certificate_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("x")

    assert "cannot be used as a certificate" in refused("--certificate", str(tmp_path / "bad.pem"))
    assert "cannot be used as a certificate" in refused("--certificate", str(tmp_path / "none.pem"))


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        assert f"Cannot listen on 127.0.0.1, port {port}" in refused("--port", port)


def test_a_malformed_file_is_refused_with_a_json_pointer(tmp_path: Path) -> None:
    path = tmp_path / "lines.json"
    path.write_text('{"phone_numbers": [{}]}')

    assert "at /phone_numbers/0:" in refused("--lines", str(path))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--token", "a", "--token", "a"], "different tokens"),
        (["--token", "a b"], "visible ASCII"),
        (["--token", "a", "--token", "b", "--token", "c"], "at most two"),
        (["--base-path", "x"], "begin with a slash"),
        (["--lines", "nowhere.json"], "cannot be read"),
        (["--key", "key.pem"], "--key is the key of a --certificate, which is missing"),
        (["--scenario", "released-line", "--lines", "2"], "states its accounts, so --lines would do nothing"),
        (["--scenario", "released-line", "--token", "a"], "states its accounts, so --token would do nothing"),
        (["--host", "nosuch.invalid"], "There is no address nosuch.invalid here. Choose another --host."),
        (["--host", "a..b"], "There is no address a..b here. Choose another --host."),
        (["--host", "192.0.2.1"], "Choose another --host."),
    ],
)
def test_wrong_use_is_refused_with_a_reason(arguments: list[str], reason: str) -> None:
    assert reason in refused(*arguments)


def test_running_says_when_the_mock_does_not_start() -> None:
    with pytest.raises(RuntimeError, match="did not start"), running("--base-path", "x"):
        pass
