"""Forwards a line while the service is down for a moment.

With `linq-contract mock --scenario passing-outage`; the client tries again by itself, since an update that
is repeated does no harm.
"""

from __future__ import annotations

from linq_phone_numbers import LinqClient

with LinqClient(max_retries=3) as client:
    line = client.phone_numbers.list().phone_numbers[0]
    client.phone_numbers.list()
    updated = client.phone_numbers.update(line.id, forwarding_number="+13105550199")
    print(updated.forwarding_number)
