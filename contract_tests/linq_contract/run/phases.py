"""The phases of a run: what each sends, what it needs, and which rules it exercises."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from linq_contract.run.campaign import Campaign
from linq_contract.run.replay import Replay
from linq_contract.run.workloads import concurrency, exploring, generated, probing, updating
from linq_contract.safety.target import Target

_SINGLE_EXCHANGE = ("transport.", "error.", "list.")
_REFUSED = ("auth.", "transport.", "error.")


class Requests(NamedTuple):
    """How many requests a phase sends at most to a server that keeps the contract, as was counted.

    `reading` are those of a run without writes; with writes they are `writing` and `per_line` for each
    line that updates are tried on, and `second_account` if there is one.
    """

    reading: int = 0
    writing: int = 0
    per_line: int = 0
    second_account: int = 0

    def most(self, target: Target, lines: int) -> int:
        """The number for a run that tries updates on so many lines."""
        total = self.writing + self.per_line * lines if target.permissions.allow_writes else self.reading
        return total + (self.second_account if target.credentials.has_other else 0)


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a run. `rules` are the beginnings of the names of the rules that it exercises."""

    name: str
    run: Callable[[Campaign], None]
    rules: tuple[str, ...]
    requests: Requests
    needs_writes: bool = True
    needs_lines: bool = False

    def is_due(self, campaign: Campaign) -> bool:
        """Whether the phase may run against this target and can exercise a rule that is judged."""
        if self.needs_writes and not campaign.allow_writes:
            return False
        if self.needs_lines and not campaign.chosen:
            return False
        return self.exercises(campaign.ledger.entries)

    def exercises(self, rules: Iterable[str]) -> bool:
        """Whether the phase can exercise one of these rules."""
        return any(name.startswith(self.rules) for name in rules)


PHASES = (
    Phase(
        "list",
        probing.list_twice,
        (*_SINGLE_EXCHANGE, "auth.tenant"),
        Requests(reading=2, writing=2, second_account=2),
        needs_writes=False,
    ),
    Phase(
        "own numbers",
        updating.keep_each_number,
        ("update.", *_REFUSED),
        Requests(writing=1, per_line=1),
        needs_lines=True,
    ),
    Phase(
        "tokens",
        probing.present_tokens,
        _REFUSED,
        Requests(reading=102, writing=405),
        needs_writes=False,
    ),
    Phase(
        "trace ids",
        probing.offer_trace_ids,
        ("transport.",),
        Requests(reading=14, writing=33),
        needs_writes=False,
    ),
    Phase(
        "browser",
        probing.ask_as_a_browser,
        ("transport.",),
        Requests(reading=4, writing=7),
        needs_writes=False,
    ),
    Phase(
        "unknown paths",
        probing.visit_unknown_paths,
        ("transport.", "error."),
        Requests(reading=6, writing=6),
        needs_writes=False,
    ),
    Phase(
        "set",
        updating.set_each_line,
        ("update.", *_SINGLE_EXCHANGE),
        Requests(writing=2, per_line=2),
        needs_lines=True,
    ),
    Phase(
        "methods",
        probing.try_methods,
        ("transport.", "error.", "list.safe"),
        Requests(reading=14, writing=44),
        needs_writes=False,
    ),
    Phase(
        "clear and repeat",
        updating.clear_and_repeat,
        ("update.", "auth.tenant", *_SINGLE_EXCHANGE),
        Requests(writing=135, second_account=48),
        needs_lines=True,
    ),
    Phase(
        "concurrency",
        concurrency.race_on_one_line,
        ("update.atomic",),
        Requests(writing=130),
        needs_lines=True,
    ),
    Phase("duels", concurrency.duel_on_one_line, ("update.atomic",), Requests(writing=200), needs_lines=True),
    Phase(
        "updates among lists",
        concurrency.read_while_writing,
        ("update.atomic",),
        Requests(writing=106),
        needs_lines=True,
    ),
    Phase(
        "concurrent accounts",
        concurrency.use_accounts_at_once,
        ("auth.",),
        Requests(writing=60),
        needs_lines=True,
    ),
    Phase(
        "concurrent lines",
        concurrency.update_lines_at_once,
        ("update.isolated",),
        Requests(writing=125),
        needs_lines=True,
    ),
    Phase(
        "bodies",
        probing.send_wrong_bodies,
        ("update.", "transport.", "error."),
        Requests(writing=255),
        needs_lines=True,
    ),
    Phase("ids", probing.name_wrong_ids, ("update.", "transport.", "error."), Requests(writing=155)),
    Phase("accounts", probing.cross_accounts, ("auth.",), Requests(writing=40, second_account=80)),
    Phase(
        "second account",
        probing.use_second_account,
        ("auth.", "update.", "error."),
        Requests(second_account=101),
    ),
    Phase(
        "same values",
        updating.swap_values,
        ("update.", *_SINGLE_EXCHANGE),
        Requests(writing=40),
        needs_lines=True,
    ),
    Phase(
        "two connections", updating.use_two_connections, ("update.",), Requests(writing=12), needs_lines=True
    ),
    Phase(
        "other clients",
        updating.list_in_other_ways,
        ("update.", *_SINGLE_EXCHANGE),
        Requests(writing=15),
        needs_lines=True,
    ),
    Phase(
        "extra properties",
        updating.assign_more_than_allowed,
        ("update.",),
        Requests(writing=155),
        needs_lines=True,
    ),
    Phase("free choices", probing.send_unusual_bodies, ("update.",), Requests(writing=86), needs_lines=True),
    Phase("waiting", updating.wait_and_see, ("update.", "list."), Requests(writing=14), needs_lines=True),
    Phase(
        "coverage, fuzzing and stateful",
        generated.run_schemathesis,
        ("",),
        Requests(reading=200, writing=500),
        needs_writes=False,
    ),
    Phase(
        "mutated numbers",
        exploring.mutate_numbers,
        ("update.", "error."),
        Requests(writing=105),
        needs_lines=True,
    ),
    Phase(
        "sequences",
        exploring.run_sequences,
        ("update.", "auth.no-write", *_SINGLE_EXCHANGE),
        Requests(writing=360),
        needs_lines=True,
    ),
    Phase(
        "clear",
        updating.clear_each_line,
        ("update.", *_SINGLE_EXCHANGE),
        Requests(per_line=2),
        needs_lines=True,
    ),
    Phase(
        "last look",
        updating.look_back,
        (*_SINGLE_EXCHANGE, "update."),
        Requests(reading=2, writing=2),
        needs_writes=False,
    ),
)


def replaying(replay: Replay) -> Phase:
    """The phase that sends a replay again, with a list before and after."""

    def run(campaign: Campaign) -> None:
        session = campaign.session
        session.list()
        for request in replay.requests:
            if request == session.list_request():
                session.list()
            else:
                session.send(request)
        session.list()

    return Phase("replay", run, (replay.rule,), Requests(), needs_writes=False)
