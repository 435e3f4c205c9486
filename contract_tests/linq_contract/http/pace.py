"""How fast requests may leave: a rate, a bound on those under way, and pauses that the server asks for."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Generator


class Pace:
    """Lets requests of all threads out one after the other.

    `rate` is in requests per second, None for no limit; `at_once` bounds how many may be under way.
    """

    def __init__(self, rate: float | None = None, at_once: int | None = None) -> None:
        self._interval = 1 / rate if rate else 0.0
        self._slots = threading.BoundedSemaphore(at_once) if at_once else contextlib.nullcontext()
        self._next = 0.0
        self._held_until = 0.0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def turn(self) -> Generator[None]:
        """Wait until a request may leave, and hold its place while it is under way."""
        with self._slots:
            while (seconds := self._seconds_to_wait()) > 0:
                time.sleep(seconds)
            yield

    def hold(self, seconds: float) -> None:
        """Let no further request out for that time."""
        with self._lock:
            self._held_until = max(self._held_until, time.monotonic() + seconds)

    def _seconds_to_wait(self) -> float:
        """The seconds until this is worth asking again; 0 takes the turn."""
        with self._lock:
            now = time.monotonic()
            earliest = max(self._next, self._held_until)
            if earliest <= now:
                self._next = now + self._interval
                return 0.0
            return earliest - now
