"""Tokens: where they may come from, to whom they go, and that nothing that a run leaves holds one."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote

import click
import pytest
from click.testing import CliRunner
from starlette.responses import Response as HttpResponse
from tests.limits import limit
from tests.serving import Served

from linq_contract.cli import COMMANDS, main
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT, Credentials, placeholder
from linq_contract.http.messages import Request, Response
from linq_contract.http.wire import RefusedError, Wire
from linq_contract.safety.target import tokens_from_environment
from linq_mock.accounts import two_accounts
from linq_mock.app import application
from linq_mock.behaviour import Behaviour
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result
    from tests.serving import Host, Serve

    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call
    from linq_mock.messages import Response as MockResponse
    from linq_mock.problems import Problem

TOKEN = "canary/7f3d9b+51=Z~c0ffee"
UNUSED = "http://127.0.0.1:1/x"
_SHORTENED = """
from linq_contract.cli import main
from linq_contract.commands import validate
from linq_contract.run.workloads import generated
generated._SECONDS = 1
few = {"list", "set", "clear and repeat", "coverage, fuzzing and stateful", "methods"}
validate.PHASES = [phase for phase in validate.PHASES if phase.name in few]
main()
"""

Shape: TypeAlias = "Callable[[str], str]"

SHAPES: dict[str, Shape] = {
    "as it is": str,
    "in the other case": str.swapcase,
    "URL-encoded": lambda token: quote(token, safe=""),
    "URL-encoded twice": lambda token: quote(quote(token, safe=""), safe=""),
    "URL-encoded whole": lambda token: "".join(f"%{ord(c):02x}" for c in token),
    "JSON-escaped slashes": lambda token: token.replace("/", "\\/"),
    "JSON-escaped whole": lambda token: "".join(f"\\u{ord(c):04X}" for c in token),
    "JavaScript-escaped": lambda token: "".join(f"\\x{ord(c):02x}" for c in token),
    "HTML-escaped": lambda token: "".join(f"&#{ord(c)};" for c in token),
    "HTML-escaped in hexadecimal": lambda token: "".join(f"&#x{ord(c):X};" for c in token),
    "hexadecimal": lambda token: token.encode().hex(),
    "base64": lambda token: base64.b64encode(token.encode()).decode(),
    "base64 of the header": lambda token: base64.b64encode(f"Bearer {token}".encode()).decode(),
    "base64 of more": lambda token: base64.b64encode(f"ab{token}c".encode()).decode(),
    "base64 for URLs": lambda token: base64.urlsafe_b64encode(f"a{token}bc".encode()).decode(),
}


def holds_token(text: str) -> list[str]:
    """The shapes in which a text has the token; of base64 the part that is the token's alone."""
    found: list[str] = []
    for name, shape in SHAPES.items():
        shown = shape(TOKEN)
        if "base64" in name:
            shown = shown[12:-8]
        if shown.lower() in text.lower():
            found.append(name)
    return found


@pytest.mark.parametrize("name", SHAPES)
def test_a_token_that_comes_back_is_concealed_in_every_encoding(serve: Serve, name: str) -> None:
    shown = SHAPES[name](TOKEN)
    served = serve(HttpResponse(f'"{shown}"', headers={"X-Echo": shown}))
    with Wire(served.url, Credentials({ACCOUNT: TOKEN}), allow_writes=False) as wire:
        answer = wire.send(Request("GET", "/v3/phone_numbers"))

    assert isinstance(answer, Response)
    assert placeholder(ACCOUNT) in answer.body.decode()
    assert holds_token(answer.body.decode() + str(answer.headers)) == []


def test_a_request_that_http_cannot_carry_is_refused_without_its_token(serve: Serve) -> None:
    served = serve(HttpResponse())
    header = ("Authorization", f"Bearer {placeholder(ACCOUNT)}\n")
    with (
        Wire(served.url, Credentials({ACCOUNT: TOKEN}), allow_writes=False) as wire,
        pytest.raises(RefusedError, match="cannot carry") as refused,
    ):
        wire.send(Request("GET", "/v3/phone_numbers", (header,)))

    assert holds_token(str(refused.value)) == []
    assert refused.value.__cause__ is None


class EchoesInEveryShape(Behaviour):
    """Sends back what it was presented, in every encoding, in bodies and headers, and forgets updates."""

    async def respond(self, call: Call) -> MockResponse:
        response = await super().respond(call)
        response.headers["X-Echo"] = json.dumps(self._shapes(call))
        return response

    def problem_body(self, call: Call, problem: Problem) -> JsonObject:
        body = super().problem_body(call, problem)
        return {**body, "error": {**body["error"], "message": " ".join(self._shapes(call))}}

    def list_body(self, call: Call, account: Account) -> JsonObject:
        return {**super().list_body(call, account), "echo": self._shapes(call)}

    async def store(self, _call: Call, account: Account, line: Line, number: str | None) -> None:
        """Store nothing."""

    def _shapes(self, call: Call) -> list[str]:
        presented = call.headers.get("Authorization", "").removeprefix("Bearer ")
        return [shape(presented) for shape in SHAPES.values() if presented == TOKEN]


