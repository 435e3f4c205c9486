"""Single requests, each with one thing wrong, in batches that end with a list.

The list after a batch shows whether a refused request changed something all the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from linq_contract import inputs
from linq_contract.account import Line
from linq_contract.campaign import Campaign
from linq_contract.checks import Exchange
from linq_contract.classify import FIELD, LIST
from linq_contract.credentials import ACCOUNT_VARIABLE, OTHER_VARIABLE
from linq_contract.exchange import Request
from linq_contract.history import refusals_tell_apart
from linq_contract.ledger import Finding

_FEW_WRONG_BODIES: Sequence[object] = (
    {FIELD: inputs.NUMBER[1:]},
    {FIELD: f"{inputs.NUMBER}\n"},
    {FIELD: f" {inputs.NUMBER}"},
    {FIELD: "x"},
    {FIELD: 1},
    {FIELD: [inputs.NUMBER]},
    {"phone_number": inputs.NUMBER},
    {},
    [None],
)
_BATCH = 16
_BATCH_OF_LARGE_ACCOUNT = 80


def list_twice(campaign: Campaign) -> None:
    """List both accounts, twice each: nothing may have changed in between."""
    for variable in _variables(campaign):
        campaign.session.list(variable)
        campaign.session.list(variable)


def present_tokens(campaign: Campaign) -> None:
    """Send every operation without a valid token; what is refused must have changed nothing."""
    session = campaign.session
    like = f"{campaign.hex(8)}-{campaign.uuid()}"
    variants = list(
        inputs.refused_authorizations(
            ACCOUNT_VARIABLE, like, has_letters=campaign.target.credentials.has_letters
        )
    )
    requests = [session.list_request()]
    if campaign.allow_writes:
        unknown = campaign.uuid()
        requests += [
            session.update_request(unknown, {FIELD: campaign.number()}),
            session.update_request("not-a-uuid", {FIELD: campaign.number()}),
            session.update_request(unknown, b"{"),
            _with_media_type(session.update_request(unknown, {FIELD: campaign.number()}), "text/plain"),
        ]
        for line in campaign.chosen[:2]:
            requests += [
                session.update_request(line.id, {FIELD: campaign.number()}),
                session.update_request(line.id, {FIELD: None}),
                session.update_request(line.id, {FIELD: "x"}),
            ]
        if campaign.chosen:
            session.update(campaign.chosen[0].id, campaign.number())
            session.list()
    _send_in_batches(
        campaign, (_with_authorization(request, value) for value in variants for request in requests)
    )
    if campaign.allow_writes:
        _compare_refusals(campaign)


def _compare_refusals(campaign: Campaign) -> None:
    """Ask for lines that exist and for others, without a valid token: the answers must not differ."""
    session, ledger = campaign.session, campaign.ledger
    body = {FIELD: campaign.number()}
    for value in (None, f"Bearer {campaign.hex(32)}"):

        def refusals(ids: Sequence[str], value: str | None = value) -> list[Exchange]:
            return [
                session.send(_with_authorization(session.update_request(one, body), value)) for one in ids
            ]

        known = refusals([line.id for line in campaign.chosen[:3]])
        unknown = refusals([campaign.uuid() for _ in known])
        if problem := refusals_tell_apart(known, unknown):
            ledger.report(Finding("auth.first", problem, (known[0], unknown[0])))


def offer_trace_ids(campaign: Campaign) -> None:
    """Offer trace ids that the server must not take over, to requests of every outcome."""
    session = campaign.session
    requests = [session.list_request(), _with_authorization(session.list_request(), None)]
    if campaign.allow_writes:
        requests.append(session.update_request(campaign.uuid(), {FIELD: campaign.number()}))
        requests += [session.update_request(line.id, {FIELD: "x"}) for line in campaign.chosen[:1]]
        requests += [
            session.update_request(line.id, {FIELD: campaign.number()}) for line in campaign.chosen[:1]
        ]
    for request in requests:
        trace_id, parent = campaign.hex(32), campaign.hex(16)
        session.send(request.with_header("traceparent", f"00-{trace_id}-{parent}-01"))
        session.send(request.with_header("X-Trace-ID", campaign.hex(32)))
    session.list()


def ask_as_a_browser(campaign: Campaign) -> None:
    """Ask for HTML first and anything else as well: the contract knows JSON only, errors included."""
    session = campaign.session
    requests = [session.list_request(), _with_authorization(session.list_request(), None)]
    if campaign.allow_writes:
        requests.append(session.update_request(campaign.uuid(), {FIELD: campaign.number()}))
        requests += [session.update_request(line.id, {FIELD: "x"}) for line in campaign.chosen[:1]]
    for request in requests:
        session.send(request.with_header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"))


def name_wrong_ids(campaign: Campaign) -> None:
    """Update ids that are no line of the account, or no ids at all."""
    session = campaign.session
    ids = [line.id for line in campaign.chosen]
    fresh = iter(campaign.uuid, None)
    wrong = [*inputs.unknown_uuids(ids, fresh), *inputs.MALFORMED_IDS]
    for line in campaign.chosen[:1]:
        wrong += [
            *inputs.malformed_spellings(line.id),
            line.phone_number,
            line.id.upper(),
            line.id.replace("-", ""),
        ]
    bodies = itertools.cycle(
        ({FIELD: campaign.number()}, {FIELD: None}, {FIELD: ""}, {FIELD: campaign.number()})
    )
    _send_in_batches(
        campaign,
        (session.update_request(line_id, body) for line_id, body in zip(wrong, bodies, strict=False)),
    )


def send_wrong_bodies(campaign: Campaign) -> None:
    """Update lines with bodies that must be refused, in turn a line that forwards and one that does not."""
    if not campaign.chosen:
        return
    session = campaign.session
    targets = itertools.cycle(_one_that_forwards_and_one_that_does_not(campaign))
    requests = [session.update_request(next(targets).id, body) for body in _wrong_bodies()]
    requests.append(replace(session.update_request(next(targets).id, b""), body=None))
    for media_type in inputs.OTHER_MEDIA_TYPES:
        request = session.update_request(next(targets).id, {FIELD: campaign.number()})
        requests.append(_with_media_type(request, media_type))
    _send_in_batches(campaign, requests)


def send_unusual_bodies(campaign: Campaign) -> None:
    """Send bodies that a server is free to take or refuse; either way it must be consistent."""
    session = campaign.session
    for line in campaign.chosen[:2]:
        for number in ("+999123456789012", "+99912", "+2101234567890"):
            session.update(line.id, number)
            session.list()
        for media_type in ("application/json; charset=utf-8", "application/json;charset=utf-8"):
            request = session.update_request(line.id, {FIELD: campaign.number()})
            session.send(_with_media_type(request, media_type))
            session.list()


def try_methods(campaign: Campaign) -> None:
    """Send the methods that the paths do not have, with a body that an update would take.

    Those that a broken server might carry out are sent to the user's own machine only.
    """
    session, document = campaign.session, campaign.auditor.document
    known = campaign.chosen[0].id if campaign.chosen else campaign.uuid()
    for path in dict.fromkeys(operation.path for operation in document.operations.values()):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            is_permitted = method == "GET" or (campaign.allow_writes and campaign.target.is_local)
            if method in document.methods_of(path) or not is_permitted:
                continue
            target = session.update_target(known) if "{" in path else path
            request = session.update_request("", {FIELD: campaign.number()})
            if method in {"GET", "DELETE"}:
                request = session.list_request()
            session.send(replace(request, method=method, target=target))
            session.list()
    session.send(replace(session.list_request(), target=f"{document.operations[LIST].path}/{known}/unknown"))


def cross_accounts(campaign: Campaign) -> None:
    """Name the lines of one account with the token of the other."""
    session = campaign.session
    other = campaign.target.other_line
    foreign = [other, other.upper(), other.replace("-", "")] if other else []
    for body in ({FIELD: campaign.number()}, {FIELD: None}, {FIELD: ""}, {FIELD: "x"}, {}):
        for line_id in foreign:
            session.send(session.update_request(line_id, body))
            _list_all(campaign)
        for line in campaign.chosen[:2] if campaign.has_other else ():
            session.send(session.update_request(line.id, body, OTHER_VARIABLE))
            _list_all(campaign)


def use_second_account(campaign: Campaign) -> None:
    """Send what must be refused to the second account as well."""
    session, line_id = campaign.session, campaign.target.other_line
    if not campaign.has_other or line_id is None:
        return
    for value in inputs.refused_authorizations(OTHER_VARIABLE, campaign.hex(32), has_letters=False):
        session.send(_with_authorization(session.list_request(OTHER_VARIABLE), value))
    session.update(line_id, campaign.number(), OTHER_VARIABLE)
    session.list(OTHER_VARIABLE)
    for body in (*_FEW_WRONG_BODIES, b"", b"{"):
        session.send(session.update_request(line_id, body, OTHER_VARIABLE))
        session.list(OTHER_VARIABLE)


def _wrong_bodies() -> Iterator[object]:
    yield from ({FIELD: number} for number in inputs.INVALID_NUMBERS)
    yield from ({FIELD: value} for value in inputs.WRONG_TYPES)
    yield from inputs.OBJECTS_WITHOUT_THE_FIELD
    yield from inputs.NOT_OBJECTS
    yield from inputs.NOT_JSON_BODIES
    yield b""


def _one_that_forwards_and_one_that_does_not(campaign: Campaign) -> Sequence[Line]:
    first, *others = campaign.chosen
    campaign.session.update(first.id, campaign.number())
    for line in others[:1]:
        campaign.session.update(line.id, None)
    campaign.session.list()
    return [first, *others[:1]]


def _send_in_batches(campaign: Campaign, requests: Iterable[Request]) -> None:
    size = _BATCH_OF_LARGE_ACCOUNT if campaign.is_large else _BATCH
    remaining = iter(requests)
    while batch := list(itertools.islice(remaining, size)):
        campaign.session.send_all(batch)
        campaign.session.list()


def _list_all(campaign: Campaign) -> None:
    for variable in _variables(campaign):
        campaign.session.list(variable)


def _variables(campaign: Campaign) -> Sequence[str]:
    return (ACCOUNT_VARIABLE, OTHER_VARIABLE) if campaign.has_other else (ACCOUNT_VARIABLE,)


def _with_media_type(request: Request, media_type: str) -> Request:
    headers = tuple(header for header in request.headers if header[0] != "Content-Type")
    return replace(request, headers=(*headers, ("Content-Type", media_type)))


def _with_authorization(request: Request, value: str | None) -> Request:
    headers = tuple(header for header in request.headers if header[0] != "Authorization")
    return replace(request, headers=headers if value is None else (("Authorization", value), *headers))
