"""The situations that a program is put into: what the server does in each, and which rule survives by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from linq_mock.messages import Call, Response
from linq_mock.settings import Setting

RETRY_AFTER = 2
"""The seconds that a 429 asks to wait: longer than what clients wait by themselves."""
REFUSALS = (400, 401, 403, 404)
"""The statuses after which the same request is in vain."""
_AS_THE_CONTRACT_SAYS = Setting()
_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"


class Trick(Enum):
    """What no answer of the contract does."""

    CUT = "the body ends in its middle"
    ENDLESS = "the body has no end"
    SILENT = "nothing is answered"
    REDIRECT = "another host is named"


Play = Callable[[Call, int], "Setting | Response | Trick | None"]
"""What is done about the request of a number, counted from 1 for each method and path; None is honest."""


@dataclass(frozen=True)
class Situation:
    """What a server does while a program runs.

    `survived_by` is the rule that demands that the program ends as it does with an honest server,
    `given_up_by` the one that demands that it ends at all.
    """

    name: str
    story: str
    setting: Setting = _AS_THE_CONTRACT_SAYS
    play: Play = lambda _call, _number: None
    survived_by: str = ""
    given_up_by: str = ""


def _once(what: Setting | Response) -> Play:
    return lambda _call, number: what if number == 1 else None


def _always(what: Setting | Response | Trick) -> Play:
    return lambda _call, _number: what


def _page() -> Response:
    return Response(_PAGE, 502, media_type="text/html")


def _refused(status: int) -> Situation:
    story = f"every request is answered with {status}"
    return Situation(f"refused-{status}", story, play=_always(Setting(status=status)))


HONEST = Situation("honest", "the server answers as the contract says")
LIMITED = Situation(
    "limited",
    f"the first request of each kind is answered with 429 and Retry-After {RETRY_AFTER}",
    play=_once(Setting(status=429, retry_after=RETRY_AFTER)),
    survived_by="client.passing-limit",
)
OUTAGE = Situation("outage", "every request is answered with 503", play=_always(Setting(status=503)))
CUT = Situation("cut", "every body ends in its middle", play=_always(Trick.CUT))
REDIRECT = Situation("redirect", "every request is redirected to another host", play=_always(Trick.REDIRECT))
SITUATIONS: Sequence[Situation] = (
    HONEST,
    LIMITED,
    Situation(
        "outage-that-passes",
        "the first request of each kind is answered with 503",
        play=_once(Setting(status=503)),
        survived_by="client.passing-outage",
    ),
    OUTAGE,
    *map(_refused, REFUSALS),
    Situation(
        "unknown-properties",
        "every object has properties that the contract does not know, and every answer such headers",
        Setting(freedoms=("unknown-properties", "unknown-headers")),
        survived_by="client.unknown-property",
    ),
    Situation(
        "unknown-value",
        "a line has a status that the contract does not know",
        Setting(faults=("list.status-values/opted-out",)),
        survived_by="client.unknown-value",
    ),
    Situation(
        "health-status-gone",
        "no line has a health_status any more",
        Setting(faults=("list.health-status-present/gone",)),
        survived_by="client.health-status-gone",
    ),
    Situation(
        "null",
        "a line that does not forward shows null",
        Setting(freedoms=("null-instead-of-absent",)),
        survived_by="client.null-and-absent",
    ),
    Situation(
        "absent",
        "a line that does not forward has no forwarding_number",
        Setting(freedoms=("absent-instead-of-null",)),
        survived_by="client.null-and-absent",
    ),
    Situation(
        "gateway",
        "the first request of each kind is answered with 502 and a web page",
        play=lambda _call, number: _page() if number == 1 else None,
        survived_by="client.html-error",
    ),
    CUT,
    Situation(
        "endless", "no body has an end", play=_always(Trick.ENDLESS), given_up_by="client.endless-body"
    ),
    Situation("mute", "no request is answered", play=_always(Trick.SILENT), given_up_by="client.mute-server"),
    REDIRECT,
)
