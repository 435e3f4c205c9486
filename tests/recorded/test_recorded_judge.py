"""Recordings judged: an honest server is never accused, and what a recording cannot tell is left open."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.honest import OWN, PATH, HonestServer, Stored, refuse
from tests.recorded.recordings import (
    BASE,
    IDS,
    OTHER_TOKEN,
    TOKEN,
    UNKNOWN,
    Recorder,
    as_cassette,
    broken,
    checked,
    undecided,
)

from linq_contract.contract.numbers import fiction
from linq_contract.http.messages import Request, Response
from linq_contract.judge.ledger import Verdict
from linq_contract.recorded.cassette import read_cassette
from linq_contract.recorded.entries import RecordingError
from linq_contract.recorded.server import RecordedServer
from linq_contract.recorded.tokens import Tokens

VALUES = st.sampled_from([fiction(1), fiction(2), None, "", "12025550123", 7])
STEPS = st.lists(
    st.tuples(
        st.sampled_from([TOKEN, TOKEN, TOKEN, OTHER_TOKEN, "wrong-1f0e2d3c4b5a6978", None]),
        st.none() | st.integers(0, len(IDS)),
        VALUES,
    ),
    max_size=25,
)


def walked(recorder: Recorder, steps: list[tuple[str | None, int | None, Any]]) -> Recorder:
    recorder.list()
    for token, index, value in steps:
        if index is None:
            recorder.list(token)
        else:
            recorder.put(index, value, token)
    return recorder


@settings(max_examples=60)
@given(STEPS)
def test_an_honest_server_breaks_nothing(steps: list[tuple[str | None, int | None, Any]]) -> None:
    ledger = walked(Recorder(), steps).checked()

    assert broken(ledger) == set()
    assert undecided(ledger) == set()


@settings(max_examples=60)
@given(STEPS, st.sampled_from([(), ("authorization",)]))
def test_an_honest_server_breaks_nothing_where_tokens_were_taken_out_and_times_are_unknown(
    steps: list[tuple[str | None, int | None, Any]], taken_out: tuple[str, ...]
) -> None:
    recorder = walked(Recorder(), steps)
    kept = [
        replace(entry, headers=tuple(pair for pair in entry.headers if pair[0] not in taken_out))
        for entry in recorder.entries
    ]

    assert broken(checked([*read_cassette(as_cassette(kept), "a.yaml")])) == set()


# --- others who use the account ----------------------------------------------------------------


class Forgets(HonestServer):
    def store(self, line: Stored, number: str | None, _body: Stored) -> None:
        pass


def test_what_differs_once_may_be_the_doing_of_others() -> None:
    recorder = Recorder(Forgets())
    recorder.list()
    recorder.put(0, fiction(7))
    recorder.list()
    ledger = recorder.checked()

    assert broken(ledger) == set()
    assert ledger.entries["update.read-your-writes"].verdict() is Verdict.INCONCLUSIVE
    assert "--exclusive" in ledger.entries["update.read-your-writes"].undecided_because


def test_what_differs_once_is_the_doing_of_the_server_where_nobody_else_was_there() -> None:
    recorder = Recorder(Forgets())
    recorder.list()
    recorder.put(0, fiction(7))
    recorder.list()

    assert broken(recorder.checked(exclusive=True)) == {"update.read-your-writes"}


def updates_and_quiet_lists(recorder: Recorder) -> Recorder:
    recorder.list()
    for index in range(2):
        recorder.put(index, fiction(7 + index))
        recorder.list()
        recorder.list()
    return recorder


def test_what_comes_again_soon_after_writes_and_never_without_is_the_doing_of_the_server() -> None:
    ledger = updates_and_quiet_lists(Recorder(Forgets())).checked()

    assert broken(ledger) == {"update.read-your-writes"}


class Colleague(HonestServer):
    """Somebody sets the third line to another number before every list."""

    lists = 0

    def listed(self, token: str) -> list[Stored]:
        self.lists += 1
        self.accounts[OWN][IDS[2]]["forwarding_number"] = fiction(50 + self.lists)
        return super().listed(token)


def test_a_busy_colleague_is_not_held_against_the_server() -> None:
    ledger = updates_and_quiet_lists(Recorder(Colleague())).checked()

    assert broken(ledger) == set()
    assert undecided(ledger) == {"list.safe", "update.isolated"}


def test_what_differs_long_after_a_write_is_never_held_against_the_server() -> None:
    recorder = updates_and_quiet_lists(Recorder(Forgets()))
    slow = [
        replace(entry, began=1_790_000_000 + 60 * number, ended=1_790_000_001 + 60 * number)
        for number, entry in enumerate(recorder.entries)
    ]

    assert broken(checked(slow)) == set()


class Releases(HonestServer):
    """The second line is released after the first list."""

    is_listed = False

    def listed(self, token: str) -> list[Stored]:
        found = super().listed(token)
        if self.is_listed:
            self.accounts[OWN].pop(IDS[1], None)
            return super().listed(token)
        self.is_listed = True
        return found

    def find(self, token: str, line_id: str) -> Stored | None:
        return None if line_id == IDS[1] else super().find(token, line_id)


def test_a_line_that_was_released_may_be_unknown() -> None:
    recorder = Recorder(Releases())
    recorder.list()
    recorder.put(1, fiction(7))
    recorder.list()

    assert broken(recorder.checked()) == set()


class LosesALine(HonestServer):
    def find(self, token: str, line_id: str) -> Stored | None:
        return None if line_id == IDS[1] else super().find(token, line_id)


def test_a_line_that_is_listed_before_and_after_is_not_unknown() -> None:
    recorder = Recorder(LosesALine())
    recorder.list()
    recorder.put(1, fiction(7))
    recorder.list()

    assert broken(recorder.checked()) == {"update.schema"}


# --- tokens ------------------------------------------------------------------------------------


class AcceptsAnything(HonestServer):
    """A wrong token is refused in lists alone."""

    def answer(self, request: Request) -> Response:
        is_wrong = "wrong" in (request.header("Authorization") or "")
        if request.method == "PUT" and is_wrong:
            request = request.with_authorization(f"Bearer {OWN}")
        return super().answer(request)


WRONG = "wrong-1f0e2d3c4b5a6978"


def test_a_token_that_is_refused_before_and_after_is_a_wrong_one_meanwhile() -> None:
    recorder = Recorder(AcceptsAnything())
    recorder.list()
    recorder.list(WRONG)
    recorder.put(0, fiction(7), WRONG)
    recorder.list(WRONG)

    assert broken(recorder.checked()) == {"auth.invalid"}


def test_a_token_that_expires_is_no_wrong_one_before() -> None:
    recorder = Recorder(AcceptsAnything())
    recorder.list()
    recorder.put(0, fiction(7), WRONG)
    recorder.list(WRONG)

    assert broken(recorder.checked()) == set()


def test_tokens_that_are_refused_have_names_of_their_own() -> None:
    recorder = Recorder()
    listed = HonestServer().answer(Request("GET", PATH, (("Authorization", f"Bearer {OWN}"),)))
    for token in (WRONG, TOKEN):
        for response in (Response(401, (), b""), listed, Response(401, (), b"")):
            recorder.keep("GET", PATH, (("authorization", f"Bearer {token}"),), None, response)
    tokens = Tokens()
    tokens.learn_all(recorder.entries)

    assert {tokens.present(entry).authorization for entry in recorder.entries} == {
        "Bearer ${LINQ_UNKNOWN_TOKEN_1}",
        "Bearer ${LINQ_UNKNOWN_TOKEN_2}",
    }


def test_tokens_that_list_the_same_lines_are_of_one_account() -> None:
    class Renews(HonestServer):
        def answer(self, request: Request) -> Response:
            renewed = (request.header("Authorization") or "").replace("renewed-5a6978", OWN)
            return super().answer(request.with_authorization(renewed))

    recorder = Recorder(Renews())
    recorder.list()
    recorder.put(0, fiction(7), "renewed-5a6978")
    recorder.list("renewed-5a6978")
    ledger = recorder.checked()

    assert broken(ledger) == set()
    assert ledger.entries["update.read-your-writes"].tested
    assert not ledger.entries["auth.tenant"].tested


def test_where_the_tokens_of_accounts_are_named_any_other_is_a_wrong_one() -> None:
    recorder = Recorder(AcceptsAnything())
    recorder.list()
    recorder.put(0, fiction(7), WRONG)

    assert broken(recorder.checked(tokens={"LINQ_API_V3_API_KEY": TOKEN})) == {"auth.invalid"}


def test_a_mask_in_the_place_of_the_token_is_no_token() -> None:
    recorder = Recorder()
    recorder.list()
    recorder.list(WRONG)
    masked = [replace(x, headers=(("authorization", "Bearer [REDACTED]"),)) for x in recorder.entries]

    assert broken(checked(masked)) == set()


def test_no_token_stands_in_what_is_reported() -> None:
    class Echoes(HonestServer):
        def answer(self, request: Request) -> Response:
            response = super().answer(request)
            said = json.dumps({"said": TOKEN if OWN in str(request.headers) else WRONG})
            return replace(response, body=said.encode())

    recorder = Recorder(Echoes())
    for token in (TOKEN, WRONG, WRONG):
        recorder.list(token)
    recorder.ask("GET", f"{PATH}?key={TOKEN}", TOKEN)
    ledger = recorder.checked()
    findings = [cause.finding for entry in ledger.entries.values() for cause in entry.causes]

    assert "transport.no-token-echo" in broken(ledger)
    assert not any(secret in repr(findings) for secret in (TOKEN, WRONG))


# --- what a recording lacks --------------------------------------------------------------------


def test_a_failure_counts_once_the_same_request_has_failed_three_times_in_a_row() -> None:
    class Fails(HonestServer):
        def find(self, token: str, line_id: str) -> Stored | None:  # noqa: ARG002 - as the other has it
            raise ZeroDivisionError

        def answer(self, request: Request) -> Response:
            try:
                return super().answer(request)
            except ZeroDivisionError:
                return self.refuse(500, 3001)

    recorder = Recorder(Fails())
    recorder.list()
    recorder.put(0, fiction(7))
    recorder.put(0, fiction(7))
    passing = recorder.checked()
    recorder.put(0, fiction(7))

    assert broken(passing) == set()
    assert passing.entries["update.schema"].verdict() is Verdict.INCONCLUSIVE
    assert broken(recorder.checked()) == {"update.schema"}


def test_an_answer_that_did_not_come_is_no_evidence_and_may_have_changed_the_line() -> None:
    recorder = Recorder()
    recorder.list()
    body = json.dumps({"forwarding_number": fiction(7)}).encode()
    headers = (("Authorization", f"Bearer {TOKEN}"), ("Content-Type", "application/json"))
    recorder.keep("PUT", f"{PATH}/{IDS[0]}", headers, body, None)
    recorder.list()

    assert broken(recorder.checked(exclusive=True)) == set()


def test_bodies_that_were_not_kept_are_not_taken_for_empty_ones() -> None:
    recorder = Recorder()
    recorder.list()
    recorder.put(0, fiction(7))
    recorder.list()
    without = [
        replace(entry, body=None, lacks_body=entry.method == "PUT", answer=replace(entry.answer, body=None))
        if entry.answer and entry.method == "PUT"
        else entry
        for entry in recorder.entries
    ]

    assert broken(checked(without, exclusive=True)) == set()


def test_what_overlapped_may_have_come_in_any_order() -> None:
    recorder = Recorder()
    recorder.list()
    for number in (fiction(8), fiction(7)):
        recorder.put(0, number)
    recorder.list()
    first, one, other, last = recorder.entries
    overlapped = replace(other, began=one.began - 0.01, ended=one.ended - 0.01)

    assert broken(checked([first, one, overlapped, last], exclusive=True)) == set()
    assert broken(checked([first, replace(other, began=one.began - 0.5), one, last], exclusive=True)) == set()
    assert broken(
        checked(
            [first, replace(other, began=one.began - 0.5, ended=one.began - 0.4), one, last], exclusive=True
        )
    ) == {"update.read-your-writes"}


def test_lists_during_an_update_are_those_of_one_register() -> None:
    recorder = Recorder()
    recorder.list()
    recorder.put(0, fiction(7))
    recorder.list()
    recorder.put(0, None)
    recorder.list()
    first, put, shown, cleared, last = recorder.entries
    end = put.began + 1
    during = [
        replace(put, ended=end),
        replace(shown, began=put.began + 0.1, ended=put.began + 0.2),
        replace(last, began=put.began + 0.3, ended=put.began + 0.4),
    ]

    ledger = checked([first, *during])

    assert cleared.began > end
    assert undecided(ledger) | broken(ledger) == {"update.atomic"}


@pytest.mark.parametrize("header", [("Age", "7"), None])
def test_what_a_cache_has_answered_says_nothing_about_the_server(header: tuple[str, str] | None) -> None:
    recorder = Recorder()
    recorder.list()
    answer = recorder.entries[0].answer
    assert answer is not None
    headers = answer.headers if header is None else (*answer.headers, header)
    again = replace(
        recorder.entries[0],
        began=1_790_000_100.0,
        answer=replace(answer, headers=headers),
        is_from_cache=header is None,
    )

    assert broken(checked([recorder.entries[0], again])) == set()


def test_the_same_exchange_in_two_files_is_judged_once() -> None:
    recorder = Recorder()
    recorder.list()
    twice = [*recorder.entries, replace(recorder.entries[0], place="b.har: log.entries[0]")]

    assert broken(checked(twice)) == set()


# --- which server ------------------------------------------------------------------------------


def test_other_hosts_and_paths_are_left_out() -> None:
    recorder = Recorder()
    recorder.list()
    page = replace(recorder.entries[0], url="https://example.com/v3/phone_numbers")
    chats = replace(recorder.entries[0], url=f"{BASE}/v3/chats", answer=None)
    refused = refuse(400, 1003)
    recorder.keep("GET", PATH, (), None, refused)

    ledger = checked([recorder.entries[0], chats, page])

    assert ledger.judged == 1


def test_the_server_may_be_named() -> None:
    recorder = Recorder()
    recorder.list()
    moved = [replace(x, url=x.url.replace("/api/partner", "/linq")) for x in recorder.entries]

    ledger = checked([*moved, *recorder.entries], server=RecordedServer.at(f"{BASE}/"))

    assert ledger.judged == 1


def test_a_recording_of_something_else_is_refused() -> None:
    recorder = Recorder()
    recorder.list()

    with pytest.raises(RecordingError, match="/v3/phone_numbers"):
        checked([replace(recorder.entries[0], url="https://example.com/")])


def test_an_unknown_line_that_was_updated_is_held_against_the_server_once_a_list_lacks_it() -> None:
    class Invents(HonestServer):
        def find(self, token: str, line_id: str) -> Stored | None:
            return super().find(token, line_id) or {"id": line_id, "phone_number": "+12025550199"}

    recorder = Recorder(Invents())
    recorder.list()
    recorder.ask("PUT", f"{PATH}/{UNKNOWN}", TOKEN, {"forwarding_number": None})
    before = recorder.checked()
    recorder.list()

    assert broken(before) == set()
    assert broken(recorder.checked()) == {"update.unknown-id"}


def test_failures_that_pass_do_not_add_up() -> None:
    class FailsNowAndThen(HonestServer):
        requests = 0

        def answer(self, request: Request) -> Response:
            self.requests += 1
            return self.refuse(500, 3001) if self.requests % 2 == 0 else super().answer(request)

    recorder = Recorder(FailsNowAndThen())
    for _ in range(8):
        recorder.list()

    assert broken(recorder.checked()) == set()
