"""The outcomes as a Markdown page."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from statistics import median

from detection.curve import table
from detection.runs import STOCK_SEED, Outcome
from detection.servers import Server
from linq_document import load

_OF_SCHEMATHESIS = (
    "Beside it stock Schemathesis, with all of its phases and checks and the same document: there a fault",
    "counts as caught, and a freedom as accused, when any failure at all is reported. It was run once, with",
    f"the seed {STOCK_SEED}.",
)


def report(
    outcomes: Sequence[Outcome],
    stock: Mapping[str, bool],
    drawing: str = "",
    honest: Sequence[Outcome] = (),
) -> str:
    """The outcomes as a Markdown page, which shows the drawing of what the first requests find.

    With whole runs against an `honest` server it says what those against faults cost beside them.
    """
    faults = [outcome for outcome in outcomes if outcome.server.breaks]
    freedoms = [outcome for outcome in outcomes if not outcome.server.breaks]
    seeds = sorted({outcome.seed for outcome in outcomes})
    lines = [
        f"# Detection of {' and '.join(_kinds(faults, freedoms))}",
        "",
        "What `linq-contract validate` finds with default settings, on servers that each have one defect",
        "(`linq-contract mock --list-faults`), or that each use a freedom that the contract leaves",
        "(`--list-freedoms`). A fault is caught only when a rule that it breaks is named, with every seed;",
        "a freedom is accused when any rule is named, with any.",
        *(_OF_SCHEMATHESIS if stock else ["Stock Schemathesis was not run beside it."]),
        "",
        f"Written by `make detection`. Seeds: {', '.join(map(str, seeds))}.",
        measured_with({outcome.server for outcome in outcomes}),
        "",
        "| | linq-contract | stock Schemathesis |",
        "| --- | --- | --- |",
    ]
    if faults:
        lines += [_sum_line("faults caught", _caught(faults), stock)]
    if freedoms:
        lines += [_sum_line("freedoms accused", _accused(freedoms), stock)]
    lines += [*_medians(faults), *_costs(faults, honest)]
    if faults:
        lines += ["", *table(faults), *(["", f"![Faults by requests]({drawing})"] if drawing else [])]
        lines += ["", "| rule | faults | caught | by Schemathesis | seconds, median | requests, median |"]
        lines += ["| --- | --- | --- | --- | --- | --- |"]
    for rule in load().rules:
        lines += _rule_line(rule, [o for o in faults if o.server.breaks[0] == rule], stock)
    for title, wrong in (
        ("Missed", [o for o in faults if not o.is_caught]),
        ("Accused", [o for o in freedoms if o.named]),
        ("Left changed", [o for o in freedoms if o.left_changed and not o.server.changes_by_itself]),
        ("Not validated", [o for o in outcomes if o.error]),
    ):
        if wrong:
            lines += ["", f"## {title}", ""]
            lines += [f"- `{o.server.name}` (seed {o.seed}): {what(o)}" for o in wrong]
    lines += _not_put_back(faults)
    return "\n".join(lines) + "\n"


def _kinds(faults: Sequence[Outcome], freedoms: Sequence[Outcome]) -> list[str]:
    return [kind for kind, outcomes in (("faults", faults), ("freedoms", freedoms)) if outcomes]


def measured_with(servers: Collection[Server]) -> str:
    """The sentence in which a page says what it was measured with."""
    kinds = Counter(server.kind for server in servers)
    counts = ", ".join(f"{count} {kind}s" for kind, count in sorted(kinds.items()))
    return (
        f"Measured with version {version('linq-phone-numbers')}: {len(load().rules)} rules, {counts} "
        f"(digest of their names: {_digest_of_names(servers)})."
    )


def differences(page: str, servers: Collection[Server]) -> list[str]:
    """How these servers, and the rules of today, differ from what a page was measured with."""
    if _digest_of_names(servers) in page:
        return []
    found = [*_other_counts(page, servers), *_other_faults(page, servers)]
    return found or ["the counts are the same, and names are others"]


def _digest_of_names(servers: Collection[Server]) -> str:
    names = [*load().rules, *sorted(" ".join([server.name, *server.breaks]) for server in servers)]
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]


def _other_counts(page: str, servers: Collection[Server]) -> Iterator[str]:
    now = Counter({"rules": len(load().rules)}) + Counter(f"{server.kind}s" for server in servers)
    statement = re.search("^Measured with .*$", page, re.MULTILINE)
    then = {what: int(count) for count, what in re.findall(r"(\d+) (\w+)", statement[0])} if statement else {}
    for what, count in now.items():
        if count != then.get(what):
            yield f"{count} {what} instead of {then.get(what, 'none')}"


def _other_faults(page: str, servers: Collection[Server]) -> Iterator[str]:
    now = Counter(server.breaks[0] for server in servers if server.breaks)
    then = {
        rule: int(count) for rule, count in re.findall(r"^\| `([\w.-]+)` \| (\d+) \|", page, re.MULTILINE)
    }
    for rule in sorted({*now, *then}):
        if now[rule] != then.get(rule, 0):
            yield f"{now[rule]} faults of {rule} instead of {then.get(rule, 0)}"


def _caught(outcomes: Sequence[Outcome]) -> Mapping[str, bool]:
    """For each server whether it was caught with every seed."""
    missed = {o.server.name for o in outcomes if not o.is_caught}
    return {o.server.name: o.server.name not in missed for o in outcomes}


def _accused(outcomes: Sequence[Outcome]) -> Mapping[str, bool]:
    """For each server whether it was accused with any seed."""
    accused = {o.server.name for o in outcomes if o.named}
    return {o.server.name: o.server.name in accused for o in outcomes}


def _sum_line(title: str, ours: Mapping[str, bool], stock: Mapping[str, bool]) -> str:
    theirs = [stock[name] for name in ours if name in stock]
    beside = f"{sum(theirs)} of {len(theirs)}" if theirs else "not run"
    return f"| {title} | {sum(ours.values())} of {len(ours)} | {beside} |"


def _medians(faults: Sequence[Outcome]) -> list[str]:
    seconds = [o.seconds for o in faults if o.seconds is not None]
    requests = [o.requests for o in faults if o.requests is not None]
    if not seconds:
        return []
    return [
        f"| seconds to the evidence, median and longest | {median(seconds):.2f}, {max(seconds):.2f} | |",
        f"| requests to the evidence, median and most | {median(requests):.0f}, {max(requests):,} | |",
    ]


def _costs(faults: Sequence[Outcome], honest: Sequence[Outcome]) -> Iterator[str]:
    """What whole runs take: the median beside that of honest servers, and the most."""
    for what, runs in (
        ("requests", [_known(o.whole_requests for o in each) for each in (faults, honest)]),
        ("seconds", [_known(o.whole_seconds for o in each) for each in (faults, honest)]),
    ):
        yield from _cost(what, *runs)


def _known(values: Iterable[float | None]) -> Sequence[float]:
    return [value for value in values if value is not None]


def _cost(what: str, costs: Sequence[float], usual: Sequence[float]) -> Iterator[str]:
    if costs and usual:
        times = median(costs) / median(usual)
        of_what = f"{what} of a whole run, median beside an honest server's and most"
        yield f"| {of_what} | {times:.2f} times, {max(costs):,.0f} | |"


def _rule_line(rule: str, outcomes: Sequence[Outcome], stock: Mapping[str, bool]) -> list[str]:
    if not outcomes:
        return []
    ours = _caught(outcomes)
    theirs = [stock[name] for name in ours if name in stock]
    seconds = [o.seconds for o in outcomes if o.seconds is not None]
    requests = [o.requests for o in outcomes if o.requests is not None]
    medians = [f"{median(seconds):.2f}", f"{median(requests):.0f}"] if seconds and requests else ["", ""]
    found = str(sum(theirs)) if theirs else ""
    return [f"| `{rule}` | {len(ours)} | {sum(ours.values())} | {found} | {' | '.join(medians)} |"]


def _not_put_back(faults: Sequence[Outcome]) -> list[str]:
    """The faults after which a line forwarded to something else than before the run."""
    left = Counter(outcome.server.name for outcome in faults if outcome.left_changed)
    seeds = Counter(outcome.server.name for outcome in faults)
    if not left:
        return []
    return [
        "",
        "## Not put back",
        "",
        "A run against a fault ends at the first evidence and then puts back what it changed. On these",
        "servers a line forwarded to something else afterwards: the fault alters, loses or delays what is",
        "set or listed, or shows a number that the run did not send, and so leaves to whoever has set it.",
        "",
        *(f"- `{name}`: with {count} of {seeds[name]} seeds" for name, count in left.items()),
    ]


def what(outcome: Outcome) -> str:
    parts = [outcome.error] if outcome.error else []
    parts += (
        [f"named {', '.join(f'`{rule}`' for rule in outcome.named)}"] if outcome.named else ["named nothing"]
    )
    parts += [f"left {len(outcome.left_changed)} lines changed"] if outcome.left_changed else []
    return "; ".join(parts)
