"""What servers answer before the API's own code runs: routers, parsers of headers and bodies, limits.

What a server could die of is sent last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from linq_contract.contract.classification import FIELD
from linq_contract.http.credentials import ACCOUNT, placeholder
from linq_contract.http.messages import Request
from linq_contract.run.campaign import Campaign
from linq_contract.run.workloads import inputs
from linq_contract.run.workloads.probing import send_in_batches

_LONG_ID = 7_000  # characters: with the rest of the path they fit into the 8 KiB that servers should read
_LONG_TARGET = 9_000  # characters, more than the 8 KiB that most servers read
_LONG_HEADERS = (9_000, 20_000)  # bytes, more than the 8 and the 16 KiB that servers read
_MANY_HEADERS = 120  # more than the hundred that servers read
_LARGE_BODIES = (200_000, 1_200_000)  # bytes, more than the 100 kB of parsers and the megabyte of proxies


def ask_at_the_edges(campaign: Campaign) -> None:
    """Send what is long, odd or large where it is read before anybody knows what it asks for."""
    updates = _unusual_updates(campaign) if campaign.allow_writes else ()
    send_in_batches(campaign, _unusual_lists(campaign), updates)


def exhaust(campaign: Campaign) -> None:
    """Send what is too deep for parsers that call themselves."""
    send_in_batches(campaign, _exhausting_updates(campaign))


def _unusual_lists(campaign: Campaign) -> Iterator[Request]:
    listing = campaign.session.list_request()
    yield replace(listing, target=f"{listing.target}?x={'x' * _LONG_TARGET}")
    yield replace(listing, target=f"{listing.target}?x=%zz")
    yield listing.with_authorization(f"Bearer {placeholder(ACCOUNT)}{'x' * _LONG_TARGET}")
    for length in _LONG_HEADERS:
        yield listing.with_header("X-Padding", "x" * length)
    padding = tuple((f"X-Padding-{number}", "x") for number in range(_MANY_HEADERS))
    yield replace(listing, headers=(*listing.headers, *padding))
    for name, value in inputs.UNUSUAL_HEADERS:
        yield listing.with_header(name, value)
    yield listing.with_header("Accept", "application/json").with_header("Accept", "application/json")


def _unusual_updates(campaign: Campaign) -> Iterator[Request]:
    session, line_id = campaign.session, _line_id(campaign)
    update = session.update_request(line_id, {FIELD: f"{inputs.NUMBER}x"})
    for segment in (*inputs.SEGMENTS_THAT_ARE_NO_TEXT, f"{line_id}%ff", "x" * _LONG_ID):
        yield replace(update, target=session.update_target(segment))
    yield replace(update, target=session.update_target("x" * _LONG_ID)).with_authorization(None)
    for name, value in inputs.UNUSUAL_HEADERS:
        yield update.with_header(name, value)
    update = session.update_request(line_id, {FIELD: campaign.number()})  # the order of which does not matter
    for coding in ("gzip", "x"):
        yield update.with_header("Content-Encoding", coding)
    for length in _LARGE_BODIES:
        yield session.update_request(line_id, f'{{"{FIELD}": "{inputs.NUMBER}x"{" " * length}}}'.encode())


def _exhausting_updates(campaign: Campaign) -> Iterator[Request]:
    session, line_id = campaign.session, _line_id(campaign)
    for body in inputs.deeply_nested_bodies(inputs.FAR_TOO_DEEP):
        yield session.update_request(line_id, body)


def _line_id(campaign: Campaign) -> str:
    return campaign.chosen[0].id if campaign.chosen else campaign.uuid()
