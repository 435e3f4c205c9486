"""The auditor: an honest server is never accused, and each small lie is called by its name."""

from __future__ import annotations

import copy
import gc
import itertools
import json
from dataclasses import replace
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.honest import CONTRACT, OTHER, OWN, PATH, HonestServer, Stored, line

from linq_contract.contract.lines import UNSETTLED, Account, Line, listed_lines
from linq_contract.contract.numbers import fiction
from linq_contract.http.credentials import ACCOUNT
from linq_contract.http.messages import Attempt, NoAnswer, Request, Response
from linq_contract.judge.auditor import Auditor
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.history import Chapter
from linq_contract.judge.ledger import Ledger
from linq_contract.judge.registry import checked_rules
from linq_contract.run.memory import Memory
from linq_contract.run.workloads.inputs import INVALID_NUMBERS

IDS = [line(index)["id"] for index in range(5)]
UNKNOWN = "00000000-0000-4000-8000-000000000000"
NUMBERS = [fiction(index) for index in range(1, 4)]

Step: TypeAlias = tuple[str, int | None, dict[str, Any]]
"""Whose token, the number of the line to update (None lists the account), and the body."""


class Judged:
    """A server whose every answer an auditor sees."""

    def __init__(self, server: HonestServer) -> None:
        self.server = server
        self.auditor = Auditor(CONTRACT, Ledger([*CONTRACT.rules.values()]))

    @property
    def broken(self) -> set[str]:
        return set(self.auditor.ledger.broken_counts())

    def look(self, token: str = OWN) -> None:
        request = Request("GET", PATH, (("Authorization", f"Bearer {token}"),))
        chapter = self.auditor.chapter(self.judge(request))
        if chapter is not None:
            self.auditor.close(chapter)

    def judge(self, request: Request) -> Exchange:
        return self.hold(Attempt(request, self.server.answer(request)))

    def hold(self, attempt: Attempt) -> Exchange:
        return self.auditor.judge(self.auditor.exchange_of(attempt))

    def put(self, index: int, token: str = OWN, /, **body: object) -> None:
        self.judge(self.request(index, token, **body))

    def request(self, index: int, token: str = OWN, /, **body: object) -> Request:
        target = f"{PATH}/{[*IDS, UNKNOWN][index]}"
        headers = (("Authorization", f"Bearer {token}"), ("Content-Type", "application/json"))
        return Request("PUT", target, headers, json.dumps(body).encode())

    def run(self, steps: list[Step]) -> None:
        for token, index, body in steps:
            if index is None:
                self.look(token)
            else:
                self.put(index, token, **body)


@pytest.mark.parametrize("answered_as_done", [True, False])
def test_what_another_method_changes_breaks_no_rule_of_refusals_where_it_is_answered_as_done(
    *, answered_as_done: bool
) -> None:
    judged = Judged(HonestServer())
    judged.look()
    update = judged.request(0, forwarding_number=NUMBERS[2])
    done = judged.server.answer(update)
    refused = judged.server.answer(judged.request(0, forwarding_number="x"))
    judged.hold(Attempt(replace(update, method="POST"), done if answered_as_done else refused))
    judged.hold(Attempt(replace(update, method="PATCH"), refused))
    judged.look()

    assert "transport.unknown-method" in judged.broken
    assert ("update.rejected-unchanged" in judged.broken) is not answered_as_done


VALUES = st.sampled_from([*NUMBERS, None, ""]) | st.sampled_from(INVALID_NUMBERS)
BODIES = st.fixed_dictionaries(
    {},
    optional={"forwarding_number": VALUES, "phone_number": st.just("+12025550198"), "id": st.just(UNKNOWN)},
)
STEPS: st.SearchStrategy[Step] = st.tuples(
    st.sampled_from([OWN, OWN, OWN, OTHER, "wrong", ""]), st.none() | st.integers(0, len(IDS)), BODIES
)


@given(st.lists(STEPS, max_size=30))
def test_an_honest_server_is_never_accused(steps: list[Step]) -> None:
    judged = Judged(HonestServer())
    judged.run([(OWN, None, {}), (OTHER, None, {}), *steps, (OWN, None, {}), (OTHER, None, {})])

    assert judged.broken == set()


