"""The `linq-contract` command."""

from __future__ import annotations

import contextlib
import functools
import secrets
import signal
import sys
import traceback
import uuid
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar

import linq_document
from linq_contract.contract.numbers import is_e164
from linq_contract.embedded import embedded_mock
from linq_contract.http.credentials import ACCOUNT_VARIABLE, OTHER_VARIABLE, Credentials
from linq_contract.http.messages import printable
from linq_contract.http.wire import RefusedError
from linq_contract.report.terminal import Replays, print_ledger, write_replays, write_reports
from linq_contract.run.phases import PHASES, Phase, replaying
from linq_contract.run.plan import plan
from linq_contract.run.replay import ReplayFileError, read_replay
from linq_contract.run.validate import (
    ExitCode,
    NotJudgedError,
    NotRestoredError,
    NotStartedError,
    Options,
    Progress,
    Result,
    Step,
    judged_rules,
)
from linq_contract.run.validate import restore as put_back_journal
from linq_contract.run.validate import validate as run
from linq_contract.safety.journal import Journal, JournalError, state_folder, unfinished
from linq_contract.safety.target import Target, tokens_from_environment
from linq_mock.cli import mock

_LARGEST_SEED = 2**31 - 1
_TIME_LIMIT = 300.0
_T = TypeVar("_T")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="linq-phone-numbers")
def main() -> None:
    """Judge servers by the contract of the Linq phone numbers API, or run a mock of it."""


main.add_command(mock)


