"""Start the `linq-contract` command, which `python -m linq_contract` runs as well."""

from __future__ import annotations

import gc
import io
import select
import signal
import sys
from typing import TYPE_CHECKING, NoReturn, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_WRONG_USE = 2  # as ExitCode says, which is not imported yet
_NOT_JUDGED = 3  # the same


def main() -> None:
    """Run the command. Ctrl-C before all of it is imported ends it at once, without a traceback."""
    sys.stdout, sys.stderr = _unfailing(sys.stdout), _unfailing(sys.stderr)
    is_interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_interruptible:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        from linq_contract.cli import main as command  # noqa: PLC0415 - the slow part, see above
    except ModuleNotFoundError as error:
        _stop(
            f"linq-contract needs {error.name}, which is not installed: "
            "pip install 'linq-phone-numbers[contract]'",
            _WRONG_USE,
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no verdict
        _stop(f"linq-contract cannot start: {type(error).__name__}: {error}", _NOT_JUDGED)
    if is_interruptible:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.freeze()  # nothing that was imported goes away, and looking through it takes a tenth of a run
    command(prog_name="linq-contract")


def _stop(message: str, exit_code: int) -> NoReturn:
    print(message, file=sys.stderr)  # noqa: T201 - what else could print may be what is missing
    sys.exit(exit_code)


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
