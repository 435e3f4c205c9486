"""What refusals without a valid token give away about the lines that exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from linq_contract.http.messages import Response
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.registry import Problem, Subject, check

_VARYING_HEADERS = {f"header {name}" for name in ("date", "x-trace-id", "content-length", "etag")}


@dataclass(frozen=True)
class Refusals(Subject):
    """Refusals of lines that exist and of others that do not, without a valid token.

    `again` are more of them, sent because these differed.
    """

    known: Sequence[Exchange]
    unknown: Sequence[Exchange]
    again: Refusals | None = None

    @property
    def evidence(self) -> Sequence[Exchange]:
        return (self.known[0], self.unknown[0])

    @cached_property
    def difference(self) -> Problem | None:
        """What tells ids that exist from others: always the same for those, something else for the rest.

        Of no use is what differs from one request to the next, as a time does.
        """
        for x in self.known:
            line, answer = x.classified.line, x.answer
            if line and isinstance(answer, Response) and line.phone_number.encode() in answer.body:
                return "a refusal without a valid token shows the phone number of the line"
        of_known, of_unknown = (list(map(_features, each)) for each in (self.known, self.unknown))
        names = {name for features in (*of_known, *of_unknown) for name in features}
        for name in sorted(names):
            values, others = ({features.get(name) for features in each} for each in (of_known, of_unknown))
            if len(values) == len(others) == 1 and values != others:
                return f"the {name} of a refusal without a valid token depends on whether the line exists"
        return None


@check(Refusals, "auth.first", lambda refusals: refusals.again is not None)
def refusals_do_not_tell_apart(refusals: Refusals) -> Problem | None:
    return refusals.difference if refusals.again and refusals.again.difference else None


def _features(exchange: Exchange) -> Mapping[str, object]:
    """What a refusal says, without what differs in each: its trace id, and the id that it may quote."""
    if not isinstance(exchange.answer, Response):
        return {}
    text = exchange.answer.body.decode("utf-8", "replace")
    for varying in (exchange.answer.trace_id, exchange.classified.named_id):
        text = text.replace(varying, "") if varying else text
    headers = {f"header {name.lower()}": value for name, value in exchange.answer.headers}
    kept = {name: value for name, value in headers.items() if name not in _VARYING_HEADERS}
    return {"status": exchange.answer.status, "body": text, **kept}
