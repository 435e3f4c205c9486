"""What Hypothesis explores: mutated numbers, and random sequences of updates and lists.

The auditor judges; an example fails when it makes a rule look broken that was not yet known to be, so
that Hypothesis shrinks it and the ledger gets the smallest evidence.
"""

from __future__ import annotations

import contextlib
import functools
import unicodedata
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import cast

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.database import ExampleDatabase
from hypothesis.errors import Flaky
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from linq_contract.contract.classification import FIELD
from linq_contract.contract.lines import Line
from linq_contract.contract.numbers import could_ring_a_stranger, is_e164
from linq_contract.http.credentials import ACCOUNT
from linq_contract.http.messages import Request
from linq_contract.judge.ledger import Ledger
from linq_contract.run.campaign import Campaign
from linq_contract.run.workloads.inputs import INVALID_NUMBERS, NUMBER

_MUTATED_NUMBERS = 77  # with more nothing was found that was not before
_SEQUENCES = 11  # with their steps some 220 requests, less than a tenth of a run
_STEPS = 12  # enough to set, clear and repeat on several lines
_STEPS_ON_ALL_LINES = 72  # in step on a slow server: with twelve lines as few as set, clear and repeat
_LINES_IN_STEP = 8  # the lines of a machine
_NUMBERS = 1400  # all fictional ones
_MOST_REPEATS = 5  # rules that are shrunk one after the other; more is seldom news
_NOT_FOR_SERVERS = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)


class RuleBrokenError(Exception):
    """A rule looks broken; tells Hypothesis to shrink."""


def mutate_numbers(campaign: Campaign) -> None:
    """Send numbers that differ from a valid one in a few characters."""
    if not campaign.chosen:
        return
    session, line = campaign.session, campaign.chosen[0]

    def explore(known: set[str]) -> None:
        @_settings(
            _MUTATED_NUMBERS * campaign.times_as_many_examples,
            _kept(campaign, "mutated numbers", known),
            again=session.is_slow,
        )
        @seed(campaign.seed)  # below the settings, since it takes the database from those that it finds
        @given(mutated_numbers())
        def test(number: str) -> None:
            with _failing_on_news(campaign.ledger, known):
                session.update(line.id, number)

        test()

    if session.is_slow:
        session.send_all([session.update_request(line.id, {FIELD: number}) for number in _drawn(campaign)])
    if campaign.examples or not session.is_slow:
        _explore(campaign.ledger, explore)
    session.list()


def _drawn(campaign: Campaign) -> Sequence[str]:
    """The numbers without what they lead to; each breaks a rule by itself, so none has to be shrunk."""
    numbers: list[str] = []

    @seed(campaign.seed)
    @_settings(_MUTATED_NUMBERS * campaign.times_as_many_examples)
    @given(mutated_numbers())
    def draw(number: str) -> None:
        numbers.append(number)

    draw()
    return numbers


def run_sequences(campaign: Campaign) -> None:
    """Run random sequences against the account."""
    if not campaign.chosen:
        return
    if campaign.session.is_slow:
        _walk_in_step(campaign)
    if campaign.session.is_slow and not campaign.examples:
        return
    sequences = _SEQUENCES * campaign.times_as_many_examples // (4 if campaign.is_large else 1)

    def explore(known: set[str]) -> None:
        # Hypothesis keeps every class of machines for good, and takes any callable that makes one.
        machine = cast("type[AccountMachine]", functools.partial(AccountMachine, campaign, known))
        kept = _kept(campaign, "sequences", known)
        run_state_machine_as_test(
            seed(campaign.seed)(machine),
            settings=_settings(sequences, kept, again=campaign.session.is_slow),
        )

    _explore(campaign.ledger, explore)


