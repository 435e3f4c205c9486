"""Updates and lists at the same time: each line must behave as one register, and none disturb another."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from linq_contract.contract.expectation import FIELD, Authority
from linq_contract.contract.lines import Line
from linq_contract.contract.numbers import is_e164
from linq_contract.http.credentials import ACCOUNT_VARIABLE, OTHER_VARIABLE
from linq_contract.http.messages import Request
from linq_contract.judge.checks import Exchange
from linq_contract.judge.ledger import Finding
from linq_contract.judge.linearizability import Operation, is_linearizable, shortest_violation
from linq_contract.run.campaign import Campaign

ATOMIC = "update.atomic"
ISOLATED = "update.isolated"
READ_YOUR_WRITES = "update.read-your-writes"
_WRITERS = 4
_READERS = 2
_WRITES_EACH = 5
_CLEARS = 2
_READS_EACH = 8
_ROUNDS = 3
_DUELS = 15
_READS_OF_A_DUEL = 4
_REFUSALS = 3
_UPDATES_AMONG_LISTS = 8
_LATE = 0.05
_REFUSED = "x"
_MISSING = object()
_LINES_AT_ONCE = 8
_REQUESTS_EACH = 8
_UNWRITTEN_VALUES_THAT_ARE_PROOF = 3
_CLEAR_BY_OTHERS = Operation("write", None, -math.inf)  # at any time, or never


@dataclass
class _Record:
    """The operations of a round with the exchanges that they were."""

    operations: list[tuple[Operation, Exchange]] = field(default_factory=list[tuple[Operation, Exchange]])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, operation: Operation, exchange: Exchange) -> None:
        with self.lock:
            self.operations.append((operation, exchange))


def race_on_one_line(campaign: Campaign) -> None:
    """Several writers and readers on one line; the history must be that of a register."""
    for line in _in_turn(campaign, _ROUNDS):
        values: list[list[str | None]] = [_numbers(campaign) for _ in range(_WRITERS)]
        _race(campaign, line, [*values, [None] * _CLEARS], readers=_READERS, reads=_READS_EACH)


def duel_on_one_line(campaign: Campaign) -> None:
    """Two updates at a time, and a look after a while: the one must not undo the other later on.

    The second sets or clears or, every third time, is refused. What a refusal undoes is only what was
    done since it began, and which of two requests comes first is chance: there are several of both, then.
    """
    for duel, line in enumerate(_in_turn(campaign, _DUELS)):
        opponents = (_numbers(campaign, 1), [None], [_REFUSED] * _REFUSALS)[duel % 3]
        updates = _numbers(campaign, len(opponents))
        _race(campaign, line, [updates, opponents], readers=1, reads=_READS_OF_A_DUEL)


def read_while_writing(campaign: Campaign) -> None:
    """One update among lists that find nothing kept by earlier ones: what they keep must not outlive it.

    Whoever updates lists at once: that list must not join one that is under way and knows less.
    """
    for line in _in_turn(campaign, _UPDATES_AMONG_LISTS):
        _race(
            campaign,
            line,
            [[campaign.number()]],
            readers=2,
            reads=2,
            begins_with=campaign.number(),
            writers_look=True,
        )


def update_lines_at_once(campaign: Campaign) -> None:
    """Update different lines at the same time; afterwards each must have its own last value."""
    for _ in range(_ROUNDS):
        lines = campaign.chosen[:_LINES_AT_ONCE]
        if len(lines) < 2:
            return
        record = _Record()
        _together([_writer(campaign, line, _numbers(campaign), record) for line in lines])
        _judge_last_values(campaign, record)


def use_accounts_at_once(campaign: Campaign) -> None:
    """Use both accounts and no valid token at the same time: none must get what is another's."""
    session, line, wrong = campaign.session, campaign.chosen[0], f"Bearer {campaign.hex(32)}"
    own, update = session.list_request(), session.update_request(line.id, {FIELD: campaign.number()})
    requests = [own.with_authorization(wrong), own.with_authorization(None), own]
    requests += [
        update.with_authorization(wrong),
        session.update_request(line.id, {FIELD: campaign.number()}),
    ]
    if campaign.has_other:
        requests += [session.list_request(OTHER_VARIABLE)] * 2

    def sending(request: Request) -> Callable[[], None]:
        def send() -> None:
            for _ in range(_REQUESTS_EACH):
                for attempt in session.send_aside(request):
                    _judge_owner(campaign, attempt.exchange)

        return send

    _together([sending(request) for request in requests])
    for variable in (ACCOUNT_VARIABLE, OTHER_VARIABLE) if campaign.has_other else (ACCOUNT_VARIABLE,):
        campaign.auditor.close_chapter(session.send(session.list_request(variable)), judged=False)


