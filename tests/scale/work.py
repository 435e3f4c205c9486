"""What the executors of the tests do: functions that a process can import by name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def double(number: int) -> int:
    time.sleep(0.02)  # stands for work, so that some is under way when a worker is lost
    return 2 * number


def double_or_die(job: tuple[int, str]) -> int:
    """Double a number; the first to see that a file is not there makes it, and kills its own process."""
    number, marker = job
    if number == 3:
        try:
            Path(marker).touch(exist_ok=False)
        except FileExistsError:
            return 2 * number
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def die(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(number: int) -> None:
    raise ZeroDivisionError(number)
