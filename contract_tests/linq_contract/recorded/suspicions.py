"""What differs from one list to the next, and whether it is the server's doing.

Somebody who is not in the recording may have changed a line. A difference counts against the server where
it came again soon after what was sent, while lists with nothing in between them showed none: each time, or
with a value that nobody else is likely to set, the one of before or one that was sent.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from linq_contract.contract.lines import Difference
from linq_contract.judge.auditor import Auditor
from linq_contract.judge.history import Chapter
from linq_contract.judge.ledger import Finding
from linq_contract.judge.races import Race
from linq_contract.recorded.tokens import Tokens

_SOON = 5.0  # seconds from a write to the list that shows it
_AGAIN = 2  # times: once can be anybody's doing
_OFTEN = 3  # times that whatever differs comes again, if it comes nearly each time
_NEARLY_EACH_TIME = 0.8  # of the times; others come at any time, between two lists as well
_MOST_KEPT = 100  # findings of a rule; more of them say nothing new
_MAY_BE_OTHERS = (
    "somebody who is not in the recording may have changed the account; --exclusive says that nobody did"
)


class Suspicions:
    """The differences of a recording, until its end decides whose doing they are."""

    def __init__(self, auditor: Auditor, tokens: Tokens, *, exclusive: bool) -> None:
        self._auditor = auditor
        self._tokens = tokens
        self._is_exclusive = exclusive
        self._open: defaultdict[str, list[Finding]] = defaultdict(list)
        self._due: Counter[str] = Counter()
        self._soon: Counter[str] = Counter()
        self._telling: Counter[str] = Counter()
        self._before: dict[str, str | None] = {}
        self._quiet = 0
        self._changed_while_quiet = False

    def take(self, chapter: Chapter) -> None:
        """Judge what a list shows, or keep it until the end."""
        if chapter.is_first or self._is_exclusive:
            self._auditor.close(chapter)
        else:
            self._weigh(chapter)
            self._auditor.set_aside(chapter)
        if not chapter.writes and not chapter.is_first:
            self._quiet += not chapter.differences
            self._changed_while_quiet |= bool(chapter.differences)
        self._before |= {key: line.forwarding_number for key, line in chapter.listed.items()}

    def take_race(self, race: Race) -> None:
        """Judge what overlapped; a value that nobody in the recording has set is somebody else's."""
        for _, finding in self._auditor.hold_open(race):
            if finding is None:
                continue
            if race.unwritten and not self._is_exclusive:
                self._auditor.ledger.leave_open(finding.rule, _MAY_BE_OTHERS, finding)
            else:
                self._auditor.ledger.report(finding)

    def decide(self) -> None:
        """Hold against the server what came again, and leave the rest open."""
        for rule, findings in self._open.items():
            for finding in findings:
                if self._is_held(rule):
                    self._auditor.ledger.report(finding)
                else:
                    self._auditor.ledger.leave_open(rule, _MAY_BE_OTHERS, finding)

    def _weigh(self, chapter: Chapter) -> None:
        is_soon, is_telling = _is_soon(chapter), self._is_telling(chapter)
        for rule, finding in self._auditor.hold_open(chapter):
            self._due[rule] += is_soon
            if finding is None:
                continue
            if not chapter.differences and not self._tokens.are_taken_out:
                self._auditor.ledger.report(finding)
                continue
            self._soon[rule] += is_soon
            self._telling[rule] += is_soon and is_telling
            if len(self._open[rule]) < _MOST_KEPT:
                self._open[rule].append(finding)

    def _is_telling(self, chapter: Chapter) -> bool:
        """Whether only lines differ that were named, and show what they did before, or what was sent."""
        sent = [(write.named_key, write.number or None) for write in chapter.writes]
        named = {key for key, _ in sent}
        return all(
            difference.what == "forwarding_number"
            and difference.key in named
            and (difference.shown == self._before.get(difference.key) or _key(difference) in sent)
            for difference in chapter.differences
        )

    def _is_held(self, rule: str) -> bool:
        if self._quiet < _AGAIN or self._changed_while_quiet or self._tokens.are_taken_out:
            return False
        comes_each_time = self._soon[rule] >= max(_OFTEN, _NEARLY_EACH_TIME * self._due[rule])
        return self._telling[rule] >= _AGAIN or comes_each_time


def _is_soon(chapter: Chapter) -> bool:
    ended = max((write.ended for write in chapter.writes), default=None)
    return ended is not None and chapter.listing.began - ended <= _SOON


def _key(difference: Difference) -> tuple[str, object]:
    return difference.key, difference.shown
