"""The mock as the server to judge when no other is named."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager

import linq_mock
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT, Credentials
from linq_contract.run.validate import NotTestedError
from linq_contract.safety.target import Permissions, Target


@contextmanager
def embedded_mock(*arguments: str) -> Generator[Target]:
    """Run the mock as the server to judge; `arguments` are those of the mock command.

    Raises NotTestedError when it does not start.
    """
    with ExitStack() as stack:
        try:
            mock = stack.enter_context(linq_mock.running(*arguments))
        except (OSError, RuntimeError) as error:
            raise NotTestedError(f"{error} Name the URL of a server to validate that one.") from error
        first, second = mock.tokens
        credentials = Credentials({ACCOUNT: first, OTHER_ACCOUNT: second})
        permissions = Permissions(allow_writes=True, other_line=mock.other_line, exclusive=True)
        yield Target(mock.url, credentials, permissions, ends_with_run=True)
