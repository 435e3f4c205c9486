"""The control API: accounts, lines, behaviour, requests and events of a running mock."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from subprocess import PIPE, run
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from openapi_spec_validator import validate
from tests.mock.conftest import BASE_PATH, InProcess

import linq_document
from linq_mock.accounts import made_up_lines, two_accounts
from linq_mock.control import Controlled, is_loopback
from linq_mock.control.api import Control
from linq_mock.control.events import EventStream
from linq_mock.faults import FAULTS
from linq_mock.freedoms import FREEDOMS
from linq_mock.log import LONGEST_BODY, MOST_ENTRIES, BrokenRule, Exchange, Verdict
from linq_mock.sandbox import Sandbox
from linq_mock.settings import Setting
from linq_mock.tokens import DEFAULT_TOKENS
from linq_mock.variation import Variation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
DOCUMENT = linq_document.read(ROOT / "mock_server/linq_mock/control/openapi.yaml")
NUMBER = "+13105550199"
SENDS_THE_LAST_WORD = """#!/bin/sh
for word; do :; done
case "$word" in (@-) cat ;; (@*) cat "${word#@}" ;; (*) printf %s "$word" ;; esac
"""


class Client(httpx.Client):
    """A client of a sandbox in this process, and of its control API."""

    def __init__(self, sandbox: Sandbox, token: str | None = None) -> None:
        self.sandbox = sandbox
        app = Controlled(sandbox, "http://127.0.0.1:8080", token)
        super().__init__(base_url="http://127.0.0.1:8080", transport=InProcess(app))

    def ask(self, method: str, path: str, status: int = 200, **request: Any) -> Any:
        response = self.request(method, f"/_mock{path}", **request)
        assert response.status_code == status, response.text
        assert len(response.headers["X-Trace-ID"]) == 32
        return response.json() if response.content else None

    def listing(self, token: str = DEFAULT_TOKENS[0], **headers: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", **headers}
        return self.get(f"{BASE_PATH}/v3/phone_numbers", headers=headers)

    def forward(self, line: dict[str, Any], token: str = DEFAULT_TOKENS[0], **headers: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", **headers}
        path = f"{BASE_PATH}/v3/phone_numbers/{line['id']}"
        return self.put(path, json={"forwarding_number": NUMBER}, headers=headers)

    def lines(self, token: str = DEFAULT_TOKENS[0]) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = self.listing(token).json()["phone_numbers"]
        return lines


def a_sandbox(**options: Any) -> Sandbox:
    return Sandbox(two_accounts(DEFAULT_TOKENS, 3), BASE_PATH, **options)


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(a_sandbox()) as client:
        yield client


def refusal(client: Client, method: str, path: str, body: object = None, status: int = 400) -> str:
    message: str = client.ask(method, path, status, json=body)["error"]["message"]
    return message


# --- the document -------------------------------------------------------------------------------


def test_it_has_a_valid_document_of_its_own(client: Client) -> None:
    document = client.ask("GET", "/openapi.json")

    assert document == DOCUMENT.raw
    validate(document)


def test_every_operation_of_the_document_is_there() -> None:
    assert all(hasattr(Control, operation_id) for operation_id in DOCUMENT.operations)


def test_our_templates_write_a_client_of_it_that_works(client: Client, tmp_path: Path) -> None:
    document = ROOT / "mock_server/linq_mock/control/openapi.yaml"
    command: list[str | Path] = [
        sys.executable,
        ROOT / "overrides/generate.py",
        "--document",
        document,
        "--output",
        tmp_path,
    ]
    run(command, check=True)
    answer = client.get("/_mock/state").text
    use = f"""
