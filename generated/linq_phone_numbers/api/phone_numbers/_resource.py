# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The operations on phone numbers, as methods of a client."""

from __future__ import annotations

from typing import Unpack
from uuid import UUID

from ..._lazy import resource
from ..._resources import AsyncResource, RawAsyncResource, RawSyncResource, SyncResource
from ...models.phone_number_list_response import PhoneNumberListResponse
from ...models.phone_number_update_response import PhoneNumberUpdateResponse
from ...types import CallOptions, RawResponse
from .list_phone_numbers import list_phone_numbers as _list_phone_numbers
from .update_phone_number import update_phone_number as _update_phone_number


class PhoneNumbersResource(SyncResource):
    """The phone numbers assigned to a partner account. Use one of them as the sender when creating
    or listing chats or sending a voice memo."""

    @resource
    def with_raw_response(cls) -> type[PhoneNumbersResourceWithRawResponse]:
        """The same operations, as methods that return a `RawResponse`: the result, and the response it is from."""
        return PhoneNumbersResourceWithRawResponse

    def list(
        self,
        **options: Unpack[CallOptions],
    ) -> PhoneNumberListResponse:
        """List phone numbers.

        Returns every line of the account in one response, without pages. An account that has no
        line gets an empty array.

        Args:
            options: What every call takes, for this one alone: `extra_headers`, `extra_query`,
                `timeout`, `max_retries` and `deadline`, as `CallOptions` describes them.

        Raises:
            InvalidInputError: An argument breaks the contract; nothing was sent.
            APIStatusError: The answer is not 2xx; there is a class for each common status.
            APIResponseValidationError: The answer does not match the contract.
            APIConnectionError: No answer came; `APITimeoutError` when it did not come in time.
        """
        return self._client.send(_list_phone_numbers(), **options)

    def update(
        self,
        phone_number_id: str | UUID,
        *,
        forwarding_number: str | None,
        **options: Unpack[CallOptions],
    ) -> PhoneNumberUpdateResponse:
        """Update a phone number.

        Sets the number that calls to the line are forwarded to. `null` and the empty string both
        clear it. Sending the same update again changes nothing more.

        Args:
            phone_number_id: The `id` of the line, as the list shows it. It is not the phone
                number.
            forwarding_number: The number to forward calls to, in E.164 format. Null or the
                empty string clears it.
            options: What every call takes, for this one alone: `extra_headers`, `extra_query`,
                `timeout`, `max_retries` and `deadline`, as `CallOptions` describes them.

        Raises:
            InvalidInputError: An argument breaks the contract; nothing was sent.
            APIStatusError: The answer is not 2xx; there is a class for each common status.
            APIResponseValidationError: The answer does not match the contract.
            APIConnectionError: No answer came; `APITimeoutError` when it did not come in time.
        """
        return self._client.send(
            _update_phone_number(
                phone_number_id,
                forwarding_number=forwarding_number,
            ),
            **options,
        )


class PhoneNumbersResourceWithRawResponse(RawSyncResource):
    """The operations of `PhoneNumbersResource`, as methods that return a `RawResponse`."""

    def list(
        self,
        **options: Unpack[CallOptions],
    ) -> RawResponse[PhoneNumberListResponse]:
        """Return what `PhoneNumbersResource.list` does, with the response."""
        return self._client.send_raw(_list_phone_numbers(), **options)

    def update(
        self,
        phone_number_id: str | UUID,
        *,
        forwarding_number: str | None,
        **options: Unpack[CallOptions],
    ) -> RawResponse[PhoneNumberUpdateResponse]:
        """Return what `PhoneNumbersResource.update` does, with the response."""
        return self._client.send_raw(
            _update_phone_number(
                phone_number_id,
                forwarding_number=forwarding_number,
            ),
            **options,
        )


class AsyncPhoneNumbersResource(AsyncResource):
    """The phone numbers assigned to a partner account. Use one of them as the sender when creating
    or listing chats or sending a voice memo."""

    @resource
    def with_raw_response(cls) -> type[AsyncPhoneNumbersResourceWithRawResponse]:
        """The same operations, as methods that return a `RawResponse`: the result, and the response it is from."""
        return AsyncPhoneNumbersResourceWithRawResponse

    async def list(
        self,
        **options: Unpack[CallOptions],
    ) -> PhoneNumberListResponse:
        """List phone numbers.

        Returns every line of the account in one response, without pages. An account that has no
        line gets an empty array.

        Args:
            options: What every call takes, for this one alone: `extra_headers`, `extra_query`,
                `timeout`, `max_retries` and `deadline`, as `CallOptions` describes them.

        Raises:
            InvalidInputError: An argument breaks the contract; nothing was sent.
            APIStatusError: The answer is not 2xx; there is a class for each common status.
            APIResponseValidationError: The answer does not match the contract.
            APIConnectionError: No answer came; `APITimeoutError` when it did not come in time.
        """
        return await self._client.send(_list_phone_numbers(), **options)

    async def update(
        self,
        phone_number_id: str | UUID,
        *,
        forwarding_number: str | None,
        **options: Unpack[CallOptions],
    ) -> PhoneNumberUpdateResponse:
        """Update a phone number.

        Sets the number that calls to the line are forwarded to. `null` and the empty string both
        clear it. Sending the same update again changes nothing more.

        Args:
            phone_number_id: The `id` of the line, as the list shows it. It is not the phone
                number.
            forwarding_number: The number to forward calls to, in E.164 format. Null or the
                empty string clears it.
            options: What every call takes, for this one alone: `extra_headers`, `extra_query`,
                `timeout`, `max_retries` and `deadline`, as `CallOptions` describes them.

        Raises:
            InvalidInputError: An argument breaks the contract; nothing was sent.
            APIStatusError: The answer is not 2xx; there is a class for each common status.
            APIResponseValidationError: The answer does not match the contract.
            APIConnectionError: No answer came; `APITimeoutError` when it did not come in time.
        """
        return await self._client.send(
            _update_phone_number(
                phone_number_id,
                forwarding_number=forwarding_number,
            ),
            **options,
        )


class AsyncPhoneNumbersResourceWithRawResponse(RawAsyncResource):
    """The operations of `AsyncPhoneNumbersResource`, as methods that return a `RawResponse`."""

    async def list(
        self,
        **options: Unpack[CallOptions],
    ) -> RawResponse[PhoneNumberListResponse]:
        """Return what `AsyncPhoneNumbersResource.list` does, with the response."""
        return await self._client.send_raw(_list_phone_numbers(), **options)

    async def update(
        self,
        phone_number_id: str | UUID,
        *,
        forwarding_number: str | None,
        **options: Unpack[CallOptions],
    ) -> RawResponse[PhoneNumberUpdateResponse]:
        """Return what `AsyncPhoneNumbersResource.update` does, with the response."""
        return await self._client.send_raw(
            _update_phone_number(
                phone_number_id,
                forwarding_number=forwarding_number,
            ),
            **options,
        )
