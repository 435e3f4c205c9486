"""The mock in a process of its own, for tests and for whoever needs a server for a while."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from linq_mock.accounts import made_up_lines
from linq_mock.tokens import DEFAULT_TOKENS, TOKENS_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Generator

_READY = "linq-mock is ready at "


@dataclass(frozen=True, slots=True)
class Mock:
    """A mock that runs: its base URL, and the tokens of its two accounts."""

    url: str
    tokens: tuple[str, str] = field(repr=False)

    @property
    def other_line(self) -> str:
        """The id of a line of the second account, which has the same lines in every run."""
        line_id: str = made_up_lines(1, series=1)[0]["id"]
        return line_id


@contextlib.contextmanager
def running(*arguments: str, tokens: tuple[str, str] = DEFAULT_TOKENS) -> Generator[Mock, None, None]:
    """Run the mock on a free port, as long as the context lasts.

    `arguments` are those of the mock command, such as `"--lines", "20"`. Raises RuntimeError
    when the mock does not start; why, it has then written to stderr.
    """
    command = [sys.executable, "-m", "linq_mock", "--port", "0", *arguments]
    environment = {**os.environ, TOKENS_VARIABLE: " ".join(tokens)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:  # noqa: S603 - our own program
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(_READY):
                raise RuntimeError(f"The mock did not start ({' '.join(command)}); stderr says why.")
            yield Mock(line.removeprefix(_READY).rstrip("\n"), tokens)
        finally:
            process.terminate()
