"""The servers to judge: those of the mock's catalogues."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

from linq_mock.faults import FAULTS
from linq_mock.freedoms import FREEDOMS

_PAIRS_OF_FREEDOMS = 12


@dataclass(frozen=True)
class Server:
    """A server of the catalogues: `breaks` are the rules that it breaks, none for a freedom."""

    name: str
    arguments: tuple[str, ...]
    breaks: tuple[str, ...] = ()
    changes_by_itself: bool = False

    @property
    def kind(self) -> str:
        return "fault" if self.breaks else "freedom"


HONEST = Server("the mock as it is", ())


def servers() -> list[Server]:
    """Every fault, every freedom, and some pairs of freedoms, always the same ones."""
    pairs = random.Random(0).sample(list(itertools.combinations(FREEDOMS, 2)), _PAIRS_OF_FREEDOMS)  # noqa: S311 - a sample
    return [
        *(Server(name, ("--fault", name), fault.rules()) for name, fault in FAULTS.items()),
        *(
            Server(name, ("--freedom", name), changes_by_itself=freedom.changes_by_itself)
            for name, freedom in FREEDOMS.items()
        ),
        *(
            Server(
                f"{one} + {other}",
                ("--freedom", one, "--freedom", other),
                changes_by_itself=FREEDOMS[one].changes_by_itself or FREEDOMS[other].changes_by_itself,
            )
            for one, other in pairs
        ),
    ]
