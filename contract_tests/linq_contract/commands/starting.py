"""What happens before a command and all that it needs is imported; it imports nothing itself."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Generator


@contextlib.contextmanager
def ended_by_an_interrupt() -> Generator[None]:
    """Let Ctrl-C end the process at once, without a traceback, where nothing is to be put back yet."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def what_is_missing(error: ModuleNotFoundError) -> str:
    """What to tell a user whose environment lacks what the command needs."""
    extra = f"'linq-phone-numbers[{'contract,mcp' if error.name == 'mcp' else 'contract'}]'"
    return f"linq-contract needs {error.name}, which is not installed: pip install {extra}"
