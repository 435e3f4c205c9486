"""Proxies, edges, private authorities and test networks: who gets a token, and whose answers count."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from starlette.responses import RedirectResponse
from tests.serving import BASE_PATH, CANARY, hosting

from linq_contract.cli import main
from linq_contract.contract.lines import Line
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT
from linq_contract.run.phases import PHASES
from linq_contract.safety.journal import Journal
from linq_mock.accounts import two_accounts
from linq_mock.app import application
from linq_mock.behaviour import Behaviour
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import trustme
    from click.testing import Result
    from tests.serving import Host, Serve, Served, ServeMock

    from linq_mock.accounts import Account
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call

SECRET = "edge-secret-0815-4711"
NAME = "api.example.com"
FAR = f"https://{NAME}/api/partner"
REFUSAL = (
    b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: 21\r\nConnection: close\r\n\r\n"
    b"<h1>Access Denied</h1>"
)


class RecordingProxy:
    """A proxy that leads each CONNECT to one port of this machine while it works; then it refuses."""

    granted = b"HTTP/1.1 200 Connection established\r\n\r\n"

    def __init__(
        self,
        port: int = 0,
        works: Callable[[], bool] = lambda: False,
        refusal: bytes = REFUSAL % b"403 Forbidden",
    ) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.heads: list[bytes] = []
        self._port, self._works, self._refusal = port, works, refusal
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near:
            self.heads.append(self.head(near))
            if not self._works():
                near.sendall(self._refusal)
                return
            near.sendall(self.granted)
            with socket.create_connection(("127.0.0.1", self._port)) as far:
                back = threading.Thread(target=_pump, args=(far, near, _always))
                back.start()
                _pump(near, far, self._works)
                back.join()

    def head(self, near: socket.socket) -> bytes:
        """What a client asks for."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += near.recv(1)
        return head


class SocksProxy(RecordingProxy):
    """The same in SOCKS 5, RFC 1928."""

    granted = b"\x05\x00\x00\x01" + bytes(6)

    def head(self, near: socket.socket) -> bytes:
        near.recv(3)
        near.sendall(b"\x05\x00")
        return near.recv(300)


def _always() -> bool:
    return True


def _pump(source: socket.socket, sink: socket.socket, works: Callable[[], bool]) -> None:
    with contextlib.suppress(OSError):
        while (data := source.recv(65_536)) and works():
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def validate(url: str, *arguments: str, token: str = CANARY, **variables: str) -> Result:
    environment = {ACCOUNT: token, OTHER_ACCOUNT: None, **variables}
    return CliRunner().invoke(main, ["validate", url, *arguments], env=environment)


