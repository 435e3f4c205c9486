"""The proxy: it changes nothing of what passes, waits for nothing, and judges all of it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from click.testing import CliRunner
from tests.limits import limit
from tests.serving import CANARY

from linq_contract.cli import main
from linq_contract.contract.numbers import fiction
from linq_contract.live.log import ExchangeLog
from linq_contract.recorded.entries import RecordingError
from linq_contract.recorded.files import read_recording
from linq_mock.variation import Variation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send
    from tests.live.conftest import Mock, Proxy

    from linq_mock.accounts import Account, Line
    from linq_mock.messages import Call, Response

COMMAND = str(Path(sys.executable).with_name("linq-contract"))
PATH = "/v3/phone_numbers"
HEADERS = {"Authorization": f"Bearer {CANARY}"}


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(headers=HEADERS, trust_env=False, timeout=limit(10)) as client:
        yield client


class Forgets(Variation):
    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        pass


class LeavesOutTheTraceId(Variation):
    async def respond(self, call: Call) -> Response:
        response = await super().respond(call)
        del response.headers["X-Trace-ID"]
        return response


def walk(client: httpx.Client, url: str) -> None:
    update_the_first_line(client, url, fiction(7))
    line = update_the_first_line(client, url, fiction(8))
    client.put(f"{url}{PATH}/{line}", content=b"{", headers={"Content-Type": "application/json"})
    client.get(url + PATH, headers={"Authorization": "Bearer wrong-1f0e2d3c4b5a6978"})


def update_the_first_line(client: httpx.Client, url: str, number: str) -> str:
    """Update it, read it twice, and return its id."""
    line: str = client.get(url + PATH).json()["phone_numbers"][0]["id"]
    client.put(f"{url}{PATH}/{line}", json={"forwarding_number": number})
    client.get(url + PATH)
    client.get(url + PATH)
    return line


def test_a_server_that_keeps_the_contract_is_not_accused(
    proxy: Proxy, mock: Mock, client: httpx.Client
) -> None:
    proxied = proxy(mock())
    walk(client, proxied.url)

    assert proxied.broken() == set()
    assert len(proxied.told) == 10
    assert proxied.judge.ledger.entries["update.read-your-writes"].tested


def test_an_answer_that_breaks_a_rule_is_told_with_it(proxy: Proxy, mock: Mock, client: httpx.Client) -> None:
    proxied = proxy(mock(LeavesOutTheTraceId))
    client.get(proxied.url + PATH)
    proxied.finish()

    assert [rules for _, rules in proxied.told] == [["transport.trace-id"]]


def test_updates_that_are_forgotten_are_found_at_the_end(
    proxy: Proxy, mock: Mock, client: httpx.Client
) -> None:
    proxied = proxy(mock(Forgets))
    walk(client, proxied.url)

    assert proxied.broken() == {"update.read-your-writes"}


def test_requests_at_the_same_time_are_no_race_that_an_honest_server_loses(
    proxy: Proxy, mock: Mock, client: httpx.Client
) -> None:
    proxied = proxy(mock())
    line_id = client.get(proxied.url + PATH).json()["phone_numbers"][0]["id"]

    def put(number: int) -> None:
        client.put(f"{proxied.url}{PATH}/{line_id}", json={"forwarding_number": fiction(number)})
        client.get(proxied.url + PATH)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, range(20)))
    client.get(proxied.url + PATH)

    assert proxied.broken() == set()


# --- what passes -------------------------------------------------------------------------------


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the request as it has arrived."""
    message = await receive()
    seen = {
        "path": scope["raw_path"].decode(),
        "query": scope["query_string"].decode(),
        "headers": [[name.decode(), value.decode()] for name, value in scope["headers"]],
        "body": message["body"].decode("latin-1"),
    }
    headers = [(b"x-one", b"1"), (b"connection", b"x-hop"), (b"x-hop", b"1"), (b"set-cookie", b"a=1")]
    await send({"type": "http.response.start", "status": 207, "headers": [*headers, (b"set-cookie", b"b=2")]})
    await send({"type": "http.response.body", "body": json.dumps(seen).encode()})


def test_path_query_headers_and_body_arrive_as_they_were_sent(
    proxy: Proxy, serve: Callable[[ASGIApp], str], client: httpx.Client
) -> None:
    url = serve(echo)
    proxied = proxy(url)
    answer = client.post(
        f"{proxied.url}/v3/chats/a%2Fb/%C3%A9?q=%20&q=2",
        content=b"\x00\xff",
        headers={"X-Own": "1", "Connection": "X-Hop", "X-Hop": "1", "TE": "trailers"},
    )
    seen = answer.json()
    headers = dict(seen["headers"])

    assert seen["path"].endswith("/v3/chats/a%2Fb/%C3%A9")
    assert seen["query"] == "q=%20&q=2"
    assert seen["body"] == "\x00\xff"
    assert headers["host"] == httpx.URL(url).netloc.decode()
    assert headers["x-own"] == "1"
    assert headers["authorization"] == HEADERS["Authorization"]
    assert not {"x-hop", "te"} & headers.keys()
    assert answer.status_code == 207
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert "x-hop" not in answer.headers


