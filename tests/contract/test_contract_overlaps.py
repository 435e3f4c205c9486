"""What overlapping requests must show: situations by hand, with their times, verdicts and evidence."""

from __future__ import annotations

import json

import pytest
from tests.honest import CONTRACT, OWN, PATH, line, refuse, respond

from linq_contract.contract.lines import Accounts, Line, listed_lines
from linq_contract.contract.numbers import fiction
from linq_contract.http.credentials import ACCOUNT
from linq_contract.http.messages import Attempt, NoAnswer, Request, Response
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.races import (
    LastUpdate,
    ListAmongAccounts,
    ListInRace,
    Race,
    last_updates,
    lists_in,
)
from linq_contract.judge.registry import Subject, checked

A, B, C = (fiction(index) for index in (1, 2, 3))
LINES = {each.key: each for each in listed_lines(line(index) for index in range(4))}
FIRST, SECOND, THIRD, FOURTH = LINES.values()
AUTHORIZATION = ("Authorization", f"Bearer {OWN}")


def exchange(request: Request, answer: Response | NoAnswer, began: float, ended: float) -> Exchange:
    accounts = Accounts()
    accounts[ACCOUNT].adopt(LINES)
    return Exchange.of(Attempt(request, answer, began, ended), CONTRACT, accounts)


def listed(began: float, ended: float, *lines: Line, status: int = 200) -> Exchange:
    """A list, of the first line with some number, and of others."""
    shown = [
        {
            **line(0),
            "id": each.id,
            "phone_number": each.phone_number,
            "forwarding_number": each.forwarding_number,
        }
        for each in lines
    ]
    answer = respond(200, {"phone_numbers": shown}) if status == 200 else refuse(status, 1006)
    return exchange(Request("GET", PATH, (AUTHORIZATION,)), answer, began, ended)


def shows(began: float, ended: float, number: str | None, *others: Line) -> Exchange:
    return listed(began, ended, FIRST._replace(forwarding_number=number), *others)


def put(
    began: float,
    ended: float,
    number: str | None,
    one: Line = FIRST,
    answer: Response | NoAnswer | None = None,
) -> Exchange:
    body = json.dumps({"forwarding_number": number}).encode()
    headers = (AUTHORIZATION, ("Content-Type", "application/json"))
    done = respond(200, {"id": one.id, "phone_number": one.phone_number, "forwarding_number": number})
    return exchange(Request("PUT", f"{PATH}/{one.id}", headers, body), answer or done, began, ended)


FAILURES = {"no answer": NoAnswer("the connection broke"), "a failure": refuse(500, 3006)}
failures = pytest.mark.parametrize("answer", FAILURES.values(), ids=FAILURES)


def broken(subject: Subject) -> dict[str, str]:
    return {rule: problem for rule, problem in checked(subject) if problem}


# --- one line is one register ---------------------------------------------------------------------


def test_lists_that_an_order_of_the_updates_explains_break_nothing() -> None:
    seen = [put(0, 5, A), put(0, 5, B), shows(1, 2, A), shows(6, 7, B)]
    race = Race(FIRST, seen, seen[-1])

    assert [*checked(race)] == [("update.atomic", None)]
    assert (race.violation, race.evidence, race.unwritten) == ((), [], frozenset())
    assert race.tested == seen[2:]


def test_a_list_that_no_order_explains_is_shown_with_what_it_contradicts() -> None:
    seen = [put(0, 1, A), put(2, 3, B, SECOND), shows(4, 5, None), shows(6, 7, A)]
    race = Race(FIRST, seen, seen[-1])

    assert broken(race) == {
        "update.atomic": f"lists showed line {FIRST.key} forward to nothing, which no order of the updates "
        "explains; before them it forwarded to nothing"
    }
    assert race.evidence == [seen[0], seen[2]]


def test_a_line_that_is_missing_from_a_list_meanwhile_is_said_to_be() -> None:
    seen = [put(0, 9, A), listed(1, 2, SECOND), shows(10, 11, A)]

    assert "forward to nothing, being missing" in broken(Race(FIRST, seen, seen[-1]))["update.atomic"]