def another(number: str | None) -> str:
    return NUMBERS[0] if number == NUMBERS[2] else NUMBERS[2]


class ForgetsSets(HonestServer):
    def store(self, line: Stored, number: str | None, _body: Stored) -> None:
        line["forwarding_number"] = line["forwarding_number"] if number else None


class ListsOneUpdateBehind(HonestServer):
    behind: dict[str, dict[str, Stored]] | None = None

    def store(self, line: Stored, number: str | None, body: Stored) -> None:
        self.behind = copy.deepcopy(self.accounts)
        super().store(line, number, body)

    def listed(self, token: str) -> list[Stored]:
        return list((self.behind or self.accounts)[token].values())


class ForgetsNulls(HonestServer):
    def store(self, line: Stored, number: str | None, _body: Stored) -> None:
        line["forwarding_number"] = line["forwarding_number"] if number is None else number or None


class ForgetsEmptyStrings(HonestServer):
    def store(self, line: Stored, number: str | None, _body: Stored) -> None:
        line["forwarding_number"] = line["forwarding_number"] if number == "" else number


class StoresEmptyStrings(HonestServer):
    def store(self, line: Stored, number: str | None, _body: Stored) -> None:
        line["forwarding_number"] = number


class WritesTheNeighbour(HonestServer):
    def store(self, line: Stored, number: str | None, body: Stored) -> None:
        for one in (line, self.accounts[OWN][IDS[2]]):
            super().store(one, number, body)


class WritesTheOtherAccount(HonestServer):
    def store(self, line: Stored, number: str | None, body: Stored) -> None:
        for one in (line, self.accounts[OTHER][IDS[4]]):
            super().store(one, number, body)


class RenumbersTheLine(HonestServer):
    def store(self, line: Stored, number: str | None, body: Stored) -> None:
        super().store(line, number, body)
        line["phone_number"] = "+12025550197"


class LosesALine(HonestServer):
    def store(self, line: Stored, number: str | None, body: Stored) -> None:
        super().store(line, number, body)
        self.accounts[OWN].pop(IDS[2], None)


class ClearsWhenRepeated(HonestServer):
    def store(self, line: Stored, number: str | None, _body: Stored) -> None:
        line["forwarding_number"] = None if line["forwarding_number"] == number else number or None


class AnswersRepeatsDifferently(HonestServer):
    def updated(self, line: Stored, number: str | None) -> Stored:
        line["times"] = line.get("times", 0) + 1
        answered = super().updated(line, number)
        return answered if line["times"] % 2 else {**answered, "id": answered["id"].replace("3f", "4f")}


class StoresWhatItRejects(HonestServer):
    def on_rejected(self, line: Stored) -> None:
        line["forwarding_number"] = another(line["forwarding_number"])


class RejectsAndWritesTheNeighbour(HonestServer):
    def on_rejected(self, line: Stored) -> None:  # noqa: ARG002 - the signature of the honest one
        neighbour = self.accounts[OWN][IDS[2]]
        neighbour["forwarding_number"] = NUMBERS[neighbour["forwarding_number"] == NUMBERS[0]]


class StoresForStrangers(HonestServer):
    def on_refused(self, request: Request) -> None:
        if request.method == "PUT":
            self.accounts[OWN][IDS[0]]["forwarding_number"] = NUMBERS[2]


class ClearsWhenListed(HonestServer):
    def listed(self, token: str) -> list[Stored]:
        listed = [dict(each) for each in super().listed(token)]
        for each in self.accounts[token].values():
            each["forwarding_number"] = None
        return listed


class MixesAccounts(HonestServer):
    def listed(self, token: str) -> list[Stored]:
        return [*super().listed(token), *super().listed(OTHER if token == OWN else OWN)]


class UpdatesAnyAccount(HonestServer):
    def find(self, token: str, line_id: str) -> Stored | None:
        return super().find(token, line_id) or super().find(OTHER, line_id) or super().find(OWN, line_id)


