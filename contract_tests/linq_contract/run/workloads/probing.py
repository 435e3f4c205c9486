"""Single requests, each with one thing wrong, in batches that end with a list.

The list after a batch shows whether a refused request changed something all the same.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from linq_contract.contract.classification import FIELD
from linq_contract.contract.lines import Line
from linq_contract.contract.numbers import could_ring_a_stranger
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT, placeholder
from linq_contract.http.messages import Request
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.refusals import Refusals
from linq_contract.run.campaign import Campaign
from linq_contract.run.extent import Part
from linq_contract.run.session import segment_of
from linq_contract.run.workloads import inputs

_ACCEPTED_BY_BROWSERS = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_BATCH = 16  # requests before a list: one that changed something is found in as many tries
_MOST_TELLING_VALUES = 3  # no token, a wrong one, an empty one, which are sent with each request
_TIMES_AS_MANY = 3  # refusals: what differs by chance in a few does not in so many
_MANY = 1200  # characters, more than the usual limit of a column
_JSON_MEDIA_TYPES = (
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    "application/json; charset=x",
)
_FREE_NUMBERS = ("+999123456789012", "+12", "+2101234567890")  # E.164, and nobody's
_SAMPLED, _NOT_SAMPLED = "01", "00"  # https://www.w3.org/TR/trace-context/#trace-flags
_OTHER_SPELLINGS: Sequence[Callable[[str], str]] = (str.upper, lambda line_id: line_id.replace("-", ""))
_LINES_ASKED_FOR = 3  # and as many others: one would tell nothing
_LARGE_BATCH = 96  # where a list takes as long as many requests


def list_twice(campaign: Campaign) -> None:
    """List both accounts, twice each: nothing may have changed in between."""
    for _ in range(2):
        campaign.session.list_all(campaign.accounts)


def present_tokens(campaign: Campaign, part: Part) -> None:
    """Send every operation without a valid token; what is refused must have changed nothing."""
    session = campaign.session
    requests = list(_requests_of_every_kind(campaign))
    for line in campaign.chosen[:1] if campaign.allow_writes else ():
        if line.forwarding_number is None:  # so that it shows if it is cleared
            session.update(line.id, campaign.number())
            session.list()
    send_in_batches(
        campaign,
        (requests[kind].with_authorization(value) for kind, value in _pairs(campaign, len(requests), part)),
        _without_authorization(campaign, part),
    )
    if part is Part.MOST_TELLING:
        _ask_beside_the_path(campaign)


def _pairs(campaign: Campaign, kinds: int, part: Part) -> Sequence[tuple[int, str | None]]:
    """Which kinds of requests go with which values of the Authorization header.

    At first every kind goes without the header, and an update with the most telling values.
    """
    like, is_valid = f"{campaign.hex(8)}-{campaign.uuid()}", campaign.target.credentials.is_valid

    def refused(*parts: Part) -> list[str | None]:
        values = inputs.refused_authorizations(ACCOUNT, like, *parts)
        return [value for value in values if value is None or not is_valid(value)]

    listing, update, *others = range(kinds) if kinds > 1 else (0, 0)
    telling: list[tuple[int, str | None]] = [(kind, None) for kind in range(kinds)]
    telling += [(update, value) for value in refused(Part.MOST_TELLING)[1:]]
    if part is Part.MOST_TELLING:
        return telling
    values, further = refused(), itertools.cycle(others)
    pairs = [(kind, value) for value in values[:_MOST_TELLING_VALUES] for kind in range(kinds)]
    for value in values[_MOST_TELLING_VALUES:]:
        pairs += [(kind, value) for kind in (listing, *itertools.islice(further, 1))]
    return [pair for pair in pairs if pair not in telling]


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


def _without_authorization(campaign: Campaign, part: Part) -> Iterator[Request]:
    """Requests that have the token in another place than the header, or that slip past a filter of paths."""
    session = campaign.session
    requests = [session.list_request()]
    if campaign.allow_writes and campaign.chosen:
        requests.append(session.update_request(campaign.chosen[0].id, {FIELD: campaign.number()}))
    cookies = (session.list().response.header("Set-Cookie") or "").partition(";")[0]
    headers = [*inputs.in_place_of_a_token(ACCOUNT), *([("Cookie", cookies)] if cookies else [])]
    if part is Part.MOST_TELLING:
        yield from (requests[-1].with_authorization(None).with_header(*header) for header in headers)
        yield from _without_authorization_in_spite_of_filters(campaign)
        return
    queries = ["limit=1"]
    if campaign.target.is_local:  # the same
        names = ("access_token", "auth_token", "token", "api_key", "apikey", "key")
        queries += [f"{name}={placeholder(ACCOUNT)}" for name in names]
    for request in (request.with_authorization(None) for request in requests):
        if request != requests[-1].with_authorization(None):
            yield from (request.with_header(*header) for header in headers)
        yield from (replace(request, target=f"{request.target}?{query}") for query in queries)
        yield from (request.with_header(*header) for header in inputs.INSTEAD_OF_A_TOKEN)
    path = requests[0].target
    for target in (
        f"{path};x=1",
        f"{path}?x=/health",
        f"{path}?x.css",
        path.replace("/phone", "/x/../phone"),
    ):
        yield replace(requests[0].with_authorization(None), target=target)


def _without_authorization_in_spite_of_filters(campaign: Campaign) -> Iterator[Request]:
    """Updates that have the token in the body, or a path that a filter reads differently."""
    for line in campaign.chosen[:1] if campaign.allow_writes else ():
        update = campaign.session.update_request(line.id, {FIELD: campaign.number()})
        first = "".join(f"%{byte:02X}" for byte in line.id[:1].encode(errors="replace"))
        encoded = campaign.session.update_target(first + segment_of(line.id[1:]))
        yield replace(update, target=encoded).with_authorization(None)
        if campaign.target.is_local:  # elsewhere it could end in somebody's log
            body = {FIELD: campaign.number(), "access_token": placeholder(ACCOUNT)}
            yield campaign.session.update_request(line.id, body).with_authorization(None)


def _ask_beside_the_path(campaign: Campaign) -> None:
    """Ask for the list without a token, at paths that a filter and a router may read differently."""
    listing = campaign.session.list_request().with_authorization(None)
    path = listing.target
    targets = (path.replace("_", "%5F"), f"{path}/", f"/{path}", path.replace("/", "/./"), path.upper())
    campaign.session.send_all([replace(listing, target=target) for target in targets])


def compare_refusals(campaign: Campaign) -> None:
    """Ask for lines that exist and for others, without a valid token: the answers must not differ."""
    if not campaign.allow_writes or not campaign.chosen:
        return
    lines = list(itertools.islice(itertools.cycle(campaign.chosen[:_LINES_ASKED_FOR]), _LINES_ASKED_FOR))
    wrong = f"Bearer {campaign.hex(32)}"
    methods = ["PUT", "GET", "HEAD", "OPTIONS"]
    methods += ["POST", "PATCH", "DELETE"] if campaign.target.is_local else []
    kinds = [("PUT", wrong), *((method, None) for method in methods)]
    asked = {kind: _to_be_refused(campaign, *kind, lines) for kind in kinds}
    exchanges = campaign.session.send_all([request for requests in asked.values() for request in requests])
    for kind, requests in asked.items():
        refusals = _refusals([x for x in exchanges if x.request in requests], lines)
        if refusals.difference:
            again = campaign.session.send_all(_to_be_refused(campaign, *kind, lines * _TIMES_AS_MANY))
            campaign.auditor.hold(replace(refusals, again=_refusals(again, lines)))


def _to_be_refused(
    campaign: Campaign, method: str, value: str | None, lines: Sequence[Line]
) -> Sequence[Request]:
    """Requests for lines that exist and for others, in an order that no server can be in step with."""
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
    return requests


def _refusals(exchanges: Sequence[Exchange], lines: Sequence[Line]) -> Refusals:
    """What was answered to requests for lines that exist, and to those for others."""
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


def offer_trace_ids(campaign: Campaign, part: Part) -> None:
    """Offer trace ids that the server must not take over, to requests of every outcome."""
    session = campaign.session
    requests = _one_of_each_outcome(campaign)
    if campaign.allow_writes:
        for line in campaign.chosen[:1]:
            requests.append(session.update_request(line.id, {FIELD: campaign.number()}))
    offering = [_offering_trace_ids(campaign, request) for request in requests]
    telling = [*offering[0], *(each for first, second, *_ in offering[1:] for each in (first, second))]
    others = [each for _, _, *further in offering[1:] for each in further]
    if part is Part.OTHERS:
        others += _in_other_traces(campaign)
    session.send_all(telling if part is Part.MOST_TELLING else others)
    session.list()


def _offering_trace_ids(campaign: Campaign, request: Request) -> Sequence[Request]:
    """The request with offers of all kinds, the most telling one first."""
    trace_id = campaign.hex(32)
    in_a_trace = _in_a_trace(campaign, request, trace_id)
    offered = (campaign.uuid(), campaign.hex(32), campaign.hex(32).upper())
    return [
        *(request.with_header("X-Trace-ID", each) for each in offered),
        in_a_trace,
        _in_a_trace(campaign, request, campaign.hex(32), _NOT_SAMPLED),
        in_a_trace.with_header("X-Trace-ID", trace_id),
    ]


def _in_a_trace(campaign: Campaign, request: Request, trace_id: str, flags: str = _SAMPLED) -> Request:
    return request.with_header("traceparent", f"00-{trace_id}-{campaign.hex(16)}-{flags}")


def _in_other_traces(campaign: Campaign) -> Iterator[Request]:
    """Lists with ids in the headers of other conventions, each twice, and in traces that go on elsewhere."""
    listing, trace_id, span_id = campaign.session.list_request(), campaign.hex(32), campaign.hex(16)
    yield _in_a_trace(campaign, listing, trace_id).with_header("tracestate", f"vendor={span_id}")
    of_a_later_version = f"cc-{campaign.hex(32)}-{span_id}-{_SAMPLED}"
    yield listing.with_header("traceparent", of_a_later_version)
    for name, value in inputs.TRACE_HEADERS:
        ids = {"TRACE": campaign.hex(32), "UUID": campaign.uuid(), "SPAN": span_id}
        ids |= {"BEGIN": campaign.hex(8), "REST": campaign.hex(24)}
        offered = value
        for stands_for, each in ids.items():
            offered = offered.replace(stands_for, each)
        offer = listing.with_header(name, offered)
        yield from (offer, offer)


def _offering_a_trace_id(campaign: Campaign, request: Request) -> Request:
    """The request with a trace id in both of the headers that have one."""
    trace_id = campaign.hex(32)
    return _in_a_trace(campaign, request, trace_id).with_header("X-Trace-ID", trace_id)


def ask_as_a_browser(campaign: Campaign) -> None:
    """Ask for HTML first and anything else as well, or as a web application: all answers are JSON."""
    session = campaign.session
    requests = _one_of_each_outcome(campaign)
    asking = [request.with_header("Accept", _ACCEPTED_BY_BROWSERS) for request in requests]
    asking += [
        request.with_header("Accept", "application/json").with_header(*inputs.ORIGIN) for request in requests
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


def name_wrong_ids(campaign: Campaign, part: Part) -> None:
    """Update ids that are no line of the account, or no ids at all."""
    session, lines = campaign.session, campaign.chosen
    ids = [line.id for line in lines]
    wrong = [*inputs.unknown_uuids(ids, iter(campaign.uuid, None), part), *inputs.malformed_ids(ids, part)]
    if part is Part.MOST_TELLING:
        wrong += [""] if campaign.target.is_local else []  # elsewhere nobody knows what it is to do
        wrong += [line.phone_number for line in lines[:1]]
        wrong += [line.phone_number.removeprefix("+") for line in lines[:1]]
    bodies = itertools.cycle(
        ({FIELD: campaign.number()}, {FIELD: None}, {FIELD: ""}, {FIELD: campaign.number()})
    )
    send_in_batches(
        campaign,
        (session.update_request(line_id, body) for line_id, body in zip(wrong, bodies, strict=False)),
    )
    if part is Part.OTHERS:  # a server may take these, so no two of them are of the same line
        spellings = [spell(line.id) for line, spell in zip(lines, _OTHER_SPELLINGS, strict=False)]
        session.in_step([[session.update_request(each, {FIELD: campaign.number()})] for each in spellings])


def send_wrong_bodies(campaign: Campaign, part: Part) -> None:
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
        for body in wrong_bodies(part)
    ]
    if part is Part.MOST_TELLING:
        requests.append(replace(session.update_request(next(targets).id, b""), body=None))
    for media_type in (each for each in inputs.OTHER_MEDIA_TYPES if inputs.is_in(part, each)):
        request = session.update_request(next(targets).id, {FIELD: campaign.number()})
        requests.append(_with_media_type(request, media_type))
    send_in_batches(campaign, requests)


def send_unusual_bodies(campaign: Campaign, part: Part) -> None:
    """Send bodies that a server is free to take or refuse; either way it must be consistent."""
    campaign.session.in_step(campaign.shared_out(part, lambda line: _unusual_updates(campaign, line, part)))


def _unusual_updates(campaign: Campaign, line: Line, part: Part) -> Sequence[Request]:
    def update(body: object) -> Request:
        return campaign.session.update_request(line.id, body)

    bodies: list[object] = [{FIELD: number} for number in _FREE_NUMBERS]
    if part is Part.MOST_TELLING:  # whether these can be read does not depend on the line
        bodies += inputs.spellings_of_a_valid_body(campaign.number())
        bodies.append(f'{{"{FIELD}":null}}'.encode())
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
    line_id = campaign.chosen[0].id if campaign.chosen else campaign.uuid()
    known = segment_of(line_id)
    free = ("HEAD", "OPTIONS", *(("TRACE",) if campaign.allow_writes and campaign.target.is_local else ()))
    targets = (session.list_request().target, session.update_target(known))
    listing = session.list_request()
    send_in_batches(
        campaign,
        (replace(listing, method=method, target=target) for target in targets for method in free),
    )
    if campaign.allow_writes and campaign.chosen:
        session.update(line_id, campaign.number())  # so that HEAD finds nothing that is kept from a list
        session.send(replace(listing, method="HEAD"))
        session.list()
    beside = _beside_the_targets(campaign, known)
    unknown: list[Request] = []
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
            unknown.append(_offering_a_trace_id(campaign, request))
            if method == "POST":
                unknown.append(request.with_header("X-HTTP-Method-Override", "PUT"))
    send_in_batches(campaign, beside, unknown)


def _beside_the_targets(campaign: Campaign, known: str) -> Sequence[Request]:
    """Requests for the paths with a query, a segment or a slash too many."""
    session, listing = campaign.session, campaign.session.list_request()
    path = listing.target
    beside = (f"{path}?limit=1&page=2", f"{path}/{known}/unknown", f"{path}/", f"/{path}")
    requests = [replace(listing, target=target) for target in beside]
    if campaign.allow_writes and campaign.target.is_local:  # elsewhere nobody knows what they would do
        update = session.update_request(known, {FIELD: campaign.number()})
        unclean = (f"{known}/", f"/{known}")
        requests += [replace(update, target=session.update_target(segment)) for segment in unclean]
    return requests


def cross_accounts(campaign: Campaign, part: Part) -> None:
    """Name the lines of one account with the token of the other."""
    session = campaign.session
    other = campaign.permissions.other_line
    spellings = [other.upper(), other.replace("-", "")] if other else []
    groups: list[list[Request]] = []
    bodies: list[object] = [{FIELD: ""}, {FIELD: "x"}, {}]
    if part is Part.MOST_TELLING:
        bodies = [{FIELD: campaign.number()}, {FIELD: None}]
    for body in bodies:
        requests = [session.update_request(line_id, body) for line_id in (*campaign.foreign, *spellings)]
        requests += [
            session.update_request(line.id, body, OTHER_ACCOUNT)
            for line in campaign.chosen[: 2 if campaign.has_other else 0]
        ]
        groups.append(requests)
    for group in [list(itertools.chain(*groups))] if session.is_slow else groups:
        session.send_all(group)
        session.list_all(campaign.accounts)
    if campaign.has_other and other and part is Part.OTHERS:
        _give_number_of_other(campaign, other, campaign.chosen[:_LINES_ASKED_FOR])


def _give_number_of_other(campaign: Campaign, other: str, lines: Sequence[Line]) -> None:
    """Give lines the number that one of the other account has, which it must keep, also if they lose it."""
    session = campaign.session
    for group in [lines] if session.is_slow else [[line] for line in lines]:
        number = campaign.number()
        session.update(other, number, OTHER_ACCOUNT)
        session.list(OTHER_ACCOUNT)
        session.send_all([session.update_request(line.id, {FIELD: number}) for line in group])
        session.list_all(campaign.accounts)
        if not session.is_slow:  # there, the lines are too few for as many times as count
            session.send_all([session.update_request(line.id, {FIELD: None}) for line in group])
            session.list_all(campaign.accounts)


def use_second_account(campaign: Campaign) -> None:
    """Update the line of the second account as well, and send what must be refused.

    It forwards to a line of the first account, if there is one whose number is nobody else's.
    """
    session, line_id = campaign.session, campaign.permissions.other_line
    if not campaign.has_other or line_id is None:
        return
    own = [] if campaign.permissions.forward_to else [line.phone_number for line in campaign.chosen]
    harmless = [number for number in own if not could_ring_a_stranger(number)]
    session.update(line_id, harmless[0] if harmless else campaign.number(), OTHER_ACCOUNT)
    session.list_all(campaign.accounts)
    bodies = (*inputs.A_FEW_WRONG_BODIES, b"", b"{")
    session.send_all([session.update_request(line_id, body, OTHER_ACCOUNT) for body in bodies])
    session.list(OTHER_ACCOUNT)


def present_tokens_of_second_account(campaign: Campaign) -> None:
    """Ask for the list of the second account without a valid token."""
    session = campaign.session
    if not campaign.has_other:
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


def wrong_bodies(part: Part) -> Iterator[object]:
    """Bodies that must be refused."""
    for body in _wrong_bodies():
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        if inputs.is_in(part, sent.decode("latin-1")):
            yield body


def _wrong_bodies() -> Iterator[object]:
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
    session = campaign.session
    session.send_all(
        [
            session.update_request(first.id, {FIELD: campaign.number()}),
            *(session.update_request(line.id, {FIELD: None}) for line in others[:1]),
        ]
    )
    session.list()
    return [first, *others[:1]]


def send_in_batches(campaign: Campaign, *groups: Iterable[Request]) -> None:
    """Send groups of requests, with a list after every few of them; to a slow server all groups as one."""
    for requests in [itertools.chain(*groups)] if campaign.session.is_slow else groups:
        _send_in_batches(campaign, requests)


def _send_in_batches(campaign: Campaign, requests: Iterable[Request]) -> None:
    size = _LARGE_BATCH if campaign.is_large or campaign.session.is_slow else _BATCH
    remaining = iter(requests)
    while batch := list(itertools.islice(remaining, size)):
        campaign.session.wire.reconnect()  # so that errors are the first answers of connections, too
        campaign.session.send_all(batch)
        campaign.session.list()


def _with_media_type(request: Request, media_type: str) -> Request:
    headers = tuple(header for header in request.headers if header[0] != "Content-Type")
    return replace(request, headers=(*headers, ("Content-Type", media_type)))
