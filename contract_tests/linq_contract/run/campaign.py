"""What the workloads of a run share: the session, the account's lines, numbers to set, chance."""

from __future__ import annotations

import itertools
import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from linq_contract.contract.lines import Line
from linq_contract.contract.numbers import endless_fiction, fiction, same_area, same_ending
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT
from linq_contract.http.messages import Request
from linq_contract.judge.auditor import Auditor
from linq_contract.judge.ledger import Ledger
from linq_contract.run.extent import Part
from linq_contract.run.session import Session
from linq_contract.safety.target import Permissions, Target

if TYPE_CHECKING:
    from linq_contract.run.examples import Examples

MOST_LINES = 24  # that updates are tried on: the tests of each line still take less than the others
_MOST_LINES_OF_LARGE_ACCOUNT = 9  # the first, the last, and some that forward and that do not
_FIRST_NUMBERS = 97  # a prime, so that neighbouring seeds begin with different numbers
_LARGE_ACCOUNT = 500  # lines, whose list takes as long as ten other requests


@dataclass
class Campaign:
    """One run against one server; `times_as_many_examples` is as its budget says."""

    session: Session
    target: Target
    seed: int
    times_as_many_examples: int = 1
    examples: Examples | None = None
    numbers: Iterator[str] = field(init=False)
    chance: random.Random = field(init=False)
    notes: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - reproducible, not secret
        own = self.permissions.forward_to
        self.numbers = itertools.cycle(own) if own else endless_fiction(self.seed % _FIRST_NUMBERS)

    @property
    def permissions(self) -> Permissions:
        return self.target.permissions

    @property
    def allow_writes(self) -> bool:
        return self.permissions.allow_writes

    @property
    def accounts(self) -> Sequence[str]:
        """The accounts whose token the run has."""
        return (ACCOUNT, OTHER_ACCOUNT) if self.has_other else (ACCOUNT,)

    @property
    def has_other(self) -> bool:
        return self.target.credentials.has_other

    @property
    def auditor(self) -> Auditor:
        return self.session.auditor

    @property
    def ledger(self) -> Ledger:
        return self.session.auditor.ledger

    @property
    def lines(self) -> Sequence[Line]:
        """The lines of the account as they are now."""
        return list((self.auditor.accounts[ACCOUNT].lines or {}).values())

    @property
    def is_large(self) -> bool:
        """Whether lists of the account are too large to ask for after every request."""
        return len(self.lines) > _LARGE_ACCOUNT

    @property
    def chosen(self) -> Sequence[Line]:
        """The lines that updates are tried on."""
        left_alone = self.auditor.accounts[ACCOUNT].left_alone
        return [line for line in self._chosen_at_first if line.key not in left_alone]

    @property
    def other_lines(self) -> Sequence[Line]:
        """The line of the other account that the user named."""
        named = self.permissions.other_line
        line = self.auditor.accounts[OTHER_ACCOUNT].find(named) if named else None
        return [line] if line is not None and self.has_other else []

    @cached_property
    def _chosen_at_first(self) -> Sequence[Line]:
        """The lines that updates are tried on: all of a small account, a sample of a large one, permitted.

        The first and the last line are among them, and both lines that forward and lines that do not.
        """
        lines = [line for line in self.lines if self.permissions.permits(line.key)]
        most = _MOST_LINES_OF_LARGE_ACCOUNT if self.is_large else MOST_LINES
        if len(lines) <= most:
            return lines
        forwarding = [line for line in lines if line.forwarding_number]
        idle = [line for line in lines if not line.forwarding_number]
        few = most // 3
        picked = [
            lines[0],
            lines[-1],
            *self._sample(forwarding, few),
            *self._sample(idle, few),
            *self._sample(lines, few),
        ]
        return list({line.key: line for line in picked}.values())

    def in_depth(self, count: int) -> Sequence[Line]:
        """So many of the chosen lines for what takes many lists; one of a large account."""
        return self.chosen[: 1 if self.is_large else count]

    def shared_out(
        self, part: Part, requests: Callable[[Line], Sequence[Request]]
    ) -> Sequence[Sequence[Request]]:
        """The requests for one of two lines; for a slow server all at first, shared out among all lines."""
        if not self.session.is_slow:
            lines = self.in_depth(2)
            return [requests(line) for line in (lines[:1] if part is Part.MOST_TELLING else lines[1:])]
        if part is Part.OTHERS:
            return []
        return [requests(line)[start :: len(self.chosen)] for start, line in enumerate(self.chosen)]

    def leave_alone(self, line: Line) -> None:
        """Try no more updates on a line."""
        self.auditor.accounts[ACCOUNT].left_alone.add(line.key)

    @property
    def foreign(self) -> Sequence[str]:
        """The ids of lines of the second account: the one named, and on this machine its first and last."""
        named = [self.permissions.other_line] if self.permissions.other_line else []
        if not named or not self.has_other or self.permissions.lines is not None or not self.target.is_local:
            return named
        others = [line.id for line in self._lines_of_other]
        return list(dict.fromkeys([*named, *others[:1], *others[-1:]]))

    @property
    def permitted_of_other(self) -> Sequence[Line]:
        """The known lines of the second account that requests may name."""
        return [line for line in self._lines_of_other if self.permissions.permits(line.key)]

    @property
    def _lines_of_other(self) -> Sequence[Line]:
        return list((self.auditor.accounts[OTHER_ACCOUNT].lines or {}).values())

    def _sample(self, lines: Sequence[Line], count: int) -> Sequence[Line]:
        return self.chance.sample(lines, min(count, len(lines)))

    def uuid(self) -> str:
        """A random uuid of version 4, as the seed has it."""
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def hex(self, digits: int) -> str:
        """Random hexadecimal digits, as the seed has them."""
        return f"{self.chance.getrandbits(4 * digits):0{digits}x}"

    def number(self) -> str:
        """A number to set that differs from the one before: fictional, or one of the user's own."""
        return next(self.numbers)

    def numbered(self, index: int) -> str:
        """The number to set with that index, which is the same each time."""
        own = self.permissions.forward_to
        return own[index % len(own)] if own else fiction(index)

    def look_alikes(self) -> Sequence[str]:
        """Two pairs of fictional numbers that are easily taken for each other; else the user's own."""
        if self.permissions.forward_to:
            return self.permissions.forward_to
        return fiction(0), same_ending(fiction(0)), fiction(10), same_area(fiction(10))