def _check_url(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    try:
        url = httpx.URL(value)
    except httpx.InvalidURL as error:
        raise click.BadParameter(f"{value!r} is no URL: {error}.") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise click.BadParameter(f"{value!r} is no URL of a server: write http(s)://HOST[:PORT][/BASE/PATH].")
    if url.userinfo or url.query or url.fragment:
        raise click.BadParameter("the URL must end with the base path: no user, no query, no fragment.")
    return value.rstrip("/")


def _line_id(value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not the id of a line, which is a UUID.") from error


def _check_line(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    return None if value is None else _line_id(value)


def _check_lines(
    _ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]
) -> frozenset[str] | None:
    return frozenset(map(_line_id, value)) or None


def _check_numbers(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    for number in value:
        if not is_e164(number):
            raise click.BadParameter(f"{number!r} is not E.164: + and 2 to 15 digits, the first not 0.")
    return tuple(dict.fromkeys(value))


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


_TOKEN_FILE = click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"A file of yours alone with the token, and in a second line that of {OTHER_VARIABLE}.",
)
_RATE = click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    help="Requests per second; 5 unless the server is on this machine.",
)


@dataclass(frozen=True)
class Permissions:
    """What the options of a command allow; see Target."""

    allow_writes: bool
    lines: frozenset[str] | None
    other_line: str | None
    forward_to: tuple[str, ...]
    rate: float | None
    token_file: Path | None
    journal: Path | None


def _permissions(command: Callable[..., NoReturn]) -> Callable[..., NoReturn]:
    """Give a command the options that say what it may do to a server, and hand it the permissions."""

    @functools.wraps(command)
    def with_permissions(**options: Any) -> NoReturn:
        names = [field.name for field in fields(Permissions)]
        command(permissions=Permissions(**{name: options.pop(name) for name in names}), **options)

    for option in reversed(
        (
            click.option(
                "--allow-writes",
                is_flag=True,
                help="Permit updates; what they change is put back at the end.",
            ),
            click.option(
                "--line",
                "lines",
                metavar="ID",
                multiple=True,
                callback=_check_lines,
                help="Name only this line in requests; may be repeated. Updates elsewhere need it.",
            ),
            click.option(
                "--other-line",
                metavar="ID",
                callback=_check_line,
                help=f"The id of a line of a second account, whose token is in {OTHER_VARIABLE}.",
            ),
            click.option(
                "--forward-to",
                metavar="NUMBER",
                multiple=True,
                callback=_check_numbers,
                help="Set this number of your own instead of fictional ones; may be repeated.",
            ),
            _RATE,
            _TOKEN_FILE,
            click.option(
                "--journal",
                type=click.Path(dir_okay=False, path_type=Path),
                help="Keep the journal of what lines forwarded to in this file.",
            ),
        )
    ):
        with_permissions = option(with_permissions)
    return with_permissions


@main.command()
@click.argument("url", required=False, callback=_check_url)
@_permissions
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
def validate(
    url: str | None,
    permissions: Permissions,
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
    with _target(url, permissions) as target:
        intended = plan(target, judged_rules(rules))
        if dry_run:
            click.echo(f"{target.base_url}: nothing was sent.\n{intended}")
            sys.exit(0)
        if not target.is_local:
            click.echo(intended.total)
        time_limit = time_limit or max(_TIME_LIMIT, 2 * intended.seconds)
        options = Options(seed, rules, strict, time_limit, max_wait, permissions.journal)
        _judge(target, options, PHASES, report_dir, report_dir or state_folder() / "replays")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("url", required=False, callback=_check_url)
@_permissions
def replay(file: Path, url: str | None, permissions: Permissions) -> NoReturn:
    """Send the requests of a replay FILE again, and judge the server by the rule that they broke.

    URL is another server than the one that the replay was recorded from. Exits as validate does.
    """
    try:
        recorded = read_replay(file)
    except (OSError, ReplayFileError) as error:
        raise click.UsageError(str(error)) from error
    if recorded.could_write and not permissions.allow_writes:
        raise click.UsageError("This replay has updates: --allow-writes permits them.")
    with _target(url or recorded.base_url, permissions) as target:
        options = Options(0, (recorded.rule,), journal=permissions.journal)
        _judge(target, options, [replaying(recorded)])


@main.command()
@click.argument("journal", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Put back also what somebody else has changed since.")
@_RATE
@_TOKEN_FILE
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
        tokens = _tokens(token_file)
        if missing := sorted({entry.variable for entry in pending} - tokens.keys()):
            raise click.UsageError(f"The token of the account is missing: put it into {missing[0]}.")
        target = _checked(Target, contents.server, Credentials(tokens), rate=rate, allow_writes=True)
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
        print_ledger(result, console, replays)
        if report_dir is not None:
            _write_reports(result, report_dir, replays)
        sys.exit(result.exit_code)


@contextlib.contextmanager
def _target(url: str | None, permissions: Permissions) -> Generator[Target]:
    if url is None:
        with embedded_mock() as target:
            yield replace(
                target,
                lines=permissions.lines,
                numbers=permissions.forward_to,
                rate=permissions.rate,
                other_line=permissions.other_line or target.other_line,
            )
        return
    tokens = _tokens(permissions.token_file)
    target = _checked(
        Target,
        url,
        Credentials(tokens),
        permissions.other_line,
        permissions.allow_writes,
        permissions.lines,
        permissions.forward_to,
        permissions.rate,
    )
    if target.allow_writes and target.other_line and not target.is_local and OTHER_VARIABLE not in tokens:
        raise click.UsageError(
            f"--other-line needs the token of its account in {OTHER_VARIABLE}, so that what a broken server "
            "changes there can be put back."
        )
    yield target


def _tokens(file: Path | None) -> dict[str, str]:
    tokens = _checked(tokens_from_environment, file)
    if ACCOUNT_VARIABLE not in tokens:
        raise click.UsageError(
            f"The token of the account is missing: put it into {ACCOUNT_VARIABLE}, or name a --token-file."
        )
    return tokens


def _checked(make: Callable[..., _T], *arguments: Any, **options: Any) -> _T:
    """Make a value of what the user has given; what is wrong with it is wrong use."""
    try:
        return make(*arguments, **options)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


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


def _write_reports(result: Result, folder: Path, replays: Replays) -> None:
    try:
        paths = write_reports(result, folder, replays)
    except OSError as error:
        raise click.UsageError(f"The report cannot be written to {folder}: {error.strerror}.") from error
    for path in (*paths, *replays.values()):
        click.echo(f"Wrote {path}")
