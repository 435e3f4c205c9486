"""What every freedom is."""

from __future__ import annotations

from typing import ClassVar

from linq_mock.variation import Variation


class Freedom(Variation):
    """A server that makes use of something that the contract leaves free; its docstring says what.

    If it `changes_by_itself`, lines change that no request has named.
    """

    changes_by_itself: ClassVar[bool] = False
    catalogue: ClassVar[dict[str, type[Freedom]]] = {}

    def __init_subclass__(cls, *, name: str = "") -> None:
        super().__init_subclass__()
        if name:
            cls.name = name
            Freedom.catalogue[name] = cls
