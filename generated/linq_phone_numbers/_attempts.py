# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""How long and how often one call is tried."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

import httpx

from . import _checks
from ._settings import Settings
from .errors import APIError
from .types import CallOptions

E = TypeVar("E", bound=APIError)

_NONE: Final[Mapping[str, Any]] = {}
_SHORTEST: Final = 0.001  # seconds; a socket takes no timeout of 0 and less
_LONGEST: Final = 2_000_000.0  # seconds; poll(2) counts milliseconds with 31 bits, and starts again beyond


class Attempts:
    """The attempts at one call, bounded by the settings of the client and by the options of the call."""

    def __init__(self, settings: Settings, options: CallOptions) -> None:
        self.headers = self.query = _NONE
        if options:
            _checks.names("A call", options, CallOptions)
            settings = _checks.changed(settings, options)
            self.headers = _checks.headers("extra_headers", options.get("extra_headers", _NONE))
            self.query = _checks.query("extra_query", options.get("extra_query", _NONE))
        self.max_retries = settings.max_retries
        self.made = 0
        self._timeout = settings.timeout
        self._deadline = settings.deadline
        self._started = time.monotonic()

    def left(self) -> float | None:
        """Return the seconds that are left until the deadline; None when there is none."""
        return None if self._deadline is None else self._started + self._deadline - time.monotonic()

    def timeouts(self) -> dict[str, float | None]:
        """Return the timeouts of the next attempt, as httpx has them: none reaches beyond the deadline."""
        left = self.left()
        return {kind: _for_a_socket(each, left) for kind, each in self._timeout.as_dict().items()}

    def too_late(self, request: httpx.Request) -> httpx.ReadTimeout:
        """Return the error of an attempt that the deadline ends."""
        return httpx.ReadTimeout(self.deadline_reached(), request=request)

    def deadline_reached(self) -> str:
        """Return what messages say of an attempt that the deadline ends."""
        return f"the deadline of {self._deadline:g} s was reached"

    def bounded(self, response: httpx.Response) -> httpx.SyncByteStream:
        """Return the stream of a response as one that ends with an error at the deadline."""
        stream = response.stream
        assert isinstance(stream, httpx.SyncByteStream)
        return _BoundedStream(stream, self, response.request)

    def seconds(self) -> float:
        """Return the seconds since the call began."""
        return time.monotonic() - self._started

    def told(self, error: E) -> E:
        """Return an error that says how often the call was tried, and how long that took."""
        error.tries, error.seconds = self.made, self.seconds()
        if self.made > 1:
            error.message += f" It was tried {self.made} times in {error.seconds:.1f} s."
            error.args = (error.message,)
        return error


def _for_a_socket(timeout: float | None, left: float | None) -> float | None:
    """Return the shorter of two times, None being the longest, within what a socket takes."""
    times = [each for each in (timeout, left) if each is not None]
    return min(max(min(times), _SHORTEST), _LONGEST) if times else None


class _BoundedStream(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, attempts: Attempts, request: httpx.Request) -> None:
        self._stream = stream
        self._attempts = attempts
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._stream:
            left = self._attempts.left()
            if left is not None and left <= 0:
                raise self._attempts.too_late(self._request)
            yield piece

    def close(self) -> None:
        self._stream.close()
