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


def whole_or_none(values: Mapping[str, Any], needed: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of an optional body that are set, as JSON.

    Args:
        values: The values by the names of the properties.
        needed: The arguments for the properties that a body has to have, by the names of the properties.

    Raises:
        InvalidInputError: Some are set, and one that the body has to have is not.

    """
    found = without_unset(values)
    missing = [argument for name, argument in needed.items() if name not in found]
    if found and missing:
        raise InvalidInputError(f"{missing[0]} is missing: a body has to have it, or nothing.")
    return found
