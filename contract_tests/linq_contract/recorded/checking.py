"""A recording judged as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from linq_contract.judge.ledger import Ledger
from linq_contract.recorded.entries import Entry
from linq_contract.recorded.files import has_times
from linq_contract.recorded.judging import RecordingJudge, in_clusters
from linq_contract.recorded.server import RecordedServer, find_server, is_of_contract
from linq_contract.recorded.tokens import Tokens
from linq_document import Document


@dataclass(frozen=True, slots=True)
class Checked:
    """What a recording has shown: of which server, in how many exchanges and seconds, and what to note."""

    server: RecordedServer
    exchanges: int
    seconds: float
    notes: Sequence[str]


def check_recordings(
    recordings: Sequence[Sequence[Entry]],
    document: Document,
    ledger: Ledger,
    server: RecordedServer | None = None,
    tokens: Mapping[str, str] | None = None,
    *,
    exclusive: bool = False,
) -> Checked:
    """Judge recordings, of one server, into a ledger.

    Without `server` it is the one that was asked most often. `tokens` are those of accounts by their
    variables; all others are wrong ones then. Raises RecordingError when nothing was asked of the contract.
    """
    entries = [entry for recording in recordings for entry in recording]
    server = server or find_server(entries, document)
    known, ignored = Tokens(tokens), Counter[str]()
    known.learn_all(entry for entry in entries if is_of_contract(entry, server, document))
    for part in _parts(recordings):
        judge = RecordingJudge(document, ledger, server, known, exclusive=exclusive)
        for cluster in in_clusters([entry for entry in _once(part) if judge.concerns(entry)]):
            judge.take(cluster)
        judge.finish()
        ignored += judge.ignored
    explain(ledger, known.accounts)
    return Checked(server, ledger.judged, sum(map(_seconds, _parts(recordings))), left_out(ignored))


def explain(ledger: Ledger, accounts: int) -> None:
    """Say of each rule why it was not tested, if it was not."""
    ledger.explain("nothing in the recording tests it", "")
    if accounts < 2:
        ledger.explain("needs a recording with the tokens of two accounts", "auth.tenant")


def left_out(ignored: Counter[str]) -> Sequence[str]:
    """Sentences about what was not judged."""
    return [f"{number:,} exchanges {reason} were left out" for reason, number in sorted(ignored.items())]


def _parts(recordings: Sequence[Sequence[Entry]]) -> Iterator[Sequence[Entry]]:
    """What has a clock in common, and each recording that has none: nobody knows when it was made."""
    yield from ([*entries] for entries in recordings if not has_times(entries))
    yield [entry for entries in recordings if has_times(entries) for entry in entries]


def _once(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Entries without those that another file has as well."""
    seen: set[tuple[object, ...]] = set()
    for entry in entries:
        what = (entry.began, entry.ended, entry.method, entry.url, entry.body, entry.answer)
        if what not in seen:
            seen.add(what)
            yield entry


def _seconds(entries: Sequence[Entry]) -> float:
    if not entries or not has_times(entries):
        return 0.0
    return max(entry.ended for entry in entries) - min(entry.began for entry in entries)
