"""The fixture `linq_mock`, and the mock in a thread of this process."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from linq_mock import LinqMock, MockServer, mocking
from linq_phone_numbers import InternalServerError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.long

pytest_plugins = ["pytester"]

NUMBER = "+13105550199"


@pytest.fixture(autouse=True)
def only_what_a_test_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)


@pytest.fixture
def mock() -> Iterator[LinqMock]:
    with mocking(lines=3) as mock:
        yield mock


# --- the handle ---------------------------------------------------------------------------------


def test_lines_are_what_the_client_lists(linq_mock: LinqMock) -> None:
    listed = linq_mock.client().phone_numbers.list().phone_numbers

    assert [line.phone_number for line in linq_mock.lines] == [line.phone_number for line in listed]
    assert [line.id for line in linq_mock.lines] == [str(line.id) for line in listed]


def test_what_is_set_on_a_line_is_listed(linq_mock: LinqMock) -> None:
    linq_mock.lines[0].reputation = "CRITICAL"
    linq_mock.lines[1].forwarding_number = NUMBER
    linq_mock.lines[2].remove()
    added = linq_mock.add_line(reputation="AT_RISK")
    listed = linq_mock.client().phone_numbers.list().phone_numbers

    assert listed[0].reputation.status == "CRITICAL"
    assert listed[1].forwarding_number == NUMBER
    assert [str(line.id) for line in listed] == [line.id for line in linq_mock.lines]
    assert listed[-1].phone_number == added.phone_number


def test_what_the_program_sets_shows_on_the_line(linq_mock: LinqMock) -> None:
    line = linq_mock.lines[0]
    linq_mock.client().phone_numbers.update(line.id, forwarding_number=NUMBER)

    assert line.forwarding_number == NUMBER
    assert repr(line) == f"MockLine('+12025550100', HEALTHY, forwarding_number='{NUMBER}')"


@pytest.mark.parametrize(
    ("name", "value"), [("reputation", "BAD"), ("forwarding_number", "123"), ("forwarding_number", "")]
)
def test_a_value_that_the_api_could_not_show_is_refused(linq_mock: LinqMock, name: str, value: str) -> None:
    before = repr(linq_mock.lines)
    with pytest.raises(ValueError, match=name):
        setattr(linq_mock.lines[0], name, value)

    assert repr(linq_mock.lines) == before


def test_the_requests_are_there_to_be_asserted(linq_mock: LinqMock) -> None:
    linq_mock.client().phone_numbers.update(linq_mock.lines[0].id, forwarding_number=None)
    (request,) = linq_mock.requests

    assert (request.method, request.status) == ("PUT", 200)
    assert request.path.endswith(f"/v3/phone_numbers/{linq_mock.lines[0].id}")
    assert request.json() == {"forwarding_number": None}
    assert linq_mock.token not in repr(request)


def test_the_next_requests_fail(linq_mock: LinqMock) -> None:
    client = linq_mock.client(max_retries=0)
    linq_mock.fail_next(status=503)
    with pytest.raises(InternalServerError):
        client.phone_numbers.list()

    assert client.phone_numbers.list().phone_numbers
    assert [(request.status, request.behaviour) for request in linq_mock.requests] == [
        (503, "503"),
        (200, ""),
    ]


def test_a_fault_is_this_accounts_alone(linq_mock: LinqMock, linq_mock_server: MockServer) -> None:
    linq_mock.behave(faults=["list.schema/404-when-empty"])
    with linq_mock_server.account() as other:
        assert other.client().phone_numbers.list().phone_numbers
        with pytest.raises(NotFoundError):
            linq_mock.client().phone_numbers.list()
    with pytest.raises(ValueError, match="Did you mean"):
        linq_mock.behave(faults=["list.schema/404-when-emty"])


async def listed_by(mock: LinqMock) -> int:
    async with mock.async_client() as client:
        return len((await client.phone_numbers.list()).phone_numbers)


def test_an_asynchronous_client_is_answered_while_the_test_runs_in_a_loop(linq_mock: LinqMock) -> None:
    import asyncio  # noqa: PLC0415 - of this test alone

    async def use() -> int:
        linq_mock.lines[0].remove()
        return await listed_by(linq_mock)

    assert asyncio.run(use()) == 4


def test_it_works_without_pytest(mock: LinqMock) -> None:
    answer = httpx.get(f"{mock.url}/v3/phone_numbers", headers={"Authorization": f"Bearer {mock.token}"})

    assert len(answer.json()["phone_numbers"]) == 3
    assert mock.environment == {"LINQ_API_V3_BASE_URL": mock.url, "LINQ_API_V3_API_KEY": mock.token}


def test_an_account_is_one_of_the_server_that_runs_and_starts_nothing(linq_mock_server: MockServer) -> None:
    threads = threading.active_count()
    with linq_mock_server.account() as mine, linq_mock_server.account() as yours:
        assert threading.active_count() == threads
        assert (mine.url, mine.token == yours.token) == (yours.url, False)


def test_the_last_account_is_gone_when_its_context_ends(linq_mock_server: MockServer) -> None:
    with linq_mock_server.account("mine") as mock:
        headers = {"Authorization": f"Bearer {mock.token}"}

    assert httpx.get(f"{mock.url}/v3/phone_numbers", headers=headers).status_code == 401


# --- the plugin ---------------------------------------------------------------------------------


def outcomes(pytester: pytest.Pytester, text: str, *arguments: str) -> pytest.RunResult:
    """Run tests with this plugin and those of the arguments: to import all that there are takes longer."""
    pytester.makepyfile(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        return pytester.runpytest_subprocess("-p", "linq_mock.pytest_plugin", *arguments)


def test_each_test_has_an_account_of_its_own_with_the_same_lines_in_every_run(
    pytester: pytest.Pytester,
) -> None:
    text = """
        seen = []

        def test_one(linq_mock):
            print("id", linq_mock.lines[0].id)
            linq_mock.lines[0].reputation = "CRITICAL"
            assert linq_mock.name.endswith(".py-test_one")

        def test_two(linq_mock):
            assert linq_mock.lines[0].reputation == "HEALTHY"
            assert linq_mock.requests == []
    """
    runs = [outcomes(pytester, text, "-s") for _ in range(2)]

    assert [run.parseoutcomes()["passed"] for run in runs] == [2, 2]
    ids = [re.findall(r"id (\S+)", "\n".join(run.outlines)) for run in runs]
    assert ids[0] == ids[1]


UNEXPECTED = """
    import httpx, pytest

    def get(mock, path, token=None):
        headers = {"Authorization": f"Bearer {token or mock.token}"}
        return httpx.get(mock.url + path, headers=headers)

    def test_path(linq_mock):
        get(linq_mock, "/v3/phonenumbers")

    def test_method(linq_mock):
        headers = {"Authorization": f"Bearer {linq_mock.token}"}
        httpx.post(linq_mock.url + "/v3/phone_numbers", headers=headers)

    def test_token(linq_mock):
        get(linq_mock, "/v3/phone_numbers", "of-nobody")

    def test_fails_by_itself(linq_mock):
        assert get(linq_mock, "/v3/phonenumbers").status_code == 200

    @pytest.mark.linq_mock(strict=False)
    def test_relaxed(linq_mock):
        get(linq_mock, "/v3/nothing")

    @pytest.mark.linq_mock(lines=1)
    def test_answers_of_the_api_are_expected(linq_mock):
        assert len(linq_mock.lines) == 1
        headers = {"Authorization": f"Bearer {linq_mock.token}"}
        assert httpx.put(linq_mock.url + "/v3/phone_numbers/x", headers=headers).status_code == 400
