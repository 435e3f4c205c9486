"""The arguments of operations: checked, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ._models import to_json
from .errors import InvalidDataError, InvalidInputError
from .types import UNSET


def checked(
    name: str, value: Any, read: Callable[[Any], Any], description: str = "", *, required: bool = True
) -> Any:
    """Return an argument as JSON.

    Raises:
        InvalidInputError: `read` refuses the value, or it is UNSET where one is required.

    """
    if value is UNSET and not required:
        return value
    try:
        value = to_json(value)
        read(value)
    except InvalidDataError as error:
        raise InvalidInputError(f"{name}{error.pointer} {error.reason}. {description}".rstrip()) from None
    return value


def without_unset(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are set, as JSON."""
    return {name: to_json(value) for name, value in values.items() if value is not UNSET}
