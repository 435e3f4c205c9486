"""Start the `linq-contract` command, which `python -m linq_contract` runs as well."""

from __future__ import annotations

import io
import select
import sys
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
    command(prog_name="linq-contract")


def _without(error: ModuleNotFoundError) -> int:
    print(what_is_missing(error), file=sys.stderr)  # noqa: T201 - what else could print is what is missing
    return 2  # as ExitCode says of a wrong use


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
    """A file that a run may write to although its reader has gone away, or its disk is full."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            while (written := super().write(data)) is None:  # it does not block, and its reader is slow
                select.select([], [self], [])
        except OSError:
            return memoryview(data).nbytes
        return written


if __name__ == "__main__":
    main()
