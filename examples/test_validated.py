"""A test of a program's own that checks the server, too: any rule that an answer breaks fails the test.

With `pytest examples/test_validated.py` and a server, such as `linq-contract mock`, whose base URL and token
are in LINQ_API_V3_BASE_URL and LINQ_API_V3_API_KEY.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from linq_contract import ValidatingTransport
from linq_phone_numbers import LinqClient


@pytest.fixture
def client() -> Iterator[LinqClient]:
    transport = ValidatingTransport(httpx.HTTPTransport(), on_broken="raise", exclusive=True)
    with httpx.Client(transport=transport) as http:
        yield LinqClient(http_client=http)
    transport.finish()


def test_a_line_forwards_to_what_was_set(client: LinqClient) -> None:
    line = client.phone_numbers.list().phone_numbers[0]
    client.phone_numbers.update(line.id, forwarding_number="+12025550123")

    assert client.phone_numbers.list().phone_numbers[0].forwarding_number == "+12025550123"
