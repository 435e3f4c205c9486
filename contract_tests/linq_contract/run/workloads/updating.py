"""Updates that the contract wants done, each followed by a list that must show what it did."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TypeAlias

from linq_contract.contract.expectation import FIELD
from linq_contract.contract.lines import Line
from linq_contract.contract.numbers import is_plausible
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT
from linq_contract.http.messages import JsonObject, Request
from linq_contract.judge.assignments import Assignments
from linq_contract.run.campaign import Campaign
from linq_contract.run.causes import SUSPICIONS_THAT_ARE_PROOF
from linq_contract.run.workloads.inputs import EXTRA_PROPERTIES

_CANARY = "https://example.com/assigned-by-the-client"
_Form: TypeAlias = Callable[[JsonObject], JsonObject]
_FORMS: Sequence[_Form] = (
    lambda wanted: {"reputation": wanted},
    lambda wanted: {"health_status": wanted},
    lambda wanted: dict.fromkeys(("reputation", "health_status", "status"), wanted["status"]),
)
_STATUSES_TRIED = 4  # that a reputation moves to each of them by itself does not happen in practice
_SECONDS_WAITED = 2.2  # what is meant to expire after a second or two has done so
_LISTS_WHILE_WAITING = 6  # so that what comes and goes again is seen in between
_SECONDS_SHARED = 0.2  # that lines have the same number: enough for a server to find them equal
_HEADERS_OF_OTHER_CLIENTS = (
    ("Accept-Encoding", "identity"),
    ("Accept", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"),
    ("Accept-Charset", "iso-8859-1, utf-16"),
    ("Content-Type", "application/json"),
    ("traceparent", "x"),
)


def keep_each_number(campaign: Campaign) -> None:
    """Set the number that each line has from earlier once more.

    A line whose own number is refused could not be put back: no further update is tried on it. The line
    that is cleared first is left out, since clearing it is to be its first update.
    """
    for line in list(campaign.chosen):
        number = line.forwarding_number
        if number is None or (line in _cleared_first(campaign) and is_plausible(number)):
            continue
        if campaign.session.update(line.id, number).is_refused:
            campaign.leave_alone(line)
            campaign.notes.append(f"line {line.id} was left alone, since the server refuses its own {number}")
    campaign.session.list()


def set_each_line(campaign: Campaign) -> None:
    """Clear a line that forwards, then give every line a number of its own, and look after each."""
    for line in _cleared_first(campaign):
        campaign.session.update(line.id, None)
        campaign.session.list()
    session = campaign.session
    if session.is_slow:
        session.in_step([[_set(campaign, line)] for line in campaign.chosen])
        return
    for index, line in enumerate(campaign.chosen):
        session.send(_set(campaign, line))
        if index % 2:
            session.wire.reconnect()
        session.list()


def _set(campaign: Campaign, line: Line) -> Request:
    return campaign.session.update_request(line.id, {FIELD: campaign.number()})


def _cleared_first(campaign: Campaign) -> Sequence[Line]:
    return [line for line in campaign.chosen if line.forwarding_number][-1:]


def clear_and_repeat(campaign: Campaign) -> None:
    """Set, clear in both ways and repeat, in the orders in which state could go wrong."""
    session = campaign.session
    lines = [(line, ACCOUNT) for line in campaign.in_depth(3)]
    lines += [(line, OTHER_ACCOUNT) for line in _other_lines(campaign)]
    for group in [lines] if session.is_slow else [[each] for each in lines]:
        session.in_step([_set_clear_repeat(campaign, line, account) for line, account in group])
        for account in campaign.accounts:
            if account not in {account for _, account in group}:
                session.list(account)


def clear_each_line(campaign: Campaign) -> None:
    """Clear every chosen line, in turn with null and with the empty string."""
    clears = (None, "")
    campaign.session.in_step(
        [
            [campaign.session.update_request(line.id, {FIELD: clears[(index + 1) % 2]})]
            for index, line in enumerate(campaign.chosen)
        ]
    )


def swap_values(campaign: Campaign) -> None:
    """Give lines the same number, then clear one: the others must keep it.

    As often as what could be the work of others has to come before it counts.
    """
    for start in range(SUSPICIONS_THAT_ARE_PROOF):
        lines, number = campaign.chosen[start : start + 3], campaign.number()
        campaign.session.in_step(
            [[campaign.session.update_request(line.id, {FIELD: number})] for line in lines]
        )
        campaign.session.patience.wait(_SECONDS_SHARED)
        campaign.session.list()
        for line, value in zip(lines, (None, "", None), strict=False):
            campaign.session.update(line.id, value)
            campaign.session.list()


def use_two_connections(campaign: Campaign) -> None:
    """Send the same update before and after another one that came on another connection."""
    session = campaign.session
    for line, value in zip(campaign.chosen, (campaign.number(), None), strict=False):
        session.update(line.id, value)
        session.list()
        with session.wire.on_other_connections():
            session.update(line.id, campaign.number())
            session.list()
        session.update(line.id, value)
        session.list()


def list_in_other_ways(campaign: Campaign) -> None:
    """List before and after an update as other clients do: what is kept for them must not outlive it."""
    session = campaign.session
    for line, header in zip(itertools.cycle(campaign.chosen[:2]), _HEADERS_OF_OTHER_CLIENTS, strict=False):
        with session.listing_with(header):
            session.list()
            session.update(line.id, campaign.number())
            session.list()


def assign_more_than_allowed(campaign: Campaign) -> None:
    """Send the line's other properties along with an update: none of them may change."""
    campaign.session.in_step(campaign.shared_out(lambda line: _assigning(campaign, line)))
    if campaign.session.is_slow:
        _assign_reputations(campaign, list(zip(itertools.cycle(campaign.chosen), _FORMS, strict=False)))
        return
    for pair in itertools.product(campaign.in_depth(2), _FORMS):
        _assign_reputations(campaign, [pair])