class UpdatesOtherAccountsInSilence(HonestServer):
    def find(self, token: str, line_id: str) -> Stored | None:
        if line_id in self.accounts[OTHER] and token == OWN:
            line = self.accounts[OTHER][line_id]
            line["forwarding_number"] = another(line["forwarding_number"])
        return super().find(token, line_id)


class ForbidsWhatItDoes(UpdatesOtherAccountsInSilence):
    def refuse(self, status: int, code: int, **changes: Any) -> Response:
        return super().refuse(403, 2005) if status == 404 else super().refuse(status, code, **changes)


class AssignsAnything(HonestServer):
    def store(self, line: Stored, number: str | None, body: Stored) -> None:
        super().store(line, number, body)
        line.update({name: value for name, value in body.items() if name == "phone_number"})


SET, SET_AGAIN = (OWN, 0, {"forwarding_number": NUMBERS[1]}), (OWN, 0, {"forwarding_number": NUMBERS[2]})
SET_NEXT = (OWN, 1, {"forwarding_number": NUMBERS[2]})
CLEAR, EMPTY = (OWN, 1, {"forwarding_number": None}), (OWN, 1, {"forwarding_number": ""})
INVALID = (OWN, 0, {"forwarding_number": f"{NUMBERS[1]}x"})
ANONYMOUS = ("", 0, {"forwarding_number": NUMBERS[1]})
TRESPASS = (OWN, 3, {"forwarding_number": None})
LOOK: Step = (OWN, None, {})
LOOK_THERE: Step = (OTHER, None, {})
EXTRA = (OWN, 0, {"forwarding_number": NUMBERS[1], "phone_number": "+12025550198"})
ANONYMOUS_EXTRA: Step = ("", 0, {"forwarding_number": EXTRA[2]["phone_number"]})
MASS_ASSIGNMENT = {"update.no-mass-assignment", "update.isolated", "update.echo"}

LIES: list[tuple[type[HonestServer], list[Step], set[str]]] = [
    (ForgetsSets, [SET], {"update.read-your-writes"}),
    (ForgetsSets, [SET, LOOK, SET], {"update.read-your-writes"}),
    (ForgetsSets, [SET, INVALID], {"update.read-your-writes"}),
    (ListsOneUpdateBehind, [SET, LOOK, SET_NEXT, LOOK, EXTRA, LOOK, INVALID], {"update.read-your-writes"}),
    (ForgetsNulls, [CLEAR], {"update.clear-null"}),
    (ForgetsEmptyStrings, [EMPTY], {"update.clear-empty"}),
    (StoresEmptyStrings, [EMPTY], {"update.clear-empty", "list.forwarding-number", "list.schema"}),
    (WritesTheNeighbour, [SET], {"update.isolated"}),
    (WritesTheNeighbour, [SET, INVALID], {"update.isolated"}),
    (RejectsAndWritesTheNeighbour, [INVALID], {"update.rejected-unchanged"}),
    (WritesTheOtherAccount, [SET, LOOK_THERE], {"update.isolated"}),
    (RenumbersTheLine, [SET], {"update.isolated", "update.echo"}),
    (LosesALine, [SET], {"update.isolated"}),
    (ClearsWhenRepeated, [SET, LOOK, SET], {"update.idempotent", "update.read-your-writes"}),
    (AnswersRepeatsDifferently, [SET, SET], {"update.idempotent", "update.echo"}),
    (StoresWhatItRejects, [INVALID], {"update.rejected-unchanged"}),
    (StoresWhatItRejects, [SET_NEXT, INVALID], {"update.rejected-unchanged"}),
    (StoresForStrangers, [ANONYMOUS], {"auth.no-write"}),
    (ClearsWhenListed, [], {"list.safe"}),
    (MixesAccounts, [], {"auth.tenant"}),
    (UpdatesAnyAccount, [TRESPASS, LOOK_THERE], {"auth.tenant"}),
    (UpdatesOtherAccountsInSilence, [TRESPASS, LOOK_THERE], {"auth.tenant", "update.rejected-unchanged"}),
    (ForbidsWhatItDoes, [TRESPASS, LOOK_THERE], {"auth.tenant", "auth.no-write"}),
    (AssignsAnything, [EXTRA], MASS_ASSIGNMENT),
    (AssignsAnything, [ANONYMOUS_EXTRA, LOOK, EXTRA], MASS_ASSIGNMENT),
]


