# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
from __future__ import annotations

from ...models.phone_number_list_response import PhoneNumberListResponse
from ...types import Call


def list_phone_numbers() -> Call[PhoneNumberListResponse]:
    """List phone numbers.

    Returns every line of the account in one response, without pages. An account that has no
    line gets an empty array.

    Returns:
        The call, which the method `send` of a client sends.
    """
    return Call(
        operation="list_phone_numbers",
        method="GET",
        path="/v3/phone_numbers",
        parse=PhoneNumberListResponse.from_dict,
    )
