"""The page of the mock, without a browser: its files, their headers, and who gets them."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.mock.conftest import BASE_PATH, InProcess

import linq_document
from linq_mock.accounts import two_accounts
from linq_mock.control import Controlled
from linq_mock.control.page import FILES, FOLDER, POLICY, page_response
from linq_mock.faults import FAULTS
from linq_mock.freedoms import FREEDOMS
from linq_mock.sandbox import Sandbox
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
NAMES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())
VENDORED: dict[str, dict[str, Any]] = json.loads((FOLDER / "vendor/vendored.json").read_text("utf-8"))


class Browser(httpx.Client):
    """A browser, as far as its headers go, of a sandbox in this process."""

    def __init__(self, base_path: str = BASE_PATH, token: str | None = None) -> None:
        self.sandbox = Sandbox(two_accounts(DEFAULT_TOKENS, 3), base_path)
        app = Controlled(self.sandbox, "http://127.0.0.1:8080", token)
        super().__init__(
            base_url="http://127.0.0.1:8080", transport=InProcess(app), headers={"Accept": BROWSER}
        )


@pytest.fixture
def browser() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


# --- who gets it --------------------------------------------------------------------------------


def test_a_browser_gets_the_page(browser: Browser) -> None:
    answer = browser.get("/")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.content == (FOLDER / "index.html").read_bytes()
    assert browser.head("/").headers["Content-Length"] == answer.headers["Content-Length"]
    assert browser.head("/").content == b""
    assert browser.sandbox.log.exchanges() == []


@pytest.mark.parametrize(
    "accept",
    ["*/*", "application/json", "text/*", "", "text/html;q=0", "text/html; q=0.0, application/json"],
)
@pytest.mark.parametrize("base_path", ["", BASE_PATH])
def test_other_clients_get_what_any_unknown_path_gets(accept: str, base_path: str) -> None:
    with Browser(base_path) as browser:
        answers = [
            browser.get(path, headers={"Accept": accept, "Authorization": f"Bearer {token}"})
            for path in ("/", "/nothing")
            for token in (DEFAULT_TOKENS[0], "wrong")
        ]

    assert [answer.status_code for answer in answers] == [404, 401, 404, 401]
    assert len({answer.headers["X-Trace-ID"] for answer in answers}) == 4
    assert len(browser.sandbox.log.exchanges()) == 4


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS", "DELETE"])
def test_other_methods_are_answered_by_the_api(browser: Browser, method: str) -> None:
    assert browser.request(method, "/").status_code == 401


@pytest.mark.parametrize("path", ["//", "/index.html", "/?", "/page.js", BASE_PATH, f"{BASE_PATH}/"])
def test_the_page_is_at_one_path_only(browser: Browser, path: str) -> None:
    is_page = path == "/?"  # a query is not a part of the path

    assert (browser.get(f"http://127.0.0.1:8080{path}").status_code == 200) == is_page


@pytest.mark.parametrize("host", ["rebound.example", "192.0.2.1:8080", "", "[localhost"])
def test_it_is_there_for_this_machine_alone(host: str) -> None:
    with Browser(token="secret") as browser:
        assert browser.get("/", headers={"Host": host}).status_code == 401
        assert browser.get(f"{FILES}page.js", headers={"Host": host}).status_code == 401
        assert browser.get("/", headers={"Host": "localhost:8080"}).status_code == 200


def test_a_mock_without_control_has_no_page() -> None:
    sandbox = Sandbox(two_accounts(DEFAULT_TOKENS, 3), BASE_PATH)
    with httpx.Client(base_url="http://127.0.0.1:8080", transport=InProcess(sandbox)) as client:
        assert client.get("/", headers={"Accept": BROWSER}).status_code == 401
        assert client.get(f"{FILES}page.js").status_code == 401


# --- the files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_served_as_what_it_is(browser: Browser, name: str) -> None:
    answer = browser.get(f"{FILES}{name}", headers={"Accept": "*/*"})
    types = {
        "css": "text/css; charset=utf-8",
        "html": "text/html; charset=utf-8",
        "js": "text/javascript; charset=utf-8",
        "json": "application/json",
        "mjs": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml",
        "txt": "text/plain; charset=utf-8",
    }

    assert answer.content == (FOLDER / name).read_bytes()
    assert answer.headers["Content-Type"] == types[name.rpartition(".")[2]]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == POLICY


def test_the_policy_permits_what_is_served_here_and_nothing_else(browser: Browser) -> None:
    policy = browser.get("/").headers["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))

    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == directives["connect-src"] == "'self'"
    assert directives["frame-ancestors"] == directives["base-uri"] == directives["form-action"] == "'none'"
    assert "unsafe" not in policy
    assert "http" not in policy


def test_a_file_that_is_known_is_not_sent_again(browser: Browser) -> None:
    first = browser.get("/")
    again = browser.get("/", headers={"If-None-Match": first.headers["ETag"]})
    other = browser.get("/", headers={"If-None-Match": '"0"'})

    assert first.headers["Cache-Control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert other.status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "../control/openapi.yaml",
        "..%2fcontrol%2fopenapi.yaml",
        "%2e%2e/control/api.py",
        "vendor/../page.js",
        "//etc/passwd",
        "/etc/passwd",
        "page.js%00",
        "page.js/",
        "vendor",
        "",
        "..\\tokens.py",
    ],
)
def test_nothing_else_is_ever_served(name: str) -> None:
    headers = [(b"host", b"127.0.0.1:8080"), (b"accept", BROWSER.encode())]
    scope = {"method": "GET", "raw_path": f"{FILES}{name}".encode(), "headers": headers}

    assert page_response(scope) is None


def test_a_file_that_there_is_not_is_an_unknown_path(browser: Browser) -> None:
    answer = browser.get(f"{FILES}nothing.js")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == 2019


# --- what it is made of -------------------------------------------------------------------------


@pytest.mark.parametrize("name", VENDORED)
def test_what_others_wrote_is_what_they_published(name: str) -> None:
    stated = VENDORED[name]
    content = (FOLDER / "vendor" / name).read_text("utf-8")
    for published, served in stated.get("replaced", {}).items():
        assert content.count(served) == 1
        content = content.replace(served, published)

    assert hashlib.sha256(content.encode()).hexdigest() == stated["sha256"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", stated["version"])
    licence = (FOLDER / "vendor" / stated["license_file"]).read_text("utf-8")
    assert {"MIT": "The MIT License", "Apache-2.0": "Apache License"}[stated["license"]] in licence


def test_all_that_others_wrote_is_stated() -> None:
    licences = {stated["license_file"] for stated in VENDORED.values()}

    assert {path.name for path in (FOLDER / "vendor").iterdir()} == {*VENDORED, *licences, "vendored.json"}


def test_nothing_is_fetched_from_elsewhere() -> None:
    own = [FOLDER / name for name in NAMES if not name.startswith("vendor/")]
    sources = {path.name: path.read_text("utf-8") for path in own}
    loaded = re.compile(r"""(?:import\s|from\s|src=|href=|url\()\s*["'(](?!\./|/_mock/page/|#)[^"')]+""")

    assert {name: loaded.findall(text) for name, text in sources.items() if loaded.search(text)} == {}
    assert [name for name, text in sources.items() if re.search(r"innerHTML|\beval\b|style=", text)] == []


def test_the_faults_and_freedoms_that_it_offers_first_are_there() -> None:
    source = (FOLDER / "behaviour.js").read_text("utf-8")
    (block,) = re.findall(r"const OFTEN_TRIED = \[(.*?)\]", source, re.DOTALL)
    names = re.findall(r'"(.+?)"', block)

    assert len(names) == 10
    assert set(names) <= {*FAULTS, *FREEDOMS}


def test_the_wheel_has_all_of_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT / "contract_tests", check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}

    assert [name for name in NAMES if f"linq_mock/page/{name}" not in packed] == []
    assert packed["linq_mock/page/page.js"] == (FOLDER / "page.js").read_bytes()


def test_what_it_checks_by_itself_is_what_the_contract_says() -> None:
    source = (FOLDER / "lines.js").read_text("utf-8")
    schemas = linq_document.load().schemas
    (statuses,) = re.findall(r"const REPUTATIONS = \[(.*?)\]", source)
    (pattern,) = re.findall(r"const E164 = /(.*?)/;", source)

    assert re.findall(r'"(.+?)"', statuses) == schemas["ReputationStatus"]["enum"]
    assert pattern == schemas["E164"]["pattern"]
