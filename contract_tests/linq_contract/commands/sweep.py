"""The command that validates many servers, or one with many seeds."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Hashable, Iterator, Mapping, Sequence, Sized
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

import click
from click.core import ParameterSource

from linq_contract.commands.ending import reported_errors, stop, stopping_on_signals
from linq_contract.commands.validate import validate
from linq_contract.http.messages import printable
from linq_contract.options import permissions_of, sources_of, target_at
from linq_contract.run.result import ExitCode
from linq_contract.run.shards import LARGEST_SEED
from linq_contract.sweep.executors import (
    ClusterError,
    LostClusterError,
    installed_version,
    on_cluster,
    results,
)
from linq_contract.sweep.record import Record, RecordError
from linq_contract.sweep.runs import Outcome, Run, judge, on_this_machine, outcome_of
from linq_contract.sweep.summary import exit_code_of, summary

_MOST_SEEDS = 1_000_000  # more would take years, and be a slip of the keyboard
_DECIDED_HERE = ("seed", "shard", "report_dir", "write_accept", "dry_run", "journal")
_URL = re.compile("https?://", re.IGNORECASE)
_MARKS: Mapping[int, str] = {ExitCode.CONFORMS: "✓", ExitCode.RULES_BROKEN: "✗", ExitCode.NOT_RESTORED: "✗"}


def _check_seeds(_ctx: click.Context, _param: click.Parameter, value: str) -> Sequence[int]:
    seeds: dict[int, None] = {}
    for part in value.split(","):
        match = re.fullmatch(r"(\d{1,10})(?:-(\d{1,10}))?", part.strip(), re.ASCII)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not first <= last <= LARGEST_SEED or last - first >= _MOST_SEEDS:
            raise click.BadParameter(f"{value!r} are no seeds: write 1-100, or 1,5,7-9.")
        seeds |= dict.fromkeys(range(first, last + 1))
    return list(seeds)


@click.command()
@click.argument("servers", metavar="[FILE|URL]... [-- OPTIONS]", nargs=-1)
@click.option(
    "--seeds",
    metavar="1-100",
    required=True,
    callback=_check_seeds,
    help="Validate each server once with each of these seeds, such as 1-100 or 1,5,7-9.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many runs at once on this machine; by default as many as it has processors.",
)
@click.option("--cluster", metavar="ADDRESS", help="Run on the workers of this Dask scheduler instead.")
@click.option(
    "--outcomes",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write each outcome to this file, and do not repeat runs whose outcome is in it.",
)
def sweep(
    servers: tuple[str, ...],
    seeds: Sequence[int],
    workers: int | None,
    cluster: str | None,
    outcomes: Path | None,
) -> NoReturn:
    """Validate many servers, or one with many seeds; the mock, if none is named.

    Each line of FILE has a URL and the options of `linq-contract validate` for that server, as a shell reads
    them; # begins a comment. OPTIONS are those of validate for all servers. Each server gets one run at a
    time.

    Exits with 4 when a run could not put a forwarding number back, else 1 when one found a broken rule, else
    3 when one is incomplete, else 0; with 2 when the command is used wrongly.
    """
    if workers and cluster:
        raise click.UsageError("--workers are of this machine, and --cluster has its own: name one of them.")
    runs = [Run(words, seed) for seed in seeds for words in _words_of_servers(servers, cluster)]
    try:
        record = Record(outcomes, {"outcomes of": "linq-contract sweep", "version": installed_version()})
        known = {outcome.run: outcome for outcome in map(outcome_of, record.entries) if outcome.is_verdict}
    except (KeyError, TypeError) as error:
        raise click.UsageError(f"{outcomes} has no outcomes of linq-contract sweep: {error!r}.") from error
    except (OSError, RecordError) as error:
        raise click.UsageError(str(error)) from error
    done = {run: known[run] for run in runs if run in known}
    with stopping_on_signals(), reported_errors():
        try:
            for outcome in _outcomes([run for run in runs if run not in done], workers, cluster):
                record.add(asdict(outcome))
                done[outcome.run] = outcome
                _tell(outcome, len(done), len(runs))
        except LostClusterError as error:
            stop(f"{error} {_progress(done, runs, outcomes)}", ExitCode.INCOMPLETE)
        except ClusterError as error:
            raise click.UsageError(str(error)) from error
        except KeyboardInterrupt:
            stop(f"Interrupted: {_progress(done, runs, outcomes)}", ExitCode.INCOMPLETE)
        for line in summary(list(done.values())):
            click.echo(printable(line))
    sys.exit(exit_code_of(done.values()))


def _progress(done: Sized, runs: Sized, outcomes: Path | None) -> str:
    kept = f"The same command goes on from {outcomes}." if outcomes else "Without --outcomes none is kept."
    return f"{len(done)} of {len(runs)} runs are done. {kept}"


def _outcomes(runs: Sequence[Run], workers: int | None, cluster: str | None) -> Iterator[Outcome]:
    """The outcomes as they come; each run of the mock has one of its own, and waits for no other."""

    def executor() -> AbstractContextManager[Executor]:
        return on_cluster(cluster) if cluster else on_this_machine(workers or os.cpu_count() or 1)

    lanes: dict[Hashable, list[Run]] = {}
    for run in runs:
        lanes.setdefault(_url(run.words) or run, []).append(run)
    return (outcome for _, outcome in results(executor, judge, lanes.values()))


def _tell(outcome: Outcome, number: int, of: int) -> None:
    mark = _MARKS.get(outcome.exit_code, "?")
    said = f"[{number}/{of}] {mark} {outcome.run.server}, seed {outcome.run.seed}: {outcome.headline}"
    click.echo(printable(said))


# --- what is validated --------------------------------------------------------------------------


def _words_of_servers(arguments: Sequence[str], cluster: str | None) -> Sequence[tuple[str, ...]]:
    """The words that follow `linq-contract validate` for each server."""
    servers, options = _split_at_options(arguments)
    named = [each for server in servers for each in _servers_of(server)] or [("", ())]
    words: list[tuple[str, ...]] = []
    for place, own in named:
        words.append((*own, *options))
        try:
            _check(words[-1], cluster)
        except click.UsageError as error:
            if not place:
                raise
            raise click.UsageError(f"{place}: {error.format_message()}") from error
    return list(dict.fromkeys(words))


def _split_at_options(arguments: Sequence[str]) -> tuple[Sequence[str], tuple[str, ...]]:
    first = next((at for at, word in enumerate(arguments) if word.startswith("-")), len(arguments))
    return arguments[:first], tuple(arguments[first:])


def _servers_of(argument: str) -> Iterator[tuple[str, Sequence[str]]]:
    """The server at a URL, or those that a file names, each with its place there."""
    if _URL.match(argument):
        yield "", [argument]
        return
    try:
        lines = Path(argument).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error.reason
        raise click.UsageError(f"{argument} is no URL, and no file that can be read: {reason}.") from error
    named = 0
    for number, line in enumerate(lines, 1):
        try:
            words = shlex.split(line, comments=True)
        except ValueError as error:
            raise click.UsageError(f"{argument}:{number}: {error}.") from error
        if words and not _URL.match(words[0]):
            raise click.UsageError(f"{argument}:{number}: a line begins with the URL of a server.")
        if words:
            named += 1
            yield f"{argument}:{number}", words
    if not named:
        raise click.UsageError(f"{argument} names no server.")


def _check(words: tuple[str, ...], cluster: str | None) -> None:
    """Raise UsageError when validate would refuse the words, or when they are not for it to decide."""
    context = validate.make_context("validate", list(words))
    for name in _DECIDED_HERE:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = "--" + name.replace("_", "-")
            raise click.UsageError(
                f"{option} cannot be passed on by a sweep, which makes many runs of one command."
            )
    url, permissions = context.params["url"], permissions_of(context.params)
    if cluster and url and permissions.allow_writes:
        raise click.UsageError(
            "--allow-writes is not for --cluster: what lines forwarded to would be on the disk of a worker, "
            "and lost with it. Without it the cluster reads, and it may change mocks of its own."
        )
    if url and not cluster:  # whose workers have the tokens
        with target_at(url, permissions, sources_of(context.params)):
            pass


def _url(words: tuple[str, ...]) -> str | None:
    return words[0] if words and _URL.match(words[0]) else None
