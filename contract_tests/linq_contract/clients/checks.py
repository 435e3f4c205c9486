"""What is held against a client: each check looks at what it did in one situation, beside the honest one."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import linq_document
from linq_contract.clients.program import Performance
from linq_contract.clients.situations import CUT, LIMITED, OUTAGE, REDIRECT, REFUSALS, RETRY_AFTER
from linq_contract.clients.stage import BASE_PATH, Seen
from linq_contract.contract.classification import FIELD
from linq_contract.http.credentials import ACCOUNT, Credentials, is_distinctive
from linq_contract.http.messages import json_object, parse_json, printable
from linq_mock.documented import DocumentedOperation
from linq_mock.problems import Problem as MockProblem
from linq_mock.routes import Routes, operation_of

_SHORTEST_PAUSE = 0.1  # seconds
_EARLY = 0.05  # seconds: what a clock and a timer may differ by
_MOST_TRIES = 10  # more than the retries of any SDK by itself
_FAILURES = frozenset({429, 502, 503})


@dataclass(frozen=True)
class Problem:
    """What is wrong, and the requests that show it."""

    text: str
    shown_by: Sequence[Seen] = ()


Outcome: TypeAlias = "Problem | None"
Check: TypeAlias = Callable[[Performance, Performance], Iterator[Outcome]]
"""Given what a client did, here and with the honest server: an outcome each time that the rule applied."""

CHECKS: dict[str, Check] = {}


def check(rule: str) -> Callable[[Check], Check]:
    """Register the check of a rule."""

    def register(function: Check) -> Check:
        CHECKS[rule] = function
        return function

    return register


# --- what is sent -------------------------------------------------------------------------------


@check("client.valid-requests")
def requests_are_those_of_the_contract(here: Performance, _honest: Performance) -> Iterator[Outcome]:
    for seen in here.seen:
        problem = _what_is_wrong_with(seen)
        yield Problem(problem, [seen]) if problem else None


@check("client.clear-null")
def a_number_is_cleared_with_null(here: Performance, _honest: Performance) -> Iterator[Outcome]:
    for seen in here.seen:
        body = json_object(parse_json(seen.call.body)) or {}
        if body.get(FIELD, "another") in {None, ""}:
            yield Problem("it sets the empty string", [seen]) if body[FIELD] == "" else None


@check("client.token-in-header")
def the_token_stands_in_authorization_alone(here: Performance, _honest: Performance) -> Iterator[Outcome]:
    credentials = Credentials({ACCOUNT: here.token})
    for seen in here.seen:
        presented = seen.call.headers.getlist("Authorization")
        others = [(name, value) for name, value in seen.call.headers.items() if name != "authorization"]
        rest = json.dumps([seen.call.raw_path, seen.call.query_string, others]).encode() + seen.call.body
        if credentials.conceal(rest) != rest:
            yield Problem("the token stands elsewhere than in Authorization", [seen])
        elif here.token in " ".join(presented) and presented != [f"Bearer {here.token}"]:
            yield Problem("Authorization is not 'Bearer' and the token", [seen])
        else:
            yield None


@check("client.token-not-elsewhere")
def the_token_stays_with_its_host(here: Performance, _honest: Performance) -> Iterator[Outcome]:
    if here.situation is not REDIRECT or not here.seen:
        return
    credentials = Credentials({ACCOUNT: here.token})
    for seen in here.elsewhere:
        headers = json.dumps(list(seen.call.headers.items())).encode()
        text = b"\n".join(
            [seen.call.raw_path.encode(), seen.call.query_string.encode(), headers, seen.call.body]
        )
        if credentials.conceal(text) != text:
            yield Problem("the host that it was redirected to was sent the token", [seen])
            return
    yield None


@check("client.token-not-printed")
def the_token_is_not_printed(here: Performance, _honest: Performance) -> Iterator[Outcome]:
    credentials = Credentials({ACCOUNT: here.token})
    assert is_distinctive(here.token)
    for name, text in (("stdout", here.stdout), ("stderr", here.stderr)):
        if credentials.conceal(text) != text:
            yield Problem(f"the token stands in {name}")
            return
    yield None


# --- what is sent again -------------------------------------------------------------------------


@check("client.retry-after")
def it_waits_as_long_as_it_is_asked_to(here: Performance, _honest: Performance) -> Iterator[Outcome]:
    if here.situation is not LIMITED:
        return
    for failed, again in _tried_again(here, {429}):
        waited = again.at - failed.at
        is_early = waited < RETRY_AFTER - _EARLY
        text = f"it asked again after {waited:.2f} s, and Retry-After was {RETRY_AFTER}"
        yield Problem(text, [failed, again]) if is_early else None


@check("client.retries-bounded")
def what_keeps_failing_is_given_up(here: Performance, honest: Performance) -> Iterator[Outcome]:
    if here.situation is not OUTAGE:
        return
    meant = Counter(seen.identity for seen in honest.seen)
    for identity, seen in _by_identity(here).items():
        tries = len(seen) / max(1, meant[identity])
        text = f"it sent the same {len(seen)} times, and was answered with 503 each time"
        yield Problem(text, [seen[0], seen[-1]]) if tries > _MOST_TRIES else None
    if here.exit_code is None:
        yield Problem(f"{here.ending}, with 503 for an answer each time", here.seen[-2:])


@check("client.retry-with-backoff")
def it_pauses_before_it_tries_again(here: Performance, _honest: Performance) -> Iterator[Outcome]:
    if here.situation is LIMITED:
        return
    for failed, again in _tried_again(here, _FAILURES):
        pause = again.at - failed.at
        text = f"it tried again after {pause * 1000:.0f} ms"
        yield Problem(text, [failed, again]) if pause < _SHORTEST_PAUSE else None


@check("client.retry-unchanged")
def what_is_sent_again_is_the_same(here: Performance, honest: Performance) -> Iterator[Outcome]:
    meant = {(seen.kind, seen.call.body) for seen in honest.seen}
    for failed, again in itertools.pairwise(here.seen):
        if failed.status not in _FAILURES or failed.kind != again.kind or not failed.call.body:
            continue
        is_same = failed.call.body == again.call.body
        if not is_same and (again.kind, again.call.body) not in meant:
            yield Problem("the body is different the second time", [failed, again])
        elif is_same:
            yield None


@check("client.no-retry-when-refused")
def what_is_refused_is_not_sent_again(here: Performance, honest: Performance) -> Iterator[Outcome]:
    if here.situation.name not in {f"refused-{status}" for status in REFUSALS}:
        return
    meant = Counter(seen.identity for seen in honest.seen)
    for identity, seen in _by_identity(here).items():
        text = f"it sent the same {len(seen)} times, and was answered with {seen[0].status} each time"
        is_repeated = len(seen) > max(1, meant[identity])
        yield Problem(text, seen[:2]) if is_repeated else None


# --- what is survived, and what is given up -----------------------------------------------------


def _survives(rule: str) -> Check:
    def survives(here: Performance, _honest: Performance) -> Iterator[Outcome]:
        if here.situation.survived_by == rule and here.seen:
            yield None if here.ended_well else Problem(_told(here), here.seen[-1:])

    return survives


def _told(here: Performance) -> str:
    return f"{here.ending}: {here.last_line}" if here.last_line else here.ending


def _gives_up(rule: str) -> Check:
    def gives_up(here: Performance, _honest: Performance) -> Iterator[Outcome]:
        if here.situation.given_up_by == rule and here.seen:
            yield Problem(here.ending, here.seen[-1:]) if here.exit_code is None else None

    return gives_up


for _rule in (
    *("client.passing-limit", "client.passing-outage", "client.html-error", "client.unknown-property"),
    *("client.unknown-value", "client.health-status-gone", "client.null-and-absent"),
):
    CHECKS[_rule] = _survives(_rule)
for _rule in ("client.endless-body", "client.mute-server"):
    CHECKS[_rule] = _gives_up(_rule)


@check("client.cut-body")
def half_a_body_is_no_answer(here: Performance, _honest: Performance) -> Iterator[Outcome]:
    if here.situation is not CUT or not here.seen:
        return
    if here.exit_code in {0, None}:
        yield Problem(here.ending, here.seen[-1:])
    else:
        yield None


# --- requests -----------------------------------------------------------------------------------


def _what_is_wrong_with(seen: Seen) -> str:
    """What the document says against a request; empty when that is nothing."""
    document = linq_document.load()
    try:
        route, parameters = Routes(BASE_PATH, document).find(seen.call.raw_path)
        operation = document.operations[operation_of(route, seen.call.method)]
        DocumentedOperation(document, operation).check(seen.call, parameters)
    except MockProblem as problem:
        return f"{problem.message}: {seen.call.method} {printable(seen.call.raw_path)}"
    return ""


def _tried_again(here: Performance, statuses: set[int] | frozenset[int]) -> Iterator[tuple[Seen, Seen]]:
    """What failed, and the next request of those that are the same."""
    for seen in _by_identity(here).values():
        yield from (pair for pair in itertools.pairwise(seen) if pair[0].status in statuses)


def _by_identity(here: Performance) -> dict[tuple[str, str, str, bytes], list[Seen]]:
    found: dict[tuple[str, str, str, bytes], list[Seen]] = {}
    for seen in here.seen:
        found.setdefault(seen.identity, []).append(seen)
    return found
