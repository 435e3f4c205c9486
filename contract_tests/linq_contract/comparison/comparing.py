"""One comparison: ask both servers the same, each as a run does, and hand over what differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from linq_contract.comparison.differences import Difference, differences
from linq_contract.comparison.scenario import MOST_REQUESTS, Recording, record
from linq_contract.http.credentials import ACCOUNT
from linq_contract.run.campaign import Campaign
from linq_contract.run.phases import Phase, Requests
from linq_contract.run.result import ExitCode, Gap, Options, Result
from linq_contract.run.validate import NotStartedError, NotTestedError, Step, validate
from linq_contract.safety.target import Target

VARIABLES = {"A": ACCOUNT, "B": "LINQ_API_V3_API_KEY_B"}
"""The environment variables that hold the tokens of the servers."""


@dataclass(frozen=True)
class Side:
    """One of the servers: what it is called, what it answered, and how the run on it ended."""

    name: str
    recording: Recording
    result: Result

    @property
    def is_unrestored(self) -> bool:
        return bool(self.result.unrestored) and not self.result.target.ends_with_run


@dataclass(frozen=True)
class Comparison:
    """What came of asking both servers the same."""

    a: Side
    b: Side
    seed: int
    differences: Sequence[Difference] = field(default_factory=tuple)

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.a, self.b

    @property
    def gaps(self) -> Sequence[tuple[Side, Gap]]:
        """Why one of the servers was not asked all of it."""
        return [(side, gap) for side in self.sides for gap in side.result.gaps]

    @property
    def exit_code(self) -> ExitCode:
        """4 when a line was not put back, 1 when the servers differ, 3 when one was not asked all, else 0."""
        if any(side.is_unrestored for side in self.sides):
            return ExitCode.NOT_RESTORED
        if self.differences:
            return ExitCode.RULES_BROKEN
        return ExitCode.INCOMPLETE if self.gaps else ExitCode.CONFORMS


def compare(target_a: Target, target_b: Target, seed: int, told: Callable[[str, Target], None]) -> Comparison:
    """Ask the server A all of it, then B; `told` is called before each.

    Raises what `validate` raises. What was changed on a server has been put back by then.
    """
    side_a = _asked("A", target_a, seed, (), told)
    side_b = _asked("B", target_b, seed, side_a.recording.updated, told)
    return Comparison(side_a, side_b, seed, differences(side_a.recording, side_b.recording))


def _asked(
    name: str, target: Target, seed: int, preferred: Sequence[str], told: Callable[[str, Target], None]
) -> Side:
    recording = Recording()

    def ask(campaign: Campaign) -> None:
        record(campaign, recording, preferred)

    told(name, target)
    most = Requests(reading=MOST_REQUESTS, writing=MOST_REQUESTS * 2)
    phase = Phase("comparison", ask, ("",), most)
    try:
        return Side(name, recording, validate(target, Options(seed), _nothing, [phase]))
    except (NotTestedError, NotStartedError) as error:
        raise type(error)(f"{name}: {str(error).replace(ACCOUNT, VARIABLES[name])}") from error


def _nothing(_step: Step) -> None:
    """A comparison has one phase, of which its beginning is told by whoever asked for it."""
