"""The `linq-contract` command."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import sys
import tempfile
import traceback
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar

import linq_document
from linq_contract.embedded import SandboxJudge
from linq_contract.http.credentials import Credentials
from linq_contract.http.messages import printable
from linq_contract.http.wire import RefusedError
from linq_contract.options import (
    CREDENTIALS,
    JUDGING,
    PERMISSIONS,
    PLAIN_HTTP,
    RATE,
    Sources,
    check_rules,
    check_url,
    checked,
    target_at,
    with_options,
    with_sources,
)
from linq_contract.report.description import Description, Replays, describe
from linq_contract.report.files import write_replays, write_reports
from linq_contract.report.terminal import print_ledger
from linq_contract.run.acceptance import write_acceptances
from linq_contract.run.phases import PHASES, Phase, replaying
from linq_contract.run.plan import plan
from linq_contract.run.replay import ReplayFileError, read_replay
from linq_contract.run.result import ExitCode, Options, Result
from linq_contract.run.validate import (
    NotJudgedError,
    NotRestoredError,
    NotStartedError,
    Progress,
    Step,
    judged_rules,
)
from linq_contract.run.validate import restore as put_back_journal
from linq_contract.run.validate import validate as run
from linq_contract.safety.journal import Journal
from linq_contract.safety.journals import state_folder, unfinished
from linq_contract.safety.records import JournalError
from linq_contract.safety.target import Permissions, Target
from linq_mock.cli import judged

_LARGEST_SEED = 2**31 - 1  # what fits into an int of any tool that is handed one


class _Group(click.Group):
    """Commands that end with a sentence, and never by accident with the exit code of a verdict."""

    def invoke(self, ctx: click.Context) -> object:
        with _reported_errors():
            return super().invoke(ctx)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="linq-phone-numbers")
def main() -> None:
    """Judge servers by the contract of the Linq phone numbers API, or run a mock of it."""


main.add_command(judged(SandboxJudge))


@main.command()
def rules() -> None:
    """List the rules of the contract."""
    for rule in linq_document.load().rules.values():
        click.echo(f"{rule.name:<30}{rule.level:<8}{rule.statement}")


@main.command(params=[*PERMISSIONS, *JUDGING])
@click.argument("url", required=False, callback=check_url)
@click.option(
    "--rules",
    metavar="PATTERN",
    multiple=True,
    callback=check_rules,
    help="Judge only these rules, such as 'list.*'; may be repeated.",
)
@click.option("--seed", type=click.IntRange(0, _LARGEST_SEED), help="Repeat the run that had this seed.")
@click.option(
    "--report-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write report.html, report.json, junit.xml and replays of what is broken here.",
)
@click.option(
    "--write-accept",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the failures of the run into a file for --accept, with those of its own that still hold.",
)
@click.option("--dry-run", is_flag=True, help="Print the plan of the run, and send nothing.")
@with_options
def validate(
    url: str | None,
    permissions: Permissions,
    options: Options,
    sources: Sources,
    rules: tuple[str, ...],
    seed: int | None,
    report_dir: Path | None,
    write_accept: Path | None,
    dry_run: bool,  # noqa: FBT001 - click passes options as keywords
) -> NoReturn:
    """Judge the server at URL by the contract, rule by rule; without URL, the mock.

    The token is read from LINQ_API_V3_API_KEY. URL includes the base path, as in
    https://api.linqapp.com/api/partner.

    Exits with 0 when the server conforms, 1 when it breaks a rule or does not keep to what was asked for, 2
    when the command is used wrongly, 3 when the server could not be reached, or a rule not be judged that
    could have been, 4 when a forwarding number could not be put back.
    """
    seed = secrets.randbelow(_LARGEST_SEED) if seed is None else seed
    options = replace(options, seed=seed, rules=rules or options.rules)
    _refuse_to_leave_out_what_is_required(options)
    with target_at(url, permissions, sources) as target:
        intended = plan(target, judged_rules(options.rules))
        if dry_run:
            click.echo(f"{target.base_url}: nothing was sent.\n{intended}")
            sys.exit(0)
        if report_dir is not None:
            _refuse_unwritable(report_dir)
        if write_accept is not None:
            _refuse_to_overwrite(write_accept)
        if not target.is_local:
            click.echo(intended.total)
        _judge(target, options, PHASES, report_dir, report_dir or _own_replays(), write_accept)


def _refuse_to_leave_out_what_is_required(options: Options) -> None:
    judged = judged_rules(options.rules)
    left_out = [rule for rule in judged_rules(options.require) if rule not in judged]
    if left_out:
        raise click.UsageError(f"--require demands {left_out[0]}, which --rules leaves out.")


def _refuse_unwritable(folder: Path) -> None:
    """Find out before the run whether its reports can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise click.UsageError(f"The report cannot be written to {folder}: {error.strerror}.") from error


