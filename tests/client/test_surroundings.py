"""The client among threads, event loops, warnings, proxies and telemetry."""

from __future__ import annotations

import asyncio
import gc
import socket
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import trustme
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.connection import serving_one

import linq_phone_numbers as linq
from linq_mock.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.client.conftest import Clients

    from linq_mock.running import Mock

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with running("--lines", "20") as mock:
        yield mock


def test_threads_share_a_client(mock: Mock) -> None:
    numbers = [f"+1202555{number:04}" for number in range(100, 120)]

    with linq.LinqClient(mock.tokens[0], mock.url) as client:
        lines = [line.id for line in client.phone_numbers.list().phone_numbers]
        start = threading.Barrier(10)

        def set_and_list(line: str, number: str) -> str | linq.Unset | None:
            if lines.index(line) < 10:
                start.wait(timeout=10)
            client.phone_numbers.update(line, forwarding_number=number)
            listed = {each.id: each for each in client.phone_numbers.list().phone_numbers}
            return listed[line].forwarding_number

        with ThreadPoolExecutor(10) as pool:
            found = list(pool.map(set_and_list, lines, numbers))

    assert found == numbers


def test_tasks_share_a_client(mock: Mock) -> None:
    async def use() -> list[int]:
        async with linq.AsyncLinqClient(mock.tokens[0], mock.url) as client, asyncio.TaskGroup() as group:
            tasks = [group.create_task(client.phone_numbers.list()) for _ in range(30)]
        return [len(task.result().phone_numbers) for task in tasks]

    assert asyncio.run(use()) == [20] * 30


def test_the_async_client_sends_over_aiohttp(mock: Mock) -> None:
    async def use() -> tuple[int, linq.NotFoundError]:
        async with (
            linq.aiohttp_client() as http,
            linq.AsyncLinqClient(mock.tokens[0], mock.url, http_client=http) as client,
        ):
            listed = await client.phone_numbers.list()
            with pytest.raises(linq.NotFoundError) as caught:
                await client.phone_numbers.update(UNKNOWN, forwarding_number=None)
            return len(listed.phone_numbers), caught.value

    lines, error = asyncio.run(use())

    assert (lines, error.code) == (20, 2019)


def test_the_aiohttp_client_has_the_timeouts_and_the_name_of_the_others() -> None:
    http = linq.aiohttp_client()

    assert http.timeout == linq.DEFAULT_TIMEOUT
    assert http.headers["User-Agent"].startswith("linq-phone-numbers/")


def test_headers_of_the_aiohttp_client_hold_also_when_they_are_set_later(mock: Mock) -> None:
    sent: list[httpx.Headers] = []

    async def note(request: httpx.Request) -> None:
        sent.append(request.headers)

    async def use() -> None:
        async with (
            linq.aiohttp_client() as http,
            linq.AsyncLinqClient(mock.tokens[0], mock.url, http_client=http) as client,
        ):
            http.event_hooks["request"] = [note]
            await client.phone_numbers.list()
            http.headers["X-Team"] = "billing"
            await client.phone_numbers.list()
            del http.headers["X-Team"]
            await client.phone_numbers.list()

    asyncio.run(use())

    assert [headers.get("X-Team") for headers in sent] == [None, "billing", None]
    assert {headers["Accept"] for headers in sent} == {"application/json"}


def test_parameters_of_the_aiohttp_client_hold() -> None:
    async def use() -> str:
        sent: list[httpx.Request] = []
        async with linq.aiohttp_client() as http:
            http.params = {"team": "billing"}
            http.event_hooks["request"] = [partial(note, sent)]
            client = linq.AsyncLinqClient("token", "http://127.0.0.1:9", http_client=http, max_retries=0)
            with pytest.raises(linq.APIConnectionError):
                await client.phone_numbers.list()
        return str(sent[0].url)

    async def note(sent: list[httpx.Request], request: httpx.Request) -> None:
        sent.append(request)

    assert asyncio.run(use()).endswith("/v3/phone_numbers?team=billing")


BROKEN = {
    "no HTTP": b"SSH-2.0-OpenSSH\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "a long header": b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 99_999 + b"\r\n\r\n",
    "no chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_over_aiohttp_a_broken_answer_is_an_error_of_ours_without_the_token(answer: bytes) -> None:
    with serving_one(lambda connection: connection.sendall(answer)) as url:
        error = failed_over_aiohttp(url)

    assert isinstance(error, linq.APIConnectionError)
    while error:
        assert "canary-7f3d9b" not in f"{error!r} {vars(error)}"
        error = error.__cause__ or error.__context__


def test_over_aiohttp_a_server_that_hangs_up_is_no_timeout() -> None:
    def hang_up() -> None:
        with suppress(OSError):
            while True:
                with listener.accept()[0] as connection:
                    connection.recv(65536)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=hang_up)
        thread.start()
        error = failed_over_aiohttp(f"http://127.0.0.1:{listener.getsockname()[1]}")
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()

    assert type(error) is linq.APIConnectionError