def _judge_owner(campaign: Campaign, exchange: Exchange) -> None:
    auditor, listed = campaign.auditor, exchange.lines or {}
    is_of_other = exchange.classified.authority is Authority.OTHER
    strangers = frozenset((auditor.own if is_of_other else auditor.other).lines or ())
    if shared := (listed.keys() & strangers) - ((auditor.account_of(exchange).lines or {}).keys()):
        problem = f"the list shows line {min(shared)} of another account while both are used"
        campaign.ledger.report(Finding("auth.tenant", problem, (exchange,), is_race=True))


def _in_turn(campaign: Campaign, rounds: int) -> Iterator[Line]:
    """A line for each of so many rounds; of a large account, one round is enough."""
    return itertools.islice(itertools.cycle(campaign.chosen), 1 if campaign.is_large else rounds)


def _race(
    campaign: Campaign,
    line: Line,
    values: Sequence[Sequence[str | None]],
    *,
    readers: int,
    reads: int,
    begins_with: str | None = None,
    writers_look: bool = False,
) -> None:
    """Let writers with these values and readers run against each other, and judge what they saw.

    With `begins_with` there is an update right before them, which no list comes after. Writers that look
    list after each of their updates.
    """
    campaign.session.update(line.id, campaign.number())
    current = next((one for one in campaign.session.listed() if one.key == line.key), None)
    if current is None:
        return
    if begins_with is not None:
        if not campaign.session.update(line.id, begins_with).accepted:
            return
        current = current._replace(forwarding_number=begins_with)
    record = _Record()
    writers = [_writer(campaign, line, own, record, looks=writers_look) for own in values]
    _together([*writers, *(_reader(campaign, line, reads, record) for _ in range(readers))])
    _read(campaign, line, record)
    campaign.session.patience.wait(_LATE)
    _read(campaign, line, record)
    listing = campaign.session.send(campaign.session.list_request())
    if line.key not in (listing.lines or {}):  # it was released
        record.operations = [pair for pair in record.operations if pair[0].value is not _MISSING]
    _judge_register(campaign, current, record)
    _judge_other_lines(campaign, line, record, listing)
    campaign.auditor.close_chapter(listing, judged=False)


def _numbers(campaign: Campaign, count: int = _WRITES_EACH) -> list[str | None]:
    return [campaign.number() for _ in range(count)]


def _writer(
    campaign: Campaign, line: Line, values: Sequence[str | None], record: _Record, *, looks: bool = False
) -> Callable[[], None]:
    def write() -> None:
        for value in values:
            _write(campaign, line, value, record)
            if looks:
                _read(campaign, line, record)

    return write


def _reader(campaign: Campaign, line: Line, reads: int, record: _Record) -> Callable[[], None]:
    def read() -> None:
        for _ in range(reads):
            _read(campaign, line, record)

    return read


def _together(tasks: Sequence[Callable[[], None]]) -> None:
    """Run the tasks in threads that begin at the same time; raise what one of them raised."""
    barrier = threading.Barrier(len(tasks))

    def run(task: Callable[[], None]) -> None:
        barrier.wait()
        task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        for future in [pool.submit(run, task) for task in tasks]:
            future.result()


def _write(campaign: Campaign, line: Line, value: str | None, record: _Record) -> None:
    request = campaign.session.update_request(line.id, {FIELD: value})
    for attempt in campaign.session.send_aside(request):
        status = attempt.exchange.status
        if status is None or status >= 500:
            record.add(Operation("write", value, attempt.began), attempt.exchange)
        elif attempt.exchange.accepted:
            record.add(Operation("write", value, attempt.began, attempt.ended), attempt.exchange)


