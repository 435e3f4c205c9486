# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""What is told of a fork.

Python keeps what it calls after a fork until its very end, and all that the module of it imports. This one
imports next to nothing: with httpx, a program would take a seventh longer to end.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from typing import Protocol

    class Forked(Protocol):
        def after_fork(self) -> None: ...


_known: WeakSet[Forked] = WeakSet()


def tell(forked: Forked) -> None:
    """Have something be told in the child of each fork, for as long as it lives."""
    _known.add(forked)


def _after_fork() -> None:
    for forked in list(_known):
        forked.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, where processes are not forked
    os.register_at_fork(after_in_child=_after_fork)