def _walk_in_step(campaign: Campaign) -> None:
    """Run one random sequence on each of several lines, all in step."""
    chance, session, lines = campaign.chance, campaign.session, campaign.chosen

    def steps(line: Line) -> Iterator[Request]:
        request = session.update_request(line.id, {FIELD: None})
        for _ in range(_STEPS_ON_ALL_LINES // len(lines)):
            number = campaign.numbered(chance.randrange(_NUMBERS))
            body = {FIELD: chance.choice((number, number, None, "", chance.choice(INVALID_NUMBERS)))}
            fresh = session.update_request(line.id, body)
            request = chance.choice((fresh, fresh, fresh, request, fresh.with_authorization(None)))
            yield request

    session.in_step([list(steps(line)) for line in lines])


class AccountMachine(RuleBasedStateMachine):
    """Updates of all kinds, and lists; the model that they are compared with is the auditor's."""

    def __init__(self, campaign: Campaign, known: set[str]) -> None:
        super().__init__()
        self.campaign = campaign
        self.session = campaign.session
        self.known = known
        self.last: tuple[Line, object] | None = None

    lines = st.integers(min_value=0, max_value=_LINES_IN_STEP - 1)
    numbers = st.integers(min_value=0, max_value=_NUMBERS - 1)

    @initialize()
    def begin(self) -> None:
        self._list()

    @rule(index=lines, number=numbers)
    def set(self, index: int, number: int) -> None:
        self._update(index, self.campaign.numbered(number))

    @rule(index=lines)
    def clear_with_null(self, index: int) -> None:
        self._update(index, None)

    @rule(index=lines)
    def clear_with_empty_string(self, index: int) -> None:
        self._update(index, "")

    @precondition(lambda self: self.last is not None)
    @rule()
    def repeat(self) -> None:
        assert self.last is not None
        line, value = self.last
        with self._watched():
            self.session.update(line.id, value)
            self.session.list()

    @rule(index=lines, number=st.sampled_from(INVALID_NUMBERS))
    def be_rejected(self, index: int, number: str) -> None:
        with self._watched():
            self.session.update(self._line(index).id, number)
            self.session.list()

    @rule(index=lines, number=numbers)
    def send_without_token(self, index: int, number: int) -> None:
        body = {FIELD: self.campaign.numbered(number)}
        request = self.session.update_request(self._line(index).id, body)
        with self._watched():
            self.session.send(request.with_authorization(None))
            self.session.list()

    @rule()
    def list(self) -> None:
        self._list()

    def _line(self, index: int) -> Line:
        lines = self.campaign.chosen
        return lines[index % len(lines)]

    def _update(self, index: int, value: object) -> None:
        line = self._line(index)
        with self._watched():
            self.session.update(line.id, value)
            self.session.list()
        self.last = line, value

    def _list(self) -> None:
        with self._watched():
            self.session.list(ACCOUNT)

    def _watched(self) -> contextlib.AbstractContextManager[None]:
        return _failing_on_news(self.campaign.ledger, self.known)


@st.composite
def mutated_numbers(draw: st.DrawFn) -> str:
    """Texts that are not E.164 and differ from a fictional number in one to three places."""
    text = NUMBER
    for _ in range(draw(st.integers(1, 3))):
        position = draw(st.integers(0, len(text)))
        match draw(st.sampled_from(("insert", "replace", "delete"))):
            case "insert":
                text = text[:position] + draw(_CHARACTERS) + text[position:]
            case "replace":
                text = text[:position] + draw(_CHARACTERS) + text[position + 1 :]
            case _:
                text = text[:position] + text[position + 1 :]
    return f"{NUMBER}x" if not text or is_e164(text) or could_ring_a_stranger(text) else text


_DIGITS_OF_OTHER_SCRIPTS = [
    chr(code) for code in range(0x80, 0x1FFFF) if unicodedata.digit(chr(code), None) is not None
]
_CHARACTERS = st.one_of(
    st.sampled_from("+- ().,;:/#*x_\n\r\t\x00\u00a0\u200b\uff0b"),
    st.sampled_from(_DIGITS_OF_OTHER_SCRIPTS),
    st.characters(),
)


def _explore(ledger: Ledger, explore: Callable[[set[str]], None]) -> None:
    """Explore again while an example fails, leaving out the rules that are known to be broken by then.

    At first none is left out, so that what was found before gets the smallest evidence.
    """
    known: set[str] = set()
    for _ in range(_MOST_REPEATS):
        try:
            explore(known)
        except (RuleBrokenError, Flaky):
            known |= ledger.broken_counts().keys()
        else:
            return


@contextlib.contextmanager
def _failing_on_news(ledger: Ledger, known: set[str]) -> Generator[None]:
    before = ledger.broken_counts()
    yield
    if news := (ledger.broken_counts() - before).keys() - known:
        raise RuleBrokenError(min(news))


def _kept(campaign: Campaign, test: str, known: set[str]) -> ExampleDatabase | None:
    return campaign.examples.of_test(test, known) if campaign.examples else None


def _settings(examples: int, kept: ExampleDatabase | None = None, *, again: bool = False) -> settings:
    """The settings of a test; one that is run `again` tries nothing but the examples that were kept."""
    phases = (Phase.generate, Phase.shrink) if kept is None else (Phase.reuse, Phase.generate, Phase.shrink)
    return settings(
        max_examples=examples,
        stateful_step_count=_STEPS,
        database=kept,
        deadline=None,
        phases=(Phase.reuse, Phase.shrink) if again else phases,
        suppress_health_check=_NOT_FOR_SERVERS,
        print_blob=False,
        verbosity=Verbosity.quiet,
    )
