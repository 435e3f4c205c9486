"""An exchange: a request, its answer, and what the contract expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from linq_contract.contract.classification import FIELD, FREE_METHODS, LIST, UPDATE, Classified, classify
from linq_contract.contract.expectation import Expectation, expect
from linq_contract.contract.lines import Accounts, Line, line_key
from linq_contract.contract.listing import Listing, read_listing
from linq_contract.http.messages import (
    SAFE_METHODS,
    Attempt,
    JsonObject,
    NoAnswer,
    Request,
    Response,
    json_object,
    parse_json,
)
from linq_document import Document

_KEPT_BYTES = 4_096  # of the answer that first had a trace id, for the report if it comes again


@dataclass(frozen=True)
class Exchange:
    """A request, its answer, and what the contract expected of it.

    `final` is false for an answer that was retried: a passing 429 or 5xx breaks no rule about
    outcomes. `began` and `ended` are instants of the monotonic clock.
    """

    is_race: ClassVar = False

    document: Document
    request: Request
    answer: Response | NoAnswer
    classified: Classified
    expectation: Expectation | None
    final: bool = True
    began: float = 0.0
    ended: float = 0.0

    @classmethod
    def of(cls, attempt: Attempt, document: Document, accounts: Accounts) -> Exchange:
        """What an attempt was, given the lines that the accounts are known to have."""
        classified = classify(attempt.request, document, accounts)
        expectation = expect(classified, document)
        return cls(
            document,
            attempt.request,
            attempt.answer,
            classified,
            expectation,
            attempt.is_final,
            attempt.began,
            attempt.ended,
        )

    @property
    def evidence(self) -> Sequence[Exchange]:
        return (self,)

    tested = evidence

    @property
    def response(self) -> Response:
        """The response, where a predicate has made sure that there is one."""
        assert isinstance(self.answer, Response)
        return self.answer

    def slim(self) -> Exchange:
        """The exchange without what was read off it, nor a long body: too much to keep of every one."""
        if isinstance(self.answer, NoAnswer):
            return replace(self)
        kept = replace(self.answer, body=self.answer.body[:_KEPT_BYTES])
        return replace(self, answer=kept)

    @cached_property
    def status(self) -> int | None:
        return self.answer.status if isinstance(self.answer, Response) else None

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_refused(self) -> bool:
        """Whether the server says that the request was wrong."""
        return self.status is not None and 400 <= self.status < 500

    @property
    def could_write(self) -> bool:
        """Whether a server might have changed something, and may have been meant to."""
        return self.request.method not in SAFE_METHODS | FREE_METHODS

    @property
    def accepted(self) -> bool:
        """Whether an update was answered as done."""
        return self.is_update and self.is_success

    @cached_property
    def input(self) -> int:
        """A number that tells its request from others."""
        return hash(self.request)

    @cached_property
    def number(self) -> object:
        """What the body sends as the forwarding number, whatever the request is; None for nothing."""
        return (json_object(parse_json(self.request.body or b"")) or {}).get(FIELD)

    @property
    def named_key(self) -> str:
        """The key of the line that an update names, whoever it belongs to."""
        line = self.classified.line
        return line.key if line is not None else line_key(self.classified.named_id)

    @cached_property
    def is_update(self) -> bool:
        return self._is_operation(UPDATE)

    @property
    def is_list(self) -> bool:
        return self._is_operation(LIST)

    def _is_operation(self, operation_id: str) -> bool:
        operation = self.classified.operation
        return operation is not None and operation.operation_id == operation_id

    @cached_property
    def listing(self) -> Listing | None:
        """What a list shows that was answered with 200; None for anything else."""
        return read_listing(self.response.body) if self.is_list and self.status == 200 else None

    @property
    def items(self) -> Sequence[JsonObject]:
        """The objects in such a list."""
        return self.listing.items if self.listing else ()

    @property
    def lines(self) -> Mapping[str, Line] | None:
        """The lines in such a list by key."""
        return self.listing.lines if self.listing else None