def _refuse_to_overwrite(path: Path) -> None:
    """Only the file that was read is written anew: its entries are kept, those of another would be lost."""
    if path.exists() and path != click.get_current_context().params["accept"]:
        raise click.UsageError(f"{path} exists already: name it in --accept, too, or name another file.")
    if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise click.UsageError(f"{path} cannot be written.")


def _own_replays() -> Path | None:
    """The user's folder of replays, if there is a place for it; the ledger shows all that replays hold."""
    with contextlib.suppress(JournalError):
        return state_folder() / "replays"
    return None


@main.command(params=[*PERMISSIONS, *JUDGING])
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("url", required=False, callback=check_url)
@with_options
def replay(
    file: Path, url: str | None, permissions: Permissions, options: Options, sources: Sources
) -> NoReturn:
    """Send the requests of a replay FILE again, and judge the server by the rule that they broke.

    URL is another server than the one that the replay was recorded from. Exits as validate does.
    """
    try:
        recorded = read_replay(file)
    except (OSError, ReplayFileError) as error:
        raise click.UsageError(str(error)) from error
    if recorded.could_write and not permissions.allow_writes:
        raise click.UsageError("This replay has updates: --allow-writes permits them.")
    with target_at(url or recorded.base_url, permissions, sources) as target:
        _judge(target, replace(options, rules=(recorded.rule,), is_replay=True), [replaying(recorded)])


@main.command(params=[RATE, PLAIN_HTTP, *CREDENTIALS])
@click.argument("journal", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Put back also what somebody else has changed since.")
@with_sources
def restore(
    journal: Path | None,
    force: bool,  # noqa: FBT001 - the same
    rate: float | None,
    plain_http: str | None,
    sources: Sources,
) -> NoReturn:
    """Put back what killed runs have left changed: those of JOURNAL, or all of them.

    The token is read from LINQ_API_V3_API_KEY. Exits with 0 when every line forwards to what it did
    before, or nothing was left to do, 2 when the command is used wrongly, 3 when a server could not be
    reached, 4 when a line could not be put back.
    """
    permissions = Permissions(allow_writes=True, rate=rate, plain_http=plain_http)
    exit_code = ExitCode.CONFORMS
    with _stopping_on_signals(), _reported_errors():
        paths = unfinished() if journal is None else [journal]
        if not paths:
            click.echo("Nothing is left to put back.")
        for path in paths:
            exit_code = max(exit_code, _finish(path, permissions, sources, force=force))
    sys.exit(exit_code)


def _finish(path: Path, permissions: Permissions, sources: Sources, *, force: bool) -> ExitCode:
    if not path.exists():
        click.echo(f"{path} does not exist: nothing is left to put back.")
        return ExitCode.CONFORMS
    journal = Journal.resume(path)
    try:
        return _put_back(journal, permissions, sources, force=force)
    finally:
        journal.close(force=force)


def _put_back(journal: Journal, permissions: Permissions, sources: Sources, *, force: bool) -> ExitCode:
    contents = journal.contents
    click.echo(f"{journal.path}, of a run on {printable(contents.server)}")
    if pending := contents.pending:
        credentials = sources.credentials()
        if missing := sorted({original.account for original in pending} - credentials.tokens.keys()):
            raise click.UsageError(f"The token of the account is missing: put it into {missing[0]}.")
        target = checked(Target, contents.server, credentials, permissions)
        restoration = put_back_journal(target, journal, Options(0), force=force)
        for sentence in restoration.sentences:
            click.echo(sentence)
        if restoration.failed:
            return ExitCode.NOT_RESTORED
    else:
        click.echo("Nothing is left to put back.")
    if contents.damaged and not force:
        click.echo(
            "The journal is damaged, and what a part of it said is lost. Look at the file; "
            "--force removes it when nothing is missing."
        )
        return ExitCode.NOT_RESTORED
    return ExitCode.CONFORMS


def _judge(
    target: Target,
    options: Options,
    phases: Sequence[Phase],
    report_dir: Path | None = None,
    replay_dir: Path | None = None,
    write_accept: Path | None = None,
) -> NoReturn:
    """Judge, write all files, and only then show the ledger, whose reader may have gone away."""
    console = Console(highlight=False)
    with _stopping_on_signals(), _reported_errors(target.credentials):
        with _whatever_happens_to_the_output():
            console.print(f"Judging {target.base_url} by the contract, seed {options.seed}", soft_wrap=True)
        with _progress(console) as progress:
            result = run(target, options, progress, phases)
        replays = _saved_replays(result, replay_dir)
        description = describe(result, replays)
        said = [*_write_reports(description, report_dir, replays)] if report_dir else []
        said += [_write_acceptances(result, write_accept)] if write_accept else []
        with _whatever_happens_to_the_output():
            print_ledger(description, console)
            for sentence in said:
                click.echo(sentence)
        sys.exit(result.exit_code)


@contextlib.contextmanager
def _stopping_on_signals() -> Generator[None]:
    """Let the signals that end a process interrupt it as Ctrl-C does, so that it still puts things back."""
    stopping = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.default_int_handler) for number in stopping}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _reported_errors(credentials: Credentials | None = None) -> Generator[None]:
    try:
        yield
    except NotJudgedError as error:
        _stop(str(error), ExitCode.NOT_JUDGED)
    except (NotStartedError, JournalError) as error:
        _stop(str(error), ExitCode.WRONG_USE)
    except RefusedError as error:
        _stop(f"A request is not allowed to leave: {error}.", ExitCode.WRONG_USE)
    except NotRestoredError as error:
        _stop(f"The run was broken off.\n{error}", ExitCode.NOT_RESTORED)
    except KeyboardInterrupt:
        _stop("Interrupted. What the run had changed was put back.", ExitCode.NOT_JUDGED)
    except (click.ClickException, click.exceptions.Exit):
        raise
    except Exception as error:  # noqa: BLE001 - the last resort, so that not even a crash shows a token
        _stop(_told(error, credentials or Credentials({})), ExitCode.NOT_JUDGED)


