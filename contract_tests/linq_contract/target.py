"""The server to judge."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address

import httpx

import linq_mock
from linq_contract.classify import LIST
from linq_contract.credentials import ACCOUNT_VARIABLE, OTHER_VARIABLE, Credentials
from linq_contract.document import load


@dataclass(frozen=True)
class Target:
    """The server to judge, and what is allowed there.

    `other_line` is the id of a line of the second account; see the rule `auth.tenant`.
    """

    base_url: str
    credentials: Credentials = field(repr=False)
    other_line: str | None = None
    allow_writes: bool = False

    @property
    def is_local(self) -> bool:
        """Whether the server runs on this machine, by its address."""
        host = httpx.URL(self.base_url).host
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


@contextmanager
def embedded_mock(*arguments: str) -> Generator[Target]:
    """Run the mock as the server to judge; `arguments` are those of the mock command."""
    with linq_mock.running(*arguments) as mock:
        first, second = mock.tokens
        credentials = Credentials({ACCOUNT_VARIABLE: first, OTHER_VARIABLE: second})
        path = load().operations[LIST].path
        listing = httpx.get(mock.url + path, headers={"Authorization": f"Bearer {second}"}).json()
        lines = listing["phone_numbers"]
        yield Target(mock.url, credentials, lines[0]["id"] if lines else None, allow_writes=True)
