"""Updates and lists at the same time: each line must behave as one register, and none disturb another."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from linq_contract.contract.classification import FIELD
from linq_contract.contract.lines import Line
from linq_contract.http.credentials import ACCOUNT, OTHER_ACCOUNT
from linq_contract.http.messages import Request
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.races import ListAmongAccounts, Race, last_updates, lists_in
from linq_contract.run.campaign import Campaign
from linq_contract.run.session import Repeated, Session

_WRITERS = 4  # with the readers as many threads as a small server works on at once
_READERS = 2  # so that one may show what is older than what the other has shown
_WRITES_EACH = 5  # enough for a writer to overlap each of the others
_CLEARS = 2  # a clear takes another way through many servers
_READS_EACH = 6  # what others do in the meantime shows on some of them
_MORE_READS_EACH = 4  # while writers are not done: their answers take longer, and on a busy machine lists do
_ROUNDS = 3  # what goes wrong by chance goes wrong in one of them
_DUELS = 15  # five of each kind of opponent; what refusals undo was found with four of five
_READS_OF_A_DUEL = 4  # more than a side has updates, so that one is likely to come after them
_FEWEST_DUELS = 9  # three of each kind: to a slow server as many go at once as it has lines
_REFUSALS = 3  # whether the update or a refusal comes first is chance
_UPDATES_AMONG_LISTS = 8  # a list that joins one under way is one of them in more than nine runs of ten
_LATE = 0.05  # seconds: what a write behind a cache takes on one machine
_REFUSED = "x"
_LINES_AT_ONCE = 8  # as many as a server with a pool of workers takes on
_REQUESTS_EACH = 8  # per account, so that each is met by one of the others


@dataclass(frozen=True)
class _Round:
    """Writers with these values and readers that run against each other on one line.

    Each reader lists so often, and up to `more_reads` times more until the writers are done.

    With `begins_with` there is an update right before them, which no list comes after. Writers that look
    list after each of their updates.
    """

    line: Line
    values: Sequence[Sequence[str | None]]
    readers: int
    reads: int
    more_reads: int = 0
    begins_with: str | None = None
    writers_look: bool = False

    def sequences(self, session: Session) -> list[Sequence[Request]]:
        """What each of the writers sends."""
        after_each = [session.list_request()] if self.writers_look else []
        return [_updates(session, self.line, values, after_each) for values in self.values]


def race_on_one_line(campaign: Campaign) -> None:
    """Several writers and readers on one line; the history must be that of a register."""
    at_once = 2 if campaign.session.is_slow else 1
    _race(
        campaign,
        [
            _Round(
                line,
                [*(_numbers(campaign) for _ in range(_WRITERS)), [None] * _CLEARS],
                readers=_READERS * at_once,
                reads=_READS_EACH // at_once,
                more_reads=_MORE_READS_EACH // at_once,
            )
            for line in _in_turn(campaign, _ROUNDS)
        ],
    )


def duel_on_one_line(campaign: Campaign) -> None:
    """Two updates at a time, and a look after a while: the one must not undo the other later on.

    The second sets or clears or, every third time, is refused. What a refusal undoes is only what was
    done since it began, and which of two requests comes first is chance: there are several of both, then.
    """
    rounds: list[_Round] = []
    duels = min(_DUELS, len(campaign.chosen)) if campaign.session.is_slow else _DUELS
    for duel, line in enumerate(_in_turn(campaign, max(duels, _FEWEST_DUELS))):
        opponents = (_numbers(campaign, 1), [None], [_REFUSED] * _REFUSALS)[duel % 3]
        updates = _numbers(campaign, len(opponents))
        rounds.append(_Round(line, [updates, opponents], readers=1, reads=_READS_OF_A_DUEL))
    _race(campaign, rounds)


def read_while_writing(campaign: Campaign) -> None:
    """One update among lists that find nothing kept by earlier ones: what they keep must not outlive it.

    Whoever updates lists at once: that list must not join one that is under way and knows less.
    """
    _race(
        campaign,
        [
            _Round(
                line,
                [[campaign.number()]],
                readers=2,
                reads=2,
                begins_with=campaign.number(),
                writers_look=True,
            )
            for line in _in_turn(campaign, _UPDATES_AMONG_LISTS)
        ],
    )


def update_lines_at_once(campaign: Campaign) -> None:
    """Update different lines, of both accounts, at the same time; then each must have its own last value."""
    session = campaign.session
    for _ in range(_ROUNDS):
        others = [(line, OTHER_ACCOUNT) for line in campaign.other_lines]
        lines = [*((line, ACCOUNT) for line in campaign.chosen[: _LINES_AT_ONCE - len(others)]), *others]
        if len(lines) < 2:
            return
        writes = _WRITES_EACH // 2 if session.is_slow else _WRITES_EACH
        exchanges = session.send_together(
            [_updates(session, line, _numbers(campaign, writes), account=account) for line, account in lines]
        )
        is_forgetful = "update.read-your-writes" in campaign.ledger.broken_counts()
        for account in dict.fromkeys(account for _, account in lines):
            listing = session.send(session.list_request(account))
            own = [x for x in exchanges if x.classified.account == account]
            for last in last_updates(own, listing, is_forgetful=is_forgetful):
                shown = last.shown if account == ACCOUNT else None
                session.causes.hold(last, shown or lines[0][0])
            session.causes.accept(listing)


def use_accounts_at_once(campaign: Campaign) -> None:
    """Use both accounts and no valid token at the same time: none must get what is another's."""
    session, line, wrong = campaign.session, campaign.chosen[0], f"Bearer {campaign.hex(32)}"
    own, update = session.list_request(), session.update_request(line.id, {FIELD: campaign.number()})
    requests = [own.with_authorization(wrong), own.with_authorization(None), own]
    requests += [
        update.with_authorization(wrong),
        session.update_request(line.id, {FIELD: campaign.number()}),
    ]
    for other in campaign.accounts[1:]:
        requests += [session.list_request(other)] * 2
    times, at_once = (_REQUESTS_EACH // 2, 2) if session.is_slow else (_REQUESTS_EACH, 1)
    for exchange in session.send_together([[request] * times for request in requests] * at_once):
        campaign.auditor.hold(_among_accounts(campaign, exchange))
    for listing in session.send_all([session.list_request(account) for account in campaign.accounts]):
        session.causes.accept(listing)


def _among_accounts(campaign: Campaign, exchange: Exchange) -> ListAmongAccounts:
    auditor = campaign.auditor
    strangers = auditor.accounts.others_of(exchange.classified.account or campaign.accounts[0]).lines or {}
    return ListAmongAccounts(exchange, strangers.keys() - (auditor.account_of(exchange).lines or {}).keys())


def _in_turn(campaign: Campaign, rounds: int) -> Iterator[Line]:
    """A line for each of so many rounds; of a large account, one round is enough."""
    return itertools.islice(itertools.cycle(campaign.chosen), 1 if campaign.is_large else rounds)


def _race(campaign: Campaign, rounds: Sequence[_Round]) -> None:
    """Run rounds one after the other; on a slow server those on different lines at once."""
    at_once = len(campaign.chosen) if campaign.session.is_slow else 1
    for start in range(0, len(rounds), at_once):
        _race_at_once(campaign, rounds[start : start + at_once])


def _race_at_once(campaign: Campaign, rounds: Sequence[_Round]) -> None:
    """Run rounds on different lines at the same time, and judge what they saw."""
    session = campaign.session
    session.send_all([_updates(session, each.line, _numbers(campaign, 1))[0] for each in rounds])
    session.list()
    session.send_all(
        [_updates(session, each.line, [each.begins_with])[0] for each in rounds if each.begins_with]
    )
    known = campaign.auditor.accounts[ACCOUNT].find
    before = [(each, line) for each in rounds if (line := known(each.line.id)) and _has_begun(each, line)]
    if not before:
        return
    sequences = [sequence for each, _ in before for sequence in each.sequences(session)]
    reads, more = rounds[0].reads, rounds[0].more_reads
    readers = [Repeated(session.list_request(), reads, reads + more)] * rounds[0].readers
    at_once = [] if session.is_slow else [session.list_request()]
    exchanges = [*session.send_together(sequences, readers, at_once)]
    session.patience.wait(_LATE)
    exchanges.append(session.send_aside(session.list_request()))
    listing = session.send(session.list_request())
    lasting = (campaign.auditor.account_of(listing).lines or {}).keys()
    for _, line in before:
        race = Race(line, exchanges, listing)
        session.causes.hold(race, line)
        for each in lists_in(race, lasting):
            campaign.auditor.hold(each)
    session.causes.accept(listing)


def _has_begun(each: _Round, line: Line) -> bool:
    """Whether the line forwards to what the round begins with, so that its history is known."""
    return each.begins_with is None or line.forwarding_number == each.begins_with


def _numbers(campaign: Campaign, count: int = _WRITES_EACH) -> list[str | None]:
    return [campaign.number() for _ in range(count)]


def _updates(
    session: Session,
    line: Line,
    values: Sequence[str | None],
    after_each: Sequence[Request] = (),
    account: str = ACCOUNT,
) -> Sequence[Request]:
    updates = [session.update_request(line.id, {FIELD: value}, account) for value in values]
    return [request for update in updates for request in (update, *after_each)]
