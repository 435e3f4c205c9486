# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The operations on phone numbers, as methods of a client."""

from __future__ import annotations

from uuid import UUID

import httpx

from ...client import AsyncLinqClient, LinqClient
from ...models.phone_number_list_response import PhoneNumberListResponse
from ...models.phone_number_update_response import PhoneNumberUpdateResponse
from ...types import UNSET, Unset
from .list_phone_numbers import list_phone_numbers
from .update_phone_number import update_phone_number


class PhoneNumbersResource:
    """The phone numbers assigned to a partner account. Use one of them as the sender when creating
    or listing chats or sending a voice memo."""

    def __init__(self, client: LinqClient) -> None:
        self._client = client

    def list(
        self,
        *,
        timeout: float | httpx.Timeout | Unset | None = UNSET,
    ) -> PhoneNumberListResponse:
        """List phone numbers.

        Returns every line of the account in one response, without pages. An account that has no
        line gets an empty array.

        Args:
            timeout: Replaces the timeout of the client for this call: seconds, an
                `httpx.Timeout`, or None to wait for ever.

        Raises:
            APIStatusError: The answer is not 2xx; there is a class for each common status.
            APIResponseValidationError: The answer does not match the contract.
            APIConnectionError: No answer came; `APITimeoutError` when it did not come in time.
        """
        return self._client.send(
            list_phone_numbers(),
            timeout=timeout,
        )

    def update(
        self,
        phone_number_id: str | UUID,
        *,
        forwarding_number: str | None,
        timeout: float | httpx.Timeout | Unset | None = UNSET,
    ) -> PhoneNumberUpdateResponse:
        """Update a phone number.

        Sets the number that calls to the line are forwarded to. `null` and the empty string both
        clear it. Sending the same update again changes nothing more.

        Args:
            phone_number_id: The `id` of the line, as the list shows it. It is not the phone
                number.
            forwarding_number: The number to forward calls to, in E.164 format. Null or the
                empty string clears it.
            timeout: Replaces the timeout of the client for this call: seconds, an
                `httpx.Timeout`, or None to wait for ever.

        Raises:
            InvalidInputError: An argument breaks the contract; nothing was sent.
            APIStatusError: The answer is not 2xx; there is a class for each common status.
            APIResponseValidationError: The answer does not match the contract.
            APIConnectionError: No answer came; `APITimeoutError` when it did not come in time.
        """
        return self._client.send(
            update_phone_number(
                phone_number_id,
                forwarding_number=forwarding_number,
            ),
            timeout=timeout,
        )


class AsyncPhoneNumbersResource:
    """The phone numbers assigned to a partner account. Use one of them as the sender when creating
    or listing chats or sending a voice memo."""

    def __init__(self, client: AsyncLinqClient) -> None:
        self._client = client

    async def list(
        self,
        *,
        timeout: float | httpx.Timeout | Unset | None = UNSET,
    ) -> PhoneNumberListResponse:
        """List phone numbers.

        Returns every line of the account in one response, without pages. An account that has no
        line gets an empty array.

        Args:
            timeout: Replaces the timeout of the client for this call: seconds, an
                `httpx.Timeout`, or None to wait for ever.

        Raises:
            APIStatusError: The answer is not 2xx; there is a class for each common status.
            APIResponseValidationError: The answer does not match the contract.
            APIConnectionError: No answer came; `APITimeoutError` when it did not come in time.
        """
        return await self._client.send(
            list_phone_numbers(),
            timeout=timeout,
        )

    async def update(
        self,
        phone_number_id: str | UUID,
        *,
        forwarding_number: str | None,
        timeout: float | httpx.Timeout | Unset | None = UNSET,
    ) -> PhoneNumberUpdateResponse:
        """Update a phone number.

        Sets the number that calls to the line are forwarded to. `null` and the empty string both
        clear it. Sending the same update again changes nothing more.

        Args:
            phone_number_id: The `id` of the line, as the list shows it. It is not the phone
                number.
            forwarding_number: The number to forward calls to, in E.164 format. Null or the
                empty string clears it.
            timeout: Replaces the timeout of the client for this call: seconds, an
                `httpx.Timeout`, or None to wait for ever.

        Raises:
            InvalidInputError: An argument breaks the contract; nothing was sent.
            APIStatusError: The answer is not 2xx; there is a class for each common status.
            APIResponseValidationError: The answer does not match the contract.
            APIConnectionError: No answer came; `APITimeoutError` when it did not come in time.
        """
        return await self._client.send(
            update_phone_number(
                phone_number_id,
                forwarding_number=forwarding_number,
            ),
            timeout=timeout,
        )
