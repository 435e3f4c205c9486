"""The printed command of a request sends it again, in every POSIX shell that is found, and with curl."""

from __future__ import annotations

import base64
import itertools
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.responses import JSONResponse
from tests.serving import CANARY

from linq_contract.contract.classification import FIELD
from linq_contract.http.credentials import (
    ACCOUNT,
    OTHER_ACCOUNT,
    ClientCertificate,
    Credentials,
    SecretHeader,
    Variant,
    placeholder,
)
from linq_contract.http.messages import NoAnswer, Request, Response, show
from linq_contract.http.wire import Wire
from linq_contract.report.curl import curl
from linq_contract.report.description import describe
from linq_contract.run.extent import Part
from linq_contract.run.phases import PHASES
from linq_contract.run.result import Options
from linq_contract.run.validate import validate
from linq_contract.run.workloads import inputs, probing
from linq_contract.safety.target import Permissions, Target
from linq_mock.faults import FAULTS
from linq_mock.variation import mixed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.serving import Serve, Served, ServeMock

TOKEN = r"""canary:7f3d9b51/+%&=~-_.$x`y"z\'!#{[Z"""
TOKENS = {ACCOUNT: TOKEN, OTHER_ACCOUNT: "second-token-4711"}
BEARER = ("Authorization", f"Bearer {placeholder(ACCOUNT)}")
JSON = ("Content-Type", "application/json")
PATH = "/v3/phone_numbers"
ADDED_BY_CURL = (("Accept", "*/*"), ("Content-Type", "application/x-www-form-urlencoded"))
OF_THE_SENDER = {"user-agent", "accept-encoding"}

Execute: TypeAlias = "Callable[[Served, Sequence[str]], list[int]]"


# --- what executes commands --------------------------------------------------------------------

FOUND = {Path(path).resolve() for path in map(shutil.which, ("sh", "dash", "bash", "ksh")) if path}
SHELLS = sorted(map(str, FOUND))
SENDERS = ["curl by the book", *(["curl"] if shutil.which("curl") else [])]
_NOTING_WORDS = r"""
curl() {
    printf '%s\0' "$@"
    case "$*" in (*"--data-binary @-"*) od -An -v -tx1 | tr -d ' \n' ;; esac
    printf '\0\036'
}
"""


@pytest.fixture(
    params=list(itertools.product(SHELLS, SENDERS)), ids=lambda names: f"{Path(names[0]).name} and {names[1]}"
)
def execute(request: pytest.FixtureRequest, tmp_path: Path) -> Execute:
    """Execute commands one after the other in a shell; return the statuses of their answers."""
    shell, sender = request.param

    def execute_by_the_book(served: Served, commands: Sequence[str]) -> list[int]:
        noted = _run(shell, _NOTING_WORDS + "\n".join(commands), tmp_path).split(b"\0\x1e")[:-1]
        assert len(noted) == len(commands)
        with Wire(served.url, Credentials({}), allow_writes=True) as wire:
            answers = [wire.send(read_as_curl_does(served.url, *each.split(b"\0"))) for each in noted]
        return [answer.status for answer in answers if isinstance(answer, Response)]

    def execute_with_curl(_served: Served, commands: Sequence[str]) -> list[int]:
        shown = _run(shell, "set -e\n" + "\n".join(commands), tmp_path)
        return [int(status) for status in re.findall(rb"^HTTP/1.1 (\d+)", shown, re.MULTILINE)]

    return execute_with_curl if sender == "curl" else execute_by_the_book


def _run(shell: str, script: str, home: Path) -> bytes:
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), **TOKENS}
    return subprocess.run([shell, "-c", script], env=environment, capture_output=True, check=True).stdout


def read_as_curl_does(base_url: str, *words_and_input: bytes) -> Request:
    """The request that curl sends for its words; last comes its input in hexadecimal."""
    *given_words, stdin = words_and_input
    words = (word.decode("utf-8", "surrogateescape") for word in given_words)
    method, target, as_it_is, body = "", "", "", None
    headers: list[tuple[str, str | None]] = []
    for word in words:
        match word:
            case "-i" | "--path-as-is" | "-g":
                pass
            case "--noproxy":
                assert next(words) == "*"
            case "-I":
                method = "HEAD"
            case "-X":
                method = next(words)
            case "-u":
                encoded = base64.b64encode(next(words).encode()).decode()
                headers.append(("Authorization", f"Basic {encoded}"))
            case "-H":
                name, colon, value = next(words).partition(":")
                headers.append((name.removesuffix(";"), value.strip(" \t") or (None if colon else "")))
            case "--data-binary":
                body = next(words).encode("utf-8", "surrogateescape")
                body = bytes.fromhex(stdin.decode()) if body == b"@-" else body
            case "--request-target":
                as_it_is = next(words)
            case _:
                assert word.startswith(base_url)
                target = word.removeprefix(base_url)
    target = as_it_is.removeprefix(base_url[base_url.index("/", 8) :]) or target
    named = {name.lower() for name, _ in headers}
    headers += [
        header for header in ADDED_BY_CURL[: 1 if body is None else 2] if header[0].lower() not in named
    ]
    sent = tuple((name, value) for name, value in headers if value is not None)
    return Request(method or ("GET" if body is None else "POST"), target, sent, body)


