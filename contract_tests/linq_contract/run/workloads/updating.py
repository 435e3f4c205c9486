"""Updates that the contract wants done, each followed by a list that must show what it did."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TypeAlias

from linq_contract.contract.classification import FIELD
from linq_contract.contract.lines import Line
from linq_contract.contract.numbers import FICTION_ABROAD, is_plausible
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT
from linq_contract.http.messages import JsonObject, Request
from linq_contract.judge.assignments import Assignments
from linq_contract.run.campaign import Campaign
from linq_contract.run.causes import SUSPICIONS_THAT_ARE_PROOF
from linq_contract.run.extent import Part
from linq_contract.run.workloads.inputs import EXTRA_PROPERTIES, ORIGIN

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
_PART = 6  # updates of a sequence: enough for a number to be set, repeated, cleared and set again
_SECONDS_SHARED = 0.2  # that lines have the same number: enough for a server to find them equal
_HEADERS_OF_OTHER_CLIENTS = (
    ("Accept-Encoding", "identity"),
    ("Accept", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"),
    ("Accept-Charset", "iso-8859-1, utf-16"),
    ("Accept-Language", "fr"),
    ("Content-Type", "application/json"),
    ("traceparent", "x"),
    ("User-Agent", "Mozilla/5.0"),
)
_HEADERS_OF_FURTHER_CLIENTS = (
    ("Accept", "application/json"),
    ("Accept", "application/*"),
    ORIGIN,
)
_CONDITIONS = (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))


def keep_each_number(campaign: Campaign) -> None:
    """Set the number that each line has from earlier once more.

    A line whose own number is refused could not be put back: no further update is tried on it. The line
    that is cleared first is left out, since clearing it is to be its first update.
    """
    session, lines = campaign.session, {line.key: line for line in campaign.chosen}
    requests = [
        session.update_request(line.id, {FIELD: line.forwarding_number})
        for line in lines.values()
        if line.forwarding_number is not None
        and not (line in _cleared_first(campaign) and is_plausible(line.forwarding_number))
    ]
    for refused in (x for x in session.send_all(requests) if x.is_refused):
        line = lines[refused.named_key]
        campaign.leave_alone(line)
        campaign.notes.append(
            f"line {line.id} was left alone, since the server refuses its own {line.forwarding_number}"
        )
    session.list()


def set_each_line(campaign: Campaign, part: Part) -> None:
    """Clear a line that forwards, then give every line a number of its own, and look after each."""
    session, lines = campaign.session, _lines_of_part(campaign, part)
    if part is Part.MOST_TELLING:
        for line in _cleared_first(campaign):
            session.update(line.id, None)
            session.list()
    if session.is_slow:
        numbers = itertools.chain(_numbers_of_other_countries(campaign), campaign.numbers)
        session.in_step(
            [
                [session.update_request(line.id, {FIELD: number})]
                for line, number in zip(lines, numbers, strict=False)
            ]
        )
        return
    for index, line in enumerate(lines):
        session.send(_set(campaign, line))
        if index % 2:
            session.wire.reconnect()
        session.list()


def _lines_of_part(campaign: Campaign, part: Part) -> Sequence[Line]:
    """Every third line and the last, or the others; for a slow server all lines at first."""
    lines = campaign.chosen
    telling = lines if campaign.session.is_slow else [*lines[:-1:3], *lines[-1:]]
    return telling if part is Part.MOST_TELLING else [line for line in lines if line not in telling]


def _set(campaign: Campaign, line: Line) -> Request:
    return campaign.session.update_request(line.id, {FIELD: campaign.number()})


def set_numbers_of_other_countries(campaign: Campaign) -> None:
    """Set numbers of other countries, which are as plausible as any; a slow server has some already."""
    session, lines = campaign.session, campaign.chosen
    numbers = _numbers_of_other_countries(campaign)[len(lines) if session.is_slow else 0 :]
    session.in_step(
        [
            [session.update_request(line.id, {FIELD: number}) for number in numbers[index :: len(lines)]]
            for index, line in enumerate(lines[: len(numbers)])
        ]
    )


def _numbers_of_other_countries(campaign: Campaign) -> Sequence[str]:
    return () if campaign.permissions.forward_to else FICTION_ABROAD


def _cleared_first(campaign: Campaign) -> Sequence[Line]:
    return [line for line in campaign.chosen if line.forwarding_number][-1:]


def clear_and_repeat(campaign: Campaign, part: Part) -> None:
    """Set, clear in both ways and repeat, in the orders in which state could go wrong."""
    session, is_first = campaign.session, part is Part.MOST_TELLING
    if session.is_slow:
        session.in_step(_parts_of_set_clear_repeat(campaign) if is_first else [])
        return
    lines = campaign.in_depth(2)
    owned = [(line, ACCOUNT) for line in (lines[:1] if is_first else lines[1:])]
    owned += [] if is_first else [(line, OTHER_ACCOUNT) for line in campaign.other_lines]
    for line, account in owned:
        session.in_step([_set_clear_repeat(campaign, line, account)])
        for other in campaign.accounts:
            if other != account:
                session.list(other)


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
    times = SUSPICIONS_THAT_ARE_PROOF
    if campaign.session.is_slow and len(campaign.chosen) >= 3 * times:
        _swap_values(campaign, [campaign.chosen[start::times][:3] for start in range(times)])
        return
    for start in range(times):
        _swap_values(campaign, [campaign.chosen[start : start + 3]])


def _swap_values(campaign: Campaign, groups: Sequence[Sequence[Line]]) -> None:
    """Give the lines of each group the same number, then clear one after the other of each."""
    session, numbers = campaign.session, [campaign.number() for _ in groups]
    session.in_step(
        [
            [session.update_request(line.id, {FIELD: number})]
            for lines, number in zip(groups, numbers, strict=True)
            for line in lines
        ]
    )
    session.patience.wait(_SECONDS_SHARED)
    session.list()
    for value, *lines in zip((None, "", None), *groups, strict=False):
        session.send_all([session.update_request(line.id, {FIELD: value}) for line in lines])
        session.list()


def use_two_connections(campaign: Campaign) -> None:
    """Send the same update before and after another one that came on another connection.

    One line comes after the other, so that nothing else is the last update of a connection.
    """
    session = campaign.session
    for line, value in zip(campaign.chosen, (campaign.number(), None), strict=False):
        session.update(line.id, value)
        with session.wire.on_other_connections():
            session.update(line.id, campaign.number())
        session.update(line.id, value)
        session.list()


def list_in_other_ways(campaign: Campaign, part: Part) -> None:
    """List before and after an update as other clients do: nothing that is kept of a list may outlive it.

    A slow server is asked in all ways at once.
    """
    session, is_first = campaign.session, part is Part.MOST_TELLING
    headers: Sequence[tuple[str, str]]
    if session.is_slow:
        headers = (*_HEADERS_OF_FURTHER_CLIENTS, *_HEADERS_OF_OTHER_CLIENTS) if is_first else ()
    else:
        headers = _HEADERS_OF_OTHER_CLIENTS if is_first else _HEADERS_OF_FURTHER_CLIENTS
    lists = [session.list_request().with_header(*header) for header in headers]
    if not lists:
        return
    for line in campaign.chosen[:1]:
        *_, known = session.compare_all(lists)
        updated = session.update(line.id, campaign.number())
        if updated.is_success:  # the list is another one now, so that no condition holds
            lists += [
                session.list_request().with_header(condition, value)
                for condition, name in _CONDITIONS
                if (value := known.response.header(name))
            ]
        session.compare_all(lists)


def assign_more_than_allowed(campaign: Campaign, part: Part) -> None:
    """Send the line's other properties along with an update: none of them may change."""
    campaign.session.in_step(campaign.shared_out(part, lambda line: _assigning(campaign, line)))
    if part is Part.MOST_TELLING:
        _assign_reputations(campaign, list(zip(itertools.cycle(campaign.chosen), _FORMS, strict=False)))
    elif not campaign.session.is_slow:
        for pair in itertools.product(campaign.in_depth(2)[1:], _FORMS):
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
    lines = list(zip(campaign.chosen, (campaign.number(), None, ""), strict=False))
    session.send_all([_set(campaign, line) for line, _ in lines])
    session.send_all([session.update_request(line.id, {FIELD: value}) for line, value in lines])
    lists = max(1, min(_LISTS_WHILE_WAITING, int(_SECONDS_WAITED / (session.latency or 1))))
    for _ in range(lists):
        session.list()
        session.patience.wait(max(0.0, _SECONDS_WAITED / lists - session.latency))
    session.list()


def look_back(campaign: Campaign) -> None:
    """List once more, for changes that come late."""
    campaign.session.list()


def _set_clear_repeat(campaign: Campaign, line: Line, account: str) -> Sequence[Request]:
    first, second = campaign.number(), campaign.number()
    values = (
        *(first, first, None, None, first, "", "", second, first, None, "", first, second, second, second),
        *(*campaign.look_alikes(), None, campaign.numbered(0), ""),
    )
    return [campaign.session.update_request(line.id, {FIELD: value}, account) for value in values]


def _parts_of_set_clear_repeat(campaign: Campaign) -> Sequence[Sequence[Request]]:
    """Parts of the sequence that overlap, each on a line of its own, one of which is the other account's."""
    lines = [(line, ACCOUNT) for line in campaign.chosen]
    lines[1:1] = [(line, OTHER_ACCOUNT) for line in campaign.other_lines]
    whole = [_set_clear_repeat(campaign, line, account) for line, account in lines]
    starts = itertools.chain((0, 0), itertools.cycle(range(0, len(whole[0]) if whole else 1, _PART - 2)))
    return [requests[start : start + _PART] for requests, start in zip(whole, starts, strict=False)]


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
