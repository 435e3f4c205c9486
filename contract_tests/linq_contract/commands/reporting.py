"""What the commands that judge a server do with a run and its result: show it, and write its files."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar

from linq_contract.commands.ending import reported_errors, stopping_on_signals
from linq_contract.commands.files import tell_unwritten
from linq_contract.judge.traffic import Recording
from linq_contract.report.description import Description, Replays, describe
from linq_contract.report.files import write_replays, write_reports
from linq_contract.report.terminal import print_ledger
from linq_contract.run.acceptance import write_acceptances
from linq_contract.run.phases import Phase
from linq_contract.run.result import Options, Result
from linq_contract.run.validate import Progress, Step, validate
from linq_contract.safety.target import Target


def run_and_report(
    target: Target,
    options: Options,
    phases: Sequence[Phase],
    report_dir: Path | None = None,
    replay_dir: Path | None = None,
    write_accept: Path | None = None,
) -> NoReturn:
    """Validate, write all files, and only then show the ledger, whose reader may have gone away."""
    console = Console(highlight=False)
    puts_back = target.permissions.allow_writes
    with stopping_on_signals(), reported_errors(target.credentials, puts_back=puts_back):
        shard = f", shard {options.shard}" if options.shard.is_part else ""
        what = f"Validating {target.base_url} against the contract, seed {options.seed}{shard}"
        console.print(what, soft_wrap=True)
        with _progress(console) as progress:
            result = validate(target, options, progress, phases)
        tell(result, console, report_dir, replay_dir, write_accept)


def tell(
    result: Result,
    console: Console,
    report_dir: Path | None,
    replay_dir: Path | None,
    write_accept: Path | None = None,
) -> NoReturn:
    """Write all files of a result, show the ledger, and exit with its code."""
    replays = _saved_replays(result, replay_dir)
    description = describe(result, replays)
    recording = result.ledger.recording
    said = [*write_and_tell(description, report_dir, recording, replays)] if report_dir else []
    said += _write_acceptances(result, write_accept) if write_accept else []
    print_ledger(description, console)
    for sentence in said:
        click.echo(sentence)
    sys.exit(result.exit_code)


@contextlib.contextmanager
def _progress(console: Console) -> Generator[Progress]:
    """Show how far the run is: a bar on a terminal, a line for each phase elsewhere, colours or not."""
    if not console.file.isatty() or console.is_dumb_terminal:
        yield _print_step
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with ProgressBar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("first look", total=None)

        def advance(step: Step) -> None:
            description = f"{step.phase.name}{_so_far(step)}"
            bar.update(task, description=description, completed=step.position - 1, total=step.count)

        yield advance


def _print_step(step: Step) -> None:
    click.echo(f"[{step.position}/{step.count}] {step.phase.name}{_so_far(step)}")


def _so_far(step: Step) -> str:
    return f" ({step.broken} broken so far)" if step.broken else ""


def _saved_replays(result: Result, folder: Path | None) -> Replays:
    """The replays in a folder; none if it cannot be written, since the ledger shows all that they hold."""
    with contextlib.suppress(OSError):
        return write_replays(result, folder) if folder else {}
    return {}


def write_and_tell(
    description: Description,
    folder: Path,
    recording: Recording | None = None,
    replays: Replays = MappingProxyType({}),
) -> Generator[str]:
    """Write the reports; say of each file that it was written, and tell why one was not."""
    try:
        for path in (*write_reports(description, folder, recording), *replays.values()):
            yield f"Wrote {path}"
    except OSError as error:
        tell_unwritten(folder, error)


def _write_acceptances(result: Result, path: Path) -> Sequence[str]:
    """Write what fails in a run, and what is accepted and still holds; say so, and tell why it was not."""
    acceptances = result.acceptances(f"Seen on {result.began:%Y-%m-%d}; say why this is accepted.")
    try:
        write_acceptances(acceptances, path)
    except OSError as error:
        tell_unwritten(path, error, "file of accepted failures")
        return []
    return [f"Wrote {path}"]
