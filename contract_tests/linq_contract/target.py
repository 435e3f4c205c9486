"""The server to judge."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address

import httpx

import linq_mock
from linq_contract.credentials import ACCOUNT_VARIABLE, OTHER_VARIABLE, Credentials


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


def tokens_from_environment() -> dict[str, str]:
    """The tokens that are set, by the variable that holds them.

    Raises ValueError, without the token in its text, when one is not a token.
    """
    tokens = {name: os.environ[name] for name in (ACCOUNT_VARIABLE, OTHER_VARIABLE) if os.environ.get(name)}
    for name, token in tokens.items():
        if not token.isascii() or not token.isprintable() or " " in token:
            raise ValueError(
                f"{name} does not hold a token: that is visible ASCII characters without spaces."
            )
    if len(set(tokens.values())) < len(tokens):
        raise ValueError(f"{ACCOUNT_VARIABLE} and {OTHER_VARIABLE} hold the same token.")
    return tokens


@contextmanager
def embedded_mock(*arguments: str) -> Generator[Target]:
    """Run the mock as the server to judge; `arguments` are those of the mock command."""
    with linq_mock.running(*arguments) as mock:
        first, second = mock.tokens
        credentials = Credentials({ACCOUNT_VARIABLE: first, OTHER_VARIABLE: second})
        yield Target(mock.url, credentials, mock.other_line, allow_writes=True)
