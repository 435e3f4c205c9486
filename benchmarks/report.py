"""Tables and goals, from samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

OLD, NEWEST, BARE = "linq-python 0.15.1", "linq-python newest", "httpx + json"


class Sample(NamedTuple):
    """Seconds for one call, on the clock on the wall and of the CPU; or twice a number of bytes."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Results:
    """The samples of each measure by contender; those of one round stand at the same index."""

    samples: dict[str, dict[str, list[Sample]]]

    def cpu(self, measure: str, name: str) -> float:
        """Return the median of the CPU seconds; of an import, those beyond the interpreter's own."""
        if measure == "import":
            return median(self._imports(name))
        return median(sample.cpu for sample in self.samples[measure][name])

    def wall(self, measure: str, name: str) -> float:
        return median(sample.wall for sample in self.samples[measure][name])

    def cpu_ratio(self, measure: str, name: str, other: str) -> float:
        """Return how many times the CPU seconds of another a contender takes."""
        if measure == "import":  # differences of small numbers: a single round says little
            return self.cpu(measure, name) / self.cpu(measure, other)
        pairs = zip(self.samples[measure][name], self.samples[measure][other], strict=True)
        return median(one.cpu / two.cpu for one, two in pairs)

    def wall_ratio(self, measure: str, name: str, other: str) -> float:
        """Return how many times as fast as another a contender is, on the clock on the wall."""
        pairs = zip(self.samples[measure][name], self.samples[measure][other], strict=True)
        return median(two.wall / one.wall for one, two in pairs)

    def names(self, measure: str) -> list[str]:
        return [name for name in self.samples[measure] if name != "nothing"]

    def _imports(self, name: str) -> list[float]:
        alone = median(sample.cpu for sample in self.samples["import"]["nothing"])
        return [sample.cpu - alone for sample in self.samples["import"][name]]

    def panels(self) -> list[tuple[str, dict[str, float], str]]:
        """Return what the plot shows: a title, a number for each contender, and its format."""
        shown: list[tuple[str, str, Callable[[str, str], float], float, str]] = [
            ("Cold import, ms of CPU (less is better)", "import", self.cpu, 1e3, ".0f"),
            ("List call with 100 lines, µs of CPU (less is better)", "list 100", self.cpu, 1e6, ",.0f"),
            ("Memory, bytes kept for a line (less is better)", "memory 10000", self.cpu, 1, ",.0f"),
            ("Sync calls per second (more is better)", "sync", self._rate, 1, ",.0f"),
            ("Async calls per second, 50 in flight (more is better)", "async", self._rate, 1, ",.0f"),
        ]
        return [
            (title, {name: number(measure, name) * factor for name in self.names(measure)}, form)
            for title, measure, number, factor, form in shown
        ]

    def _rate(self, measure: str, name: str) -> float:
        return 1 / self.wall(measure, name)


def tables(results: Results) -> str:
    """Return a table for each measure, in Markdown."""
    return "\n".join(
        each(results) for each in (_imports, _sync_calls, _async_calls, _parsing, _from_dict, _memory)
    )


def _imports(results: Results) -> str:
    return "## Cold import\n\nCPU time beyond that of the interpreter alone.\n\n" + table(
        ["", "ms", "of httpx", "of linq-python 0.15.1"],
        [
            [
                name,
                f"{results.cpu('import', name) * 1e3:.1f}",
                f"{results.cpu_ratio('import', name, BARE):.2f}",
                f"{results.cpu_ratio('import', name, OLD):.2f}",
            ]
            for name in results.names("import")
        ],
    )


def _sync_calls(results: Results) -> str:
    head = "## Calls over kept connections\n\nA server in a process of its own answers with one line.\n\n"
    return head + table(
        ["sync", "calls per second", "of bare httpx", "overhead, µs of CPU"],
        [
            [
                name,
                f"{1 / results.wall('sync', name):,.0f}",
                f"{results.wall_ratio('sync', name, BARE):.2f}",
                f"{(results.cpu('sync', name) - results.cpu('sync', BARE)) * 1e6:+.0f}",
            ]
            for name in results.names("sync")
        ],
    )


def _async_calls(results: Results) -> str:
    return table(
        ["async, 50 in flight", "calls per second", "times linq-python newest", "µs of CPU a call"],
        [
            [
                name,
                f"{1 / results.wall('async', name):,.0f}",
                f"{results.wall_ratio('async', name, NEWEST):.1f}",
                f"{results.cpu('async', name) * 1e6:,.0f}",
            ]
            for name in results.names("async")
        ],
    )


def _parsing(results: Results) -> str:
    head = "## Parsing\n\nµs of CPU for a list call on a mock transport (times linq-python newest).\n\n"
    return head + _by_lines(
        results.names("list 1"), lambda lines, name: _beside_newest(results, f"list {lines}", name)
    )


def _from_dict(results: Results) -> str:
    return "µs of CPU for `from_dict` alone.\n\n" + _by_lines(
        results.names("from_dict 1"),
        lambda lines, name: f"{results.cpu(f'from_dict {lines}', name) * 1e6:,.1f}",
    )


def _memory(results: Results) -> str:
    return "Bytes that the result keeps, divided by its lines.\n\n" + _by_lines(
        results.names("memory 1"), lambda lines, name: f"{results.cpu(f'memory {lines}', name):,.0f}"
    )


def _by_lines(names: list[str], cell: Callable[[int, str], str]) -> str:
    return table(
        ["lines", "1", "100", "10,000"],
        [[name, *(cell(lines, name) for lines in (1, 100, 10000))] for name in names],
    )


def _beside_newest(results: Results, measure: str, name: str) -> str:
    return f"{results.cpu(measure, name) * 1e6:,.0f} ({1 / results.cpu_ratio(measure, name, NEWEST):.1f})"


def table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---", *(["---:"] * (len(heads) - 1))], *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def goals(results: Results) -> str:
    """Return what the project wants to reach, and what it does reach, as a table."""
    ratio, speed = results.cpu_ratio, results.wall_ratio
    wanted: list[tuple[str, float, bool, list[float]]] = [
        ("cold import, of httpx", 1.15, True, [ratio("import", "ours", BARE)]),
        ("cold import, of the vendor's SDK", 0.35, True, [ratio("import", "ours", v) for v in (OLD, NEWEST)]),
        (
            "list call, 100 lines, times the vendor's SDK",
            *(10, False, [1 / ratio("list 100", "ours", v) for v in (OLD, NEWEST)]),
        ),
        (
            "list call, 10,000 lines, times the vendor's SDK",
            *(7, False, [1 / ratio("list 10000", "ours", v) for v in (OLD, NEWEST)]),
        ),
        ("`from_dict`, 100 lines, of stock output", 0.45, True, [ratio("from_dict 100", "ours", "stock")]),
        ("bytes kept for a line, 10,000 lines", 350, True, [results.cpu("memory 10000", "ours")]),
        ("sync calls, of bare httpx", 0.97, False, [speed("sync", "ours", BARE)]),
        (
            "async calls over aiohttp, times the vendor's SDK",
            *(5, False, [speed("async", "ours, aiohttp", v) for v in (OLD, NEWEST)]),
        ),
    ]
    return "## Goals\n\nWhere two numbers stand, the vendor's SDK is 0.15.1 and the newest.\n\n" + table(
        ["goal", "wanted", "measured", "reached"],
        [
            [
                what,
                f"{'≤' if upper else '≥'} {bound:g}",
                " and ".join(f"{number:.3g}" for number in found),
                "yes" if all(number <= bound if upper else number >= bound for number in found) else "no",
            ]
            for what, bound, upper, found in wanted
        ],
    )
