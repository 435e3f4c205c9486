"""Start the `linq-contract` command, which `python -m linq_contract` runs as well."""

from __future__ import annotations

import errno
import io
import select
import sys
from enum import IntEnum
from typing import TYPE_CHECKING, TextIO

from linq_contract.commands.starting import ended_by_an_interrupt, what_is_missing

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def main() -> None:
    """Run the command."""
    sys.stdout, sys.stderr = _unfailing(sys.stdout), _unfailing(sys.stderr)
    try:
        with ended_by_an_interrupt():
            from linq_contract.cli import main as command  # noqa: PLC0415 - what it needs may be missing
    except ModuleNotFoundError as error:
        sys.exit(_without(error))
    try:
        command(prog_name="linq-contract")
    except SystemExit as end:
        # The ExitCode of a run is its verdict, whoever reads what it prints; others have nothing but that.
        if not isinstance(end.code, IntEnum) and not end.code and (reason := _why_output_is_lost()):
            sys.exit(_without_output(reason))
        raise


def _without(error: ModuleNotFoundError) -> int:
    print(what_is_missing(error), file=sys.stderr)  # noqa: T201 - what else could print is what is missing
    return 2  # as ExitCode says of a wrong use


def _without_output(reason: str) -> int:
    print(f"The output could not be written: {reason}.", file=sys.stderr)  # noqa: T201 - as above
    return 3  # as ExitCode says of what is incomplete


def _why_output_is_lost() -> str | None:
    """Why something was not written to the output, unless its reader has gone away."""
    file = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if not isinstance(file, _UnfailingFile):  # as _unfailing has found
        return None
    sys.stdout.flush()
    failure = file.failure
    if failure is None or failure.errno in {errno.EPIPE, errno.ECONNRESET}:
        return None
    return failure.strerror


def _unfailing(stream: TextIO) -> TextIO:
    """The stream with all that could keep a run from its verdict taken from it; None if it is closed."""
    try:
        file = _UnfailingFile(stream.fileno(), "w", closefd=False)
    except (AttributeError, OSError, ValueError):  # closed, or in memory
        return stream
    return io.TextIOWrapper(
        io.BufferedWriter(file),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=file.isatty(),
    )


class _UnfailingFile(io.FileIO):
    """A file that a run may write to although its reader has gone away, or its disk is full.

    The first `failure` of a write is kept.
    """

    failure: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            while (written := super().write(data)) is None:  # it does not block, and its reader is slow
                select.select([], [self], [])
        except OSError as error:
            self.failure = self.failure or error
            return memoryview(data).nbytes
        return written


if __name__ == "__main__":
    main()
