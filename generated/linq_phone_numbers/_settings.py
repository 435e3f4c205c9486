# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The settings of a client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import httpx

from ._redaction import Token
from .types import Unset

Timeout = float | httpx.Timeout | Unset | None

DEFAULT_TIMEOUT: Final = httpx.Timeout(60, connect=5)
DEFAULT_MAX_RETRIES: Final = 2
DEFAULT_DEADLINE: Final = 180.0


class Settings(NamedTuple):
    """What a client does alike for all of its calls."""

    token: Token | Callable[[], Any]
    base_url: str
    headers: Mapping[str, str]
    timeout: httpx.Timeout
    max_retries: int
    deadline: float | None
    credentials: Mapping[str, Token]
