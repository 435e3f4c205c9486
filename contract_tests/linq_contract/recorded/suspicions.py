"""What differs from one list to the next, and whether it is the server's doing.

Somebody who is not in the recording may have changed a line. A difference counts against the server where it
came again soon after what was sent, while lists with nothing in between them showed none.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from linq_contract.judge.auditor import Auditor
from linq_contract.judge.history import Chapter
from linq_contract.judge.ledger import Finding
from linq_contract.judge.races import Race

_SOON = 5.0  # seconds from a write to the list that shows it
_AGAIN = 2  # times: once can be anybody's doing
_MOST_KEPT = 100  # findings of a rule; more of them say nothing new
_MAY_BE_OTHERS = (
    "somebody who is not in the recording may have changed the account; --exclusive says that nobody did"
)


class Suspicions:
    """The differences of a recording, until its end decides whose doing they are."""

    def __init__(self, auditor: Auditor, *, exclusive: bool) -> None:
        self._auditor = auditor
        self._is_exclusive = exclusive
        self._open: defaultdict[str, list[Finding]] = defaultdict(list)
        self._soon: Counter[str] = Counter()
        self._quiet = 0
        self._changed_while_quiet = False

    def take(self, chapter: Chapter) -> None:
        """Judge what a list shows, or keep it until the end."""
        if chapter.is_first or self._is_exclusive or not chapter.differences:
            self._auditor.close(chapter)
        else:
            self._suspect(chapter)
        if not chapter.writes and not chapter.is_first:
            self._quiet += not chapter.differences
            self._changed_while_quiet |= bool(chapter.differences)

    def take_race(self, race: Race) -> None:
        """Judge what overlapped; a value that nobody in the recording has set is somebody else's."""
        for finding in self._auditor.hold_open(race):
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

    def _suspect(self, chapter: Chapter) -> None:
        ended = max((write.ended for write in chapter.writes), default=None)
        is_soon = ended is not None and chapter.listing.began - ended <= _SOON
        for finding in self._auditor.hold_open(chapter):
            self._soon[finding.rule] += is_soon
            if len(self._open[finding.rule]) < _MOST_KEPT:
                self._open[finding.rule].append(finding)
        self._auditor.set_aside(chapter)

    def _is_held(self, rule: str) -> bool:
        return self._soon[rule] >= _AGAIN and self._quiet >= _AGAIN and not self._changed_while_quiet
