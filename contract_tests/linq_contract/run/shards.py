"""A run in parts that know nothing of one another: each works out its part from its number alone.

What differs from one seed to the next is in every shard, with a seed of its own. A phase that sends the
same with any seed is in one of them as a whole, so that whatever it shows, it shows there.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from linq_contract.run.extent import Budget
from linq_contract.run.phases import Phase
from linq_contract.safety.target import Permissions, Target

LARGEST_SEED = 2**31 - 1
"""What fits into an int of any tool that is handed one."""
_OF_THE_SECOND_ACCOUNT = (
    *("accounts", "further accounts"),
    *("second account", "tokens of the second account"),
)
SHARED_OUT = frozenset(
    {
        *_OF_THE_SECOND_ACCOUNT,
        *("tokens", "trace ids", "browser", "unknown paths", "methods", "clear and repeat", "bodies", "ids"),
        *("same values", "two connections", "other clients", "extra properties", "free choices", "waiting"),
        *("further tokens", "further trace ids", "further bodies", "further ids", "compared refusals"),
        *("clear and repeat on further lines", "further extra properties", "further free choices"),
        *("edges", "exhaustion"),
    }
)
"""The names of the phases that send the same with any seed; what only chance shows is in none of them."""


class ShardError(ValueError):
    """The shards of a run would disturb one another; the message says how, and what to do."""


@dataclass(frozen=True)
class Shard:
    """One of `count` parts of a run; its `number` is from 1 to that."""

    number: int = 1
    count: int = 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    @property
    def is_part(self) -> bool:
        """Whether the run has other shards."""
        return self.count > 1

    def seed(self, seed: int) -> int:
        """The seed of this shard, given that of the run."""
        if not self.is_part:
            return seed
        digest = hashlib.sha256(f"{seed} {self}".encode()).digest()
        return int.from_bytes(digest[:4]) % LARGEST_SEED

    def phases(self, phases: Sequence[Phase]) -> Sequence[Phase]:
        """Those of the phases that are in this shard, in their order."""
        elsewhere = {phase for phase, number in self._shared_out(phases).items() if number != self.number}
        return [phase for phase in phases if phase not in elsewhere]

    def budget(self, budget: Budget) -> Budget:
        """How far this shard goes: the examples of all of them together are as many as those of one run."""
        return replace(budget, times_as_many_examples=math.ceil(budget.times_as_many_examples / self.count))

    def permissions(self, target: Target) -> Permissions:
        """What this shard may do to a server that the others are run against as well.

        One on this machine is taken for a server of this shard alone. Elsewhere each shard that updates has
        lines that no other one names, and together they keep to the rate of one run. Raises ShardError.
        """
        permissions = target.permissions
        if not self.is_part or target.is_local:
            return permissions
        if permissions.exclusive:
            raise ShardError("--exclusive says that nobody else uses the account, and the other shards do.")
        rate = target.requests_per_second / self.count if target.requests_per_second else None
        if not permissions.allow_writes:
            return replace(permissions, rate=rate)
        other_line = permissions.other_line if self.number == 1 else None
        return replace(permissions, rate=rate, lines=self._lines(permissions.lines), other_line=other_line)

    def _lines(self, lines: frozenset[str] | None) -> frozenset[str] | None:
        if lines is None:
            return None  # and so the run does not begin, since each has to be named
        if len(lines) < self.count:
            raise ShardError(
                f"{self.count} shards that update lines of one account need a line each, and --line names "
                f"{len(lines)}: name more lines, or make fewer shards."
            )
        return frozenset(sorted(lines)[self.number - 1 :: self.count])

    def _shared_out(self, phases: Sequence[Phase]) -> dict[Phase, int]:
        """The numbers of the shards that phases are in: the largest first, each where least is yet.

        The second account is left to one shard, because two would put back what the other has set.
        """
        sent = dict.fromkeys(range(1, self.count + 1), 0)
        shared_out: dict[Phase, int] = {}
        largest_first = sorted(phases, key=lambda phase: (-phase.requests.writing, phase.name))
        of_second = [phase for phase in largest_first if phase.name in _OF_THE_SECOND_ACCOUNT]
        for phase in (*of_second, *(each for each in largest_first if each not in of_second)):
            if phase.name in SHARED_OUT:
                number = 1 if phase in of_second else min(sent, key=lambda each: sent[each])
                shared_out[phase] = number
                sent[number] += phase.requests.writing
        return shared_out


WHOLE = Shard()
"""A run that has no other shards."""