import httpx, linq_phone_numbers as linq
answer = httpx.Response(200, text={answer!r}, headers={{"Content-Type": "application/json"}})
client = linq.LinqClient("x", http_client=httpx.Client(transport=httpx.MockTransport(lambda _: answer)))
print(client.state.get().accounts[0].lines[0].phone_number)
"""
    done = run(
        [sys.executable, "-c", use],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        check=False,
    )

    assert done.stdout.decode().strip() == "+12025550100", done.stderr.decode()


def test_it_has_the_contract_of_the_mocked_api(client: Client) -> None:
    assert client.ask("GET", "/contract") == linq_document.load().raw


# --- who may use it -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Host": "192.0.2.1:8080"},
        {"Host": ""},
        {"Host": "[localhost"},
        {"Origin": "https://somewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_web_page_of_another_site_is_refused(client: Client, headers: dict[str, str]) -> None:
    assert client.ask("POST", "/reset", 403, headers=headers)["error"]["code"] == 2005


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:80", "127.9.9.9"])
def test_a_program_and_the_own_page_are_not(client: Client, host: str) -> None:
    client.ask("GET", "/state", headers={"Host": host})
    client.ask("GET", "/state", headers={"Host": host, "Origin": f"http://{host}"})


def test_a_token_of_its_own_is_asked_for_when_there_is_one() -> None:
    with Client(a_sandbox(), "secret") as client:
        client.ask("GET", "/state", 401)
        client.ask("GET", "/state", 401, headers={"Authorization": f"Bearer {DEFAULT_TOKENS[0]}"})
        client.ask("GET", "/state", headers={"Authorization": "Bearer secret", "Host": "mock.example"})


def test_which_addresses_are_loopback() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.1.2.3", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.168.0.1", "example.com", "")))


def test_what_the_document_does_not_permit_is_refused_with_the_reason(client: Client) -> None:
    assert "The body at /latency" in refusal(client, "PUT", "/behaviour", {"latency": -1})
    assert "additionalProperties" in refusal(client, "PUT", "/behaviour", {"fault": ["x"]})
    assert "limit" in refusal(client, "GET", "/requests?limit=0")
    assert refusal(client, "GET", "/nothing", status=404).startswith("There is nothing at this path.")
    assert "GET, HEAD, OPTIONS, PUT" in refusal(client, "PATCH", "/state", status=405)


# --- accounts and lines -------------------------------------------------------------------------


def test_an_account_made_at_run_time_is_apart_from_the_others(client: Client) -> None:
    made = client.ask("POST", "/accounts", 201, json={"name": "mine", "lines": 2})
    others = client.lines()
    client.forward(made["lines"][0], made["token"])

    assert client.lines(made["token"])[0]["forwarding_number"] == NUMBER
    assert len(client.lines(made["token"])) == 2
    assert client.lines() == others
    assert client.forward(made["lines"][0]).status_code == 404


def each(name: str, account: dict[str, Any]) -> set[str]:
    return {line[name] for line in account["lines"]}


def test_the_lines_of_a_name_are_the_same_each_time_and_their_ids_no_others(client: Client) -> None:
    first = client.ask("POST", "/accounts", 201, json={"name": "a"})
    other = client.ask("POST", "/accounts", 201, json={"name": "b"})
    client.ask("DELETE", "/accounts/a", 204)
    again = client.ask("POST", "/accounts", 201, json={"name": "a"})

    assert first["lines"] == again["lines"]
    assert first["token"] != again["token"]
    assert {line["phone_number"] for line in first["lines"]} == {
        line["phone_number"] for line in other["lines"]
    }
    assert not {line["id"] for line in first["lines"]} & {line["id"] for line in other["lines"]}


def test_names_and_tokens_are_made_up_when_none_is_given(client: Client) -> None:
    made = [client.ask("POST", "/accounts", 201, json={}) for _ in range(3)]

    assert [account["name"] for account in made] == ["account-3", "account-4", "account-5"]
    assert len({account["token"] for account in made}) == 3


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        ({"name": "account-1"}, "There is an account account-1 already"),
        ({"token": DEFAULT_TOKENS[0]}, "There is an account with this token already"),
        ({"name": "a/b"}, "/name"),
        ({"name": "."}, "/name"),
        ({"name": ".."}, "/name"),
        ({"name": "\ud800"}, "not valid JSON"),
        ({"token": "\ud800"}, "not valid JSON"),
        ({"lines": float("nan")}, "not valid JSON"),
        ({"lines": "x"}, "/lines"),
        ({"lines": [*made_up_lines(1), *made_up_lines(1)]}, "Two lines have the same id"),
    ],
)
def test_an_account_that_cannot_be_is_refused(client: Client, account: dict[str, Any], reason: str) -> None:
    before = client.ask("GET", "/accounts")

    refused = client.ask("POST", "/accounts", 400, content=json.dumps(account))

    assert reason in refused["error"]["message"]
    assert client.ask("GET", "/accounts") == before


def test_a_whole_number_may_be_written_with_a_point(client: Client) -> None:
    made = client.ask("POST", "/accounts", 201, json={"lines": 2.0})
    client.ask("PUT", "/behaviour", json={"status": 503.0, "retry_after": 1.0})
    answer = client.listing()

    assert len(made["lines"]) == 2
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


def test_a_deleted_account_is_gone(client: Client) -> None:
    client.ask("DELETE", "/accounts/account-1", 204)

    assert client.listing().status_code == 401
    assert (
        client.ask("DELETE", "/accounts/account-1", 404)["error"]["message"]
        == "There is no account account-1"
    )


def test_a_line_is_given_another_reputation_and_forwarding_number(client: Client) -> None:
    line = client.lines()[0]
    path = f"/accounts/account-1/lines/{line['id'].upper()}"
    client.ask("PATCH", path, json={"reputation": "CRITICAL", "forwarding_number": NUMBER})

    shown = client.lines()[0]
    assert shown["reputation"]["status"] == shown["health_status"]["status"] == "CRITICAL"
    assert shown["reputation"]["doc_url"].endswith("#critical")
    assert shown["forwarding_number"] == NUMBER


def test_lines_are_added_and_removed(client: Client) -> None:
    added = client.ask("POST", "/accounts/account-1/lines", 201, json={"reputation": "AT_RISK"})
    client.ask("DELETE", f"/accounts/account-1/lines/{client.lines()[0]['id']}", 204)

    assert client.lines()[-1] == added
    assert len(client.lines()) == 3
    taken = {"phone_number": added["phone_number"]}
    assert (
        "same phone_number"
        in client.ask("POST", "/accounts/account-1/lines", 400, json=taken)["error"]["message"]
    )
    client.ask(
        "PATCH", f"/accounts/account-1/lines/{made_up_lines(9)[8]['id']}", 404, json={"reputation": "HEALTHY"}
    )


def test_the_id_of_a_released_line_never_comes_again(client: Client) -> None:
    gone = [line["id"] for line in client.lines()]
    for phone_number_id in gone:
        client.ask("DELETE", f"/accounts/account-1/lines/{phone_number_id}", 204)
        client.ask("POST", "/accounts/account-1/lines", 201, json={})

    assert not {line["id"] for line in client.lines()} & set(gone)
    assert len({line["id"] for line in client.lines()}) == 3


# --- state --------------------------------------------------------------------------------------


def test_a_state_that_was_got_can_be_had_again(client: Client) -> None:
    client.ask("POST", "/accounts", 201, json={"name": "more"})
    client.ask("PUT", "/behaviour?account=more", json={"latency": 0.001})
    state = client.ask("GET", "/state")
    client.ask("POST", "/reset")
    client.ask(
        "PUT", "/state", json={name: state[name] for name in ("accounts", "behaviour", "account_behaviours")}
    )

    again = client.ask("GET", "/state")
    assert {**again, "requests": 0, "newest": 0} == {**state, "requests": 0, "newest": 0}
    assert state["base_url"] == "http://127.0.0.1:8080/api/partner"


def test_a_state_that_cannot_be_changes_nothing(client: Client) -> None:
    before = client.ask("GET", "/state")
    account = before["accounts"][0]
    states: list[dict[str, Any]] = [
        {"accounts": [account, account]},
        {"accounts": [account], "behaviour": {"faults": ["x"]}},
        {"accounts": [account], "account_behaviours": {"nobody": {}}},
    ]
    for state in states:
        client.ask("PUT", "/state", 404 if "account_behaviours" in state else 400, json=state)

    assert client.ask("GET", "/state") == before


def test_a_reset_brings_back_the_start() -> None:
    with Client(a_sandbox(setting=Setting(freedoms=("1-line",)))) as client:
        before = client.ask("GET", "/state")
        client.forward(client.lines()[0])
        client.ask("POST", "/accounts", 201, json={})
        client.ask("PUT", "/behaviour", json={"status": 503})
        client.ask("POST", "/reset")

        assert client.ask("GET", "/state")["accounts"] == before["accounts"]
        assert client.ask("GET", "/behaviour") == before["behaviour"]
        assert client.ask("GET", "/requests")["requests"] == []
        assert len(client.lines()) == 1


# --- behaviour ----------------------------------------------------------------------------------


def statuses(client: Client, count: int, token: str = DEFAULT_TOKENS[0]) -> list[int]:
    return [client.listing(token).status_code for _ in range(count)]


def test_every_nth_request_gets_an_error(client: Client) -> None:
    client.ask("PUT", "/behaviour", json={"status": 429, "retry_after": 2, "every": 3})
    answers = [client.listing() for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 200, 200, 429]
    assert answers[2].headers["Retry-After"] == "2"
    assert answers[2].json()["error"]["retry_after"] == 2
    assert answers[2].json()["error"]["code"] == 1007


def test_the_next_requests_get_an_error_and_then_no_more(client: Client) -> None:
    client.ask("PUT", "/behaviour", json={"status": 503, "next": 2})

    assert statuses(client, 4) == [503, 503, 200, 200]
    assert client.ask("GET", "/behaviour")["next"] == 0


def test_an_account_has_a_behaviour_of_its_own(client: Client) -> None:
    client.ask("PUT", "/behaviour", json={"status": 500})
    client.ask("PUT", "/behaviour?account=account-2", json={"faults": ["list.schema/404-when-empty"]})

    assert statuses(client, 1) == [500]
    assert client.listing(DEFAULT_TOKENS[1]).status_code == 404
    assert client.ask("GET", "/state")["account_behaviours"].keys() == {"account-2"}
    client.ask("DELETE", "/behaviour?account=account-2", 204)
    assert client.listing(DEFAULT_TOKENS[1]).status_code == 500
    client.ask("PUT", "/behaviour?account=nobody", 404, json={})


def test_when_the_requests_of_an_account_are_over_what_is_for_all_comes_back(client: Client) -> None:
    client.ask("PUT", "/behaviour", json={"status": 500})
    client.ask("PUT", "/behaviour?account=account-1", json={"next": 2})

    assert statuses(client, 3) == [200, 200, 500]
    assert client.ask("GET", "/state")["account_behaviours"] == {}


def test_answers_wait(client: Client) -> None:
    client.ask("PUT", "/behaviour", json={"latency": 0.05})
    client.listing()

    assert client.ask("GET", "/requests")["requests"][0]["seconds"] >= 0.05


def test_a_fault_is_switched_on_and_off(client: Client) -> None:
    line = client.lines()[1]
    client.ask("PUT", "/behaviour", json={"faults": ["update.read-your-writes/stale-by-one"]})
    client.forward(line)
    assert client.lines()[1]["forwarding_number"] != NUMBER
    client.ask("PUT", "/behaviour", json={})

    assert client.lines()[1]["forwarding_number"] == NUMBER


def test_a_header_asks_for_one_request(client: Client) -> None:
    header = "X-Mock-Behaviour"
    varied = client.listing(**{header: "unknown-properties"}).json()["phone_numbers"][0]

    assert "line_type" in varied
    assert "line_type" not in client.lines()[0]
    assert client.listing(**{header: "429"}).status_code == 429
    assert client.listing(**{header: "503, unknown-headers"}).status_code == 503
    refused = client.listing(**{header: "unknown-propertie"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, 1005)
    assert "Did you mean unknown-properties?" in refused.json()["error"]["message"]
    assert client.listing(**{header: "0-lines"}).status_code == 400
    assert len(client.lines()) == 3


def test_a_header_asks_for_nothing_where_it_is_not_taken() -> None:
    with Client(a_sandbox(takes_header=False)) as client:
        assert client.listing(**{"X-Mock-Behaviour": "429"}).status_code == 200


def test_behaviours_that_are_not_there_are_refused_and_change_nothing(client: Client) -> None:
    client.ask("PUT", "/behaviour", json={"latency": 0.001})
    for wrong in ({"faults": ["x"]}, {"freedoms": ["x"]}, {"status": 418}):
        client.ask("PUT", "/behaviour", 400, json=wrong)

    assert client.ask("GET", "/behaviour")["latency"] == 0.001


def test_the_catalogues_are_listed_with_what_they_break(client: Client) -> None:
    listed = client.ask("GET", "/behaviours")

    assert [entry["name"] for entry in listed["faults"]] == list(FAULTS)
    assert [entry["name"] for entry in listed["freedoms"]] == list(FREEDOMS)
    assert listed["faults"][0]["rules"] == list(FAULTS[listed["faults"][0]["name"]].rules())


@pytest.mark.parametrize("name", [*FAULTS, *FREEDOMS])
def test_a_variation_that_changes_the_lines_says_so(name: str) -> None:
    variation: type[Variation] = {**FAULTS, **FREEDOMS}[name]
    accounts, untouched = two_accounts(DEFAULT_TOKENS, 5), two_accounts(DEFAULT_TOKENS, 5)
    variation(accounts, "")

    assert variation.arranges_lines == ([a.lines for a in accounts] != [a.lines for a in untouched])


# --- requests -----------------------------------------------------------------------------------


def test_requests_are_listed_with_their_answers_and_without_the_token(client: Client) -> None:
    line = client.lines()[0]
    client.forward(line)
    page = client.ask("GET", "/requests")
    update = page["requests"][-1]

    assert [each["method"] for each in page["requests"]] == ["GET", "PUT"]
    assert (update["account"], update["response"]["status"]) == ("account-1", 200)
    assert json.loads(update["body"]) == {"forwarding_number": NUMBER}
    assert json.loads(update["response"]["body"])["forwarding_number"] == NUMBER
    assert update["curl"].startswith("curl -i -X PUT http://127.0.0.1:8080/api/partner/v3/phone_numbers/")
    assert DEFAULT_TOKENS[0] not in json.dumps(page)


def test_a_token_of_nobody_is_concealed_too(client: Client) -> None:
    client.listing("a-token-of-production")

    assert "a-token-of-production" not in json.dumps(client.ask("GET", "/requests"))


@pytest.mark.parametrize("body", [b"@/dev/null", bytes(range(256)), b'{"\xd9\x85": "it\'s"}'])
def test_the_command_of_a_request_sends_its_bytes(client: Client, tmp_path: Path, body: bytes) -> None:
    client.request("GET", f"{BASE_PATH}/v3/[1]", content=body)
    command = client.ask("GET", "/requests")["requests"][-1]["curl"]
    (tmp_path / "curl").write_text(SENDS_THE_LAST_WORD)
    (tmp_path / "curl").chmod(0o700)
    path = f"{tmp_path}:{os.environ['PATH']}"
    sent = run(["sh", "-c", command], env={"PATH": path}, stdout=PIPE, check=True)

    assert f"curl -i -X GET -g 'http://127.0.0.1:8080{BASE_PATH}/v3/[1]'" in command
    assert sent.stdout == body


def test_no_token_is_in_the_command_of_a_request_with_bytes_that_are_no_text(client: Client) -> None:
    token = "a-token-of-production"
    headers = {"Authorization": f"Bearer {token}"}
    client.put(f"{BASE_PATH}/v3/phone_numbers/x", content=b"\xff" + token.encode(), headers=headers)
    command = client.ask("GET", "/requests")["requests"][-1]["curl"]

    assert "".join(f"\\{byte:03o}" for byte in token.encode()) not in command
    assert "".join(f"\\{byte:03o}" for byte in b"${LINQ_API_V3_API_KEY}") in command


def test_a_short_token_is_concealed_where_it_is_presented_and_no_letter_of_an_answer_is(
    client: Client,
) -> None:
    answered = client.listing("x")
    (request,) = client.ask("GET", "/requests")["requests"]
    headers = {header["name"]: header["value"] for header in request["headers"]}

    assert headers["authorization"] == "Bearer ${LINQ_API_V3_API_KEY}"
    assert request["response"]["body"] == answered.text
    assert "x-trace-id" in {header["name"] for header in request["response"]["headers"]}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 4),
        ("?method=put", 1),
        ("?status=404", 1),
        ("?account=account-2", 1),
        ("?account=", 1),
        ("?path=nothing", 1),
        ("?limit=2", 2),
        ("?rule=list.schema", 0),
    ],
)
def test_requests_are_filtered(client: Client, query: str, count: int) -> None:
    client.forward(client.sandbox.accounts[0].lines[next(iter(client.sandbox.accounts[0].lines))])
    client.listing(DEFAULT_TOKENS[1])
    client.listing("nobody")
    client.get("/nothing", headers={"Authorization": f"Bearer {DEFAULT_TOKENS[0]}"})

    assert len(client.ask("GET", f"/requests{query}")["requests"]) == count


def test_pages_have_every_request_once(client: Client) -> None:
    for _ in range(7):
        client.listing()
    numbers: list[int] = []
    following: int | None = 0
    while following is not None:
        page = client.ask("GET", f"/requests?limit=3&after={following}")
        numbers += [each["number"] for each in page["requests"]]
        following = page["next"]

    assert numbers == [1, 2, 3, 4, 5, 6, 7]


def test_only_the_newest_requests_and_the_beginning_of_bodies_are_kept(client: Client) -> None:
    long = {"forwarding_number": "x" * 2 * LONGEST_BODY}
    path = f"{BASE_PATH}/v3/phone_numbers/{next(iter(client.sandbox.accounts[0].lines))}"
    answer = client.put(path, json=long, headers={"Authorization": f"Bearer {DEFAULT_TOKENS[0]}"})
    kept = client.ask("GET", "/requests")["requests"][0]
    for _ in range(MOST_ENTRIES + 5):
        client.listing()

    assert answer.status_code == 400
    assert kept["cut"]
    assert len(kept["body"]) == LONGEST_BODY
    assert len(client.sandbox.log.exchanges()) == MOST_ENTRIES


class Judge:
    def __init__(self) -> None:
        self.judged: list[int] = []

    def judge(self, exchange: Exchange) -> Verdict:
        self.judged.append(exchange.number)
        broken = (BrokenRule("list.schema", "bad"),) if exchange.status == 500 else ()
        return Verdict(("transport.json",), broken)


def test_a_judge_says_which_rules_were_kept_and_broken_once_and_in_order(client: Client) -> None:
    judge = client.sandbox.log.judge = Judge()
    client.listing()
    client.listing(**{"X-Mock-Behaviour": "500"})
    client.listing()
    broken = client.ask("GET", "/requests?rule=list.schema")["requests"]

    assert [each["rules"] for each in broken] == [
        {"passed": ["transport.json"], "broken": [{"rule": "list.schema", "evidence": "bad"}]}
    ]
    assert broken[0]["behaviour"] == "500"
    client.ask("GET", "/requests")
    assert judge.judged == [1, 2, 3]


def test_a_request_is_sent_again_as_it_was(client: Client) -> None:
    line = client.lines()[0]
    client.forward(line)
    client.ask("PATCH", f"/accounts/account-1/lines/{line['id']}", json={"forwarding_number": None})
    first = client.ask("GET", "/requests?method=PUT")["requests"][0]

    again = client.ask("POST", f"/requests/{first['number']}/again", 201)
    assert {name: again[name] for name in ("method", "path", "headers", "body", "curl", "account")} == {
        name: first[name] for name in ("method", "path", "headers", "body", "curl", "account")
    }
    assert again["number"] > first["number"]
    assert again["response"]["status"] == 200
    assert client.lines()[0]["forwarding_number"] == NUMBER


def test_a_wrong_token_is_wrong_again_and_a_behaviour_asked_for_again(client: Client) -> None:
    client.listing("nobody's")
    client.listing(**{"X-Mock-Behaviour": "503"})
    numbers = [each["number"] for each in client.ask("GET", "/requests")["requests"]]
    again = [client.ask("POST", f"/requests/{number}/again", 201) for number in numbers]

    assert [each["response"]["status"] for each in again] == [401, 503]
    assert "nobody's" not in json.dumps(again)


def test_a_request_that_is_not_kept_whole_is_not_sent_again(client: Client) -> None:
    line = client.lines()[0]
    path = f"{BASE_PATH}/v3/phone_numbers/{line['id']}"
    client.put(path, content=b" " * (LONGEST_BODY + 1))
    number = client.ask("GET", "/requests?method=PUT")["requests"][0]["number"]

    assert "not kept whole" in refusal(client, "POST", f"/requests/{number}/again")
    assert "There is no request 99" in refusal(client, "POST", "/requests/99/again", status=404)
    assert "number" in refusal(client, "POST", "/requests/x/again")


def test_a_request_with_a_long_answer_is_sent_again(client: Client) -> None:
    made = client.ask("POST", "/accounts", 201, json={"lines": 300})
    client.listing(made["token"])
    number = client.ask("GET", "/requests")["requests"][0]["number"]

    assert client.ask("POST", f"/requests/{number}/again", 201)["response"]["status"] == 200


def test_requests_are_forgotten_when_that_is_asked_for(client: Client) -> None:
    client.listing()
    client.ask("DELETE", "/requests", 204)

    assert client.ask("GET", "/requests") == {"requests": [], "next": None}


# --- events -------------------------------------------------------------------------------------


async def events(
    sandbox: Sandbox, last: str | None, until: str, happen: Callable[[], None] = lambda: None
) -> str:
    """Read the stream of events until a text has come; let something happen when it has begun."""
    app = Controlled(sandbox, "")
    headers = [(b"host", b"localhost"), *([(b"last-event-id", last.encode())] if last else [])]
    scope = {
        "type": "http",
        "method": "GET",
        "raw_path": b"/_mock/events",
        "query_string": b"",
        "headers": headers,
    }
    gone, text, came = asyncio.Event(), "", asyncio.Event()
    unread = [{"type": "http.request", "body": b""}]

    async def receive() -> dict[str, Any]:
        if unread:
            return unread.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal text
        if text == "":
            asyncio.get_running_loop().call_soon(happen)
        text += message.get("body", b"").decode()
        if until in text:
            came.set()

    task = asyncio.ensure_future(app(scope, receive, send))
    await asyncio.wait_for(came.wait(), 5)
    gone.set()
    await asyncio.wait_for(task, 5)
    return text


def ids(text: str) -> list[int]:
    return [int(line.removeprefix("id: ")) for line in text.splitlines() if line.startswith("id: ")]


def test_events_come_with_ids_and_go_on_after_the_last_one(client: Client) -> None:
    client.listing()
    client.ask("POST", "/accounts", 201, json={"name": "new"})
    client.listing()

    text = asyncio.run(events(client.sandbox, "1", "id: 3"))
    assert ids(text) == [2, 3]
    assert "event: change\nid: 2\n" in text
    assert '"what": "account added", "account": "new"' in text


def test_a_gap_is_told(client: Client) -> None:
    for _ in range(MOST_ENTRIES + 3):
        client.sandbox.log.note("x")

    text = asyncio.run(events(client.sandbox, "1", f"id: {MOST_ENTRIES + 3}"))
    assert text.startswith(": linq-mock\n\nevent: gap\nid: 1\n")


def test_whoever_looks_on_keeps_no_request_waiting(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linq_mock.control.events._TURN", 0)
    log, parts = client.sandbox.log, list[str]()
    for _ in range(3):
        log.note("x")

    async def look_on() -> None:
        closing = asyncio.Event()

        async def send(message: Any) -> None:
            parts.append(message.get("body", b"").decode())
            if "id: 3" in parts[-1]:
                closing.set()

        async def receive() -> dict[str, Any]:
            await closing.wait()
            return {"type": "http.disconnect"}

        await EventStream(log, "", 0, closing, "")({}, receive, send)

    asyncio.run(asyncio.wait_for(look_on(), 5))
    assert [ids(part) for part in parts if "id: " in part] == [[1], [2], [3]]


def test_an_event_comes_when_it_happens(client: Client) -> None:
    def happen() -> None:
        client.sandbox.log.note("something")

    text = asyncio.run(events(client.sandbox, None, "event: change", happen))

    assert '"what": "something"' in text
