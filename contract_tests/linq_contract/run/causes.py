"""Whose doing a difference is: the server's, or that of somebody else who uses the account.

A list that differs from the model is judged at once where nobody else could have caused that, and one
update alone can have. Otherwise the questions of this table are asked in turn, most of which take further
requests; the first that is answered with yes decides:

| question                                                       | then                                 |
| -------------------------------------------------------------- | ------------------------------------ |
| was one request sent, and the same found several times before? | no more is asked                     |
| does it come again with the one update that was sent?          | the chapter is held against the server |
| does it come again with one request, or all, and not without?  | what brought it was judged           |
| could nobody else have done it?                                | the chapter is held against the server |
| was the number never heard of, or were others seen before?     | others did it                        |
| was the same found several times before?                       | no more is asked                     |
| does it come again a while after a request that was refused?   | what brought it was judged           |
| do others do such things while nothing is sent?                | others did it                        |
| was the same suspected in vain several times before?           | the chapter is held against the server |

Without any yes it stays a suspicion. Nothing is held against a server but a chapter that was set aside.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from linq_contract.contract.lines import Account, Difference, Line
from linq_contract.contract.numbers import is_e164
from linq_contract.http.credentials import ACCOUNT
from linq_contract.http.messages import Request
from linq_contract.http.wire import RefusedError
from linq_contract.judge.auditor import Auditor, SetAside
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.history import Chapter
from linq_contract.judge.ledger import Finding
from linq_contract.judge.races import LastUpdate, Race
from linq_contract.judge.registry import checked
from linq_contract.run.memory import Memory
from linq_contract.run.patience import Patience

SUSPICIONS_THAT_ARE_PROOF = 3
"""Once may be chance and twice a habit of somebody else's; workloads cause what they look for as often."""
_TIMES_THAT_TELL = 3  # that something is found: to find it once more takes seconds, and says nothing new


@dataclass(frozen=True, slots=True)
class Timing:
    """How often and for how long differences are looked into. Times are in seconds."""

    times: int = 3  # that what others could have done has to come again: few do the same thrice in our step
    times_where_shared: int = 4  # the same where others were seen, who are likelier to do it once more
    most_isolated: int = 40  # requests that are sent again one by one: as many as a batch and a race have
    most_repeated_together: int = 20  # requests that are sent again together; of more, it would say little
    longest_reproducing: float = 20.0  # for all differences of a run, however many defects the server has
    longest_reproducing_known: float = 5.0  # of that for what was found often: it might break a further rule
    longest_late: float = 10.0  # for all that comes late: to see that it does takes as long each time
    relists: int = 6  # lists where nothing was sent: a defect may show on every fifth or so
    most_set_apart: int = 3  # lines that get numbers of their own before a try; the report names as many
    longest_burst: float = 0.3
    """What a client that clears or sets a few lines takes; others must have had that long without us."""
    times_as_long: tuple[float, float] = (3.0, 5.0)
    """Others get so many times what our requests took, drawn anew each time so as not to be in step."""
    until_quiet: float = 1.5  # after that what was sent has had its effect, however late
    watched: float = 3.0  # at least, for others: a client that polls does so every second or two
    longest_watched: float = 60.0  # and at most: somebody at work every minute is met again later in the run
    share_watched: float = 0.1  # of the time that is left, and no more, goes into watching
    late: float = 0.8  # that a queue behind a server may take to carry out what was refused


class Outcome(Enum):
    """What becomes of a difference."""

    JUDGED = auto()
    BLAMED = auto()
    OTHERS = auto()
    SUSPECTED = auto()


class Session(Protocol):
    """What sends the requests of the experiments."""

    patience: Patience

    def send(self, request: Request) -> Exchange: ...

    def update(self, line_id: str, forwarding_number: object, account: str = ACCOUNT) -> Exchange: ...

    def look(self, account: str) -> Exchange:
        """The list of an account, judged by itself alone."""
        ...


@dataclass(frozen=True)
class _Suspect:
    """A chapter with differences, set aside until it is known whose doing they are."""

    set_aside: SetAside
    is_plain: bool
    could_be_others: bool
    is_unheard_of: bool
    is_found_often: bool

    @property
    def chapter(self) -> Chapter:
        return self.set_aside.chapter


