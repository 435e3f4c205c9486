"""Chooses a line to send from by its reputation, each time anew.

With `linq-contract mock --scenario line-at-risk`.
"""

from __future__ import annotations

from linq_phone_numbers import LinqClient


def allowance(status: str) -> int:
    """Return how many messages an hour a line may send."""
    return {"HEALTHY": 100, "AT_RISK": 10}.get(status, 0)


with LinqClient() as client:
    for _ in range(7):
        second = client.phone_numbers.list().phone_numbers[1]
        print(second.phone_number, second.reputation.status, allowance(second.reputation.status))
