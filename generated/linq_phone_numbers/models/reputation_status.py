# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
from __future__ import annotations

from enum import StrEnum
from typing import Any

from .._readers import as_string


class ReputationStatus(StrEnum):
    """How risky further sending from the line is.

    - `HEALTHY`: no elevated risk was detected, or the line has not been scored yet.
    - `AT_RISK`: there are signs of elevated risk; send less or review what is sent.
    - `CRITICAL`: the risk is high; sending on may get the line flagged or restricted.

    The values that the contract names. A server may send others: they are kept as plain text.
    """

    HEALTHY = "HEALTHY"
    AT_RISK = "AT_RISK"
    CRITICAL = "CRITICAL"

    @classmethod
    def parse(cls, value: Any) -> ReputationStatus | str:
        """Read a value from parsed JSON, and keep it as it came when it is none of these.

        Raises:
            InvalidDataError: The value is not a string.
        """
        read = as_string(value)
        return _MEMBERS.get(read, read)


_MEMBERS: dict[str, ReputationStatus] = {member.value: member for member in ReputationStatus}
