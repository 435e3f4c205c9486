"""The registry of checks: what breaks a rule, by what it is seen in.

A check is registered under the name of its rule for one kind of subject: an exchange, a chapter, a race ...
It says what is wrong, or None. Whether the rule applies to a subject at all is a predicate of its own, so
that the ledger can tell a rule that was kept from one that was never tested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar

from linq_contract.judge.exchange import Exchange

Problem: TypeAlias = str


class Subject(Protocol):
    """What a rule is seen in."""

    is_race: ClassVar[bool] = False
    """Whether the exchanges overlapped, so that sent one after the other they show nothing."""

    @property
    def evidence(self) -> Sequence[Exchange]:
        """The exchanges that show it, in the order they were sent."""
        ...

    @property
    def tested(self) -> Sequence[Exchange]:
        """The exchanges that count as having tested a rule that applies."""
        return self.evidence


S = TypeVar("S", bound=Subject)
Judge: TypeAlias = Callable[[S], Problem | None]


@dataclass(frozen=True, slots=True)
class Check(Generic[S]):
    """A check of one rule: when it applies, and what it finds wrong."""

    rule: str
    applies: Callable[[S], bool]
    judge: Judge[S]


_CHECKS: dict[type[Any], list[Check[Any]]] = {}


def check(
    kind: type[S], rule: str, applies: Callable[[S], bool] = lambda _subject: True
) -> Callable[[Judge[S]], Judge[S]]:
    """Register a check of a rule for one kind of subject."""

    def register(judge: Judge[S]) -> Judge[S]:
        _CHECKS.setdefault(kind, []).append(Check(rule, applies, judge))
        return judge

    return register


def checked(subject: Subject) -> Iterator[tuple[str, Problem | None]]:
    """The rules that apply to a subject, each with what is wrong or None."""
    for each in _CHECKS.get(type(subject), ()):
        if each.applies(subject):
            yield each.rule, each.judge(subject)


def checked_rules(kind: type[Any] | None = None) -> frozenset[str]:
    """The rules that have a check, for one kind of subject or for any."""
    kinds = _CHECKS if kind is None else [kind]
    return frozenset(each.rule for kind in kinds for each in _CHECKS[kind])
