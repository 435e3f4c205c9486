"""A server with a fault that only chance finds, and a run that does nothing but look for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from linq_contract.run.phases import PHASES
from linq_mock.variation import Variation

if TYPE_CHECKING:
    from tests.serving import Served

    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call

PLAIN = frozenset("+0123456789")


class Odd(Variation):
    """Takes a number with anything but digits and plus signs in it for another number."""

    def forwarding_number(self, call: Call, body: JsonObject) -> str | None:
        number = body.get("forwarding_number")
        if isinstance(number, str) and {*number} - PLAIN:
            body = {**body, "forwarding_number": "+12025550143"}
        return super().forwarding_number(call, body)


@pytest.fixture
def only_mutated_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for what a number breaks alone, as on a quick server, however busy this machine is."""
    monkeypatch.setattr("linq_contract.run.session._SLOW", 1000)
    phases = [phase for phase in PHASES if phase.name == "mutated numbers"]
    monkeypatch.setattr("linq_contract.commands.validate.PHASES", phases)


def sent_numbers(served: Served) -> list[str]:
    """The numbers that a server was sent, in their order."""
    bodies = [json.loads(seen.body) for seen in served.log if seen.method == "PUT"]
    return [str(body.get("forwarding_number")) for body in bodies]
