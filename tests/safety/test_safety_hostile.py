"""Servers that answer with too much, or with what a terminal or a browser would obey."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import json
import resource
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from starlette.responses import RedirectResponse
from tests.serving import CANARY

from linq_contract.cli import main
from linq_contract.http.credentials import ACCOUNT, Credentials
from linq_contract.http.excess import Limits
from linq_contract.http.messages import NoAnswer, Request, Response, show
from linq_contract.http.wire import Wire
from linq_contract.judge.ledger import Verdict
from linq_contract.run.phases import PHASES
from linq_contract.run.result import Options
from linq_contract.run.validate import validate
from linq_contract.safety.target import Permissions, Target
from linq_mock.accounts import made_up_lines
from linq_mock.behaviour import Behaviour
from linq_mock.messages import Response as MockResponse
from linq_mock.problems import Code, Problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.types import ASGIApp, Receive, Scope, Send
    from tests.serving import Serve, Served, ServeMock

    from linq_contract.run.result import Result
    from linq_mock.messages import Call

KIB, MIB = 2**10, 2**20
SMALL = Limits(body=64 * KIB, parts=2_000, headers=100)
HTML = "<script>alert(1)</script><img src=x onerror=alert(1)>"
ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e\r\x08"


@dataclass(frozen=True)
class Hostile:
    """A server that answers everything with one thing that is too much, and how that is called."""

    app: ASGIApp
    problem: str
    limits: Limits = SMALL


def streaming(chunk: bytes, *headers: tuple[bytes, bytes]) -> ASGIApp:
    """A body without an end, in chunks."""

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        started = {"type": "http.response.start", "status": 200, "headers": [_JSON, *headers]}
        await send(started)
        async for _ in _until_disconnected(receive):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})

    return app


async def _until_disconnected(receive: Receive) -> AsyncIterator[None]:
    gone = asyncio.create_task(_disconnected(receive))
    while not gone.done():
        yield
        await asyncio.sleep(0)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def answering(body: bytes, *headers: tuple[bytes, bytes]) -> ASGIApp:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [_JSON, *headers]})
        await send({"type": "http.response.body", "body": body})

    return app


async def trickle(_scope: Scope, receive: Receive, send: Send) -> None:
    """One byte now and then, for ever: no single step takes long."""
    await send({"type": "http.response.start", "status": 200, "headers": [_JSON]})
    async for _ in _until_disconnected(receive):
        await send({"type": "http.response.body", "body": b" ", "more_body": True})
        await asyncio.sleep(0.02)


_JSON = (b"content-type", b"application/json")
_ZIPPED = (b"content-encoding", b"gzip")
_BOMB = gzip.compress(bytes(MIB))

HOSTILE = {
    "a body of 1 GB": Hostile(
        streaming(bytes(MIB), (b"content-length", b"%d" % 2**30)),
        "the body is longer than 8 MiB",
        Limits(body=8 * MIB),
    ),
    "a body that never ends": Hostile(streaming(bytes(KIB)), "the body is longer than 0.0625 MiB"),
    "a body that trickles": Hostile(trickle, "no end came within 0.5 s", Limits(seconds=0.5)),
    "10,000 headers": Hostile(
        answering(b"{}", *[(b"x", b"")] * 10_000), "the answer has more than 1,000 headers", Limits()
    ),
    "a header without an end": Hostile(answering(b"{}", (b"x", b"y" * MIB)), "RemoteProtocolError", Limits()),
    "a gzip bomb": Hostile(answering(_BOMB, _ZIPPED), "the body is longer than 0.0625 MiB"),
    "gzip bombs in a row": Hostile(
        answering(gzip.compress(bytes(KIB)) * 100, _ZIPPED), "the body is longer than 0.0625 MiB"
    ),
    "deeply nested JSON": Hostile(
        answering(b"[" * 20_000 + b"]" * 20_000),
        "the body is nested in more than 100 levels",
        Limits(parts=50_000),
    ),
    "JSON of many parts": Hostile(
        answering(b"[" + b"{}," * 3_000 + b"{}]"), "the body has more than 2,000 arrays and objects"
    ),
}


def judge(served: Served, limits: Limits, *phases: str) -> Result:
    target = Target(
        served.url, Credentials({ACCOUNT: CANARY}), Permissions(allow_writes=True), ends_with_run=True
    )
    chosen = [phase for phase in PHASES if phase.name in phases]
    return validate(target, Options(1, limits=limits), lambda _step: None, chosen)


@pytest.mark.parametrize("name", HOSTILE)
def test_an_answer_that_is_too_much_is_a_finding_in_bounded_time(serve: Serve, name: str) -> None:
    hostile = HOSTILE[name]
    served = serve(hostile.app)
    with Wire(served.url, Credentials({ACCOUNT: CANARY}), allow_writes=False, limits=hostile.limits) as wire:
        answer = wire.send(Request("GET", "/v3/phone_numbers"))

    assert isinstance(answer, NoAnswer)
    assert hostile.problem in answer.reason


@pytest.mark.parametrize("name", ["a body of 1 GB", "a body that trickles", "deeply nested JSON"])
def test_a_run_against_such_a_server_ends_with_the_finding(serve: Serve, name: str) -> None:
    hostile = HOSTILE[name]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = judge(serve(hostile.app), hostile.limits, "list", "tokens")
    finding = result.ledger.entries["list.schema"].finding

    assert result.exit_code == 1
    assert finding is not None
    assert hostile.problem in finding.problem
    assert result.requests < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * KIB


class HostileOnUpdates(Behaviour):
    """An honest list, and updates that are answered with too much."""

    async def update_phone_number(self, call: Call, account: Any) -> MockResponse:  # noqa: ARG002 - the signature of the mock
        return MockResponse(_BOMB, headers={"Content-Encoding": "gzip"}, media_type="application/json")


def test_a_run_goes_on_after_an_answer_that_is_too_much(serve_mock: ServeMock) -> None:
    result = judge(serve_mock(HostileOnUpdates), SMALL, "list", "set", "methods")
    entries = result.ledger.entries

    assert entries["list.schema"].verdict() is Verdict.PASSED
    assert "longer than 0.0625 MiB" in str(entries["update.schema"].finding)
    assert entries["transport.unknown-method"].tested


def test_a_redirect_loop_is_a_finding_and_is_not_walked(serve: Serve) -> None:
    async def redirect(scope: Scope, receive: Receive, send: Send) -> None:
        await RedirectResponse("/0/api/partner/v3/phone_numbers")(scope, receive, send)

    result = judge(serve(redirect), SMALL, "list")

    assert result.exit_code == 1
    assert "answered 307" in str(result.ledger.entries["list.schema"].finding)
    assert result.requests < 10


def test_an_account_of_a_hundred_thousand_lines_is_not_too_much(serve: Serve) -> None:
    (line,) = made_up_lines(1)
    body = b'{"phone_numbers": [%s]}' % b", ".join([json.dumps(line).encode()] * 100_000)
    with Wire(serve(answering(body)).url, Credentials({}), allow_writes=False) as wire:
        answer = wire.send(Request("GET", "/v3/phone_numbers"))

    assert isinstance(answer, Response)
    assert len(answer.object["phone_numbers"]) == 100_000


# --- what is printed and written ------------------------------------------------------------------


class SpeaksToTerminals(Behaviour):
    async def handle(self, call: Call) -> MockResponse:
        if (
            call.method == "GET"
            and call.raw_path.endswith("phone_numbers")
            and "Authorization" in call.headers
        ):
            return await super().handle(call)
        raise Problem(Code.INTERNAL, f"{ESCAPES}{HTML}")

    async def respond(self, call: Call) -> MockResponse:
        response = await super().respond(call)
        response.headers["Location"] = f"x{ESCAPES[:7]}\x9b31m{HTML}"
        response.headers["Content-Type"] = f"text/html{HTML}\x1b[31m"
        return response


def test_what_a_server_says_is_inert_on_the_terminal_and_in_every_report(
    serve_mock: ServeMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve_mock(SpeaksToTerminals)
    monkeypatch.setattr(
        "linq_contract.commands.validate.PHASES",
        [phase for phase in PHASES if phase.name in {"list", "tokens", "set"}],
    )
    command = ["validate", served.url, "--report-dir", str(tmp_path)]
    done = CliRunner().invoke(main, command, env={ACCOUNT: served.token}, color=False)
    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}

    assert done.exit_code == 1
    for text in (done.output, *written.values()):
        assert [c for c in text if not c.isprintable() and c != "\n"] == []
    assert HTML in done.output
    ET.fromstring(written["junit.xml"])
    assert "<script>" not in written["junit.xml"]
    json.loads(written["report.json"])


class Page(HTMLParser):
    """What a browser would make of a page: its elements with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_browser_finds_nothing_in_the_page_that_runs_or_loads(
    serve_mock: ServeMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = _page(serve_mock(), tmp_path / "honest", monkeypatch)
    hostile = _page(serve_mock(SpeaksToTerminals), tmp_path / "hostile", monkeypatch)
    attributes = {name for _, attributes in hostile.elements for name in attributes}
    links = [attributes["href"] or "" for _, attributes in hostile.elements if "href" in attributes]

    assert HTML in hostile.text
    assert {tag for tag, _ in hostile.elements} - {tag for tag, _ in honest.elements} == {
        *("nav", "ul", "li", "details", "summary", "div", "pre")
    }
    assert attributes <= {
        *("lang", "charset", "http-equiv", "content", "name", "id", "class", "href", "open"),
        *("aria-hidden", "aria-label", "role", "scope", "type", "checked"),
        *("viewbox", "x", "x1", "x2", "y", "y1", "y2", "width", "height"),
    }
    assert links
    assert all(link.startswith("#") for link in links)


def test_the_policy_of_the_page_permits_its_own_style_sheet_alone(
    serve_mock: ServeMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = _page(serve_mock(), tmp_path, monkeypatch)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policies = [each["content"] for tag, each in page.elements if tag == "meta" and "http-equiv" in each]

    assert policies == [f"default-src 'none'; style-src 'sha256-{digest}'"]


def _page(served: Served, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setattr(
        "linq_contract.commands.validate.PHASES", [phase for phase in PHASES if phase.name == "tokens"]
    )
    command = ["validate", served.url, "--report-dir", str(folder)]
    CliRunner().invoke(main, command, env={ACCOUNT: served.token})
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def test_an_answer_is_shown_in_a_few_lines_whatever_is_in_it() -> None:
    many = tuple(("Location", "x" * 10_000) for _ in range(1_000))
    shown = show(Response(200, many, b"\n" * 100_000))

    assert len(shown) < 2_100
    assert all(len(line) < 300 for line in shown)
