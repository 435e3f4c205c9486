"""Single requests, each with one thing wrong, in batches that end with a list.

The list after a batch shows whether a refused request changed something all the same.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from linq_contract.contract.expectation import FIELD, LIST
from linq_contract.contract.lines import Line
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT, placeholder
from linq_contract.http.messages import Request
from linq_contract.judge.refusals import Refusals
from linq_contract.run.campaign import Campaign
from linq_contract.run.workloads import inputs

_ACCEPTED_BY_BROWSERS = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_BATCH = 16  # requests before a list: one that changed something is found in as many tries
_MOST_TELLING_REQUESTS = 2  # the list and an update, which are sent with each value
_MOST_TELLING_VALUES = 3  # no token, a wrong one, an empty one, which are sent with each request
_TIMES_AS_MANY = 3  # refusals: what differs by chance in a few does not in so many
_MANY = 1200  # characters, more than the usual limit of a column
_JSON_MEDIA_TYPES = (
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    "application/json; charset=x",
)
_FREE_NUMBERS = ("+999123456789012", "+99912", "+2101234567890")  # E.164, and nobody's
_LINES_ASKED_FOR = 3  # and as many others: one would tell nothing
_LARGE_BATCH = 80  # where a list takes as long as many requests


def list_twice(campaign: Campaign) -> None:
    """List both accounts, twice each: nothing may have changed in between."""
    for account in campaign.accounts:
        campaign.session.list(account)
        campaign.session.list(account)


def present_tokens(campaign: Campaign) -> None:
    """Send every operation without a valid token; what is refused must have changed nothing."""
    session, is_valid = campaign.session, campaign.target.credentials.is_valid
    like = f"{campaign.hex(8)}-{campaign.uuid()}"
    values = [
        value
        for value in inputs.refused_authorizations(ACCOUNT, like)
        if value is None or not is_valid(value)
    ]
    requests = list(_requests_of_every_kind(campaign))
    plain, others = requests[:_MOST_TELLING_REQUESTS], itertools.cycle(requests[_MOST_TELLING_REQUESTS:])
    if campaign.allow_writes and campaign.chosen:
        session.update(campaign.chosen[0].id, campaign.number())
        session.list()
    pairs = [(request, value) for value in values[:_MOST_TELLING_VALUES] for request in requests]
    for value in values[_MOST_TELLING_VALUES:]:
        pairs += [(request, value) for request in (*plain, *itertools.islice(others, 1))]
    send_in_batches(campaign, (request.with_authorization(value) for request, value in pairs))
    send_in_batches(campaign, _without_authorization(campaign))
    _ask_beside_the_path(campaign)
    _compare_refusals(campaign)


def _requests_of_every_kind(campaign: Campaign) -> Iterator[Request]:
    """A request of each outcome that it could have with a token, the most telling ones first."""
    session = campaign.session
    yield session.list_request()
    if not campaign.allow_writes:
        return
    unknown = campaign.uuid()
    lines = [line.id for line in campaign.chosen[:2]] or [unknown]
    yield session.update_request(lines[0], {FIELD: campaign.number()})
    for line_id in lines:
        for body in ({FIELD: None}, {FIELD: ""}, {FIELD: "x"}, {}, b"", b"{", {FIELD: campaign.number()}):
            yield session.update_request(line_id, body)
    for line_id in (unknown, "not-a-uuid", inputs.NUMBER, *filter(None, [campaign.permissions.other_line])):
        yield session.update_request(line_id, {FIELD: campaign.number()})
    yield session.update_request(unknown, b"{")
    yield session.update_request(lines[0], {FIELD: f"x{'0' * _MANY}"})
    yield _with_media_type(session.update_request(unknown, {FIELD: campaign.number()}), "text/plain")


def _without_authorization(campaign: Campaign) -> Iterator[Request]:
    """Requests that have the token in another place than the header, or that slip past a filter of paths."""
    session = campaign.session
    requests = [session.list_request()]
    if campaign.allow_writes and campaign.chosen:
        line_id = campaign.chosen[0].id
        requests.append(session.update_request(line_id, {FIELD: campaign.number()}))
        if campaign.target.is_local:  # elsewhere it could end in somebody's log
            body = {FIELD: campaign.number(), "access_token": placeholder(ACCOUNT)}
            yield session.update_request(line_id, body).with_authorization(None)
        encoded = session.update_target(f"%{ord(line_id[0]):02X}{line_id[1:]}")
        yield replace(requests[-1], target=encoded).with_authorization(None)
    cookies = (session.list().response.header("Set-Cookie") or "").partition(";")[0]
    headers = [*inputs.tokens_elsewhere(ACCOUNT), *([("Cookie", cookies)] if cookies else [])]
    queries = ["limit=1"]
    if campaign.target.is_local:  # the same
        names = ("access_token", "token", "api_key", "apikey", "key")
        queries += [f"{name}={placeholder(ACCOUNT)}" for name in names]
    for request in (request.with_authorization(None) for request in requests):
        yield from (request.with_header(*header) for header in headers)
        yield from (replace(request, target=f"{request.target}?{query}") for query in queries)


def _ask_beside_the_path(campaign: Campaign) -> None:
    """Ask for the list without a token, at paths that a filter and a router may read differently."""
    session = campaign.session
    path = session.list_request().target
    for target in (path.replace("_", "%5F"), f"{path}/", f"/{path}", path.replace("/", "/./"), path.upper()):
        session.send(replace(session.list_request(), target=target).with_authorization(None))


def _compare_refusals(campaign: Campaign) -> None:
    """Ask for lines that exist and for others, without a valid token: the answers must not differ."""
    if not campaign.allow_writes or not campaign.chosen:
        return
    lines = list(itertools.islice(itertools.cycle(campaign.chosen[:_LINES_ASKED_FOR]), _LINES_ASKED_FOR))
    wrong = f"Bearer {campaign.hex(32)}"
    methods = ["PUT", "GET", "HEAD", "OPTIONS"]
    methods += ["POST", "PATCH", "DELETE"] if campaign.target.is_local else []
    for method, value in (("PUT", wrong), *((method, None) for method in methods)):
        refusals = _refusals(campaign, method, value, lines)
        if refusals.difference:
            again = _refusals(campaign, method, value, lines * _TIMES_AS_MANY)
            campaign.auditor.hold(replace(refusals, again=again))


def _refusals(campaign: Campaign, method: str, value: str | None, lines: Sequence[Line]) -> Refusals:
    """Refusals of lines that exist and of others, in an order that no server can be in step with."""
    session = campaign.session
    ids = [*(line.id for line in lines), *(campaign.uuid() for _ in lines)]
    campaign.chance.shuffle(ids)
    body = {FIELD: campaign.number()} if method in {"PUT", "POST", "PATCH"} else None
    requests: list[Request] = []
    for line_id in ids:
        request = replace(session.update_request(line_id, body), method=method)
        if body is None:
            request = replace(request, body=None)
        requests.append(request.with_authorization(value))
    exchanges = session.send_all(requests)
    known = {line.key for line in lines}
    return Refusals(
        [x for x in exchanges if x.named_key in known], [x for x in exchanges if x.named_key not in known]
    )


def _one_of_each_outcome(campaign: Campaign) -> list[Request]:
    """Requests that are answered, refused for the token, for the id and for the number."""
    session = campaign.session
    requests = [session.list_request(), session.list_request().with_authorization(None)]
    if campaign.allow_writes:
        requests.append(session.update_request(campaign.uuid(), {FIELD: campaign.number()}))
        requests += [session.update_request(line.id, {FIELD: "x"}) for line in campaign.chosen[:1]]
    return requests


def offer_trace_ids(campaign: Campaign) -> None:
    """Offer trace ids that the server must not take over, to requests of every outcome."""
    session = campaign.session
    requests = _one_of_each_outcome(campaign)
    if campaign.allow_writes:
        for line in campaign.chosen[:1]:
            requests.append(session.update_request(line.id, {FIELD: campaign.number()}))
    session.send_all([each for request in requests for each in _offering_trace_ids(campaign, request)])
    session.list()


def _offering_trace_ids(campaign: Campaign, request: Request) -> Iterator[Request]:
    trace_id = campaign.hex(32)
    in_a_trace = _in_a_trace(campaign, request, trace_id)
    yield from (in_a_trace, in_a_trace, in_a_trace.with_header("X-Trace-ID", trace_id))
    for offered in (campaign.hex(32), campaign.hex(32).upper(), campaign.uuid()):
        yield request.with_header("X-Trace-ID", offered)


def _in_a_trace(campaign: Campaign, request: Request, trace_id: str) -> Request:
    return request.with_header("traceparent", f"00-{trace_id}-{campaign.hex(16)}-01")


def _offering_a_trace_id(campaign: Campaign, request: Request) -> Request:
    """The request with a trace id in both of the headers that have one."""
    trace_id = campaign.hex(32)
    return _in_a_trace(campaign, request, trace_id).with_header("X-Trace-ID", trace_id)


def ask_as_a_browser(campaign: Campaign) -> None:
    """Ask for HTML first and anything else as well: the contract knows JSON only, errors included."""
    session = campaign.session
    asking = [
        request.with_header("Accept", _ACCEPTED_BY_BROWSERS) for request in _one_of_each_outcome(campaign)
    ]
    session.send_all([*asking, _in_lower_case(session.list_request())])
    session.list()


def _in_lower_case(request: Request) -> Request:
    """The request with the names of its headers in lower case, as many clients write them."""
    return replace(request, headers=tuple((name.lower(), value) for name, value in request.headers))


def visit_unknown_paths(campaign: Campaign) -> None:
    """Ask for what the API does not have, each twice, since answers of that kind are cached.

    The second time a trace id is offered: such answers often come from another layer than all others.
    """
    session = campaign.session
    path = session.list_request().target
    unknown = (f"{path}x", f"{path}/{campaign.uuid()}/x", f"{path.rpartition('/')[0]}/{campaign.hex(8)}")
    requests = [replace(session.list_request(), target=target) for target in unknown]
    session.send_all(
        [each for request in requests for each in (request, _offering_a_trace_id(campaign, request))]
    )


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
            line.phone_number.removeprefix("+"),
            line.id.upper(),
            line.id.replace("-", ""),
        ]
    bodies = itertools.cycle(
        ({FIELD: campaign.number()}, {FIELD: None}, {FIELD: ""}, {FIELD: campaign.number()})
    )
    send_in_batches(
        campaign,
        (session.update_request(line_id, body) for line_id, body in zip(wrong, bodies, strict=False)),
    )
    if campaign.target.is_local:  # elsewhere nobody knows what it is to do
        session.send(session.update_request("", {FIELD: campaign.number()}))
        session.list()


def send_wrong_bodies(campaign: Campaign) -> None:
    """Update lines with bodies that must be refused, in turn a line that forwards and one that does not.

    What could be taken for a clear goes to the one that forwards, where that shows.
    """
    if not campaign.chosen:
        return
    session = campaign.session
    lines = _one_that_forwards_and_one_that_does_not(campaign)
    targets = itertools.cycle(lines)
    requests = [
        session.update_request((lines[0] if inputs.is_like_a_clear(body) else next(targets)).id, body)
        for body in wrong_bodies()
    ]
    requests.append(replace(session.update_request(next(targets).id, b""), body=None))
    for media_type in inputs.OTHER_MEDIA_TYPES:
        request = session.update_request(next(targets).id, {FIELD: campaign.number()})
        requests.append(_with_media_type(request, media_type))
    send_in_batches(campaign, requests)


def send_unusual_bodies(campaign: Campaign) -> None:
    """Send bodies that a server is free to take or refuse; either way it must be consistent."""
    campaign.session.in_step(campaign.shared_out(lambda line: _unusual_updates(campaign, line)))


def _unusual_updates(campaign: Campaign, line: Line) -> Sequence[Request]:
    def update(body: object) -> Request:
        return campaign.session.update_request(line.id, body)

    bodies: list[object] = [{FIELD: number} for number in _FREE_NUMBERS]
    bodies += inputs.spellings_of_a_valid_body(campaign.number())
    bodies += inputs.bodies_with_a_strange_member(campaign.number())
    for first, second in ((campaign.number(), "x"), ("x", campaign.number()), (campaign.number(), None)):
        bodies.append(f'{{"{FIELD}": {json.dumps(first)}, "{FIELD}": {json.dumps(second)}}}'.encode())
    return [
        *(_with_media_type(update({FIELD: campaign.number()}), each) for each in _JSON_MEDIA_TYPES),
        _in_lower_case(update({FIELD: campaign.number()})).with_header("Expect", "100-continue"),
        *map(update, bodies),
        update({FIELD: campaign.number()}),
    ]


def try_methods(campaign: Campaign) -> None:
    """Send the methods that the paths do not have, with a body that an update would take.

    Those that a broken server might carry out are sent to the user's own machine only. HEAD and OPTIONS
    are answered freely, and must change as little as a query does.
    """
    session, document = campaign.session, campaign.auditor.document
    known = campaign.chosen[0].id if campaign.chosen else campaign.uuid()
    free = ("HEAD", "OPTIONS", *(("TRACE",) if campaign.allow_writes and campaign.target.is_local else ()))
    targets = (session.list_request().target, session.update_target(known))
    session.in_step(
        [
            [replace(session.list_request(), method=method, target=target)]
            for target in targets
            for method in free
        ]
    )
    if campaign.allow_writes and campaign.chosen:
        session.update(known, campaign.number())  # so that HEAD finds nothing that is kept from a list
        session.send(replace(session.list_request(), method="HEAD"))
        session.list()
    session.send(replace(session.list_request(), target=f"{session.list_request().target}?limit=1&page=2"))
    session.list()
    _ask_with_a_slash_too_many(campaign, known)
    unknown: list[list[Request]] = []
    for path in dict.fromkeys(operation.path for operation in document.operations.values()):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            is_permitted = method == "GET" or (campaign.allow_writes and campaign.target.is_local)
            if method in document.methods_of(path) or not is_permitted:
                continue
            target = session.update_target(known) if "{" in path else path
            request = session.update_request("", {FIELD: campaign.number()})
            if method in {"GET", "DELETE"}:
                request = session.list_request()
            request = replace(request, method=method, target=target)
            unknown.append([_offering_a_trace_id(campaign, request)])
            if method == "POST":
                unknown.append([request.with_header("X-HTTP-Method-Override", "PUT")])
    session.in_step(unknown)
    session.send(replace(session.list_request(), target=f"{document.operations[LIST].path}/{known}/unknown"))


def _ask_with_a_slash_too_many(campaign: Campaign, known: str) -> None:
    """Ask for the paths with a slash too many."""
    session, listing = campaign.session, campaign.session.list_request()
    requests = [replace(listing, target=target) for target in (f"{listing.target}/", f"/{listing.target}")]
    if campaign.allow_writes and campaign.target.is_local:  # elsewhere nobody knows what they would do
        update = session.update_request(known, {FIELD: campaign.number()})
        unclean = (f"{known}/", f"/{known}")
        requests += [replace(update, target=session.update_target(segment)) for segment in unclean]
    send_in_batches(campaign, requests)


def cross_accounts(campaign: Campaign) -> None:
    """Name the lines of one account with the token of the other."""
    session = campaign.session
    other = campaign.permissions.other_line
    spellings = [other.upper(), other.replace("-", "")] if other else []
    for body in ({FIELD: campaign.number()}, {FIELD: None}, {FIELD: ""}, {FIELD: "x"}, {}):
        requests = [session.update_request(line_id, body) for line_id in (*campaign.foreign, *spellings)]
        requests += [
            session.update_request(line.id, body, OTHER_ACCOUNT)
            for line in campaign.chosen[: 2 if campaign.has_other else 0]
        ]
        for group in [requests] if session.is_slow else [[request] for request in requests]:
            session.send_all(group)
            session.list_all(campaign.accounts)
    for line in campaign.chosen[:3] if campaign.has_other and other else ():
        number = campaign.number()
        session.update(other or "", number, OTHER_ACCOUNT)
        session.list(OTHER_ACCOUNT)
        session.update(line.id, number)
        session.list_all(campaign.accounts)


def use_second_account(campaign: Campaign) -> None:
    """Send what must be refused to the second account as well."""
    session, line_id = campaign.session, campaign.permissions.other_line
    if not campaign.has_other or line_id is None:
        return
    is_valid = campaign.target.credentials.is_valid
    values = inputs.refused_authorizations(OTHER_ACCOUNT, campaign.hex(32))
    session.send_all(
        [
            session.list_request(OTHER_ACCOUNT).with_authorization(value)
            for value in values
            if value is None or not is_valid(value)
        ]
    )
    session.update(line_id, campaign.number(), OTHER_ACCOUNT)
    session.list(OTHER_ACCOUNT)
    bodies = (*inputs.A_FEW_WRONG_BODIES, b"", b"{")
    session.in_step([[session.update_request(line_id, body, OTHER_ACCOUNT)] for body in bodies])


def wrong_bodies() -> Iterator[object]:
    yield from ({FIELD: number} for number in inputs.INVALID_NUMBERS)
    yield from ({FIELD: value} for value in inputs.WRONG_TYPES)
    yield from inputs.OBJECTS_WITHOUT_THE_FIELD
    yield from inputs.NOT_OBJECTS
    yield from inputs.deeply_nested_bodies(inputs.TOO_DEEP)
    yield f'{{"{FIELD}": 1e400}}'.encode()
    yield from inputs.NOT_JSON_BODIES
    yield b""


def _one_that_forwards_and_one_that_does_not(campaign: Campaign) -> Sequence[Line]:
    first, *others = campaign.chosen
    if not campaign.permissions.forward_to:  # a server may remember that it has found these digits valid
        campaign.session.update(first.id, inputs.NUMBER)
    campaign.session.update(first.id, campaign.number())
    for line in others[:1]:
        campaign.session.update(line.id, None)
    campaign.session.list()
    return [first, *others[:1]]


def send_in_batches(campaign: Campaign, requests: Iterable[Request]) -> None:
    """Send requests, with a list after every few of them."""
    size = _LARGE_BATCH if campaign.is_large or campaign.session.is_slow else _BATCH
    remaining = iter(requests)
    while batch := list(itertools.islice(remaining, size)):
        campaign.session.wire.reconnect()  # so that errors are the first answers of connections, too
        campaign.session.send_all(batch)
        campaign.session.list()


def _with_media_type(request: Request, media_type: str) -> Request:
    headers = tuple(header for header in request.headers if header[0] != "Content-Type")
    return replace(request, headers=(*headers, ("Content-Type", media_type)))
