"""The geometry of the plots in the web page: how soon each operation was answered, and by which statuses."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from linq_contract.judge.traffic import NO_ANSWER
from linq_contract.report.coverage import LatencyDescription, OperationDescription

WIDTH = 640
"""Of a plot, in the units of its own coordinates."""
HEIGHT = 64
"""Of the bars of latencies."""
_UNITS = ((1e-3, 1e6, "µs"), (1.0, 1e3, "ms"), (math.inf, 1.0, "s"))


@dataclass(frozen=True)
class Bar:
    """A bar from the left upper corner, what it shows, and how it is told in words."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    label: str


@dataclass(frozen=True)
class Tick:
    """A place on the axis, and what it says there."""

    x: float
    label: str


@dataclass(frozen=True)
class Plot:
    """What an operation was answered."""

    operation: OperationDescription
    latencies: Sequence[Bar]
    marks: Sequence[Tick]
    ticks: Sequence[Tick]
    statuses: Sequence[Bar]


def plots(operations: Sequence[OperationDescription]) -> Iterator[Plot]:
    """A plot for each operation that was sent to; they share the axis of time."""
    described = [each["latency"] for each in operations if each["latency"]]
    axis = _Axis.of(described)
    for operation in operations:
        if operation["requests"]:
            latency = operation["latency"]
            yield Plot(
                operation,
                [*axis.bars(latency)] if latency else (),
                [*axis.marks(latency)] if latency else (),
                [*axis.ticks()],
                [*_shares(operation)],
            )


def shown(seconds: float) -> str:
    """A duration in a unit that suits it, with two digits that matter."""
    _, factor, unit = next(each for each in _UNITS if seconds < each[0])
    value = seconds * factor
    return f"{value:.0f} {unit}" if value >= 10 else f"{value:.2g} {unit}"


@dataclass(frozen=True)
class _Axis:
    """The buckets from the first to the last that has an answer; each is as wide as another."""

    bounds: Sequence[float]

    @classmethod
    def of(cls, latencies: Sequence[LatencyDescription]) -> _Axis:
        used = [
            index
            for latency in latencies
            for index, bucket in enumerate(latency["buckets"])
            if bucket["answers"]
        ]
        if not used:
            return cls(())
        bounds = [bucket["up_to"] for bucket in latencies[0]["buckets"]]
        return cls(bounds[max(0, min(used) - 1) : max(used) + 2])

    @property
    def step(self) -> float:
        return WIDTH / len(self.bounds)

    def bars(self, latency: LatencyDescription) -> Iterator[Bar]:
        most = max(bucket["answers"] for bucket in latency["buckets"])
        counted = {bucket["up_to"]: bucket["answers"] for bucket in latency["buckets"]}
        for index, bound in enumerate(self.bounds):
            if answers := counted[bound]:
                height = max(1.5, HEIGHT * answers / most)
                label = f"{answers:,} up to {shown(bound)}"
                yield Bar(index * self.step + 1, HEIGHT - height, self.step - 2, height, "latency", label)

    def marks(self, latency: LatencyDescription) -> Iterator[Tick]:
        for name, seconds in (("median", latency["median"]), ("p99", latency["p99"])):
            yield Tick(round(self._x(seconds), 1), f"{name} {shown(seconds)}")

    def ticks(self) -> Iterator[Tick]:
        for index, bound in enumerate(self.bounds):
            yield Tick(round((index + 1) * self.step, 1), shown(bound))

    def _x(self, seconds: float) -> float:
        """Where a duration is: within its bucket by its logarithm."""
        for index, bound in enumerate(self.bounds):
            if seconds <= bound:
                below = self.bounds[index - 1] if index else bound / 2
                share = math.log(max(seconds, below) / below) / math.log(bound / below)
                return (index + share) * self.step
        return WIDTH


def _shares(operation: OperationDescription) -> Iterator[Bar]:
    """The statuses as parts of one bar, each wide enough to be seen."""
    seen = [each for each in operation["statuses"] if each["answers"]]
    least = 0.02
    weights = [max(least, each["answers"] / operation["requests"]) for each in seen]
    x = 0.0
    for each, weight in zip(seen, weights, strict=True):
        width = WIDTH * weight / sum(weights)
        status = each["status"]
        kind = "status-none" if status == NO_ANSWER else f"status-{status[0]}"
        yield Bar(round(x, 1), 0, round(width - 1, 1), 18, kind, f"{status}: {each['answers']:,}")
        x += width
