"""Updates a line that it remembers, and looks for another one when that is gone.

With `linq-contract mock --scenario released-line`.
"""

from __future__ import annotations

from linq_phone_numbers import LinqClient, NotFoundError

with LinqClient() as client:
    remembered = client.phone_numbers.list().phone_numbers[0]
    try:
        client.phone_numbers.update(remembered.id, forwarding_number="+13105550199")
    except NotFoundError:
        print(remembered.phone_number, "is gone.")
        newest = client.phone_numbers.list().phone_numbers[-1]
        client.phone_numbers.update(newest.id, forwarding_number="+13105550199")
        print(newest.phone_number, "forwards now.")