def only(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let runs have these phases alone."""
    phases = [phase for phase in PHASES if phase.name in names]
    monkeypatch.setattr("linq_contract.commands.validate.PHASES", phases)


# --- proxies -------------------------------------------------------------------------------------


def test_this_machine_is_never_reached_through_a_proxy(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, "list")
    with contextlib.closing(RecordingProxy()) as proxy:
        address = f"http://{proxy.address}"
        done = validate(
            serve_mock().url,
            "--rules",
            "list.schema",
            HTTP_PROXY=address,
            http_proxy=address,
            ALL_PROXY=address,
        )

    assert done.exit_code == 0
    assert proxy.heads == []


@pytest.mark.parametrize("refusal", ["407 Proxy Authentication Required", "502 Bad Gateway", "403 Forbidden"])
def test_what_a_proxy_answers_is_no_evidence_against_the_server(refusal: str) -> None:
    with contextlib.closing(RecordingProxy(refusal=REFUSAL % refusal.encode())) as proxy:
        done = validate(FAR, HTTPS_PROXY=proxy.address)

    assert done.exit_code == 3
    assert f"the proxy {proxy.address} of HTTPS_PROXY is in between: ProxyError: {refusal}" in done.output
    assert "NO_PROXY" in done.output
    assert all(CANARY.encode() not in head for head in proxy.heads)


def test_a_proxy_gets_the_password_that_its_url_has() -> None:
    with contextlib.closing(RecordingProxy()) as proxy:
        done = validate(FAR, HTTPS_PROXY=f"http://corp:s%40cret@{proxy.address}")

    assert b"Proxy-Authorization: Basic Y29ycDpzQGNyZXQ=\r\n" in proxy.heads[0]
    assert "cret" not in done.output


def test_a_proxy_that_cannot_be_used_is_wrong_use() -> None:
    done = validate(FAR, ALL_PROXY="socks://127.0.0.1:9/")

    assert done.exit_code == 2
    assert "ALL_PROXY names a proxy that cannot be used" in done.output


@pytest.fixture
def behind_tls(tls_host: Host) -> Served:
    accounts = two_accounts((CANARY, DEFAULT_TOKENS[1]), 1)
    return tls_host.mount(application(Behaviour(accounts, BASE_PATH)))


def far_name(served: Served) -> tuple[str, int]:
    """The URL of a server by a name that only a proxy knows, and its port."""
    port = int(served.url.split("/")[2].rpartition(":")[2])
    return served.url.replace(f"127.0.0.1:{port}", NAME), port


@pytest.mark.usefixtures("trusted")
def test_a_server_is_judged_through_a_proxy(behind_tls: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, "list")
    url, port = far_name(behind_tls)
    with contextlib.closing(RecordingProxy(port, _always)) as proxy:
        done = validate(url, "--rules", "list.schema", "--rate", "1000", HTTPS_PROXY=proxy.address)

    assert done.exit_code == 0
    assert proxy.heads[0].startswith(f"CONNECT {NAME}:443 ".encode())
    assert all(CANARY.encode() not in head for head in proxy.heads)


@pytest.mark.usefixtures("trusted")
def test_a_server_is_judged_through_a_socks_proxy(
    behind_tls: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, "list")
    url, port = far_name(behind_tls)
    with contextlib.closing(SocksProxy(port, _always)) as proxy:
        done = validate(
            url, "--rules", "list.schema", "--rate", "1000", ALL_PROXY=f"socks5://{proxy.address}"
        )

    assert done.exit_code == 0
    assert NAME.encode() in proxy.heads[0]


@pytest.mark.usefixtures("trusted")
def test_a_proxy_that_fails_in_the_middle_breaks_no_rule(
    behind_tls: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, "list", "tokens")
    url, port = far_name(behind_tls)
    with contextlib.closing(RecordingProxy(port, lambda: len(behind_tls.log) < 10)) as proxy:
        done = validate(url, "--rate", "1000", HTTPS_PROXY=proxy.address)

    assert done.exit_code == 3
    assert "NO_PROXY names hosts that need none" in done.output
    assert "FAILED" not in done.output
    assert f"the proxy {proxy.address} of HTTPS_PROXY is in between" in done.output
    assert len(behind_tls.log) >= 10


# --- certificates --------------------------------------------------------------------------------


def test_a_private_authority_is_told_how_it_is_trusted(behind_tls: Served) -> None:
    done = validate(behind_tls.url)

    assert done.exit_code == 3
    assert "certificate of that authority in SSL_CERT_FILE" in done.output


def test_a_missing_file_of_authorities_is_wrong_use(behind_tls: Served, tmp_path: Path) -> None:
    done = validate(behind_tls.url, SSL_CERT_FILE=str(tmp_path / "missing.pem"))

    assert done.exit_code == 2
    assert "SSL_CERT_FILE names" in done.output


@pytest.fixture
def asks_for_certificates(authority: trustme.CA, tmp_path: Path) -> Iterator[Host]:
    own = authority.issue_cert("127.0.0.1")
    own.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    authority.cert_pem.write_to_path(tmp_path / "clients.pem")
    with hosting(
        ssl_certfile=tmp_path / "server.pem",
        ssl_ca_certs=str(tmp_path / "clients.pem"),
        ssl_cert_reqs=ssl.CERT_REQUIRED,
    ) as host:
        yield host


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("is_split", [False, True])
def test_a_client_certificate_is_presented_where_it_is_asked_for(
    asks_for_certificates: Host,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_split: bool,
) -> None:
    only(monkeypatch, "list")
    accounts = two_accounts((CANARY, DEFAULT_TOKENS[1]), 1)
    served = asks_for_certificates.mount(application(Behaviour(accounts, BASE_PATH)))
    client = authority.issue_cert("client.example")
    client.private_key_and_cert_chain_pem.write_to_path(tmp_path / "whole.pem")
    client.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
    client.private_key_pem.write_to_path(tmp_path / "key.pem")
    files = ["--certificate", str(tmp_path / "whole.pem")]
    if is_split:
        files = ["--certificate", str(tmp_path / "certificate.pem")]
        files += ["--certificate-key", str(tmp_path / "key.pem")]

    assert validate(served.url).exit_code == 3
    assert validate(served.url, "--rules", "list.schema", *files).exit_code == 0


def test_a_key_without_its_certificate_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "key.pem").touch()

    assert validate(FAR, "--certificate-key", str(tmp_path / "key.pem")).exit_code == 2


# --- edges ---------------------------------------------------------------------------------------


class EchoesTheEdge(Behaviour):
    """Sends back what the edge was told, and forgets updates."""

    def list_body(self, call: Call, account: Account) -> JsonObject:
        return {**super().list_body(call, account), "edge": call.headers.get("X-Edge"), "phone_numbers": 1}


def test_a_secret_header_is_sent_with_every_request_and_shown_nowhere(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, "list", "tokens")
    accounts = two_accounts((CANARY, DEFAULT_TOKENS[1]), 1)
    served = serve(application(EchoesTheEdge(accounts, BASE_PATH)))
    done = validate(
        served.url, "--header", "X-Edge=EDGE_SECRET", "--report-dir", str(tmp_path), EDGE_SECRET=SECRET
    )
    written = [path.read_text() for path in tmp_path.iterdir()]
    [rule] = [
        rule
        for rule in json.loads((tmp_path / "report.json").read_text())["rules"]
        if rule["rule"] == "list.schema"
    ]

    assert done.exit_code == 1
    assert len(served.log) > 3
    assert all(seen.headers["x-edge"] == SECRET for seen in served.log)
    assert len(written) > 3
    assert all(SECRET not in text for text in (done.output, *written))
    assert '-H "X-Edge: ${EDGE_SECRET}"' in rule["evidence"][-1]["curl"]
    assert '"edge":"${EDGE_SECRET}"' in rule["evidence"][-1]["response"][-1]
    assert "--header X-Edge=EDGE_SECRET" in rule["rerun"]


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("X-Edge", "NAME=VARIABLE"),
        ("X Edge=EDGE_SECRET", "NAME=VARIABLE"),
        ("X-Edge=$EDGE", "NAME=VARIABLE"),
        ("X-Edge=UNSET_VARIABLE", "UNSET_VARIABLE does not hold"),
        ("X-Edge=TWO_LINES", "TWO_LINES does not hold"),
        ("Authorization=EDGE_SECRET", "is set by linq-contract"),
    ],
)
def test_a_header_that_cannot_be_sent_is_wrong_use(header: str, sentence: str) -> None:
    done = validate(FAR, "--header", header, EDGE_SECRET=SECRET, TWO_LINES=f"{SECRET}\nx")

    assert done.exit_code == 2
    assert sentence in done.output
    assert SECRET not in done.output


@pytest.mark.parametrize(
    "location",
    [
        "https://team.cloudflareaccess.com/cdn-cgi/access/login/api.example.com?kid=1",
        "https://login.microsoftonline.com/x/oauth2/v2.0/authorize",
        "https://id.example.com/auth/realms/x/protocol/openid-connect/auth?client_id=x",
        "/users/sign_in",
    ],
)
def test_a_redirect_to_a_login_page_is_called_that(serve: Serve, location: str) -> None:
    served = serve(RedirectResponse(location, 302))
    done = validate(served.url)

    assert done.exit_code == 3
    assert f"a login page answers, to which 302 redirects: {location.partition('?')[0]}" in done.output
    assert "--header" in done.output
    assert len(served.log) == 1


# --- test networks -------------------------------------------------------------------------------


@pytest.mark.usefixtures("elsewhere")
def test_plain_http_is_permitted_to_the_host_that_is_named_and_in_every_report(
    serve_mock: ServeMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, "list")
    served = serve_mock()
    with contextlib.closing(RecordingProxy()) as proxy:
        done = validate(
            served.url,
            *("--plain-http", "127.0.0.1", "--rules", "list.schema", "--report-dir", str(tmp_path)),
            HTTP_PROXY=f"http://{proxy.address}",
        )
    sentence = "the token went to 127.0.0.1 in plain text, as --plain-http permits"

    assert done.exit_code == 0
    assert served.log
    assert proxy.heads == []
    assert "5 a second" in done.output
    assert all(
        sentence in text
        for text in (
            done.output,
            (tmp_path / "report.json").read_text(),
            (tmp_path / "report.html").read_text(),
            (tmp_path / "junit.xml").read_text(),
        )
    )


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("other", ["api", "127.0.0.2", "localhost"])
def test_plain_http_is_permitted_to_no_other_host(serve_mock: ServeMock, other: str) -> None:
    served = serve_mock()
    done = validate(served.url, "--plain-http", other)

    assert done.exit_code == 2
    assert "--plain-http 127.0.0.1" in done.output
    assert served.log == []


@pytest.mark.parametrize("text", ["http://api", "api:8080", "a/b", "", "[x"])
def test_what_is_no_host_is_wrong_use(text: str) -> None:
    assert "is no host" in validate(FAR, "--plain-http", text).output


@pytest.mark.usefixtures("elsewhere")
def test_updates_in_a_test_network_need_a_line_as_they_do_elsewhere(serve_mock: ServeMock) -> None:
    served = serve_mock()
    done = validate(served.url, "--plain-http", "127.0.0.1", "--allow-writes", "--rate", "1000")

    assert done.exit_code == 2
    assert "--allow-writes needs --line ID there" in done.output
    assert served.updates == 0


@pytest.mark.parametrize("name", ["0.0.0.0", "localhost."])
def test_what_a_server_on_every_address_calls_itself_is_this_machine(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    only(monkeypatch, "list")
    served = serve_mock()
    done = validate(served.url.replace("127.0.0.1", name), "--rules", "list.schema")

    assert done.exit_code == 0
    assert served.log


def test_an_address_of_all_of_ipv6_is_this_machine_too() -> None:
    done = validate("http://[::]:1/api", "--dry-run")

    assert done.output.startswith("http://[::1]:1/api: nothing was sent.")


@pytest.mark.usefixtures("elsewhere", "state")
def test_what_was_changed_behind_an_edge_in_a_test_network_is_put_back_there(serve_mock: ServeMock) -> None:
    served = serve_mock()
    listed = served.lines(CANARY)[0]
    line = Line(listed["id"], listed["id"], listed["phone_number"], "+12025550199")
    journal = Journal.begin(served.url, {ACCOUNT: [line]})
    journal.sending([(ACCOUNT, line)], [str(listed["forwarding_number"])])
    journal.let_go()
    arguments = ["restore", "--rate", "1000", "--header", "X-Edge=EDGE_SECRET"]
    environment = {ACCOUNT: CANARY, OTHER_ACCOUNT: None, "EDGE_SECRET": SECRET}
    refused = CliRunner().invoke(main, arguments, env=environment)
    done = CliRunner().invoke(main, [*arguments, "--plain-http", "127.0.0.1"], env=environment)

    assert refused.exit_code == 2
    assert done.exit_code == 0
    assert served.lines(CANARY)[0]["forwarding_number"] == "+12025550199"
    assert {seen.headers.get("x-edge") for seen in served.log if seen.method == "PUT"} == {SECRET}


# --- terminals and systems -----------------------------------------------------------------------


def test_colours_that_are_forced_make_no_terminal_of_a_file(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, "list")
    done = validate(serve_mock().url, "--rules", "list.schema", FORCE_COLOR="1", TERM="xterm")

    assert "[1/1] list" in done.stdout
    assert "\x1b[32m" in done.stdout
    assert "\x1b[?25l" not in done.stdout
    assert "\x1b[2K" not in done.stdout


def test_no_colours_are_used_where_none_are_wanted(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, "list")
    done = validate(serve_mock().url, "--rules", "list.schema", NO_COLOR="1", FORCE_COLOR="1", TERM="xterm")

    assert "\x1b[3" not in done.stdout


@pytest.mark.parametrize("arguments", [["mock", "--help"], ["rules"], ["validate", "--help"]])
def test_a_system_without_file_locks_has_the_mock_and_the_rules(arguments: list[str]) -> None:
    hidden = "import sys; sys.modules['fcntl'] = None\nfrom linq_contract.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", hidden, *arguments], capture_output=True, check=False)

    assert done.returncode == 0
    assert done.stderr == b""


@pytest.mark.usefixtures("state")
def test_a_system_without_file_locks_is_told_that_updates_need_them(
    serve_mock: ServeMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    served = serve_mock()
    done = validate(served.url, "--allow-writes")

    assert done.exit_code == 2
    assert "needs the file locks of a POSIX system" in done.output
    assert served.updates == 0
