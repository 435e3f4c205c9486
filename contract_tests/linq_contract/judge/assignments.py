"""Whether a client can assign a reputation: it may move by itself, but not each time to what is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from linq_contract.contract.listing import REPUTATIONS
from linq_contract.http.messages import JsonObject, json_object
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.registry import Problem, Subject, check


@dataclass(frozen=True)
class Assignments(Subject):
    """Updates of a line that send a reputation along, each with the list after it.

    `wanted` are the reputations, in the same order. A line that follows `enough` of them follows the client.
    """

    line_id: str
    enough: int
    wanted: Sequence[JsonObject] = ()
    updates: Sequence[Exchange] = ()
    listings: Sequence[Exchange] = ()

    def followed_by(self, wanted: JsonObject, update: Exchange, listing: Exchange) -> Assignments:
        """These and one more."""
        return replace(
            self,
            wanted=(*self.wanted, wanted),
            updates=(*self.updates, update),
            listings=(*self.listings, listing),
        )

    @property
    def evidence(self) -> Sequence[Exchange]:
        return (self.updates[-1], self.listings[-1])

    @property
    def tested(self) -> Sequence[Exchange]:
        return (self.updates[-1],)

    def shown(self, name: str) -> Iterator[list[object]]:
        """The values that the line shows under a name of its reputations, after each update."""
        for listing in self.listings:
            items = [item for item in listing.items if item.get("id") == self.line_id]
            yield [(json_object(item.get(each)) or {}).get(name) for item in items for each in REPUTATIONS]

    def followed(self, name: str) -> list[bool]:
        """Whether the line showed what was sent under a name, after each update."""
        return [wanted[name] in shown for wanted, shown in zip(self.wanted, self.shown(name), strict=True)]


@check(Assignments, "update.no-mass-assignment")
def reputation_is_not_assigned(assignments: Assignments) -> Problem | None:
    statuses = assignments.followed("status")
    follows = len(statuses) >= assignments.enough and all(statuses)
    if not follows and not assignments.followed("doc_url")[-1]:
        return None
    return f"the reputation of line {assignments.line_id} is the one that was sent with an update"
