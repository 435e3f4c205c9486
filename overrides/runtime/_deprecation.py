"""The mark of what is deprecated (PEP 702), which Python itself offers from 3.13 on."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from typing_extensions import deprecated as deprecated  # noqa: PLC0414 - exported
else:
    P = ParamSpec("P")
    T = TypeVar("T")

    def deprecated(message: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
        """Have a function warn whenever it is called."""

        def mark(function: Callable[P, T]) -> Callable[P, T]:
            @wraps(function)
            def warn(*args: Any, **kwargs: Any) -> T:
                warnings.warn(message, DeprecationWarning, stacklevel=2)
                return function(*args, **kwargs)

            warn.__deprecated__ = message
            return warn

        return mark