def test_over_aiohttp_an_answer_that_does_not_come_is_a_timeout() -> None:
    with serving_one(lambda connection: connection.recv(1)) as url:
        error = failed_over_aiohttp(url, timeout=0.05)

    assert isinstance(error, linq.APITimeoutError)


def test_over_aiohttp_a_reason_of_any_bytes_is_no_failure() -> None:
    answer = b"HTTP/1.1 503 \xe9\r\nContent-Length: 0\r\n\r\n"
    with serving_one(lambda connection: connection.sendall(answer)) as url:
        error = failed_over_aiohttp(url)

    assert isinstance(error, linq.InternalServerError)


def failed_over_aiohttp(url: str, **settings: Any) -> BaseException | None:
    async def use() -> linq.APIError:
        async with linq.aiohttp_client() as http:
            client = linq.AsyncLinqClient("canary-7f3d9b", url, http_client=http, max_retries=0, **settings)
            with pytest.raises(linq.APIError) as caught:
                await client.phone_numbers.list()
            return caught.value

    return asyncio.run(use())


def test_without_its_extra_the_aiohttp_client_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx_aiohttp", None)
    monkeypatch.delitem(sys.modules, "linq_phone_numbers._over_aiohttp", raising=False)

    with pytest.raises(ImportError, match=r"pip install 'linq-phone-numbers\[aiohttp\]'"):
        linq.aiohttp_client()


def test_all_connections_are_closed(clients: Clients, mock: Mock) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        clients.list(None, api_key=mock.tokens[0], base_url=mock.url)
        gc.collect()  # pytest makes an error of what a destructor warns of


def test_a_program_runs_with_warnings_as_errors(mock: Mock) -> None:
    program = f"""
import asyncio, linq_phone_numbers as linq
with linq.LinqClient({mock.tokens[0]!r}, {mock.url!r}) as client:
    print(len(client.phone_numbers.list().phone_numbers), client)
async def main():
    async with linq.AsyncLinqClient({mock.tokens[0]!r}, {mock.url!r}) as client:
        print(len((await client.phone_numbers.list()).phone_numbers))
asyncio.run(main())
"""
    command = [sys.executable, "-W", "error", "-c", program]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.stdout.split()[0], done.stdout.split()[-1], done.stderr) == ("20", "20", "")


def test_requests_pass_the_proxy_of_the_users_client() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, json={"phone_numbers": []})

    mounts = {"https://api.linqapp.com": httpx.MockTransport(answer)}
    with httpx.Client(mounts=mounts) as http:
        linq.LinqClient("token", http_client=http).phone_numbers.list()

    assert seen == ["https://api.linqapp.com/api/partner/v3/phone_numbers"]


def test_no_proxy_is_asked_for_this_machine(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")

    for url in (mock.url, mock.url.replace("127.0.0.1", "localhost")):
        with linq.LinqClient(mock.tokens[0], url) as client:
            assert client.phone_numbers.list().phone_numbers

        async def use(url: str = url) -> None:
            async with linq.AsyncLinqClient(mock.tokens[0], url) as client:
                assert (await client.phone_numbers.list()).phone_numbers

        asyncio.run(use())


def test_where_a_proxy_is_set_it_is_named_when_no_connection_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    with (
        linq.LinqClient("token", "http://server.example", max_retries=0) as client,
        pytest.raises(linq.APIConnectionError, match=r"Is the proxy that HTTP_PROXY names there\?"),
    ):
        client.phone_numbers.list()


def test_a_certificate_that_nobody_trusts_is_not_tried_again_and_the_way_out_is_named(tmp_path: Path) -> None:
    certificate = trustme.CA().issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    with (
        running("--certificate", str(tmp_path / "both.pem")) as mock,
        linq.LinqClient(mock.tokens[0], mock.url, max_retries=2) as client,
        pytest.raises(linq.APIConnectionError, match="of a private authority in SSL_CERT_FILE") as caught,
    ):
        client.phone_numbers.list()

    assert caught.value.tries == 1


def test_opentelemetry_traces_requests_without_the_token(clients: Clients, mock: Mock) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor: Any = HTTPXClientInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    try:
        clients.list(None, api_key=mock.tokens[0], base_url=mock.url)
    finally:
        instrumentor.uninstrument()

    spans = [span.to_json() for span in exporter.get_finished_spans()]
    assert len(spans) == 1
    assert f"{mock.url}/v3/phone_numbers" in spans[0]
    assert mock.tokens[0] not in spans[0]