@pytest.mark.parametrize(("server", "steps", "rules"), LIES, ids=[lie[0].__name__ for lie in LIES])
def test_a_lie_breaks_these_rules_and_no_others(
    server: type[HonestServer], steps: list[Step], rules: set[str]
) -> None:
    judged = Judged(server())
    judged.run([LOOK_THERE, LOOK, *steps, LOOK])

    assert judged.broken == rules


@pytest.mark.parametrize("server", [lie[0] for lie in LIES])
def test_no_lie_goes_unnoticed_whatever_happened_before(server: type[HonestServer]) -> None:
    @settings(max_examples=10)
    @given(st.lists(STEPS, max_size=8))
    def check(steps: list[Step]) -> None:
        judged = Judged(server())
        probes = [SET, LOOK, LOOK, SET, LOOK, LOOK_THERE, SET_AGAIN, LOOK, LOOK_THERE, INVALID, LOOK]
        probes += [(OWN, 1, SET[2]), LOOK, CLEAR, LOOK, (OWN, 1, SET[2]), LOOK, EMPTY, LOOK, SET, LOOK]
        probes += [INVALID, LOOK, ANONYMOUS, LOOK, TRESPASS, LOOK_THERE, EXTRA, LOOK, LOOK_THERE]
        history = itertools.chain.from_iterable((step, LOOK, LOOK_THERE) for step in steps)
        judged.run([LOOK, LOOK_THERE, *history, *probes])
        expected = next(rules for lie, _, rules in LIES if lie is server)

        assert judged.broken & expected

    check()


def test_what_is_remembered_of_traffic_without_end_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = 20
    monkeypatch.setattr("linq_contract.judge.auditor._MOST_REMEMBERED", bound)
    before = _updates_in_memory()
    judged = Judged(HonestServer())
    judged.look()
    for index in range(bound * 20):
        judged.put(0, forwarding_number=NUMBERS[index % 3])
        judged.put(0, forwarding_number=f"{NUMBERS[0]}{index:04}")
        judged.put(0, "wrong", forwarding_number=NUMBERS[0])

    assert _updates_in_memory() - before < 10 * bound


def _updates_in_memory() -> int:
    gc.collect()
    return sum(isinstance(each, Exchange) and each.is_update for each in gc.get_objects())


def test_a_trace_id_that_comes_again_is_found_while_it_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linq_contract.judge.auditor._MOST_REMEMBERED", 3)
    judged = Judged(HonestServer())
    request = judged.request(0, forwarding_number=None)
    first, *others = (judged.server.answer(request) for _ in range(5))
    for answer in (first, *others, first, others[-1]):
        judged.hold(Attempt(request, answer))

    assert judged.auditor.ledger.entries["transport.trace-id-unique"].broken == 1


def test_every_history_check_has_a_lie_that_it_finds() -> None:
    assert checked_rules(Chapter) <= set().union(*(rules for _, _, rules in LIES))


def test_a_trace_id_that_comes_twice_is_found_with_both_exchanges() -> None:
    judged = Judged(HonestServer())
    requests = [judged.request(0, forwarding_number=number) for number in NUMBERS[:2]]
    answer = judged.server.answer(requests[0])
    for request in requests:
        judged.hold(Attempt(request, answer))

    assert evidence(judged, "transport.trace-id-unique") == requests


# --- the evidence ------------------------------------------------------------------------------


READING = Request("GET", f"{PATH}?a=b", (("Authorization", f"Bearer {OWN}"),))


def evidence(judged: Judged, rule: str) -> list[Request]:
    """The requests that show how a rule is broken."""
    finding = judged.auditor.ledger.entries[rule].finding
    assert finding is not None
    return [exchange.request for exchange in finding.evidence]


