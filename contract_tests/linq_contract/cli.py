"""The `linq-contract` command."""

from __future__ import annotations

import contextlib
import secrets
import signal
import sys
import traceback
from collections.abc import Generator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar

import linq_document
from linq_contract.http.credentials import Credentials
from linq_contract.http.messages import printable
from linq_contract.http.wire import RefusedError
from linq_contract.options import (
    PERMISSIONS,
    RATE,
    TOKEN_FILE,
    check_url,
    checked,
    target_at,
    tokens_of,
    with_permissions,
)
from linq_contract.report.description import Description, Replays, describe
from linq_contract.report.files import write_replays, write_reports
from linq_contract.report.terminal import print_ledger
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
from linq_mock.cli import mock

_LARGEST_SEED = 2**31 - 1  # what fits into an int of any tool that is handed one
_TIME_LIMIT = 300.0  # seconds, thirty times what a fast server takes


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="linq-phone-numbers")
def main() -> None:
    """Judge servers by the contract of the Linq phone numbers API, or run a mock of it."""


main.add_command(mock)


def _check_rules(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in value:
        if not any(fnmatchcase(rule, pattern) for rule in linq_document.load().rules):
            raise click.BadParameter(f"no rule is named {pattern!r}; 'linq-contract rules' lists them.")
    return value or ("*",)


@main.command()
def rules() -> None:
    """List the rules of the contract."""
    for rule in linq_document.load().rules.values():
        click.echo(f"{rule.name:<30}{rule.level:<8}{rule.statement}")


@main.command(params=[*PERMISSIONS])
@click.argument("url", required=False, callback=check_url)
@click.option(
    "--rules",
    metavar="PATTERN",
    multiple=True,
    callback=_check_rules,
    help="Judge only these rules, such as 'list.*'.",
)
@click.option("--seed", type=click.IntRange(0, _LARGEST_SEED), help="Repeat the run that had this seed.")
@click.option("--strict", is_flag=True, help="Let broken SHOULD rules fail, too.")
@click.option(
    "--report-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write report.html, report.json, junit.xml and a replay for each broken rule here.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=1),
    metavar="SECONDS",
    help="Stop after this time; rules not reached are not exercised. 300, or twice what the plan takes.",
)
@click.option(
    "--max-wait",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Stop when a Retry-After asks for more than this.",
)
@click.option("--dry-run", is_flag=True, help="Print the plan of the run, and send nothing.")
@with_permissions
def validate(
    url: str | None,
    permissions: Permissions,
    token_file: Path | None,
    rules: tuple[str, ...],
    seed: int | None,
    strict: bool,  # noqa: FBT001 - click passes options as keywords
    report_dir: Path | None,
    time_limit: float | None,
    max_wait: float,
    dry_run: bool,  # noqa: FBT001 - the same
) -> NoReturn:
    """Judge the server at URL by the contract, rule by rule; without URL, the mock.

    The token is read from LINQ_API_V3_API_KEY. URL includes the base path, as in
    https://api.linqapp.com/api/partner.

    Exits with 0 when the server conforms, 1 when it breaks a rule, 2 when the command is used wrongly,
    3 when the server could not be reached or judged, 4 when a forwarding number could not be put back.
    """
    seed = secrets.randbelow(_LARGEST_SEED) if seed is None else seed
    with target_at(url, permissions, token_file) as target:
        intended = plan(target, judged_rules(rules))
        if dry_run:
            click.echo(f"{target.base_url}: nothing was sent.\n{intended}")
            sys.exit(0)
        if not target.is_local:
            click.echo(intended.total)
        time_limit = time_limit or max(_TIME_LIMIT, 2 * intended.seconds)
        options = Options(seed, rules, strict, time_limit, max_wait)
        _judge(target, options, PHASES, report_dir, report_dir or state_folder() / "replays")


@main.command(params=[*PERMISSIONS])
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("url", required=False, callback=check_url)
@with_permissions
def replay(file: Path, url: str | None, permissions: Permissions, token_file: Path | None) -> NoReturn:
    """Send the requests of a replay FILE again, and judge the server by the rule that they broke.

    URL is another server than the one that the replay was recorded from. Exits as validate does.
    """
    try:
        recorded = read_replay(file)
    except (OSError, ReplayFileError) as error:
        raise click.UsageError(str(error)) from error
    if recorded.could_write and not permissions.allow_writes:
        raise click.UsageError("This replay has updates: --allow-writes permits them.")
    with target_at(url or recorded.base_url, permissions, token_file) as target:
        _judge(target, Options(0, (recorded.rule,)), [replaying(recorded)])


@main.command(params=[RATE, TOKEN_FILE])
@click.argument("journal", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Put back also what somebody else has changed since.")
def restore(journal: Path | None, force: bool, rate: float | None, token_file: Path | None) -> NoReturn:  # noqa: FBT001 - the same
    """Put back what killed runs have left changed: those of JOURNAL, or all of them.

    The token is read from LINQ_API_V3_API_KEY. Exits with 0 when every line forwards to what it did
    before, or nothing was left to do, 2 when the command is used wrongly, 3 when a server could not be
    reached, 4 when a line could not be put back.
    """
    exit_code = ExitCode.CONFORMS
    with _stopping_on_signals(), _reported_errors():
        paths = unfinished() if journal is None else [journal]
        if not paths:
            click.echo("Nothing is left to put back.")
        for path in paths:
            exit_code = max(exit_code, _finish(path, rate, token_file, force=force))
    sys.exit(exit_code)


def _finish(path: Path, rate: float | None, token_file: Path | None, *, force: bool) -> ExitCode:
    if not path.exists():
        click.echo(f"{path} does not exist: nothing is left to put back.")
        return ExitCode.CONFORMS
    journal = Journal.resume(path)
    try:
        return _put_back(journal, rate, token_file, force=force)
    finally:
        journal.close(force=force)


def _put_back(journal: Journal, rate: float | None, token_file: Path | None, *, force: bool) -> ExitCode:
    contents = journal.contents
    click.echo(f"{journal.path}, of a run on {printable(contents.server)}")
    if pending := contents.pending:
        tokens = tokens_of(token_file)
        if missing := sorted({original.account for original in pending} - tokens.keys()):
            raise click.UsageError(f"The token of the account is missing: put it into {missing[0]}.")
        permissions = Permissions(allow_writes=True, rate=rate)
        target = checked(Target, contents.server, Credentials(tokens), permissions)
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
) -> NoReturn:
    console = Console(highlight=False)
    with _stopping_on_signals(), _reported_errors(target.credentials):
        console.print(f"Judging {target.base_url} by the contract, seed {options.seed}", soft_wrap=True)
        with _progress(console) as progress:
            result = run(target, options, progress, phases)
        replays: Replays = _saved_replays(result, replay_dir) if replay_dir else {}
        description = describe(result, replays)
        print_ledger(description, console)
        if report_dir is not None:
            _write_reports(description, report_dir, replays)
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
    except click.ClickException:
        raise
    except Exception:  # noqa: BLE001 - the last resort, so that not even a crash shows a token
        text = traceback.format_exc()
        if credentials is not None:
            text = credentials.conceal(text.encode("utf-8", "replace")).decode("utf-8", "replace")
        _stop(f"linq-contract itself has failed; this is a defect of it:\n{text}", ExitCode.NOT_JUDGED)


def _stop(message: str, exit_code: ExitCode) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(exit_code)


@contextlib.contextmanager
def _progress(console: Console) -> Generator[Progress]:
    """Show how far the run is: a bar on a terminal, a line for each phase elsewhere."""
    if not console.is_terminal:
        yield lambda step: click.echo(f"[{step.position}/{step.count}] {step.phase.name}{_so_far(step)}")
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with ProgressBar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("first look", total=None)

        def advance(step: Step) -> None:
            description = f"{step.phase.name}{_so_far(step)}"
            bar.update(task, description=description, completed=step.position - 1, total=step.count)

        yield advance


def _so_far(step: Step) -> str:
    return f" ({step.broken} broken so far)" if step.broken else ""


def _saved_replays(result: Result, folder: Path) -> Replays:
    """The replays in a folder; none if it cannot be written, since the ledger shows all that they hold."""
    try:
        return write_replays(result, folder)
    except OSError:
        return {}


def _write_reports(description: Description, folder: Path, replays: Replays) -> None:
    try:
        paths = write_reports(description, folder)
    except OSError as error:
        raise click.UsageError(f"The report cannot be written to {folder}: {error.strerror}.") from error
    for path in (*paths, *replays.values()):
        click.echo(f"Wrote {path}")
