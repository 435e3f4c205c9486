"""What a run is asked to do, and what it has found out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from linq_contract.http.excess import Limits
from linq_contract.http.messages import Request
from linq_contract.judge.ledger import Entry, Finding, Ledger, Verdict
from linq_contract.run.acceptance import Acceptance, acceptance_of
from linq_contract.run.extent import STANDARD, Budget
from linq_contract.run.restore import Restoration
from linq_contract.run.shards import WHOLE, Shard
from linq_contract.safety.target import Target

if TYPE_CHECKING:
    from linq_contract.run.examples import Examples


class ExitCode(IntEnum):
    """What the exit code of a validation says."""

    CONFORMS = 0
    """The server conforms: it breaks no rule that was tested."""

    RULES_BROKEN = 1
    """The server breaks a rule; or a rule of `--require` was not tested, an accepted failure does not fail
    any more or has expired, or there is drift with `--drift fail`."""

    WRONG_USE = 2
    """The command was used wrongly, or lacks something that it needs on this machine."""

    INCOMPLETE = 3
    """The server could not be reached, or the run is incomplete: the time limit, a rate limit, a server that
    stopped answering, a bug in linq-contract. Or a command without a verdict could not write its output."""

    NOT_RESTORED = 4
    """A forwarding number could not be put back; the output has the command that does it."""


class OnDrift(StrEnum):
    """What to do about drift."""

    IGNORE = "ignore"
    REPORT = "report"
    FAIL = "fail"


@dataclass(frozen=True)
class Options:
    """How to judge. `rules` and `require` are shell patterns of rule names; times are in seconds.

    A `time_limit` of None follows from the plan and from how slow the server is, and does not count what the
    server asks to wait. A `max_wait` is what a limit that counts by the minute may ask. `given` are the words
    of a command line that judges so, and `given_to_reach` those of them that say how to reach the server. A
    replay does not say that an accepted failure has gone: it sends a part of a run. Nor does a shard, and it
    does not miss what is required: both are for those to say who have all of them. `recorded` are the words
    of a command line that name what was recorded, None where requests were sent.
    """

    seed: int
    rules: Sequence[str] = ("*",)
    strict: bool = False
    time_limit: float | None = None
    max_wait: float = 60
    budget: Budget = STANDARD
    fail_fast: bool = False
    limits: Limits = field(default_factory=Limits)
    require: Sequence[str] = ()
    accepted: Sequence[Acceptance] = ()
    on_drift: OnDrift = OnDrift.REPORT
    given: Sequence[str] = ()
    given_to_reach: Sequence[str] = ()
    is_replay: bool = False
    shard: Shard = WHOLE
    examples: Examples | None = None
    recorded: Sequence[str] | None = None

    def requires(self, rule: str) -> bool:
        """Whether the run fails if it does not test a rule."""
        return any(fnmatchcase(rule, pattern) for pattern in self.require)

    def verdict(self, entry: Entry, day: date) -> Verdict:
        """What is known of a rule, given what is accepted on that day."""
        accepted = [self.acceptance(cause.finding, day) for cause in entry.causes]
        if accepted and all(each and not (each.evidence and entry.dropped_causes) for each in accepted):
            return Verdict.ACCEPTED
        return entry.verdict(strict=self.strict)

    def acceptance(self, finding: Finding, day: date) -> Acceptance | None:
        """What says that a finding is accepted on that day."""
        return next((each for each in self.holding(day) if each.covers(finding)), None)

    def holding(self, day: date) -> Sequence[Acceptance]:
        """What is accepted on that day."""
        return [each for each in self.accepted if each.holds_on(day)]


@dataclass(frozen=True, slots=True)
class Gap:
    """Why a run could not judge all that it was to judge, and what to do about it.

    `rules` are the beginnings of the names of the rules that are concerned, and `sent_last` the requests
    after which a server was gone.
    """

    reason: str
    remedy: str
    rules: Sequence[str] = ("",)
    sent_last: Sequence[Request] = ()


NOTHING_TESTED = Gap("no rule was tested", "The reason is beside each rule.")


@dataclass(frozen=True)
class Result:
    """What a validation found out. `ended_by` says which option ended it before its end."""

    target: Target
    options: Options
    ledger: Ledger
    began: datetime
    requests: int
    seconds: float
    notes: Sequence[str]
    restoration: Restoration
    gaps: Sequence[Gap] = ()
    ended_by: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether everything was sent that a run can send."""
        return not (self.gaps or self.ended_by)

    @property
    def unrestored(self) -> Sequence[str]:
        """The ids of the lines that do not forward to what they did before the run."""
        return self.restoration.failed

    @property
    def exit_code(self) -> ExitCode:
        """4 when a line was not put back, 1 when the run fails, 3 when it has gaps, else 0.

        What a server that ends with the run forwards to is nobody's loss.
        """
        if self.unrestored and not self.target.ends_with_run:
            return ExitCode.NOT_RESTORED
        if self.verdicts[Verdict.FAILED] or self.rotten or self.fails_by_drift:
            return ExitCode.RULES_BROKEN
        return ExitCode.INCOMPLETE if self.gaps else ExitCode.CONFORMS

    @property
    def verdicts(self) -> Counter[Verdict]:
        """How many rules have each verdict."""
        return Counter(map(self.verdict, self.ledger.entries.values()))

    def verdict(self, entry: Entry) -> Verdict:
        """What was found out about a rule, given what is accepted and what is required."""
        if self.is_missed(entry):
            return Verdict.FAILED
        return self.options.verdict(entry, self.began.date())

    def is_missed(self, entry: Entry) -> bool:
        """Whether a rule was not tested although that is required."""
        return not self.options.shard.is_part and self.lacks(entry)

    def lacks(self, entry: Entry) -> bool:
        """Whether a rule was not tested, by this shard of the run, although that is required."""
        return not (entry.tested or entry.broken) and self.options.requires(entry.rule.name)

    def acceptance(self, finding: Finding) -> Acceptance | None:
        """What says that a finding is accepted."""
        return self.options.acceptance(finding, self.began.date())

    def acceptances(self, reason: str) -> Sequence[Acceptance]:
        """What has to be accepted, for a reason, so that such a run does not fail; what holds is kept."""
        found = [
            cause.finding
            for entry in self.ledger.entries.values()
            if entry.verdict(strict=self.options.strict) is Verdict.FAILED
            for cause in entry.causes
        ]
        kept = [each for each in self._holding if not self._fails_no_more(each)]
        new = (acceptance_of(each, reason) for each in found if not self.acceptance(each))
        return [*kept, *dict.fromkeys(new)]

    @property
    def fails_by_drift(self) -> bool:
        return bool(self.ledger.drift) and self.options.on_drift is OnDrift.FAIL

    @property
    def rotten(self) -> Sequence[str]:
        """The sentences about the accepted failures of judged rules that have expired or fail no more."""
        return list(self._rotten())

    def _rotten(self) -> Iterator[str]:
        for each in self.options.accepted if not self.options.is_replay else ():
            if each.rule not in self.ledger.entries:
                continue
            if not each.holds_on(self.began.date()):
                yield f"{each.place}: the acceptance of {each.rule} has expired on {each.expires}."
            elif self._fails_no_more(each) and not self.options.shard.is_part:
                yield each.is_gone

    @property
    def gone(self) -> Sequence[Acceptance]:
        """The accepted failures that hold and were not seen although they could have been."""
        return [each for each in self._holding if self._fails_no_more(each)]

    @property
    def shown(self) -> Sequence[Acceptance]:
        """The accepted failures that were seen."""
        return [each for each in self._holding if self._covers_something(each)]

    def _fails_no_more(self, acceptance: Acceptance) -> bool:
        entry = self.ledger.entries.get(acceptance.rule)
        if entry is None or not entry.tested or not self.is_whole or entry.dropped_causes:
            return False
        return not self._covers_something(acceptance)

    def _covers_something(self, acceptance: Acceptance) -> bool:
        entry = self.ledger.entries.get(acceptance.rule)
        return entry is not None and any(acceptance.covers(cause.finding) for cause in entry.causes)

    @property
    def _holding(self) -> Sequence[Acceptance]:
        return self.options.holding(self.began.date())
