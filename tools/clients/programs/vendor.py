"""The vendor's SDK for Python, in the version that is on the path: list the lines, set a number, clear it."""

from importlib import import_module
from typing import Any

linq: Any = import_module("linq")

with linq.LinqAPIV3() as client:
    line = client.phone_numbers.list().phone_numbers[0]
    client.phone_numbers.update(line.id, forwarding_number="+13105550199")
    client.phone_numbers.update(line.id, forwarding_number=None)