def _assigning(campaign: Campaign, line: Line) -> Sequence[Request]:
    others: list[dict[str, object]] = [{"id": other.id} for other in campaign.chosen if other.key != line.key]
    return [
        campaign.session.update_request(line.id, body)
        for extra in (*EXTRA_PROPERTIES, *others[:1])
        for body in (
            *({FIELD: campaign.number(), **extra}, {FIELD: None, **extra}),
            *(extra, {FIELD: "x", **extra}),
        )
    ]


def wait_and_see(campaign: Campaign) -> None:
    """Set and clear, then only list for a while: what was shown once must not come or go by itself."""
    session = campaign.session
    values = (campaign.number(), None, "")
    for line, value in zip(campaign.chosen, values, strict=False):
        session.update(line.id, campaign.number())
        session.update(line.id, value)
    for _ in range(_LISTS_WHILE_WAITING):
        session.list()
        session.patience.wait(_SECONDS_WAITED / _LISTS_WHILE_WAITING)
    session.list()


def look_back(campaign: Campaign) -> None:
    """List once more, for changes that come late."""
    campaign.session.list()


def _set_clear_repeat(campaign: Campaign, line: Line, account: str) -> Sequence[Request]:
    first, second = campaign.number(), campaign.number()
    values = (
        *(first, first, None, None, second, "", "", first, second, None, "", first, second, second, second),
        *(*campaign.look_alikes(), None, campaign.numbered(0), ""),
    )
    return [campaign.session.update_request(line.id, {FIELD: value}, account) for value in values]


def _assign_reputations(campaign: Campaign, pairs: Sequence[tuple[Line, _Form]]) -> None:
    """Send a reputation along to a line in a form, until the line is seen to follow or not to."""
    session, statuses = campaign.session, campaign.auditor.document.schemas["ReputationStatus"]["enum"]
    tried = {pair: Assignments(pair[0].id, _STATUSES_TRIED) for pair in pairs}
    for turn in range(_STATUSES_TRIED):
        wanted = {"status": statuses[-1 - turn % 2], "doc_url": f"{_CANARY}/{turn}"}
        updates = session.send_all(
            [
                session.update_request(line.id, {FIELD: campaign.number(), **form(wanted)})
                for line, form in tried
            ]
        )
        listing, answered = session.list(), {update.named_key: update for update in updates}
        for pair in list(tried):
            tried[pair] = tried[pair].followed_by(wanted, answered[pair[0].key], listing)
            if campaign.auditor.hold(tried[pair]):
                del tried[pair]


def _other_lines(campaign: Campaign) -> Sequence[Line]:
    """The line of the other account that the user named."""
    named = campaign.permissions.other_line
    line = campaign.auditor.accounts[OTHER_ACCOUNT].find(named) if named else None
    return [line] if line is not None and campaign.has_other else []