def _told(error: Exception, credentials: Credentials) -> str:
    """What has gone wrong where nobody expected it, without a token."""
    if isinstance(error, OSError) and error.filename is not None:
        text = f"{error.filename} cannot be used: {error.strerror}."
    else:
        text = f"linq-contract itself has failed; this is a defect of it:\n{traceback.format_exc()}"
    return credentials.conceal(text.encode("utf-8", "replace")).decode("utf-8", "replace")


def _stop(message: str, exit_code: ExitCode) -> NoReturn:
    with _whatever_happens_to_the_output():
        click.echo(message, err=True)
    sys.exit(exit_code)


@contextlib.contextmanager
def _whatever_happens_to_the_output() -> Generator[None]:
    """Let a verdict, its files and what has to be put back not depend on whether somebody can read of it."""
    with contextlib.suppress(OSError, ValueError):
        yield


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
    with _whatever_happens_to_the_output():
        click.echo(f"[{step.position}/{step.count}] {step.phase.name}{_so_far(step)}")


def _so_far(step: Step) -> str:
    return f" ({step.broken} broken so far)" if step.broken else ""


def _saved_replays(result: Result, folder: Path | None) -> Replays:
    """The replays in a folder; none if it cannot be written, since the ledger shows all that they hold."""
    with contextlib.suppress(OSError):
        return write_replays(result, folder) if folder else {}
    return {}


def _write_reports(description: Description, folder: Path, replays: Replays) -> Generator[str]:
    """Write the reports; say of each file that it was written, or why one was not."""
    try:
        for path in (*write_reports(description, folder), *replays.values()):
            yield f"Wrote {path}"
    except OSError as error:
        yield f"The report cannot be written to {folder}: {error.strerror}."


def _write_acceptances(result: Result, path: Path) -> str:
    """Write what fails in a run, and what is accepted and still holds; say so, or why it was not written."""
    acceptances = result.acceptances(f"Seen on {result.began:%Y-%m-%d}; say why this is accepted.")
    try:
        write_acceptances(acceptances, path)
    except OSError as error:
        return f"The accepted failures cannot be written to {path}: {error.strerror}."
    return f"Wrote {path}"