@pytest.fixture
def echo(serve: Serve) -> Served:
    """A server that answers everything with 200."""
    return serve(JSONResponse({}))


def sends_the_same(execute: Execute, echo: Served, requests: Sequence[Request]) -> None:
    """Compare what reaches a server through the wire with what does by the printed commands."""
    with Wire(echo.url, Credentials(TOKENS), allow_writes=True) as wire:
        for request in requests:
            wire.send(request)
    execute(echo, [curl(request, echo.url) for request in requests])
    sent, sent_again = echo.log[: len(requests)], echo.log[len(requests) :]

    assert len(sent_again) == len(requests)
    for request, first, second in zip(requests, sent, sent_again, strict=True):
        ignored = OF_THE_SENDER - {name.lower() for name, _ in request.headers}
        assert (second.method, second.target, second.body) == (first.method, first.target, first.body)
        assert {name: value for name, value in second.headers.items() if name not in ignored} == {
            name: value for name, value in first.headers.items() if name not in ignored
        }


def update(body: object, *headers: tuple[str, str]) -> Request:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request("PUT", f"{PATH}/x", (BEARER, *(headers or [JSON])), data)


# --- requests ----------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", [ACCOUNT, OTHER_ACCOUNT])
def test_every_refused_authorization_is_sent_again(execute: Execute, echo: Served, variable: str) -> None:
    values = inputs.refused_authorizations(variable, "4711")
    requests = [Request("GET", PATH).with_authorization(value) for value in values]

    sends_the_same(execute, echo, requests)


def test_every_variant_of_a_token_is_sent_again(execute: Execute, echo: Served) -> None:
    basic = (Variant.AS_USER, Variant.AFTER_USER)
    values = [f"Basic {placeholder(ACCOUNT, variant)}" for variant in basic]
    values += [
        f"Bearer {placeholder(ACCOUNT, variant)}" for variant in (None, *Variant) if variant not in basic
    ]

    sends_the_same(execute, echo, [Request("GET", PATH, (("Authorization", value),)) for value in values])


def test_a_token_elsewhere_is_sent_again(execute: Execute, echo: Served) -> None:
    requests = [Request("GET", PATH, (header,)) for header in inputs.in_place_of_a_token(ACCOUNT)]
    requests += [Request("GET", f"{PATH}?access_token={placeholder(ACCOUNT)}&x={{a}}")]
    requests += [update({FIELD: "a`b", "access_token": placeholder(ACCOUNT)})]
    requests += [update({FIELD: "\u00e9\n" * 100, "access_token": placeholder(ACCOUNT)})]
    requests += [update(f'{{"\u200b": "{placeholder(ACCOUNT)}"}}'.encode())]

    sends_the_same(execute, echo, requests)


def test_every_body_of_the_workloads_is_sent_again(execute: Execute, echo: Served) -> None:
    bodies = [
        *(body for part in Part for body in probing.wrong_bodies(part)),
        *inputs.spellings_of_a_valid_body(inputs.NUMBER),
        *inputs.bodies_with_a_strange_member(inputs.NUMBER),
        *inputs.EXTRA_PROPERTIES,
    ]

    sends_the_same(execute, echo, [update(body) for body in bodies])


def test_a_body_of_any_bytes_is_sent_again(execute: Execute, echo: Served) -> None:
    bodies = [
        b"it's $HOME `id` $(id) \\ \" ! %s %d \\n",
        b"two\nlines\r\n\ttabbed\n",
        b"\x80\xff'\\ not UTF-8 %",
        b"\x00\x001\x7f9",
        b"-n",
        b"-n\n",
        b"@/etc/passwd",
        "\u00e9\u200b\U0001f4de".encode(),
        b"'\"%\\" * 100,
        b"x" * 100 + b"\n" + b"ab" * 5_000,
        bytes(range(256)) * 4,
    ]

    sends_the_same(execute, echo, [update(body) for body in bodies])


def test_a_media_type_is_sent_again(execute: Execute, echo: Served) -> None:
    media_types = [*inputs.OTHER_MEDIA_TYPES, "", "application/json; charset=x"]

    sends_the_same(execute, echo, [update({}, ("content-type", each)) for each in media_types])


def test_a_body_without_a_media_type_gets_none(execute: Execute, echo: Served) -> None:
    sends_the_same(execute, echo, [update({}, BEARER)])


def test_odd_targets_are_sent_again(execute: Execute, echo: Served) -> None:
    segments = [
        *("%2e%2E", "../x/./y", ".", "..", "/phone_numbers///", "a%2Fb%5Cc%00%0a%7e~", "%zz%"),
        *('[a]{b}|^`"<>', "?a=b&a=%20+%2B&=&", "x;y=z,'(1)!*:@$&=+", "x#y", "x?y#z", "a\\b", "[1-9]", "x?"),
    ]

    sends_the_same(execute, echo, [Request("GET", f"{PATH}/{segment}", (BEARER,)) for segment in segments])


