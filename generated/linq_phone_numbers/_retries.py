# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""What is tried again, and when."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any, Final

import httpx

from ._contract import PASSING_STATUSES
from .errors import APIConnectionError, APIStatusError
from .types import Call

if TYPE_CHECKING:
    from tenacity import RetryCallState

_IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})  # RFC 9110, 9.2.2

_log = logging.getLogger(__package__)


def may_pass(call: Call[Any], error: BaseException) -> bool:
    """Say whether the same request may succeed later, and does no harm when it is made twice."""
    if isinstance(error, APIStatusError):
        return error.status_code in PASSING_STATUSES and (
            call.method in _IDEMPOTENT or error.status_code == 429
        )
    return isinstance(error, APIConnectionError) and call.method in _IDEMPOTENT


def policy(call: Call[Any], max_retries: int, until: float | None) -> dict[str, Any]:
    """Return how tenacity is to try a call again, `until` a time of `time.monotonic`."""
    import tenacity as t  # noqa: PLC0415 - few calls need it, and importing it takes a tenth of the time of httpx

    stop: t.stop.stop_base = t.stop_after_attempt(max_retries + 1)
    if until is not None:
        stop |= t.stop_before_delay(until - time.monotonic())
    return {
        "retry": t.retry_if_exception(partial(may_pass, call)),
        "wait": partial(_pause, t.wait_random_exponential(multiplier=2, min=1, max=30)),
        "stop": stop,
        "before_sleep": _log_pause,
        "reraise": True,
    }


def _pause(backoff: Callable[[RetryCallState], float], state: RetryCallState) -> float:
    """Return the seconds that the server asked for, or else those of the backoff."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, APIStatusError) else None
    return backoff(state) if asked is None else float(asked)


def _log_pause(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    _log.info("%s Trying again in %.1f s.", error, state.upcoming_sleep)


def retry_after(response: httpx.Response, in_body: Any) -> int | None:
    """Return the seconds to wait, from the header (RFC 9110, 10.2.3) or else from the body."""
    header = response.headers.get("Retry-After", "")
    seconds = in_body
    if header.isdecimal() and len(header) < 10:
        seconds = int(header)
    elif header:
        with suppress(ValueError, OverflowError):
            seconds = ceil(parsedate_to_datetime(header).timestamp() - time.time())
    return min(max(seconds, 0), 10**9) if isinstance(seconds, int) else None
