# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The clients, sync and async, with the resources of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._clients import AsyncClient, SyncClient
from ._lazy import resource

if TYPE_CHECKING:
    from .api.phone_numbers import AsyncPhoneNumbersResource, PhoneNumbersResource


class LinqClient(SyncClient):
    """A client of the API; it may be shared between threads.

    Args:
        api_key: The token, or a function that is asked for it for each request; without it,
            the environment variable `LINQ_API_V3_API_KEY`.
        base_url: Where the API is; without it, the environment variable `LINQ_API_V3_BASE_URL`,
            and without that https://api.linqapp.com/api/partner.
        http_client: An `httpx.Client` to send with, for proxies, transports or certificates of
            your own. Its settings hold, `auth` too, save that redirects are not followed, and closing it is
            up to you.
        credentials: What the other security schemes of the contract ask for, by their names; without one,
            the environment variable of the scheme.
        default_headers: Headers to send with every request; they replace those of the same names.
        timeout: How long a call waits for each step (to connect, to send and to receive a piece, to get a
            connection): seconds, an `httpx.Timeout`, or None to wait for ever. Without it, 60 s and 5 s to
            connect, or the timeout that `http_client` was given.
        max_retries: How often a call is tried again after a failed connection or a status that may pass, if
            its method is idempotent. A pause is as long as Retry-After says, or else grows from 1 s to 30 s.
        deadline: Seconds that a call may take in all, with its retries and its pauses: no pause begins that
            would end later, and the error is raised at once. None stands for no limit.

    Raises:
        InvalidInputError: There is no token, or a setting is none.
    """

    @resource
    def phone_numbers(cls) -> type[PhoneNumbersResource]:
        """The phone numbers assigned to a partner account. Use one of them as the sender when creating
        or listing chats or sending a voice memo."""
        from .api.phone_numbers import PhoneNumbersResource

        return PhoneNumbersResource


class AsyncLinqClient(AsyncClient):
    """An asynchronous client of the API; it may be shared between tasks.

    Args:
        api_key: The token, or a function, asynchronous or not, that is asked for it for each request; without it,
            the environment variable `LINQ_API_V3_API_KEY`.
        base_url: Where the API is; without it, the environment variable `LINQ_API_V3_BASE_URL`,
            and without that https://api.linqapp.com/api/partner.
        http_client: An `httpx.AsyncClient` to send with, for proxies, transports or certificates of
            your own. Its settings hold, `auth` too, save that redirects are not followed, and closing it is
            up to you.
        credentials: What the other security schemes of the contract ask for, by their names; without one,
            the environment variable of the scheme.
        default_headers: Headers to send with every request; they replace those of the same names.
        timeout: How long a call waits for each step (to connect, to send and to receive a piece, to get a
            connection): seconds, an `httpx.Timeout`, or None to wait for ever. Without it, 60 s and 5 s to
            connect, or the timeout that `http_client` was given.
        max_retries: How often a call is tried again after a failed connection or a status that may pass, if
            its method is idempotent. A pause is as long as Retry-After says, or else grows from 1 s to 30 s.
        deadline: Seconds that a call may take in all, with its retries and its pauses: no pause begins that
            would end later, and the error is raised at once. None stands for no limit.

    Raises:
        InvalidInputError: There is no token, or a setting is none.
    """

    @resource
    def phone_numbers(cls) -> type[AsyncPhoneNumbersResource]:
        """The phone numbers assigned to a partner account. Use one of them as the sender when creating
        or listing chats or sending a voice memo."""
        from .api.phone_numbers import AsyncPhoneNumbersResource

        return AsyncPhoneNumbersResource