class Causes:
    """Finds out whose doing it is when a list differs from the model.

    Of an account that `is_exclusive` every difference is the server's doing: nobody else uses it.
    """

    def __init__(
        self,
        session: Session,
        auditor: Auditor,
        numbers: Iterator[str],
        timing: Timing | None = None,
        *,
        is_exclusive: bool = False,
    ) -> None:
        self.changes_by_others: list[str] = []
        self._session = session
        self._auditor = auditor
        self._numbers = numbers
        self._timing = timing or Timing()
        self._is_exclusive = is_exclusive
        self._memory = Memory()
        self._suspicions = 0
        self._suspected_at = time.monotonic()
        self._reproducing = 0.0
        self._late = 0.0
        self._explained: Counter[frozenset[Hashable]] = Counter()
        self._unwritten = 0

    def remember(self, exchange: Exchange) -> None:
        """Remember what a request sent."""
        if exchange.could_write:
            self._memory.sent(exchange)

    def remember_refusal(self, exchange: Exchange) -> None:
        """Remember a refusal that was to change nothing."""
        if exchange.final and exchange.could_write and exchange.is_refused:
            self._memory.refused(exchange)

    @property
    def is_shared(self) -> bool:
        """Whether somebody else was seen to change the account."""
        return bool(self.changes_by_others)

    def compare(self, listing: Exchange) -> None:
        """Compare a list with the model, and judge what differs if it is the server's doing."""
        chapter = self._auditor.chapter(listing)
        if chapter is not None and chapter.differences:
            self._look_into(chapter)
        elif chapter is not None:
            self._close(chapter)

    def accept(self, listing: Exchange) -> None:
        """Take what a list shows for the truth from now on, unjudged."""
        chapter = self._auditor.chapter(listing)
        if chapter is not None:
            self._set_aside(chapter)

    def hold(self, race: Race | LastUpdate, line: Line) -> None:
        """Judge what overlapped, unless it shows what the run has not written and others may have."""
        if not self._may_be_others(line, race.unwritten):
            self._auditor.hold(race)

    # --- the questions ---

    def _look_into(self, chapter: Chapter) -> None:
        is_plain, could_be_others = self._is_plain(chapter), self._could_be_others(chapter)
        if is_plain and not could_be_others:
            self._close(chapter)
            return
        ways = _ways_of(chapter)
        is_found_often = self._explained[ways] >= _TIMES_THAT_TELL
        is_unheard_of = self._memory.has_unheard_of(chapter.differences)
        suspect = _Suspect(self._set_aside(chapter), is_plain, could_be_others, is_unheard_of, is_found_often)
        match self._decide(suspect):
            case Outcome.BLAMED:
                self._auditor.blame(suspect.set_aside)
                self._explained[ways] += 1
            case Outcome.OTHERS:
                self._hold_against_others(chapter)
            case Outcome.JUDGED:
                self._explained[ways] += 1
            case Outcome.SUSPECTED:
                pass

    def _decide(self, suspect: _Suspect) -> Outcome:
        questions: Sequence[tuple[Callable[[_Suspect], bool], Outcome]] = (
            (self._is_of_a_request_found_often, Outcome.SUSPECTED),
            (self._comes_with_the_update, Outcome.BLAMED),
            (self._comes_with_requests, Outcome.JUDGED),
            (self._can_only_be_the_servers, Outcome.BLAMED),
            (self._is_surely_by_others, Outcome.OTHERS),
            (self._is_found_often, Outcome.SUSPECTED),
            (self._comes_late, Outcome.JUDGED),
            (self._others_are_seen, Outcome.OTHERS),
            (self._is_suspected_often, Outcome.BLAMED),
        )
        return next((outcome for question, outcome in questions if question(suspect)), Outcome.SUSPECTED)

    def _is_of_a_request_found_often(self, suspect: _Suspect) -> bool:
        """Whether one request was sent, so that no other could be found to break another rule."""
        chapter = suspect.chapter
        return suspect.is_found_often and len(chapter.writes or chapter.readings) <= 1

    def _comes_with_the_update(self, suspect: _Suspect) -> bool:
        """Send the one update again: nobody else is that quick twice."""
        if not suspect.is_plain or self.is_shared:
            return False
        self._session.send(suspect.chapter.writes[-1].request)
        found = self._look(suspect.chapter.account)
        return found is not None and bool(found.differences)

    def _comes_with_requests(self, suspect: _Suspect) -> bool:
        """Send each request again by itself, and then all of them: it has to come each time for that.

        So the rule that is named and the evidence for it are those of a single request where that will do.
        """
        times = 1 if not suspect.could_be_others else self._times
        suspects = suspect.chapter.writes or suspect.chapter.readings
        tries = [[each] for each in suspects[-self._timing.most_isolated :]]
        if 1 < len(suspects) <= self._timing.most_repeated_together:
            tries.append(list(suspects))
        longest = self._timing.longest_reproducing
        if suspect.is_found_often:
            longest = self._timing.longest_reproducing_known
        for sent in tries or [[]]:
            if self._reproducing > longest:
                return False
            began = time.monotonic()
            found = self._comes_again(sent, suspect.chapter, times)
            self._reproducing += time.monotonic() - began
            if found:
                return True
        return False

    def _can_only_be_the_servers(self, suspect: _Suspect) -> bool:
        return not suspect.could_be_others

    def _is_surely_by_others(self, suspect: _Suspect) -> bool:
        return suspect.is_unheard_of or self.is_shared

    def _is_found_often(self, suspect: _Suspect) -> bool:
        return suspect.is_found_often

    def _comes_late(self, suspect: _Suspect) -> bool:
        """Wait a while after the lines that differ are named by requests that were refused, each time."""
        chapter, late = suspect.chapter, self._timing.late
        refused = self._memory.refusals_of({difference.key for difference in chapter.differences})
        if self._suspicions >= SUSPICIONS_THAT_ARE_PROOF or not refused:
            return False
        if self._late > self._timing.longest_late:
            return False
        began = time.monotonic()
        self._set_apart(None, chapter)
        comes_late = self._differs_after(refused, chapter, judged=False, seconds=late) and any(
            self._comes_again([each], chapter, self._timing.times, late) for each in refused
        )
        self._late += time.monotonic() - began
        return comes_late

    def _others_are_seen(self, suspect: _Suspect) -> bool:
        """Look whether such changes come while nothing is sent; after some times in vain no more."""
        if self._suspicions >= SUSPICIONS_THAT_ARE_PROOF:
            return False
        if self._watch(suspect.chapter):
            return True
        self._suspicions += 1
        self._suspected_at = time.monotonic()
        return False

    def _is_suspected_often(self, _suspect: _Suspect) -> bool:
        return self._suspicions >= SUSPICIONS_THAT_ARE_PROOF

    @property
    def _times(self) -> int:
        return self._timing.times_where_shared if self.is_shared else self._timing.times

    def _is_plain(self, chapter: Chapter) -> bool:
        """Whether one write was sent, and the line that it names differs."""
        if len(chapter.writes) != 1 or self._memory.has_unheard_of(chapter.differences):
            return False
        return {difference.key for difference in chapter.differences} == {chapter.writes[0].named_key}

    # --- who could have done it ---

    def _could_be_others(self, chapter: Chapter) -> bool:
        """Whether somebody else who uses the account could have caused all that differs.

        Others buy and release lines, clear them, and set numbers; but hardly those that this run sent
        to the same line, nor, once a server was shown to change lines itself, the one that it had at first.
        Where others were seen, they can have set these, too, but for those that the run sent last.
        """
        return not self._is_exclusive and all(
            self._could_be_anothers(difference, chapter) for difference in chapter.differences
        )

    def _could_be_anothers(self, difference: Difference, chapter: Chapter) -> bool:
        if difference.what != "forwarding_number":
            return difference.what in {"missing", "extra"}
        if difference.shown is None:
            return True
        is_ours = self._memory.is_ours(difference) or (
            bool(self._explained) and self._memory.is_original(difference)
        )
        if not is_e164(difference.shown) or not is_ours:
            return is_e164(difference.shown)
        return self.is_shared and not self._memory.is_of_late(difference, chapter)

    def _may_be_others(self, line: Line, unwritten: AbstractSet[object]) -> bool:
        """Whether others may have written what this run did not: while that is rare, or they are seen."""
        if self._is_exclusive or not any(value is None or is_e164(value) for value in unwritten):
            return False
        self._unwritten += 1
        if self.is_shared or self._unwritten < SUSPICIONS_THAT_ARE_PROOF:
            return True
        return self._unwritten == SUSPICIONS_THAT_ARE_PROOF and self._watch_line(line)

    def _hold_against_others(self, chapter: Chapter) -> None:
        self.changes_by_others += map(str, chapter.differences)

    # --- watching ---

    def _watch(self, chapter: Chapter) -> bool:
        """Whether lines that differed change while nothing is sent, and what was sent has had its effect."""
        seconds = self._seconds_to_watch()
        self._session.patience.wait(self._timing.until_quiet)
        self._look_after_a_wait(chapter.account)
        self._set_apart(None, chapter)
        return self._changes_by_itself(chapter.account, seconds)

    def _seconds_to_watch(self) -> float:
        """As long as since the last suspicion: who was at work then is likely to be seen at work again.

        A server that was shown to do such things has most likely done this, too: others are given less.
        """
        timing, since = self._timing, time.monotonic() - self._suspected_at
        if self._explained:
            return timing.watched
        share = self._session.patience.left * timing.share_watched
        return min(max(since, timing.watched), timing.longest_watched, share)

    def _watch_line(self, line: Line) -> bool:
        """Whether somebody else changes the account while a line is set and nothing more is sent."""
        self._session.update(line.id, next(self._numbers))
        self._look(ACCOUNT)
        return self._changes_by_itself(ACCOUNT, self._timing.watched)

    def _changes_by_itself(self, account: str, seconds: float) -> bool:
        self._session.patience.wait(seconds)
        chapter = self._look_after_a_wait(account)
        if chapter is None or not chapter.differences or not self._could_be_others(chapter):
            return False
        self._hold_against_others(chapter)
        return True

    def _look_after_a_wait(self, account: str) -> Chapter | None:
        """List, and judge what came meanwhile if nobody else can have done it."""
        chapter = self._look(account)
        if chapter is not None and chapter.differences and not self._could_be_others(chapter):
            self._auditor.hold(chapter)
        return chapter

    # --- trying again ---

    def _comes_again(
        self, sent: Sequence[Exchange], chapter: Chapter, times: int, seconds: float = 0.0
    ) -> bool:
        """Whether a difference comes each time, so long after requests are sent, and not while nothing is."""
        for _ in range(times - 1):
            began = time.monotonic()
            if not self._differs_after(sent, chapter, judged=False, seconds=seconds):
                return False
            self._wait_for_others(time.monotonic() - began)
            quiet = self._look(chapter.account)
            if sent and quiet is not None and any(d.what != "extra" for d in quiet.differences):
                return False
        return self._differs_after(sent, chapter, seconds=seconds)

    def _wait_for_others(self, seconds_of_ours: float) -> None:
        """Give others several times as long as our requests took, and never fall into step with them."""
        times_as_long = random.uniform(*self._timing.times_as_long)  # noqa: S311 - any length will do
        self._session.patience.wait(max(self._timing.longest_burst, times_as_long * seconds_of_ours))

    def _differs_after(
        self, sent: Sequence[Exchange], chapter: Chapter, *, seconds: float, judged: bool = True
    ) -> bool:
        """Whether a list differs from the model so many seconds after requests are sent again."""
        if len(sent) == 1:
            self._set_apart(sent[0], chapter)
        for exchange in sent:
            self._session.send(exchange.request)
        if not sent:
            self._set_apart(None, chapter)
        if seconds:
            self._session.patience.wait(seconds)
        return any(
            self._differs_now(chapter, judged=judged) for _ in range(1 if sent else self._timing.relists)
        )

    def _differs_now(self, before: Chapter, *, judged: bool) -> bool:
        chapter = self._auditor.chapter(self._session.look(before.account))
        if chapter is None:
            return False
        if judged:
            return bool(self._close(chapter))
        self._set_aside(chapter)
        return bool(chapter.differences)

    def _set_apart(self, sent: Exchange | None, chapter: Chapter) -> None:
        """Give the lines that a request names or changed numbers of their own, so that any change shows."""
        keys = [sent.named_key] if sent is not None else []
        keys += [difference.key for difference in chapter.differences[: self._timing.most_set_apart]]
        for name, account in self._auditor.accounts.items():
            lines = _lines_of(account, keys)
            for line in lines:
                with contextlib.suppress(RefusedError):
                    self._session.update(line.id, next(self._numbers), name)
            if lines:
                self._look(name)
                self._auditor.forget_updates(line.key for line in lines)

    def _look(self, account: str) -> Chapter | None:
        """List without judging: what the list shows is the truth from now on."""
        chapter = self._auditor.chapter(self._session.look(account))
        if chapter is not None:
            self._set_aside(chapter)
        return chapter

    def _close(self, chapter: Chapter) -> Sequence[str]:
        self._memory.listed(chapter)
        return self._auditor.close(chapter)

    def _set_aside(self, chapter: Chapter) -> SetAside:
        self._memory.listed(chapter)
        return self._auditor.set_aside(chapter)


def _ways_of(chapter: Chapter) -> frozenset[Hashable]:
    """In which ways a chapter seems to break which rules, as a key: more of the same has an equal one."""
    evidence = tuple(chapter.evidence)
    return frozenset(
        (rule, Finding(rule, problem, evidence).cause) for rule, problem in checked(chapter) if problem
    )


def _lines_of(account: Account, keys: Iterable[str]) -> Sequence[Line]:
    """The lines that an account has of those with these keys, each once."""
    return [line for line in map(account.find, dict.fromkeys(keys)) if line is not None]