def test_a_line_that_was_released_breaks_nothing_by_being_missing() -> None:
    seen = [put(0, 9, A), shows(1, 2, A), listed(3, 4, SECOND)]
    race = Race(FIRST, seen, listed(10, 11, SECOND))

    assert broken(race) == {}
    assert race.tested == [seen[1]]


def test_without_a_list_nothing_is_judged() -> None:
    seen = [put(0, 1, A), put(0, 1, B)]

    assert [*checked(Race(FIRST, seen, shows(2, 3, A)))] == []


def test_a_list_that_was_refused_and_one_that_was_sent_again_are_no_reads() -> None:
    waits = Attempt(shows(2, 3, C).request, shows(2, 3, C).response, 2, 3, pause=1.0)
    again = Exchange.of(waits, CONTRACT, Accounts())
    seen = [put(0, 1, A), listed(2, 3, status=503), again]

    assert [*checked(Race(FIRST, seen, shows(4, 5, A)))] == []


def test_an_update_that_was_refused_has_not_taken_place() -> None:
    seen = [put(0, 1, A, answer=refuse(400, 1002)), shows(2, 3, A)]

    assert [*broken(Race(FIRST, seen, seen[-1]))] == ["update.atomic"]


@failures
@pytest.mark.parametrize("shown", [None, A])
def test_an_update_that_failed_may_have_taken_place_or_not(answer: Response, shown: str | None) -> None:
    seen = [put(0, 1, A, answer=answer), shows(2, 3, shown)]

    assert broken(Race(FIRST, seen, seen[-1])) == {}


@failures
def test_an_update_that_failed_may_take_place_later(answer: Response) -> None:
    seen = [put(0, 1, A, answer=answer), shows(2, 3, None), shows(4, 5, A)]

    assert broken(Race(FIRST, seen, seen[-1])) == {}


def test_an_update_that_was_answered_has_taken_place_then() -> None:
    seen = [put(0, 1, A), shows(2, 3, None), shows(4, 5, A)]

    assert [*broken(Race(FIRST, seen, seen[-1]))] == ["update.atomic"]


def test_the_order_in_which_requests_began_counts_and_not_that_in_which_they_ended() -> None:
    seen = [shows(8, 9, B), put(4, 10, B), put(0, 11, A), shows(12, 13, B)]

    assert broken(Race(FIRST, seen, seen[-1])) == {}


def test_what_nobody_known_has_set_is_named() -> None:
    seen = [put(0, 1, A), shows(2, 3, C)]

    assert Race(FIRST, seen, seen[-1]).unwritten == {C}


def test_what_was_set_before_the_race_was_not_set_by_a_stranger() -> None:
    seen = [put(0, 1, A), shows(2, 3, B)]

    assert Race(FIRST._replace(forwarding_number=B), seen, seen[-1]).unwritten == frozenset()


def test_a_clear_by_somebody_else_is_considered_where_it_would_explain_all() -> None:
    seen = [put(0, 1, A), shows(2, 3, None)]

    assert Race(FIRST, seen, seen[-1]).unwritten == {None}


def test_a_clear_by_somebody_else_is_not_considered_where_it_would_not() -> None:
    seen = [put(0, 1, A), put(2, 3, B), shows(4, 5, A)]

    assert Race(FIRST, seen, seen[-1]).unwritten == frozenset()


# --- other lines ----------------------------------------------------------------------------------


def test_lists_of_a_race_concern_the_lines_that_were_there_before_and_after() -> None:
    seen = [put(0, 9, A), shows(1, 2, A, SECOND, THIRD), shows(10, 11, A, SECOND, FOURTH)]
    race = Race(FIRST, seen, seen[-1])
    subjects = [*lists_in(race, {FIRST.key, SECOND.key, THIRD.key})]

    assert subjects == [ListInRace(x, seen[-1], FIRST, {SECOND.key}) for x in seen[1:]]
    assert subjects[0].evidence == (seen[1], seen[-1])
    assert subjects[0].tested == (seen[1],)


