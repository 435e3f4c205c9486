"""What a run is asked to do, and what it has found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from linq_contract.http.excess import Limits
from linq_contract.judge.ledger import Ledger, Verdict
from linq_contract.run.restore import Restoration
from linq_contract.safety.target import Target


class ExitCode(IntEnum):
    """What the exit code of a validation says."""

    CONFORMS = 0
    RULES_BROKEN = 1
    WRONG_USE = 2
    NOT_JUDGED = 3
    NOT_RESTORED = 4


@dataclass(frozen=True)
class Options:
    """How to judge. `rules` are shell patterns of rule names.

    `time_limit` and `max_wait` are in seconds: what a fast server takes thirty times over, and what a limit
    that counts by the minute may ask to wait.
    """

    seed: int
    rules: Sequence[str] = ("*",)
    strict: bool = False
    time_limit: float = 300
    max_wait: float = 60
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Result:
    """What a validation found out."""

    target: Target
    options: Options
    ledger: Ledger
    began: datetime
    requests: int
    seconds: float
    notes: Sequence[str]
    restoration: Restoration

    @property
    def unrestored(self) -> Sequence[str]:
        """The ids of the lines that do not forward to what they did before the run."""
        return self.restoration.failed

    @property
    def exit_code(self) -> ExitCode:
        """4 when a line was not put back, 1 when a rule is broken, 3 when none was exercised, else 0.

        What a server that ends with the run forwards to is nobody's loss.
        """
        if self.unrestored and not self.target.ends_with_run:
            return ExitCode.NOT_RESTORED
        if self.ledger.verdicts(strict=self.options.strict)[Verdict.FAILED]:
            return ExitCode.RULES_BROKEN
        return ExitCode.CONFORMS if self.ledger.exercised else ExitCode.NOT_JUDGED
