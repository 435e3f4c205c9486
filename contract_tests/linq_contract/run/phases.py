"""The phases of a run: what each sends, what it needs, and which rules it tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from linq_contract.contract.numbers import FICTION_ABROAD
from linq_contract.run.campaign import Campaign
from linq_contract.run.extent import STANDARD, Budget, Part
from linq_contract.run.replay import Replay
from linq_contract.run.workloads import concurrency, edges, probing, updating
from linq_contract.safety.target import Target

_SINGLE_EXCHANGE = ("transport.", "error.", "list.")
_UPDATES = (*_SINGLE_EXCHANGE, "update.")
_REFUSED = ("auth.", "transport.", "error.")


class Requests(NamedTuple):
    """How many requests a phase sends at most to a server that keeps the contract, as was counted.

    `reading` are those of a run without writes; with writes they are `writing` and `per_line` for each
    line that updates are tried on, and `second_account` if there is one. Those `of_examples` that are made
    up grow with the budget.
    """

    reading: int = 0
    writing: int = 0
    per_line: int = 0
    second_account: int = 0
    of_examples: bool = False

    def most(self, target: Target, lines: int, budget: Budget = STANDARD) -> int:
        """The number for a run that tries updates on so many lines."""
        total = self.writing + self.per_line * lines if target.permissions.allow_writes else self.reading
        total *= budget.times_as_many_examples if self.of_examples else 1
        return total + (self.second_account if target.credentials.has_other else 0)


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a run. `rules` are the beginnings of the names of the rules that it tests.

    One that sends nothing without writes needs them to be permitted and a line to update.
    """

    name: str
    run: Callable[[Campaign], None]
    rules: tuple[str, ...]
    requests: Requests
    needs_line: bool = True

    @property
    def needs_writes(self) -> bool:
        """Whether nothing is left of the phase without writes."""
        return not self.requests.reading

    def is_due(self, campaign: Campaign) -> bool:
        """Whether the phase may run against this target and can test a rule that is judged."""
        if self.needs_writes and not (campaign.allow_writes and (campaign.chosen or not self.needs_line)):
            return False
        return self.tests(campaign.ledger.entries)

    def tests(self, rules: Iterable[str]) -> bool:
        """Whether the phase can test one of these rules."""
        return any(name.startswith(self.rules) for name in rules)


# Hypothesis and Schemathesis take as long to import as all else: a run that does not get there does without.


def _mutate_numbers(campaign: Campaign) -> None:
    from linq_contract.run.workloads import exploring  # noqa: PLC0415 - see above

    exploring.mutate_numbers(campaign)


def _run_sequences(campaign: Campaign) -> None:
    from linq_contract.run.workloads import exploring  # noqa: PLC0415 - see above

    exploring.run_sequences(campaign)


def _run_schemathesis(campaign: Campaign) -> None:
    from linq_contract.run.workloads import generated  # noqa: PLC0415 - see above

    generated.run_schemathesis(campaign)


_FIRST, _LATER = Part.MOST_TELLING, Part.OTHERS

