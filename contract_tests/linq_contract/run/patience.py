"""How long a run waits: for an answer, before it sends again, and for its end."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

_FIRST_BACKOFF = 0.05  # seconds: what was an accident is over by then
_LONGEST_BACKOFF = 2.0  # seconds; five retries then span what a restart of a small server takes
_ASKED_BY_FAILURES = 10.0  # seconds in sum: a restart or two; who asks for more fails now and then as a habit


class OutOfTimeError(Exception):
    """The time limit of the run is reached."""


class RateLimitedError(Exception):
    """The server asks to wait for longer than the run is willing to."""


@dataclass
class Patience:
    """How long a run waits. Times are in seconds of the monotonic clock.

    A limit that counts by the minute is over within the `longest_wait`. A deadline that `is_fixed` is kept
    to, whatever a server asks for.
    """

    deadline: float
    longest_wait: float = 60.0
    is_fixed: bool = False
    _asked_until: float = field(default=float("-inf"), init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    @property
    def left(self) -> float:
        return self.deadline - time.monotonic()

    def check(self) -> None:
        """Raise OutOfTimeError when the time is up."""
        if self.left <= 0:
            raise OutOfTimeError

    def prolong(self, seconds: float) -> None:
        """Put the deadline off, unless it is fixed, by the time that a server asks to wait from now on.

        What several threads are asked for at the same time counts once.
        """
        with self._lock:
            now = time.monotonic()
            until = max(self._asked_until, now + seconds)
            if not self.is_fixed:
                self.deadline += until - max(self._asked_until, now)
            self._asked_until = until

    def wait(self, seconds: float) -> None:
        """Wait, or raise RateLimitedError or OutOfTimeError when that would take too long."""
        if seconds > self.longest_wait:
            raise RateLimitedError(f"the server asked to wait for {seconds:g} s")
        if seconds > self.left:
            raise OutOfTimeError
        time.sleep(seconds)


@dataclass
class UnsaidWait:
    """How long to wait after a 429 that does not say how long: half of what was enough the last time.

    `seconds` begins with 1, since limits are most often counted by the second.
    """

    seconds: float = 1.0

    def pause(self, times: int) -> float:
        """The seconds to wait when a request was limited so many times."""
        return min(self.seconds * 2.0 ** (times - 1), _LONGEST_BACKOFF)

    def was_enough(self, times: int) -> None:
        """Learn that a request was limited so many times, and then no more."""
        self.seconds = max(_FIRST_BACKOFF, self.pause(times) / 2)


@dataclass
class WaitAfterFailures:
    """How long to wait before what failed is sent again: as long as the failure asks, if it asks.

    Failures that come now and then are mostly over at once, whatever they ask for. Once they have asked for
    some seconds in sum, a request is sent once more without; only what fails again is waited for as it asks.
    """

    _asked: float = field(default=0.0, init=False)

    def pause(self, asked: float, times: int) -> float:
        """The seconds to wait when a request failed so many times before, and asks for so many now."""
        if self._asked >= _ASKED_BY_FAILURES and times == 0:
            return backoff(times)
        self._asked += asked
        return max(asked, backoff(times))


def backoff(times: int) -> float:
    """The seconds to wait before a request is sent again that was in vain so many times before."""
    return min(_FIRST_BACKOFF * 2.0**times, _LONGEST_BACKOFF)
