"""The phases of a run: what each sends, what it needs, and which rules it exercises."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from linq_contract.run.campaign import Campaign
from linq_contract.run.replay import Replay
from linq_contract.run.workloads import concurrency, exploring, generated, probing, updating

_SINGLE_EXCHANGE = ("transport.", "error.", "list.")
_REFUSED = ("auth.", "transport.", "error.")


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a run. `rules` are the beginnings of the names of the rules that it exercises."""

    name: str
    run: Callable[[Campaign], None]
    rules: tuple[str, ...]
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
    Phase("list", probing.list_twice, (*_SINGLE_EXCHANGE, "auth.tenant"), needs_writes=False),
    Phase("own numbers", updating.keep_each_number, ("update.", *_REFUSED), needs_lines=True),
    Phase("tokens", probing.present_tokens, _REFUSED, needs_writes=False),
    Phase("trace ids", probing.offer_trace_ids, ("transport.",), needs_writes=False),
    Phase("browser", probing.ask_as_a_browser, ("transport.",), needs_writes=False),
    Phase("unknown paths", probing.visit_unknown_paths, ("transport.", "error."), needs_writes=False),
    Phase("set", updating.set_each_line, ("update.", *_SINGLE_EXCHANGE), needs_lines=True),
    Phase("methods", probing.try_methods, ("transport.", "error.", "list.safe"), needs_writes=False),
    Phase(
        "clear and repeat",
        updating.clear_and_repeat,
        ("update.", "auth.tenant", *_SINGLE_EXCHANGE),
        needs_lines=True,
    ),
    Phase("concurrency", concurrency.race_on_one_line, ("update.atomic",), needs_lines=True),
    Phase("duels", concurrency.duel_on_one_line, ("update.atomic",), needs_lines=True),
    Phase("updates among lists", concurrency.read_while_writing, ("update.atomic",), needs_lines=True),
    Phase("concurrent accounts", concurrency.use_accounts_at_once, ("auth.",), needs_lines=True),
    Phase("concurrent lines", concurrency.update_lines_at_once, ("update.isolated",), needs_lines=True),
    Phase("bodies", probing.send_wrong_bodies, ("update.", "transport.", "error."), needs_lines=True),
    Phase("ids", probing.name_wrong_ids, ("update.", "transport.", "error.")),
    Phase("accounts", probing.cross_accounts, ("auth.",)),
    Phase("second account", probing.use_second_account, ("auth.", "update.", "error.")),
    Phase("same values", updating.swap_values, ("update.", *_SINGLE_EXCHANGE), needs_lines=True),
    Phase("two connections", updating.use_two_connections, ("update.",), needs_lines=True),
    Phase("other clients", updating.list_in_other_ways, ("update.", *_SINGLE_EXCHANGE), needs_lines=True),
    Phase("extra properties", updating.assign_more_than_allowed, ("update.",), needs_lines=True),
    Phase("free choices", probing.send_unusual_bodies, ("update.",), needs_lines=True),
    Phase("waiting", updating.wait_and_see, ("update.", "list."), needs_lines=True),
    Phase("coverage, fuzzing and stateful", generated.run_schemathesis, ("",), needs_writes=False),
    Phase("mutated numbers", exploring.mutate_numbers, ("update.", "error."), needs_lines=True),
    Phase(
        "sequences",
        exploring.run_sequences,
        ("update.", "auth.no-write", *_SINGLE_EXCHANGE),
        needs_lines=True,
    ),
    Phase("clear", updating.clear_each_line, ("update.", *_SINGLE_EXCHANGE), needs_lines=True),
    Phase("last look", updating.look_back, (*_SINGLE_EXCHANGE, "update."), needs_writes=False),
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

    return Phase("replay", run, (replay.rule,), needs_writes=False)
