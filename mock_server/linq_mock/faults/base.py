"""What every fault is."""

from __future__ import annotations

from typing import ClassVar

from linq_mock.variation import Variation


class Fault(Variation):
    """A server with one defect, which its docstring names as the bug that a real server has.

    A fault is called after the rule that it breaks, `rule/slug`; `also` are the other rules that
    it breaks thereby. Classes without a name are what several faults share.
    """

    also: ClassVar[tuple[str, ...]] = ()
    catalogue: ClassVar[dict[str, type[Fault]]] = {}

    def __init_subclass__(cls, *, name: str = "", also: tuple[str, ...] = ()) -> None:
        super().__init_subclass__()
        if name:
            cls.name = name
            cls.also = also
            Fault.catalogue[name] = cls

    @classmethod
    def rules(cls) -> tuple[str, ...]:
        """Return the rules that the fault breaks, first the one that it is named after."""
        return cls.name.partition("/")[0], *cls.also
