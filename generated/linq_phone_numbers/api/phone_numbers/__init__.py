# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The operations on phone numbers: as methods of a client, and as functions that make calls."""

from ._resource import AsyncPhoneNumbersResource, PhoneNumbersResource
from .list_phone_numbers import list_phone_numbers
from .update_phone_number import update_phone_number

__all__ = [
    "AsyncPhoneNumbersResource",
    "PhoneNumbersResource",
    "list_phone_numbers",
    "update_phone_number",
]
