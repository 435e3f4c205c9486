"""The mock as the server to judge when no other is named."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import linq_mock
from linq_contract.http.credentials import ACCOUNT_VARIABLE, OTHER_VARIABLE, Credentials
from linq_contract.safety.target import Target


@contextmanager
def embedded_mock(*arguments: str) -> Generator[Target]:
    """Run the mock as the server to judge; `arguments` are those of the mock command."""
    with linq_mock.running(*arguments) as mock:
        first, second = mock.tokens
        credentials = Credentials({ACCOUNT_VARIABLE: first, OTHER_VARIABLE: second})
        yield Target(mock.url, credentials, mock.other_line, allow_writes=True, ends_with_run=True)
