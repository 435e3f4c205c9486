"""What is tried again, and when."""

from __future__ import annotations

import datetime as dt
import logging
import re
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from functools import partial
from math import ceil, isfinite
from typing import TYPE_CHECKING, Any, Final

import httpx

from ._attempts import Attempts
from ._contract import PASSING_STATUSES
from .errors import APIConnectionError, APIStatusError
from .types import Call

if TYPE_CHECKING:
    from tenacity import RetryCallState

_IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})  # RFC 9110, 9.2.2

# Those of HTTP and of the proxies before a server (52x is Cloudflare's), and those that the contract names.
RETRIED: Final = PASSING_STATUSES | {408, 429, 500, 502, 503, 504, *range(520, 530)}
_TURNED_AWAY: Final = 429  # nothing was done, whatever the method

# No answer came, and none would: what was to be sent is wrong, or what came cannot be read.
_FOR_GOOD: Final = (
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.DecodingError,
    httpx.InvalidURL,
    UnicodeError,  # of idna
)

_UNTRUSTED: Final = "CERTIFICATE_VERIFY_FAILED"  # OpenSSL's name for it, which every message has

_LONGEST: Final = 10**9  # seconds
_SECONDS: Final = r"[0-9]+(\.[0-9]*)?"

_log = logging.getLogger(__package__)


def may_pass(call: Call[Any], error: BaseException) -> bool:
    """Say whether the same request may succeed later, and does no harm when it is made twice."""
    is_idempotent = call.method in _IDEMPOTENT
    if isinstance(error, APIStatusError):
        return error.status_code in RETRIED and (is_idempotent or error.status_code == _TURNED_AWAY)
    is_final = isinstance(error.__cause__, _FOR_GOOD) or is_untrusted(error.__cause__)
    return isinstance(error, APIConnectionError) and is_idempotent and not is_final


def is_untrusted(error: BaseException | None) -> bool:
    """Say whether a connection failed because nobody who is trusted has signed the server's certificate."""
    return isinstance(error, httpx.ConnectError) and _UNTRUSTED in str(error)


def policy(call: Call[Any], attempts: Attempts) -> dict[str, Any]:
    """Return how tenacity is to go on with a call whose first attempt has failed."""
    import tenacity as t  # noqa: PLC0415 - few calls need it, and importing it takes a tenth of the time of httpx

    left = attempts.left()
    stop: t.stop.stop_base = t.stop_after_attempt(attempts.max_retries + 1)
    if left is not None:
        stop |= t.stop_before_delay(left)
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


def retry_after(response: httpx.Response, in_body: object) -> int | None:
    """Return the whole seconds to wait, from the header (RFC 9110, 10.2.3) or else from the body."""
    header = response.headers.get("Retry-After", "").strip()
    in_header = _number(header)
    seconds = _until(header) if in_header is None else in_header
    return _number(in_body) if seconds is None else seconds


def _number(value: object) -> int | None:
    """Return a number of seconds, rounded up, and bounded, so that it can be counted with."""
    if isinstance(value, str) and re.fullmatch(_SECONDS, value):
        whole = value.partition(".")[0]
        return _LONGEST if len(whole.lstrip("0")) > 9 else ceil(float(value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not isfinite(value):
        return None
    return min(max(ceil(value), 0), _LONGEST)


def _until(date: str) -> int | None:
    """Return the seconds until a date in one of the three forms of HTTP, which are all in UTC."""
    try:
        parsed = parsedate_to_datetime(date)
        at = parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)
        return min(max(ceil(at.timestamp() - time.time()), 0), _LONGEST)
    except (ValueError, OverflowError):
        return None
