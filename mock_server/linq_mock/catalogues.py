"""The catalogues of faults and freedoms, which take longer to import than the rest of the mock."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linq_mock.variation import Variation


class UnknownVariationError(ValueError):
    """No fault, or no freedom, has this name; the message says which has one like it."""


def faults() -> Mapping[str, type[Variation]]:
    """Return the faults by name."""
    from linq_mock.faults import FAULTS  # noqa: PLC0415 - the mock starts sooner without

    return FAULTS


def freedoms() -> Mapping[str, type[Variation]]:
    """Return the freedoms by name."""
    from linq_mock.freedoms import FREEDOMS  # noqa: PLC0415 - the mock starts sooner without

    return FREEDOMS


def found(catalogue: Mapping[str, type[Variation]], name: str) -> type[Variation]:
    """Return the variation of a name. Raises UnknownVariationError."""
    if name not in catalogue:
        near = "".join(f" Did you mean {match}?" for match in get_close_matches(name, catalogue, 1))
        raise UnknownVariationError(f"there is no {name}.{near}")
    return catalogue[name]