def test_a_body_in_chunks_arrives_whole(
    proxy: Proxy, serve: Callable[[ASGIApp], str], client: httpx.Client
) -> None:
    proxied = proxy(serve(echo))
    answer = client.post(f"{proxied.url}/v3/chats", content=iter([b"one", b"two"]))

    assert answer.json()["body"] == "onetwo"


def test_an_answer_is_passed_on_as_it_comes(
    proxy: Proxy, serve: Callable[[ASGIApp], str], client: httpx.Client
) -> None:
    first_has_arrived = threading.Event()

    async def in_two_parts(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        assert await asyncio.to_thread(first_has_arrived.wait, limit(10))
        await send({"type": "http.response.body", "body": b"second"})

    proxied = proxy(serve(in_two_parts))
    with client.stream("GET", f"{proxied.url}{PATH}") as answer:
        chunks = answer.iter_raw()
        assert next(chunks) == b"first"
        first_has_arrived.set()
        assert b"".join(chunks) == b"second"


def test_a_server_that_is_away_is_a_502_of_the_proxy_and_no_evidence(
    proxy: Proxy, client: httpx.Client
) -> None:
    proxied = proxy("http://127.0.0.1:9/api/partner")
    answer = client.get(proxied.url + PATH)

    assert answer.status_code == 502
    assert answer.text.startswith("linq-contract proxy: the server gave no answer: ConnectError")
    assert proxied.broken() == set()


def test_an_answer_that_is_cut_off_is_cut_off_for_the_client_too(
    proxy: Proxy,
    serve: Callable[[ASGIApp], str],
    client: httpx.Client,
    capfd: pytest.CaptureFixture[str],
) -> None:
    async def cut(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise ConnectionError

    proxied = proxy(serve(cut))

    with pytest.raises(httpx.RemoteProtocolError):
        client.get(proxied.url + PATH)

    proxied.finish()
    assert capfd.readouterr().err == ""


# --- the log and the command -------------------------------------------------------------------


def test_the_log_is_a_recording_without_a_token(
    proxy: Proxy, mock: Mock, client: httpx.Client, tmp_path: Path
) -> None:
    proxied = proxy(mock(LeavesOutTheTraceId))
    walk(client, proxied.url)
    proxied.finish()
    log = ExchangeLog(tmp_path / "log.ndjson", proxied.judge.server.url)
    for exchange, _ in proxied.told:
        log.write(exchange, [])
    log.close()
    text = (tmp_path / "log.ndjson").read_text()
    (tmp_path / "log.ndjson").write_text(text + text.splitlines()[0][:100])  # as a kill leaves it

    assert CANARY not in text
    assert "wrong-1f0e" not in text
    assert len(read_recording(tmp_path / "log.ndjson")) == len(proxied.told)
    assert (tmp_path / "log.ndjson").stat().st_mode & 0o077 == 0


def test_a_line_of_a_log_that_is_no_json_is_named(tmp_path: Path) -> None:
    log = tmp_path / "log.ndjson"
    log.write_text('{"startedDateTime": 1}\n{"startedDateTime": x}\n')

    with pytest.raises(RecordingError, match=r"log\.ndjson:2:21 is not JSON"):
        read_recording(log)


def test_a_log_that_cannot_be_written_any_more_ends_nothing_else(
    proxy: Proxy, mock: Mock, client: httpx.Client
) -> None:
    proxied = proxy(mock())
    walk(client, proxied.url)
    proxied.finish()
    log = ExchangeLog(Path("/dev/full"), proxied.judge.server.url)
    for exchange, _ in proxied.told:
        log.write(exchange, [])
    log.close()

    assert log.problem == "the log ends early: No space left on device"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_what_broke_and_ends_with_the_verdict(
    mock: Mock, client: httpx.Client, tmp_path: Path, number: signal.Signals
) -> None:
    url, log = mock(LeavesOutTheTraceId), tmp_path / "log.ndjson"
    command = [COMMAND, "proxy", url, "--port", "0", "--log", str(log), "--report-dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        ready = process.stdout.readline()
        walk(client, ready.removeprefix("linq-contract proxy is ready at ").strip())
        os.kill(process.pid, number)
        output = process.stdout.read()
    texts = [output, *(path.read_text() for path in tmp_path.iterdir())]

    assert process.returncode == 1
    assert "breaks transport.trace-id: there is no X-Trace-ID" in output
    assert "✗ transport.trace-id           MUST    failed" in output
    assert len(log.read_text().splitlines()) == 10
    assert json.loads((tmp_path / "report.json").read_text())["exit_code"] == 1
    assert not any(CANARY in text for text in texts)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ftp://x"], "is no URL"),
        ([], "Missing argument"),
        (["http://127.0.0.1:1/x", "--report-dir", f"{__file__}/reports"], "The report cannot be written to"),
    ],
)
def test_the_command_is_used_wrongly(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(main, ["proxy", *arguments])

    assert done.exit_code == 2
    assert said in done.stderr
