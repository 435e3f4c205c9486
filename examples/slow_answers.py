"""Gives an update half a second, and looks whether it happened when it took longer.

With `linq-contract mock --scenario slow-answers`.
"""

from __future__ import annotations

from linq_phone_numbers import APITimeoutError, LinqClient

with LinqClient() as client, LinqClient(timeout=0.5, max_retries=0) as hurried:
    line = client.phone_numbers.list().phone_numbers[0]
    try:
        hurried.phone_numbers.update(line.id, forwarding_number="+13105550199")
    except APITimeoutError:
        print("No answer in time; is it set?")
    print(client.phone_numbers.list().phone_numbers[0].forwarding_number)
