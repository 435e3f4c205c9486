"""Servers that differ from the honest one in one respect, and how to mix them."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, ClassVar, cast

from linq_mock.behaviour import Behaviour
from linq_mock.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linq_document import Document
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call, Response


class Variation(Behaviour):
    """A server that overrides a step of the honest one.

    `served` is the number of the request that is being answered, from 1. No list is kept to be
    sent again, since a variation may change it at any time. One that `arranges_lines` has changed the
    lines of an account before its first request.
    """

    name: ClassVar[str] = ""
    arranges_lines: ClassVar[bool] = False
    served = 0

    def __init__(self, accounts: Sequence[Account], base_path: str, document: Document | None = None) -> None:
        super().__init__(accounts, base_path, document)
        self.arrange()

    @classmethod
    def rules(cls) -> tuple[str, ...]:
        """Return the rules that are broken."""
        return ()

    def arrange(self) -> None:
        """Prepare what the variation needs, once, before the first request."""

    async def respond(self, call: Call) -> Response:
        self.served += 1
        return await super().respond(call)

    async def list_phone_numbers(self, call: Call, account: Account) -> Response:
        return self.json_response(200, self.encode(self.list_body(call, account)))

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)
        account.encoded_list = None

    def account_of(self, token: str) -> Account | None:
        return next((account for account in self.accounts if self.is_token_of(account, token)), None)

    def is_token_of(self, account: Account, token: str) -> bool:
        return token == account.token

    def target(self, call: Call, account: Account) -> Line | None:
        """Return the line that an update is meant for, if there is one."""
        try:
            return self.find_line(call, account, self.phone_number_id(call))
        except Problem:
            return None


def mixed(variations: Sequence[type[Behaviour]]) -> type[Behaviour]:
    """Return the behaviour that has all variations, the honest one if there are none."""
    bases = [each for each in variations if not _is_refined(each, variations)]
    return cast("type[Behaviour]", type("Mixed", (*bases, Behaviour), {}))


def _is_refined(variation: type[Behaviour], others: Sequence[type[Behaviour]]) -> bool:
    """Whether another one of them does all that a variation does, and more."""
    return any(issubclass(other, variation) and other is not variation for other in others)


def now() -> float:
    """Return the seconds on the clock of the event loop."""
    return asyncio.get_running_loop().time()


def is_first(account: Account, line: Line) -> bool:
    return bool(line["id"] == next(iter(account.lines.values()))["id"])


def is_last(account: Account, line: Line) -> bool:
    return bool(line["id"] == next(reversed(account.lines.values()))["id"])


def with_error(body: JsonObject, **changes: Any) -> JsonObject:
    """Return an error body with other values in its `error`."""
    return {**body, "error": {**body["error"], **changes}}


def with_status(line: Line, name: str, **changes: Any) -> Line:
    """Return a line with other values in its `reputation` or `health_status`."""
    return {**line, name: {**line[name], **changes}}


def sent_number(call: Call) -> Any:
    """Return the `forwarding_number` in a body, whatever it is; None when there is none."""
    try:
        body = json.loads(call.body)
    except (ValueError, RecursionError):
        return None
    return cast("JsonObject", body).get("forwarding_number") if isinstance(body, dict) else None