class ClearsWhenRead(HonestServer):
    def answer(self, request: Request) -> Response:
        if request == READING:
            self.accounts[OWN][IDS[1]]["forwarding_number"] = None
        return super().answer(request)


def test_what_was_read_before_a_change_without_an_update_is_evidence() -> None:
    judged = Judged(ClearsWhenRead())
    judged.look()
    judged.judge(READING)
    judged.look()

    assert READING in evidence(judged, "list.safe")


def test_what_was_read_is_no_evidence_beside_an_update() -> None:
    judged = Judged(ForgetsSets())
    judged.look()
    judged.judge(READING)
    judged.run([SET, LOOK])

    assert READING not in evidence(judged, "update.read-your-writes")


def test_what_was_read_is_no_evidence_where_nothing_has_changed() -> None:
    judged = Judged(MixesAccounts())
    judged.run([LOOK_THERE, LOOK])
    assert "auth.tenant" not in judged.broken
    judged.judge(READING)
    judged.look()

    assert READING not in evidence(judged, "auth.tenant")


class ForgetsSetsOfTheFirstLine(ForgetsSets):
    def store(self, line: Stored, number: str | None, body: Stored) -> None:
        (ForgetsSets if line["id"] == IDS[0] else HonestServer).store(self, line, number, body)


def test_where_another_line_has_changed_every_update_is_evidence() -> None:
    judged = Judged(RejectsAndWritesTheNeighbour())
    judged.run([LOOK, INVALID, LOOK])

    assert judged.request(0, **INVALID[2]) in evidence(judged, "update.rejected-unchanged")


@pytest.mark.parametrize("took_place", [True, False])
def test_an_update_that_is_redirected_has_changed_nothing(*, took_place: bool) -> None:
    judged = Judged(HonestServer())
    judged.look()
    request = judged.request(0, forwarding_number=NUMBERS[2])
    if took_place:
        judged.server.answer(request)
    redirected = replace(request, target=f"{request.target}/")
    judged.hold(Attempt(redirected, Response(308, (("Location", request.target),), b"")))
    judged.look()

    assert ("update.rejected-unchanged" in judged.broken) is took_place


def test_an_update_of_a_line_that_is_as_it_should_be_is_no_evidence() -> None:
    judged = Judged(ForgetsSetsOfTheFirstLine())
    judged.run([LOOK, SET_NEXT, SET, LOOK])

    updated = [request.target for request in evidence(judged, "update.read-your-writes") if request.body]
    assert updated == [f"{PATH}/{IDS[0]}"]


def test_what_requests_one_after_the_other_show_is_no_race() -> None:
    judged = Judged(ForgetsSets())
    judged.run([LOOK, SET, LOOK])
    finding = judged.auditor.ledger.entries["update.read-your-writes"].finding

    assert finding is not None
    assert not finding.is_race


def test_a_chapter_is_tested_by_its_last_update() -> None:
    judged = Judged(HonestServer())
    judged.run([LOOK, SET])
    last = judged.judge(judged.request(1, forwarding_number=NUMBERS[2]))
    chapter = judged.auditor.chapter(
        judged.judge(Request("GET", PATH, (("Authorization", f"Bearer {OWN}"),)))
    )

    assert chapter is not None
    assert chapter.tested == (last,)


def test_an_update_that_failed_is_not_one_that_was_rejected() -> None:
    judged = Judged(HonestServer())
    judged.look()
    judged.hold(Attempt(judged.request(0, forwarding_number=NUMBERS[2]), Response(500, (), b"")))
    judged.server.accounts[OWN][IDS[2]]["forwarding_number"] = NUMBERS[2]
    judged.look()

    assert "update.rejected-unchanged" not in judged.broken


@pytest.mark.parametrize("answer", [NoAnswer("reset"), Response(500, (), b""), Response(504, (), b"")])
def test_after_an_update_of_which_nobody_knows_either_value_is_right(answer: Response | NoAnswer) -> None:
    for took_place in (True, False):
        judged = Judged(HonestServer())
        judged.look()
        request = judged.request(0, forwarding_number=NUMBERS[2])
        if took_place:
            judged.server.answer(request)
        judged.hold(Attempt(request, answer))
        judged.look()

        assert not {
            rule for rule in judged.broken if rule.startswith(("update.read", "list.safe", "update.iso"))
        }


