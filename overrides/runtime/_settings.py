"""The settings of a client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Self

import httpx

from ._redaction import Token
from .types import Unset

Timeout = float | httpx.Timeout | Unset | None

DEFAULT_TIMEOUT: Final = httpx.Timeout(60, connect=5)
DEFAULT_MAX_RETRIES: Final = 2
DEFAULT_DEADLINE: Final = 180.0


class Settings:
    """What a client does alike for all of its calls."""

    def __init__(
        self,
        token: Token | Callable[[], Any],
        base_url: str,
        headers: Mapping[str, str],
        timeout: httpx.Timeout,
        max_retries: int,
        deadline: float | None,
        credentials: Mapping[str, Token],
    ) -> None:
        self.token = token
        self.base_url = base_url
        self.headers = headers
        self.timeout = timeout
        self.max_retries = max_retries
        self.deadline = deadline
        self.credentials = credentials

    def replaced(self, **changes: Any) -> Self:
        """Return the same settings, some of them replaced."""
        return type(self)(**{**vars(self), **changes})