def _read(campaign: Campaign, line: Line, record: _Record) -> None:
    attempt = campaign.session.send_aside(campaign.session.list_request())[-1]
    if attempt.exchange.lines is None:
        return
    shown = attempt.exchange.lines.get(line.key)
    value = _MISSING if shown is None else shown.forwarding_number
    record.add(Operation("read", value, attempt.began, attempt.ended), attempt.exchange)


def _judge_register(campaign: Campaign, line: Line, record: _Record) -> None:
    history = sorted((op for op, _ in record.operations), key=lambda op: op.began)
    ledger = campaign.ledger
    for operation, exchange in record.operations:
        if not operation.is_write:
            ledger.exercise(ATOMIC, exchange)
    if is_linearizable(line.forwarding_number, history):
        return
    shortest = shortest_violation(line.forwarding_number, history)
    written = {operation.value for operation in history if operation.is_write} | {line.forwarding_number}
    unwritten = {operation.value for operation in shortest} - written
    if is_linearizable(line.forwarding_number, [*history, _CLEAR_BY_OTHERS]):
        unwritten.add(None)
    if _may_be_others(campaign, line, unwritten):
        return
    evidence = tuple(exchange for operation, exchange in record.operations if operation in shortest)
    shown = ", then ".join(_shown(operation.value) for operation in shortest if not operation.is_write)
    problem = (
        f"lists showed line {line.key} forward to {shown}, which no order of the updates explains; "
        f"before them it forwarded to {line.forwarding_number!r}"
    )
    ledger.report(Finding(ATOMIC, problem, evidence, is_race=True))


def _judge_other_lines(campaign: Campaign, line: Line, record: _Record, listing: Exchange) -> None:
    """No line may be missing from the lists of a race that is listed before and after it."""
    lasting = (campaign.auditor.own.lines or {}).keys() & (listing.lines or {}).keys() - {line.key}
    for operation, exchange in record.operations:
        if not operation.is_write and (missing := lasting - (exchange.lines or {}).keys()):
            problem = f"line {min(missing)} was missing from a list while line {line.key} was updated"
            campaign.ledger.report(Finding(ISOLATED, problem, (exchange, listing), is_race=True))


def _judge_last_values(campaign: Campaign, record: _Record) -> None:
    listing = campaign.session.send(campaign.session.list_request())
    shown = listing.lines or {}
    last: dict[str, tuple[Operation, Exchange]] = {}
    for operation, exchange in record.operations:
        line = exchange.classified.line
        if line is not None and operation.ended < math.inf:
            last[line.key] = (operation, exchange)
    for key, (operation, exchange) in last.items():
        campaign.ledger.exercise(ISOLATED, exchange)
        if key in shown and shown[key].forwarding_number != operation.value:
            found = shown[key].forwarding_number
            if _may_be_others(campaign, shown[key], {found} - _written(record, key)):
                continue
            is_of_another = any(found in _written(record, other) for other in last.keys() - {key})
            if not is_of_another and READ_YOUR_WRITES in campaign.ledger.broken_counts():
                continue  # the line forgets updates when no other is updated, too
            problem = (
                f"line {key} shows {found!r} after concurrent updates of other lines; "
                f"its own last update set {operation.value!r}"
            )
            campaign.ledger.report(Finding(ISOLATED, problem, (exchange, listing), is_race=True))
    campaign.auditor.close_chapter(listing, judged=False)


def _shown(value: object) -> str:
    return "nothing, being missing" if value is _MISSING else repr(value)


def _written(record: _Record, key: str) -> set[object]:
    """The values that were sent to a line."""
    return {
        operation.value
        for operation, exchange in record.operations
        if exchange.classified.line is not None and exchange.classified.line.key == key
    }


def _may_be_others(campaign: Campaign, line: Line, unwritten: Collection[object]) -> bool:
    """Whether values that this run did not write to a line may be others': few are, or others are seen."""
    if not any(value is None or is_e164(value) for value in unwritten):
        return False
    campaign.unwritten_values += 1
    if campaign.auditor.is_shared or campaign.unwritten_values < _UNWRITTEN_VALUES_THAT_ARE_PROOF:
        return True
    return campaign.unwritten_values == _UNWRITTEN_VALUES_THAT_ARE_PROOF and campaign.session.watch_line(line)
