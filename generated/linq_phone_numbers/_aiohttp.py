# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""aiohttp beneath an httpx client."""

from __future__ import annotations

import ssl

import httpx

from ._contract import PROJECT
from ._pools import USER_AGENT
from ._settings import DEFAULT_TIMEOUT


def aiohttp_client(
    *,
    proxy: str | httpx.Proxy | None = None,
    verify: ssl.SSLContext | bool = True,
    timeout: float | httpx.Timeout | None = DEFAULT_TIMEOUT,
) -> httpx.AsyncClient:
    """Return an `http_client` for the asynchronous client that sends over aiohttp, whose pool is faster.

    It runs on asyncio, not on trio, and closing it is up to you.

    Args:
        proxy: As for `httpx.AsyncClient`; without it, those of the environment.
        verify: As for `httpx.AsyncClient`.
        timeout: Seconds, an `httpx.Timeout`, or None to wait for ever.

    Raises:
        ImportError: The extra `aiohttp` of this package is not installed.

    """
    try:
        from ._over_aiohttp import AiohttpHttp  # noqa: PLC0415 - it takes an extra
    except ImportError as error:
        raise ImportError(
            f"aiohttp_client needs an extra, pip install '{PROJECT}[aiohttp]': {error}", name=error.name
        ) from error

    return AiohttpHttp(headers=USER_AGENT, proxy=proxy, verify=verify, timeout=timeout)
