"""What the commands have in common that check what others have sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from linq_contract.http.credentials import Credentials
from linq_contract.judge.ledger import Ledger
from linq_contract.run.restore import Restoration
from linq_contract.run.result import NOTHING_TESTED, Options, Result
from linq_contract.safety.target import Target


@dataclass(frozen=True)
class RecordedTarget(Target):
    """A server that others have asked: nothing is sent to it, over whatever it was reached."""

    def __post_init__(self) -> None:
        """Take any URL, as no token goes there."""

    @property
    def notes(self) -> Sequence[str]:
        return ()


def result_of(
    ledger: Ledger,
    base_url: str,
    seconds: float,
    notes: Sequence[str],
    options: Options,
    words: Sequence[str],
) -> Result:
    """The result of what was recorded, which `words` of a command line name."""
    gaps = [] if ledger.tested else [NOTHING_TESTED]
    return Result(
        RecordedTarget(base_url, Credentials({})),
        replace(options, recorded=words),
        ledger,
        datetime.now(UTC),
        ledger.judged,
        seconds,
        notes,
        Restoration(),
        gaps,
    )
