"""Lists the lines again and again, and waits whenever it is told to.

With `linq-contract mock --scenario rate-limited`; the client obeys Retry-After by itself.
"""

from __future__ import annotations

import time

from linq_phone_numbers import LinqClient

with LinqClient() as client:
    started = time.monotonic()
    for _ in range(16):
        client.phone_numbers.list()

print(f"16 lists, and {time.monotonic() - started:.0f} s of waiting.")