def test_a_number_that_the_run_never_sent_is_told_from_those_it_did() -> None:
    for number, is_unheard_of in ((fiction(99), True), (NUMBERS[1], False), ("x", False)):
        judged, memory = Judged(HonestServer()), Memory()
        judged.look()
        memory.sent(judged.judge(judged.request(0, forwarding_number=NUMBERS[1])))
        judged.look()
        judged.server.accounts[OWN][IDS[2]]["forwarding_number"] = number
        chapter = judged.auditor.chapter(
            judged.judge(Request("GET", PATH, (("Authorization", f"Bearer {OWN}"),)))
        )

        assert chapter is not None
        assert memory.has_unheard_of(chapter.differences) is is_unheard_of


def test_an_exchange_judged_alone_leaves_the_model_as_it_is() -> None:
    judged = Judged(HonestServer())
    judged.look()
    before = dict(judged.auditor.accounts[ACCOUNT].lines or {})
    request = judged.request(0, forwarding_number=NUMBERS[2])
    exchange = judged.auditor.exchange_of(Attempt(request, judged.server.answer(request)))
    judged.auditor.judge_alone(exchange)

    assert judged.auditor.accounts[ACCOUNT].lines == before


# --- the account -------------------------------------------------------------------------------


def lines(*triples: tuple[str, str, str | None]) -> dict[str, Line]:
    items: list[Stored] = [
        {"id": line_id, "phone_number": number, "forwarding_number": forwarding}
        for line_id, number, forwarding in triples
    ]
    return {line.key: line for line in listed_lines(items)}


FIRST, SECOND, THIRD = ((line_id, f"+1202555019{index}", None) for index, line_id in enumerate(IDS[:3]))


@pytest.fixture
def account() -> Account:
    account = Account()
    account.adopt(lines(FIRST, SECOND))
    return account


@pytest.mark.parametrize("spelling", [IDS[0], IDS[0].upper(), IDS[0].replace("-", "")])
def test_a_line_is_found_by_any_spelling_of_its_id(account: Account, spelling: str) -> None:
    found = account.find(spelling)

    assert found is not None
    assert found.id == IDS[0]


@pytest.mark.parametrize(
    ("listed", "text"),
    [
        ([FIRST], f"line {IDS[1]} is no longer listed"),
        ([FIRST, SECOND, THIRD], f"line {IDS[2]} is listed and was not there before"),
        (
            [(*FIRST[:2], NUMBERS[0]), SECOND],
            f"line {IDS[0]} shows forwarding_number '{NUMBERS[0]}', expected null",
        ),
        (
            [(IDS[0], "+12025550199", None), SECOND],
            f"line {IDS[0]} shows phone_number '+12025550199', expected '+12025550190'",
        ),
    ],
)
def test_a_difference_is_told_in_a_sentence(
    account: Account, listed: list[tuple[str, str, str | None]], text: str
) -> None:
    assert [str(difference) for difference in account.differences(lines(*listed))] == [text]


def test_order_and_letter_case_are_no_difference(account: Account) -> None:
    listed = lines((IDS[1].upper(), *SECOND[1:]), FIRST)

    assert list(account.differences(listed)) == []


def test_an_unsettled_line_may_show_any_number(account: Account) -> None:
    account.set(IDS[0], UNSETTLED)

    assert list(account.differences(lines((*FIRST[:2], NUMBERS[0]), SECOND))) == []


def test_updates_at_once_leave_a_line_unsettled(account: Account) -> None:
    account.unsettle(IDS[1])

    for number in (None, *NUMBERS[:2]):
        assert list(account.differences(lines(FIRST, (*SECOND[:2], number)))) == []


def test_an_update_is_what_the_next_list_is_compared_with(account: Account) -> None:
    account.set(IDS[1], NUMBERS[0])

    assert list(account.differences(lines(FIRST, (*SECOND[:2], NUMBERS[0])))) == []
