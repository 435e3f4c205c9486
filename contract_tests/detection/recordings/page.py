"""The table of what recordings have shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detection.page import measured_with
from detection.recordings.judging import Recorded
from detection.servers import Server
from linq_document import load

HONEST = Server("honest", ())


def found(server: Server, recorded: Recorded) -> bool:
    """Whether a rule that a server breaks is named."""
    return bool(set(server.breaks) & set(recorded.broken))


def accused(recorded: Recorded) -> bool:
    """Whether any rule is named, of a server that keeps all of them."""
    return bool(recorded.broken)


def report(servers: Sequence[Server], known: Mapping[str, Recorded]) -> str:
    """The sum, and a line for each rule with its faults."""
    faults = [server for server in servers if server.breaks]
    freedoms = [server for server in servers if not server.breaks]
    alone = [server for server in freedoms if not server.changes_by_itself]
    usual = set(known[HONEST.name].findings)
    others = {server.name: bool(set(known[server.name].findings) - usual) for server in servers}
    exclusive = sum(bool(set(server.breaks) & set(known[server.name].exclusive)) for server in faults)
    columns = [
        ["", "`check`", "`check --exclusive`", "`redocly drift`"],
        ["---"] * 4,
        [
            "faults found",
            _count(faults, [found(s, known[s.name]) for s in faults]),
            f"{exclusive} of {len(faults)}",
            _count(faults, [others[s.name] for s in faults]),
        ],
        [
            "freedoms accused",
            _count(freedoms, [accused(known[s.name]) for s in freedoms]),
            _count(alone, [bool(known[s.name].exclusive) for s in alone]),
            _count(freedoms, [others[s.name] for s in freedoms]),
        ],
        [
            "findings on the honest server",
            *map(str, map(len, (known[HONEST.name].broken, known[HONEST.name].exclusive, usual))),
        ],
    ]
    lines = [
        measured_with(set(servers)),
        "",
        *(f"| {' | '.join(cells)} |" for cells in columns),
        "",
        "| rule | faults | `check` | left open | `redocly drift` |",
        "| --- | --- | --- | --- | --- |",
    ]
    for rule in load().rules:
        of_rule = [server for server in faults if server.breaks[0] == rule]
        lines += [_line(rule, of_rule, known, others)] if of_rule else []
    return "\n".join(lines) + "\n"


def _line(
    rule: str, faults: Sequence[Server], known: Mapping[str, Recorded], others: Mapping[str, bool]
) -> str:
    missed = [server for server in faults if not found(server, known[server.name])]
    left_open = sum(bool(set(server.breaks) & set(known[server.name].undecided)) for server in missed)
    by_others = sum(others[server.name] for server in faults)
    return f"| `{rule}` | {len(faults)} | {len(faults) - len(missed)} | {left_open} | {by_others} |"


def _count(servers: Sequence[Server], hits: Sequence[bool]) -> str:
    return f"{sum(hits)} of {len(servers)}"