def test_a_line_that_is_missing_while_another_is_updated_breaks_isolation() -> None:
    after = shows(10, 11, A, SECOND)
    during = ListInRace(shows(1, 2, A), after, FIRST, {SECOND.key})

    assert broken(during) == {
        "update.isolated": f"line {SECOND.key} was missing from a list while line {FIRST.key} was updated"
    }
    assert broken(ListInRace(shows(1, 2, A, SECOND), after, FIRST, {SECOND.key})) == {}


# --- updates of several lines ---------------------------------------------------------------------


def last_of(*exchanges: Exchange, forgetful: bool = False, listing: Exchange) -> dict[str, LastUpdate]:
    return {x.exchange.named_key: x for x in last_updates(exchanges, listing, is_forgetful=forgetful)}


def test_the_last_update_of_each_line_that_was_accepted_counts() -> None:
    seen = [put(0, 1, A), put(0, 2, B, SECOND), put(3, 4, B), put(5, 6, C, answer=refuse(400, 1002))]
    last = last_of(*seen, listing=shows(7, 8, B))

    assert {key: update.exchange for key, update in last.items()} == {FIRST.key: seen[2], SECOND.key: seen[1]}
    assert last[FIRST.key].own == {A, B}
    assert last[FIRST.key].of_others == {B}
    assert last[SECOND.key].of_others == {A, B}


@failures
def test_what_may_have_been_set_by_an_update_that_failed_is_no_strangers(answer: Response) -> None:
    seen = [put(0, 1, A), put(2, 3, C, answer=answer)]
    last = last_of(*seen, listing=shows(4, 5, C))[FIRST.key]

    assert last.exchange == seen[0]
    assert (last.is_undone, last.unwritten) == (True, frozenset())


def test_an_update_that_the_list_shows_is_kept() -> None:
    last = last_of(put(0, 1, A), listing=shows(4, 5, A))[FIRST.key]

    assert [*checked(last)] == [("update.isolated", None)]
    assert (last.is_undone, last.unwritten) == (False, frozenset())


def test_an_update_that_those_of_other_lines_undid_breaks_isolation() -> None:
    seen = [put(0, 1, A), put(0, 2, B, SECOND)]
    last = last_of(*seen, listing=shows(4, 5, B))[FIRST.key]

    assert broken(last) == {
        "update.isolated": f"line {FIRST.key} shows {B!r} after concurrent updates of other lines; "
        f"its own last update set {A!r}"
    }
    assert last.unwritten == {B}


def test_a_line_that_is_gone_is_not_undone() -> None:
    last = last_of(put(0, 1, A), listing=listed(4, 5, SECOND))[FIRST.key]

    assert (broken(last), last.is_undone, last.unwritten) == ({}, False, frozenset())


def test_a_line_that_forgets_alone_is_not_said_to_be_undone_by_others() -> None:
    seen = [put(0, 1, A), put(0, 2, B, SECOND)]
    forgotten = last_of(*seen, forgetful=True, listing=shows(4, 5, None))[FIRST.key]
    mixed_up = last_of(*seen, forgetful=True, listing=shows(4, 5, B))[FIRST.key]

    assert broken(forgotten) == {}
    assert [*broken(mixed_up)] == ["update.isolated"]


# --- several accounts -----------------------------------------------------------------------------


def test_a_list_with_a_line_of_another_account_breaks_the_rule_of_tenants() -> None:
    among = ListAmongAccounts(shows(0, 1, A, SECOND), {SECOND.key, THIRD.key})

    assert broken(among) == {
        "auth.tenant": f"the list shows line {SECOND.key} of another account while both are used"
    }
    assert among.evidence == (among.exchange,)


def test_a_list_with_own_lines_alone_keeps_it_and_without_other_accounts_nothing_is_judged() -> None:
    assert [*checked(ListAmongAccounts(shows(0, 1, A), {SECOND.key}))] == [("auth.tenant", None)]
    assert [*checked(ListAmongAccounts(shows(0, 1, A), set()))] == []


@pytest.mark.parametrize("kind", [Race, ListInRace, LastUpdate, ListAmongAccounts])
def test_what_overlapped_cannot_be_replayed_one_by_one(kind: type[Subject]) -> None:
    assert kind.is_race