PHASES = (
    Phase(
        "list",
        probing.list_twice,
        (*_SINGLE_EXCHANGE, "auth.tenant"),
        Requests(reading=2, writing=2, second_account=2),
    ),
    Phase("own numbers", updating.keep_each_number, ("update.", *_REFUSED), Requests(writing=1, per_line=1)),
    Phase("set", partial(updating.set_each_line, part=_FIRST), _UPDATES, Requests(writing=6, per_line=1)),
    Phase(
        "bodies",
        partial(probing.send_wrong_bodies, part=_FIRST),
        ("update.", "transport.", "error."),
        Requests(writing=69),
    ),
    Phase("tokens", partial(probing.present_tokens, part=_FIRST), _REFUSED, Requests(reading=42, writing=63)),
    Phase(
        "ids",
        partial(probing.name_wrong_ids, part=_FIRST),
        ("update.", "transport.", "error."),
        Requests(writing=28),
        needs_line=False,
    ),
    Phase(
        "accounts",
        partial(probing.cross_accounts, part=_FIRST),
        ("auth.",),
        Requests(writing=12, second_account=12),
        needs_line=False,
    ),
    Phase(
        "methods",
        probing.try_methods,
        ("transport.", "error.", "list.safe"),
        Requests(reading=16, writing=30),
    ),
    Phase(
        "other clients",
        partial(updating.list_in_other_ways, part=_FIRST),
        _UPDATES,
        Requests(writing=23),
    ),
    Phase("edges", edges.ask_at_the_edges, ("",), Requests(reading=13, writing=34)),
    Phase(
        "clear and repeat",
        partial(updating.clear_and_repeat, part=_FIRST),
        (*_UPDATES, "auth.tenant"),
        Requests(writing=45, second_account=1),
    ),
    Phase(
        "second account",
        probing.use_second_account,
        ("auth.", "update.", "error."),
        Requests(second_account=15),
        needs_line=False,
    ),
    Phase(
        "trace ids",
        partial(probing.offer_trace_ids, part=_FIRST),
        ("transport.",),
        Requests(reading=9, writing=15),
    ),
    Phase("browser", probing.ask_as_a_browser, ("transport.",), Requests(reading=6, writing=11)),
    Phase(
        "unknown paths", probing.visit_unknown_paths, ("transport.", "error."), Requests(reading=6, writing=6)
    ),
    Phase("two connections", updating.use_two_connections, ("update.",), Requests(writing=10)),
    Phase("waiting", updating.wait_and_see, ("update.", "list."), Requests(writing=14)),
    Phase("concurrency", concurrency.race_on_one_line, ("update.atomic",), Requests(writing=142)),
    Phase("duels", concurrency.duel_on_one_line, ("update.atomic",), Requests(writing=190)),
    Phase("updates among lists", concurrency.read_while_writing, ("update.atomic",), Requests(writing=100)),
    Phase("compared refusals", probing.compare_refusals, ("auth.first",), Requests(writing=48)),
    Phase("same values", updating.swap_values, _UPDATES, Requests(writing=40)),
    Phase(
        "free choices", partial(probing.send_unusual_bodies, part=_FIRST), ("update.",), Requests(writing=64)
    ),
    Phase(
        "extra properties",
        partial(updating.assign_more_than_allowed, part=_FIRST),
        ("update.",),
        Requests(writing=64),
    ),
    Phase("concurrent lines", concurrency.update_lines_at_once, ("update.isolated",), Requests(writing=126)),
    Phase("concurrent accounts", concurrency.use_accounts_at_once, ("auth.",), Requests(writing=58)),
    Phase("further lines", partial(updating.set_each_line, part=_LATER), _UPDATES, Requests(per_line=2)),
    Phase(
        "further clients",
        partial(updating.list_in_other_ways, part=_LATER),
        _UPDATES,
        Requests(writing=9),
    ),
    Phase(
        "numbers of other countries",
        updating.set_numbers_of_other_countries,
        _UPDATES,
        Requests(writing=2 * len(FICTION_ABROAD)),
    ),
    Phase(
        "further trace ids",
        partial(probing.offer_trace_ids, part=_LATER),
        ("transport.",),
        Requests(reading=21, writing=33),
    ),
    Phase(
        "further tokens",
        partial(probing.present_tokens, part=_LATER),
        _REFUSED,
        Requests(reading=74, writing=231),
    ),
    Phase(
        "further bodies",
        partial(probing.send_wrong_bodies, part=_LATER),
        ("update.", "transport.", "error."),
        Requests(writing=234),
    ),
    Phase(
        "further ids",
        partial(probing.name_wrong_ids, part=_LATER),
        ("update.", "transport.", "error."),
        Requests(writing=143),
        needs_line=False,
    ),
    Phase(
        "further accounts",
        partial(probing.cross_accounts, part=_LATER),
        ("auth.",),
        Requests(writing=16, second_account=32),
        needs_line=False,
    ),
    Phase(
        "tokens of the second account",
        probing.present_tokens_of_second_account,
        ("auth.", "error."),
        Requests(second_account=72),
        needs_line=False,
    ),
    Phase(
        "clear and repeat on further lines",
        partial(updating.clear_and_repeat, part=_LATER),
        (*_UPDATES, "auth.tenant"),
        Requests(writing=46, second_account=46),
    ),
    Phase(
        "further extra properties",
        partial(updating.assign_more_than_allowed, part=_LATER),
        ("update.",),
        Requests(writing=72),
    ),
    Phase(
        "further free choices",
        partial(probing.send_unusual_bodies, part=_LATER),
        ("update.",),
        Requests(writing=22),
    ),
    Phase(
        "mutated numbers",
        _mutate_numbers,
        ("update.", "error."),
        Requests(writing=81, of_examples=True),
    ),
    Phase(
        "sequences",
        _run_sequences,
        (*_UPDATES, "auth.no-write"),
        Requests(writing=220, of_examples=True),
    ),
    Phase(
        "coverage, fuzzing and stateful",
        _run_schemathesis,
        ("",),
        Requests(reading=140, writing=345, of_examples=True),
    ),
    Phase(
        "exhaustion",
        edges.exhaust,
        ("update.", "transport.", "error."),
        Requests(writing=6),
        needs_line=False,
    ),
    Phase("clear", updating.clear_each_line, _UPDATES, Requests(per_line=2)),
    Phase("last look", updating.look_back, _UPDATES, Requests(reading=2, writing=2)),
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

    most = len(replay.requests) + 2
    return Phase("replay", run, (replay.rule,), Requests(reading=most, writing=most))
