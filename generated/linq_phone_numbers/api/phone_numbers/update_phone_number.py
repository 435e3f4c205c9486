# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
from __future__ import annotations

import re as _re
from uuid import UUID

from ..._arguments import checked as _checked
from ..._arguments import without_unset as _without_unset
from ..._parameters import path_text as _path_text
from ..._readers import as_null_or, as_text_like, as_uuid
from ...models.phone_number_update_response import PhoneNumberUpdateResponse
from ...types import Call

_FORWARDING_NUMBER = _re.compile("^(\\+[1-9][0-9]{1,14})?\\Z", _re.ASCII)


def update_phone_number(
    phone_number_id: str | UUID,
    *,
    forwarding_number: str | None,
) -> Call[PhoneNumberUpdateResponse]:
    """Update a phone number.

    Sets the number that calls to the line are forwarded to. `null` and the empty string both
    clear it. Sending the same update again changes nothing more.

    Args:
        phone_number_id: The `id` of the line, as the list shows it. It is not the phone number.
        forwarding_number: The number to forward calls to, in E.164 format. Null or the empty
            string clears it.

    Returns:
        The call, which the method `send` of a client sends.

    Raises:
        InvalidInputError: An argument breaks the contract.
    """
    phone_number_id_in_path = _path_text(
        "phoneNumberId",
        _checked(
            "phone_number_id",
            phone_number_id,
            as_uuid,
            "The `id` of the line, as the list shows it. It is not the phone number.",
        ),
    )
    return Call(
        operation="update_phone_number",
        method="PUT",
        path=f"/v3/phone_numbers/{phone_number_id_in_path}",
        parse=PhoneNumberUpdateResponse.from_dict,
        body=_without_unset(
            {
                "forwarding_number": _checked(
                    "forwarding_number",
                    forwarding_number,
                    as_null_or(as_text_like(_FORWARDING_NUMBER)),
                    "The number to forward calls to, in E.164 format. Null or the empty string clears it.",
                ),
            }
        ),
        echoes={
            "/id": str(phone_number_id),
        },
    )
