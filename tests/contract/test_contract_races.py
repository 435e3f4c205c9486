"""What only shows in one order of two requests at once is found, though their order is chance."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from tests.limits import limit

from linq_contract.http.credentials import ACCOUNT, Credentials
from linq_contract.run.phases import PHASES
from linq_contract.run.result import Options
from linq_contract.run.validate import validate
from linq_contract.safety.target import Permissions, Target
from linq_mock.problems import Problem
from linq_mock.variation import Variation

if TYPE_CHECKING:
    from tests.serving import ServeMock

    from linq_mock.accounts import Account, Line
    from linq_mock.messages import Call, Response


class SavesWhatARefusalRead(Variation):
    """A refusal reads the line after an update that came with it, and saves that when no update follows."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.stored = asyncio.Event()

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await asyncio.sleep(0.02)
        await super().store(call, account, line, number)
        self.stored.set()

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        try:
            return await super().update_phone_number(call, account)
        except Problem:
            if (line := self.target(call, account)) is not None and await self.is_updated():
                read = line.get("forwarding_number")
                while await self.is_updated():
                    pass
                line["forwarding_number"] = read
            raise

    async def is_updated(self) -> bool:
        """Wait for the next update, and for none too long."""
        self.stored.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stored.wait(), limit(0.04))
        return self.stored.is_set()


def test_a_refusal_that_undoes_a_later_update_is_found_when_the_first_update_precedes_it(
    serve_mock: ServeMock,
) -> None:
    served = serve_mock(SavesWhatARefusalRead)
    credentials = Credentials({ACCOUNT: served.token})
    target = Target(served.url, credentials, Permissions(allow_writes=True), ends_with_run=True)
    phases = [phase for phase in PHASES if phase.name in {"list", "duels"}]
    result = validate(target, Options(1), lambda _step: None, phases)

    assert "update.atomic" in result.ledger.broken_counts()
