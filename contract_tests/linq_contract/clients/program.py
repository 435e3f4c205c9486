"""The program under judgement, run once in a situation, with its time limited and what it prints kept."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from linq_contract.clients.situations import Situation
from linq_contract.clients.stage import Seen, Stage
from linq_contract.http.credentials import ACCOUNT, Credentials

BASE_URL = "LINQ_API_V3_BASE_URL"
_MOST_PRINTED = 10_000_000  # bytes that are looked at, of each of the two streams
_LAST_OF_OUTPUT = 2_000  # bytes, some thirty lines
_LONGEST_LINE = 200  # characters


class NotRunError(Exception):
    """The program could not be run, or does nothing that could be judged; the message says why."""


@dataclass(frozen=True)
class Performance:
    """What came of one run: what the servers saw, what was printed, how it ended (None: not in time)."""

    situation: Situation
    seen: Sequence[Seen]
    elsewhere: Sequence[Seen]
    token: str
    exit_code: int | None
    seconds: float
    stdout: bytes
    stderr: bytes

    @property
    def ended_well(self) -> bool:
        return self.exit_code == 0

    @property
    def ending(self) -> str:
        """How it ended, as a sentence goes on."""
        if self.exit_code is None:
            return f"it was still running after {self.seconds:.0f} s"
        return f"it ended with {self.exit_code} after {self.seconds:.1f} s"

    @property
    def last_words(self) -> str:
        """The end of what it printed, without the token."""
        output = (self.stderr.strip() or self.stdout.strip())[-_LAST_OF_OUTPUT:]
        concealed = Credentials({ACCOUNT: self.token}).conceal(output)
        return concealed.decode("utf-8", "replace")

    @property
    def last_line(self) -> str:
        """What says in most programs why they ended, without the token."""
        return self.last_words.rpartition("\n")[2][:_LONGEST_LINE]


def perform(command: Sequence[str], situation: Situation, seconds: float) -> Performance:
    """Run a program in a situation, for so many seconds at most.

    Raises NotRunError when it cannot be run.
    """
    with (
        Stage.set_for(situation) as stage,
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
    ):
        began = time.monotonic()
        exit_code = _run(command, _environment(stage), seconds, stdout, stderr)
        took = time.monotonic() - began
        return Performance(
            situation,
            seen=list(stage.seen),
            elsewhere=list(stage.elsewhere),
            token=stage.token,
            exit_code=exit_code,
            seconds=took,
            stdout=_beginning(stdout),
            stderr=_beginning(stderr),
        )


def _environment(stage: Stage) -> dict[str, str]:
    """The environment of the user, pointed to the stage, which is never reached through a proxy."""
    around = ",".join(filter(None, [os.environ.get("NO_PROXY", ""), "127.0.0.1", "localhost"]))
    return {
        **os.environ,
        BASE_URL: stage.url,
        ACCOUNT: stage.token,
        "NO_PROXY": around,
        "no_proxy": around,
    }


def _run(
    command: Sequence[str],
    environment: dict[str, str],
    seconds: float,
    stdout: IO[bytes],
    stderr: IO[bytes],
) -> int | None:
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own program
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
    except OSError as error:
        raise NotRunError(f"{command[0]} cannot be run: {error.strerror}.") from error
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _beginning(stream: IO[bytes]) -> bytes:
    stream.seek(0)
    return stream.read(_MOST_PRINTED)