"""


def test_an_unexpected_request_fails_the_test_and_names_what_is_near(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)  # where pytest says each failure twice
    run = outcomes(pytester, UNEXPECTED)

    run.assert_outcomes(passed=2, failed=4)
    text = run.stdout.str()
    assert "GET /api/partner/v3/phonenumbers: There is nothing at this path." in text
    assert "Did you mean /api/partner/v3/phone_numbers?" in text
    assert "Its methods are GET, HEAD, OPTIONS." in text
    assert "nobody has its token" in text
    assert "assert 404 == 200" in text
    assert text.count("mark the test with @pytest.mark.linq_mock(strict=False)") == 4


def test_an_option_relaxes_all_tests(pytester: pytest.Pytester) -> None:
    outcomes(pytester, UNEXPECTED, "-o", "linq_mock_strict=false").assert_outcomes(passed=5, failed=1)


def test_a_marker_that_is_misspelt_is_refused(pytester: pytest.Pytester) -> None:
    text = "import pytest\n\n@pytest.mark.linq_mock(line=1)\ndef test_it(linq_mock): pass"

    assert "takes lines= and strict=" in outcomes(pytester, text).stdout.str()


def test_the_workers_of_xdist_do_not_meet(pytester: pytest.Pytester) -> None:
    text = """
        import pytest

        @pytest.mark.parametrize("number", range(8))
        def test_it(linq_mock, number):
            sent = f"+1310555019{number}"
            linq_mock.client().phone_numbers.update(linq_mock.lines[0].id, forwarding_number=sent)
            assert [request.json()["forwarding_number"] for request in linq_mock.requests] == [sent]
    """

    outcomes(pytester, text, "-p", "xdist.plugin", "-n", "2").assert_outcomes(passed=8)


def test_loading_the_plugin_imports_no_server() -> None:
    wanted = "{'uvicorn', 'yaml', 'linq_phone_numbers'}"
    program = f"import sys, linq_mock.pytest_plugin; print({wanted} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"


# --- beside other plugins -----------------------------------------------------------------------

BESIDE = {
    "respx": """
        import httpx, respx

        def test_what_respx_is_told_is_its_own_and_the_rest_reaches_the_mock(linq_mock):
            with respx.mock(assert_all_called=True) as router:
                router.get("https://example.com/").respond(text="of respx")
                router.route(host="127.0.0.1").pass_through()
                assert httpx.get("https://example.com/").text == "of respx"
                assert linq_mock.client().phone_numbers.list().phone_numbers
            assert len(linq_mock.requests) == 1

        def test_after_it(linq_mock):
            assert linq_mock.client().phone_numbers.list().phone_numbers
    """,
    "pytest-httpx": """
        import httpx, pytest

        @pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")
        def test_what_it_mocks_is_its_own_and_the_rest_reaches_the_mock(linq_mock, httpx_mock):
            httpx_mock.add_response(url="https://example.com/", text="of httpx_mock")
            assert httpx.get("https://example.com/").text == "of httpx_mock"
            assert linq_mock.client().phone_numbers.list().phone_numbers
            assert len(httpx_mock.get_requests()) == len(linq_mock.requests) == 1

        def test_after_it(linq_mock):
            assert linq_mock.client().phone_numbers.list().phone_numbers
    """,
    "pytest-asyncio": """
        import asyncio, pytest, pytest_asyncio

        @pytest_asyncio.fixture
        async def client(linq_mock):
            async with linq_mock.async_client() as client:
                yield client

        @pytest.mark.asyncio
        async def test_an_update(linq_mock, client):
            line = linq_mock.lines[0]
            await client.phone_numbers.update(line.id, forwarding_number="+13105550199")
            assert line.forwarding_number == "+13105550199"

        @pytest.mark.asyncio
        async def test_many_at_once(linq_mock, client):
            linq_mock.fail_next(status=429, retry_after=0)
            await asyncio.gather(*(client.phone_numbers.list() for _ in range(20)))
            assert len(linq_mock.requests) == 21
    """,
    "pytest-randomly": """
        import pytest, random

        @pytest.mark.parametrize("number", range(20))
        def test_it(linq_mock, number):
            assert linq_mock.requests == []
            linq_mock.lines[0].reputation = random.choice(["HEALTHY", "AT_RISK", "CRITICAL"])
            assert linq_mock.client().phone_numbers.list().phone_numbers
    """,
}
STRICTLY = ("-W", "error")
ASYNCIO = ("-o", "asyncio_default_fixture_loop_scope=function")
PLUGINS = {
    "respx": ("-p", "respx.plugin"),
    "pytest-httpx": ("-p", "pytest_httpx"),
    "pytest-asyncio": ("-p", "pytest_asyncio.plugin", *ASYNCIO),
    "pytest-randomly": ("-p", "pytest_randomly"),
}
OF_ALL = {"respx": 2, "pytest-httpx": 2, "pytest-asyncio": 2, "pytest-randomly": 20}


@pytest.mark.parametrize("plugin", BESIDE)
def test_it_works_beside_another_plugin(pytester: pytest.Pytester, plugin: str) -> None:
    run = outcomes(pytester, BESIDE[plugin], *PLUGINS[plugin], *STRICTLY)

    run.assert_outcomes(passed=OF_ALL[plugin])


def test_it_works_beside_all_of_them_in_workers_and_in_any_order(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**{f"test_{plugin.replace('-', '_')}": text for plugin, text in BESIDE.items()})
    run = pytester.runpytest_subprocess("-n", "2", "-p", "no:schemathesis", *ASYNCIO, *STRICTLY)

    run.assert_outcomes(passed=sum(OF_ALL.values()))
    assert "Using --randomly-seed=" in run.stdout.str()
