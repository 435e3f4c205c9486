"""The contract of the Linq Partner API for phone numbers, and the checks that judge a server by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linq_contract.live.transport import BrokenRule, BrokenRuleError, ValidatingTransport

__all__ = ["BrokenRule", "BrokenRuleError", "ValidatingTransport"]


def __getattr__(name: str) -> object:
    """What is imported when it is first used, since no command needs it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from linq_contract.live import transport  # noqa: PLC0415 - see above

    return getattr(transport, name)