def test_no_file_and_no_output_of_a_run_holds_a_token(serve: Serve, tmp_path: Path) -> None:
    """Everything that a process can write to is in one folder here, and it is killed once, too."""
    served = serve(
        application(EchoesInEveryShape(two_accounts((TOKEN, DEFAULT_TOKENS[1]), 3), "/api/partner"))
    )
    folders = {"HOME": "home", "TMPDIR": "tmp", "XDG_STATE_HOME": "state", "XDG_CACHE_HOME": "cache"}
    for folder in ("reports", *folders.values()):
        (tmp_path / folder).mkdir()
    command = [
        sys.executable,
        "-c",
        _SHORTENED,
        "validate",
        served.url,
        "--allow-writes",
        "--report-dir",
        "reports",
        "--seed",
        "1",
    ]
    environment = {**os.environ, **{name: str(tmp_path / folder) for name, folder in folders.items()}}
    environment |= {ACCOUNT: TOKEN, OTHER_ACCOUNT: DEFAULT_TOKENS[1]}
    outputs: list[str] = []
    for is_killed in (True, False):
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if is_killed:
            served.at_update(20, process.kill)
        outputs.append(process.communicate(timeout=limit(60))[0])
        command = [*command, "--rules", "update.*", "--rules", "transport.no-token-echo"]
        left = [*(tmp_path / "state").rglob("*.journal")]
        assert bool(left) == is_killed
        outputs += [path.read_text() for path in left]
        for path in left:
            path.unlink()
    files = {
        str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    }

    assert "update.read-your-writes.replay.json" in {Path(name).name for name in files}
    assert {Path(name).name for name in files} >= {
        *("report.html", "report.json", "junit.xml", "report.sarif", "code-quality.json"),
        *("exchanges.har", "badge.svg"),
    }
    assert [name for name, content in files.items() if holds_token(content.decode("latin-1"))] == []
    assert holds_token("".join(outputs)) == []


def test_a_crash_shows_no_token(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError(f"with {TOKEN} and {quote(TOKEN, safe='')}")

    monkeypatch.setattr("linq_contract.commands.reporting.validate", crash)
    done = invoke("validate", serve(HttpResponse()).url, token=TOKEN)

    assert done.exit_code == 3
    assert "RuntimeError" in done.output
    assert holds_token(done.output) == []


# --- where tokens come from ----------------------------------------------------------------------


def invoke(*arguments: str, token: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, env={ACCOUNT: token, OTHER_ACCOUNT: None})


def token_file(folder: Path, content: str, mode: int = 0o600) -> str:
    path = folder / "token"
    path.write_text(content)
    path.chmod(mode)
    return str(path)


def test_a_token_is_read_from_a_private_file(serve: Serve, tmp_path: Path) -> None:
    served = serve(HttpResponse(status_code=401))
    invoke("validate", served.url, "--token-file", token_file(tmp_path, f"{TOKEN}\n{TOKEN}-2\n"))

    assert served.log[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_an_empty_second_line_is_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OTHER_ACCOUNT, f"{TOKEN}-2")
    tokens = tokens_from_environment(Path(token_file(tmp_path, f"{TOKEN}\n\n")))

    assert tokens == {ACCOUNT: TOKEN, OTHER_ACCOUNT: f"{TOKEN}-2"}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_token_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    done = invoke("validate", UNUSED, "--token-file", token_file(tmp_path, TOKEN, mode))

    assert done.exit_code == 2
    assert "chmod 600" in done.output
    assert holds_token(done.output) == []


def test_a_token_file_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    done = invoke("validate", UNUSED, "--token-file", token_file(tmp_path, TOKEN))

    assert done.exit_code == 2
    assert "open to others" in done.output


@pytest.mark.parametrize("content", ["", "\n", "two words\n", "\u00e9\n"])
def test_a_token_file_without_a_token_is_refused(tmp_path: Path, content: str) -> None:
    assert invoke("validate", UNUSED, "--token-file", token_file(tmp_path, content)).exit_code == 2


def test_no_command_takes_a_token_as_an_argument() -> None:
    options = {
        option
        for command in COMMANDS
        if command != "mock"  # whose tokens open nothing but itself
        for option in _options(command)
        if "token" in option
    }

    assert options == {"--token-file"}


def test_no_command_can_be_told_to_trust_any_certificate() -> None:
    options = {option for command in COMMANDS for option in _options(command)}

    assert not {option for option in options if "insecure" in option or "verify" in option or "tls" in option}


def _options(command: str) -> list[str]:
    found = main.get_command(click.Context(main), command)
    assert found is not None
    return [name for parameter in found.params for name in parameter.opts]


# --- to whom they go -----------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["http://192.0.2.1/api", "http://example.invalid", "http://[2001:db8::1]/"])
@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
def test_a_token_never_crosses_a_network_in_plain_text(url: str, arguments: tuple[str, ...]) -> None:
    done = invoke("validate", url, *arguments, token=TOKEN)

    assert done.exit_code == 2
    assert "in plain text over a network: use https" in done.output


@pytest.fixture
def behind_tls(tls_host: Host) -> Served:
    accounts = two_accounts((TOKEN, DEFAULT_TOKENS[1]), 1)
    return tls_host.mount(application(Behaviour(accounts, "/api/partner")))


def test_a_server_with_a_certificate_that_nobody_trusts_gets_no_request(behind_tls: Served) -> None:
    done = invoke("validate", behind_tls.url, token=TOKEN)

    assert done.exit_code == 3
    assert "certificate verify failed" in done.output
    assert behind_tls.log == []


@pytest.mark.usefixtures("trusted")
def test_a_server_with_a_certificate_of_a_trusted_authority_is_judged(
    behind_tls: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linq_contract.commands.validate.PHASES", [])
    done = invoke("validate", behind_tls.url, "--rules", "list.schema", token=TOKEN)

    assert done.exit_code == 0
    assert behind_tls.methods == {"GET"}


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_is_not_trusted(behind_tls: Served) -> None:
    done = invoke("validate", behind_tls.url.replace("127.0.0.1", "localhost"), token=TOKEN)

    assert done.exit_code == 3
    assert "certificate verify failed" in done.output
    assert behind_tls.log == []