def test_every_method_is_sent_again_with_and_without_a_body(execute: Execute, echo: Served) -> None:
    methods = ("GET", "OPTIONS", "PUT", "POST", "PATCH", "DELETE", "TRACE")
    requests = [
        Request(method, PATH, (BEARER, JSON), body) for method in methods for body in (None, b"", b"{}")
    ]

    sends_the_same(execute, echo, [*requests, Request("HEAD", PATH, (BEARER,))])


def test_a_header_of_any_characters_is_sent_again(execute: Execute, echo: Served) -> None:
    values = [
        *('it\'s `a` "b" $c \\', "", "\u00e9\u200b", "a\tb", "\udca0", "!!"),
        f'!!"{placeholder(ACCOUNT)}`\\$x',
    ]

    sends_the_same(execute, echo, [Request("GET", PATH, (("X-Text", value),)) for value in values])


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("${", "", b"")
@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126)),
    st.text(st.characters(min_codepoint=32, max_codepoint=126)).map(str.strip),
    st.binary(max_size=200),
)
def test_no_target_header_or_body_escapes_its_quotes(
    execute: Execute, serve: Serve, query: str, value: str, body: bytes
) -> None:
    request = Request("PUT", f"{PATH}?{query}", (BEARER, JSON, ("X-Text", value)), body)

    sends_the_same(execute, serve(JSONResponse({})), [request])


def test_a_proxy_that_the_run_went_around_does_not_get_the_token(
    execute: Execute, echo: Served, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(JSONResponse({}))
    address = proxy.url.partition("/api")[0]
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(name, address)
        monkeypatch.setitem(TOKENS, name, address)

    sends_the_same(execute, echo, [Request("GET", PATH, (BEARER,))])
    assert proxy.log == []


@pytest.mark.parametrize("name", ["https_proxy", "no_proxy"])
def test_a_proxy_that_curl_does_not_take_either_is_not_mentioned(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for variable in [each for each in os.environ if each.lower().endswith("_proxy")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert "--noproxy" not in curl(Request("GET", PATH), "http://127.0.0.1")


def test_what_credentials_add_to_requests_is_in_the_command() -> None:
    credentials = Credentials(
        {}, (SecretHeader("X-Edge", "EDGE", "secret"),), ClientCertificate(Path("c d.pem"), Path("k.pem"))
    )
    line = curl(Request("GET", PATH), "https://api.example.com", credentials)

    assert line.endswith("""-H "X-Edge: ${EDGE}" --cert 'c d.pem' --key k.pem""")


def test_a_body_that_cannot_be_written_out_is_no_command() -> None:
    line = curl(update(os.urandom(10_000)), "http://127.0.0.1")

    assert line.startswith("# with 10,000 bytes, too long to be written out here: curl -i -X PUT http://")


def test_what_is_repeated_is_written_once() -> None:
    assert len(curl(update({FIELD: "x" * 10_000}), "http://127.0.0.1")) < 300


# --- findings ----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["basic-user", "compares-a-sum", "decodes-percent"])
def test_the_command_under_a_finding_gets_the_answer_that_broke_the_rule(
    execute: Execute, serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setitem(TOKENS, ACCOUNT, CANARY)
    served = serve_mock(mixed([FAULTS[f"auth.invalid/{fault}"]]))
    target = Target(served.url, Credentials({ACCOUNT: CANARY}), Permissions())
    phases = [phase for phase in PHASES if phase.name == "tokens"]
    result = validate(target, Options(1, ("auth.invalid",)), lambda _step: None, phases)
    [rule] = describe(result, {})["rules"]
    found = list(rule.get("evidence", ()))[-1]

    assert execute(served, [found["curl"]]) == [200]
    assert found["response"][0] == "HTTP 200"


# --- the response ------------------------------------------------------------------------------


def test_a_response_is_shown_with_the_headers_that_matter() -> None:
    headers = (("Content-Type", "application/json"), ("Server", "x"), ("Allow", "GET"), ("Retry-After", "1"))

    assert show(Response(405, headers, b'{"a":\n1}')) == [
        "HTTP 405",
        "Content-Type: application/json",
        "Allow: GET",
        "Retry-After: 1",
        '{"a":',
        "1}",
    ]


def test_no_response_is_shown_with_its_reason() -> None:
    assert show(NoAnswer("reset")) == ["(no response: reset)"]


@given(st.binary(max_size=300))
def test_no_body_can_move_the_cursor_of_a_terminal(body: bytes) -> None:
    assert all(line.isprintable() for line in show(Response(200, (), body)))


def test_a_long_response_is_cut() -> None:
    assert show(Response(200, (), b"x" * 5_000))[-1].endswith("... (5,000 characters)")
