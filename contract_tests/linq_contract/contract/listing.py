"""What a list shows. Most lists of a run are those of before, so a large one is read once."""

from __future__ import annotations

import marshal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from linq_contract.contract.lines import Line, listed_lines
from linq_contract.http.large import remembered
from linq_contract.http.messages import JsonObject, json_array, json_object, parse_body

REPUTATIONS = ("reputation", "health_status")
_WITHOUT_REFERENCES = 2  # to what stands there more than once: equal values give equal bytes


@dataclass(frozen=True)
class Listing:
    """The objects in a list response."""

    items: Sequence[JsonObject]

    @cached_property
    def in_order(self) -> Sequence[Line]:
        """The lines, as often as they stand there."""
        return list(listed_lines(self.items))

    @cached_property
    def lines(self) -> Mapping[str, Line]:
        """The lines by key."""
        return {line.key: line for line in self.in_order}

    @cached_property
    def of_each_reputation(self) -> Sequence[JsonObject]:
        """The first item with each of the pairs of reputations, of which thousands of lines have a few."""
        firsts: dict[bytes, JsonObject] = {}
        for item in self.items:
            pair = [item.get(name) for name in REPUTATIONS]
            firsts.setdefault(marshal.dumps(pair, _WITHOUT_REFERENCES), item)
        return list(firsts.values())


@remembered
def read_listing(body: bytes) -> Listing | None:
    """The listing in a body; None if it has no array of that name."""
    items = json_array((json_object(parse_body(body)) or {}).get("phone_numbers"))
    return None if items is None else Listing([item for item in map(json_object, items) if item is not None])
