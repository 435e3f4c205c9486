"""The scenario that both servers are asked: reads, and updates where they are permitted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from linq_contract.contract.classification import FIELD
from linq_contract.contract.lines import Line
from linq_contract.http.credentials import ACCOUNT, placeholder
from linq_contract.http.messages import Request, cut
from linq_contract.judge.exchange import Exchange
from linq_contract.run.campaign import Campaign
from linq_contract.run.workloads import inputs

MOST_REQUESTS = 120
"""What the scenario sends at most to a server."""
_MOST_LINES = 2  # an update of one shows on the other, if a server confuses them
_SAMPLE = 4  # of the inputs that a server must refuse: as many of each kind as two servers are told apart by
_HEADERS_OF_OTHER_CLIENTS = (
    ("Accept", "application/json"),
    ("Accept", "text/html"),
    ("Accept-Encoding", "identity"),
    ("Origin", "https://example.com"),
)


@dataclass(frozen=True)
class Step:
    """A request of the scenario, what came back, and, after an update, the list that followed."""

    name: str
    exchange: Exchange
    line: Line | None = None
    listing: Exchange | None = None


@dataclass
class Recording:
    """What one server answered: its lines at first, and the steps in order."""

    lines: Sequence[Line] = ()
    steps: list[Step] = field(default_factory=list[Step])

    @property
    def numbers(self) -> frozenset[str]:
        """The phone numbers of the lines."""
        return frozenset(line.phone_number for line in self.lines)

    @property
    def updated(self) -> Sequence[str]:
        """The phone numbers of the lines that were updated, in order."""
        return list(dict.fromkeys(step.line.phone_number for step in self.steps if step.line))


def record(campaign: Campaign, recording: Recording, preferred: Sequence[str]) -> None:
    """Ask a server all of it; if they are there, the lines of the `preferred` numbers are updated."""
    recording.lines = sorted(campaign.lines, key=lambda line: line.phone_number)
    for name, request in _reads(campaign):
        recording.steps.append(Step(name, campaign.session.send_aside(request)))
    if campaign.allow_writes:
        lines = _lines_to_update(campaign, preferred)
        for line, name, request in _writes(campaign, lines):
            exchange = campaign.session.send_aside(request)
            listing = campaign.session.send_aside(campaign.session.list_request())
            recording.steps.append(Step(name, exchange, line, listing))


def _lines_to_update(campaign: Campaign, preferred: Sequence[str]) -> Sequence[Line]:
    places = {number: place for place, number in enumerate(preferred)}
    chosen = sorted(
        campaign.chosen, key=lambda line: (places.get(line.phone_number, len(places)), line.phone_number)
    )
    return chosen[:_MOST_LINES]


def _reads(campaign: Campaign) -> Iterator[tuple[str, Request]]:
    session = campaign.session
    listing = session.list_request()
    unknown = Request("GET", session.update_target(campaign.uuid()), listing.headers)
    yield "list", listing
    yield "list again", listing
    yield "list with HEAD", replace(listing, method="HEAD")
    yield "OPTIONS of the list", replace(listing, method="OPTIONS")
    yield "GET of a line", unknown
    yield "OPTIONS of a line", replace(unknown, method="OPTIONS")
    yield "OPTIONS of what is no id", replace(unknown, method="OPTIONS", target=session.update_target("x"))
    for name, value in _wrong_authorizations(campaign):
        yield f"list with {name}", listing.with_authorization(value)
    yield "a line without a token", unknown.with_authorization(None)
    yield "the scheme in small letters", listing.with_authorization(f"bearer {placeholder(ACCOUNT)}")
    for name, suffix in {"a slash at the end": "/", "a query": "?limit=1", "an empty query": "?"}.items():
        yield f"list with {name}", replace(listing, target=listing.target + suffix)
    path = f"/v3/{campaign.hex(8)}"
    yield "an unknown path", replace(listing, target=path)
    yield "an unknown path without a token", replace(listing, target=path).with_authorization(None)
    for name, value in _HEADERS_OF_OTHER_CLIENTS:
        yield f"list with {name}: {value}", listing.with_header(name, value)
    yield (
        "list with a traceparent",
        listing.with_header("traceparent", f"00-{campaign.hex(32)}-{campaign.hex(16)}-01"),
    )
    yield "list with a trace id", listing.with_header("X-Trace-ID", campaign.hex(32))


def _wrong_authorizations(campaign: Campaign) -> Iterator[tuple[str, str | None]]:
    yield "no token", None
    yield "an empty token", "Bearer"
    yield "a wrong token", f"Bearer {campaign.hex(40)}"
    yield "another scheme", f"Basic {placeholder(ACCOUNT)}"
    yield "the token and more", f"Bearer {placeholder(ACCOUNT)} x"


def _writes(campaign: Campaign, lines: Sequence[Line]) -> Iterator[tuple[Line, str, Request]]:
    for line, where in zip(lines, ("", " on a second line"), strict=False):
        for name, body in _accepted_bodies(campaign):
            yield line, f"{name}{where}", campaign.session.update_request(line.id, body)
    for line in lines[:1]:
        for name, request in _refused(campaign, line):
            yield line, name, request
        yield line, "clear with null at the end", campaign.session.update_request(line.id, {FIELD: None})


def _accepted_bodies(campaign: Campaign) -> Iterator[tuple[str, Mapping[str, object]]]:
    first, second = campaign.number(), campaign.number()
    yield "set a number", {FIELD: first}
    yield "set the same number", {FIELD: first}
    yield "clear with null", {FIELD: None}
    yield "clear with null again", {FIELD: None}
    yield "set another number", {FIELD: second}
    yield "clear with ''", {FIELD: ""}
    yield "set a number again", {FIELD: first}
    yield "set with an unknown property", {FIELD: second, "x": 1}
    yield "set with the reputation", {FIELD: first, "reputation": {"status": "CRITICAL"}}


def _refused(campaign: Campaign, line: Line) -> Iterator[tuple[str, Request]]:
    session, chance = campaign.session, campaign.chance
    for number in chance.sample(inputs.INVALID_NUMBERS, _SAMPLE):
        yield f"set {_shown(number)}", session.update_request(line.id, {FIELD: number})
    values: Sequence[object] = (7, True, [], {}, *chance.sample(inputs.WRONG_TYPES, 1))
    for value in values:
        yield f"set {_shown(value)}", session.update_request(line.id, {FIELD: value})
    bodies: Sequence[object] = ({}, [], "x", None, *chance.sample(inputs.OBJECTS_WITHOUT_THE_FIELD, 1))
    for body in bodies:
        yield f"update with the body {_shown(body)}", session.update_request(line.id, body)
    for data in (b"", b"{", b"\xff", *chance.sample(inputs.NOT_JSON_BODIES, _SAMPLE)):
        yield f"update with the bytes {_shown(data)}", session.update_request(line.id, data)
    update = session.update_request(line.id, {FIELD: campaign.number()})
    for media_type in chance.sample(inputs.OTHER_MEDIA_TYPES, 2):
        headers = (update.headers[0], ("Content-Type", media_type))
        yield f"update as {media_type}", replace(update, headers=headers)
    yield "update without a Content-Type", replace(update, headers=update.headers[:1])
    yield "update without a token", update.with_authorization(None)
    yield "update with a wrong token", update.with_authorization(f"Bearer {campaign.hex(40)}")
    for name, line_id in {"an unknown id": campaign.uuid(), "what is no id": campaign.hex(8)}.items():
        yield f"update of {name}", session.update_request(line_id, {FIELD: campaign.number()})
    capitals = session.update_request(line.id.swapcase(), {FIELD: campaign.number()})
    yield "update with the id in the other case", capitals
    if campaign.target.is_local:  # elsewhere nobody knows what it would do
        for method in ("POST", "PATCH", "DELETE"):
            yield f"{method} of a line", replace(update, method=method)


def _shown(value: object) -> str:
    """An input as the name of a step has it, cut to what is read at a glance."""
    return cut(repr(value), 40)
