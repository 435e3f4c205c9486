"""Traffic judged while it passes, off the path of the answers: in a thread of its own."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from linq_contract.judge.exchange import Exchange
from linq_contract.judge.ledger import Finding, Ledger
from linq_contract.recorded.checking import explain, left_out
from linq_contract.recorded.entries import Entry
from linq_contract.recorded.judge import RecordingJudge
from linq_contract.recorded.server import RecordedServer
from linq_contract.recorded.tokens import Tokens
from linq_document import Document, Rule

_MOST_TOGETHER = 500  # exchanges of which each overlaps another, until they are judged as they are

Told = Callable[[Exchange, Sequence[Finding]], None]


class WatchedLedger(Ledger):
    """A ledger that also says what was found last."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        super().__init__(rules)
        self._news: list[Finding] = []

    def report(self, finding: Finding) -> bool:
        if finding.rule in self.entries:
            self._news.append(finding)
        return super().report(finding)

    def news(self) -> list[Finding]:
        """What was found since this was asked last."""
        news, self._news = self._news, []
        return news


class LiveJudge:
    """Judges exchanges with one server once they are over; any thread may hand them in.

    `told` hears in the thread of the judge of each exchange, and of the rules that it has broken. The order
    is that of `began` and `ended`: what overlapped is judged together.
    """

    def __init__(
        self,
        document: Document,
        ledger: WatchedLedger,
        server: RecordedServer,
        told: Told,
        *,
        exclusive: bool = False,
    ) -> None:
        self.ledger = ledger
        self.server = server
        self.cpu_seconds = 0.0
        self._told = told
        self._tokens = Tokens()
        self._judge = RecordingJudge(document, ledger, server, self._tokens, exclusive=exclusive)
        self._lock = threading.Lock()
        self._under_way = 0
        self._together: list[Entry] = []
        self._queue: queue.SimpleQueue[Sequence[Entry] | threading.Event | None] = queue.SimpleQueue()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="linq-contract-judge", daemon=True)
        self._thread.start()

    def began(self) -> float:
        """Say that a request is under way; return the instant."""
        with self._lock:
            self._under_way += 1
        return time.time()

    def ended(self, entry: Entry | None) -> None:
        """Say that a request is over, which had this outcome; None if nothing of it is to be judged."""
        with self._lock:
            self._under_way -= 1
            if entry is not None:
                self._together.append(entry)
            if self._together and (not self._under_way or len(self._together) >= _MOST_TOGETHER):
                self._queue.put(self._together)
                self._together = []

    def settle(self) -> None:
        """Wait until all that is over is judged. Raises what has gone wrong while it was."""
        done = threading.Event()
        self._queue.put(done)
        done.wait()
        self._raise_failure()

    def finish(self) -> Sequence[str]:
        """Judge what is left, decide what only the end can tell; return what to note."""
        with self._lock:
            left, self._together = self._together, []
        if left:
            self._queue.put(left)
        self._queue.put(None)
        self._thread.join()
        self._raise_failure()
        self._judge.finish()
        explain(self.ledger, self._tokens.accounts)
        return left_out(self._judge.ignored)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            if isinstance(item, threading.Event):
                item.set()
            elif self._failure is None:
                self._take(item)

    def _take(self, entries: Sequence[Entry]) -> None:
        began = time.thread_time()
        try:
            concerned = [entry for entry in entries if self._judge.concerns(entry)]
            for entry in sorted(concerned, key=lambda entry: entry.ended):
                self._tokens.learn(entry)
            exchanges = self._judge.take(concerned)
            self._tell(exchanges, self.ledger.news())
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody asks
            self._failure = error
        self.cpu_seconds += time.thread_time() - began

    def _tell(self, exchanges: Iterable[Exchange], news: Sequence[Finding]) -> None:
        for exchange in exchanges:
            self._told(exchange, [each for each in news if each.evidence[-1].request is exchange.request])

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
