"""The `linq-contract` command."""

from __future__ import annotations

import contextlib
import secrets
import signal
import sys
import uuid
from collections.abc import Generator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NoReturn

import click
import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar

from linq_contract import document
from linq_contract.credentials import ACCOUNT_VARIABLE, OTHER_VARIABLE, Credentials
from linq_contract.phases import PHASES, Phase, replaying
from linq_contract.replay import REPLAY_SUFFIX, ReplayFileError, read_replay
from linq_contract.report import print_ledger, write_files
from linq_contract.target import Target, embedded_mock, tokens_from_environment
from linq_contract.validate import ExitCode, NotJudgedError, Options, Progress, Result, Step
from linq_contract.validate import validate as run
from linq_mock.cli import mock

_LARGEST_SEED = 2**31 - 1


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


def _check_line(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    try:
        return None if value is None else str(uuid.UUID(value))
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not the id of a line, which is a UUID.") from error


def _check_rules(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in value:
        if not any(fnmatchcase(rule, pattern) for rule in document.load().rules):
            raise click.BadParameter(f"no rule is named {pattern!r}; 'linq-contract rules' lists them.")
    return value or ("*",)


@main.command()
def rules() -> None:
    """List the rules of the contract."""
    for rule in document.load().rules.values():
        click.echo(f"{rule.name:<30}{rule.level:<8}{rule.statement}")


@main.command()
@click.argument("url", required=False, callback=_check_url)
@click.option("--allow-writes", is_flag=True, help="Permit updates; what they change is put back at the end.")
@click.option(
    "--other-line",
    metavar="ID",
    callback=_check_line,
    help=f"The id of a line of a second account, whose token is in {OTHER_VARIABLE}.",
)
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
    help="Write report.json, junit.xml and a replay for each broken rule here.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=1),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="Stop after this time; rules not reached are not exercised.",
)
@click.option(
    "--max-wait",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Stop when a Retry-After asks for more than this.",
)
def validate(
    url: str | None,
    allow_writes: bool,  # noqa: FBT001 - click passes options as keywords
    other_line: str | None,
    rules: tuple[str, ...],
    seed: int | None,
    strict: bool,  # noqa: FBT001 - the same
    report_dir: Path | None,
    time_limit: float,
    max_wait: float,
) -> NoReturn:
    """Judge the server at URL by the contract, rule by rule; without URL, the mock.

    The token is read from LINQ_API_V3_API_KEY. URL includes the base path, as in
    https://api.linqapp.com/api/partner.

    Exits with 0 when the server conforms, 1 when it breaks a rule, 2 when the command is used wrongly,
    3 when the server could not be reached or judged.
    """
    seed = secrets.randbelow(_LARGEST_SEED) if seed is None else seed
    options = Options(seed, rules, strict, time_limit, max_wait)
    with _target(url, other_line, allow_writes=allow_writes) as target:
        _judge(target, options, PHASES, report_dir)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("url", required=False, callback=_check_url)
@click.option("--allow-writes", is_flag=True, help="Permit updates; what they change is put back at the end.")
@click.option("--other-line", metavar="ID", callback=_check_line, help="As for validate.")
def replay(file: Path, url: str | None, allow_writes: bool, other_line: str | None) -> NoReturn:  # noqa: FBT001 - the same
    """Send the requests of a replay FILE again, and judge the server by the rule that they broke.

    URL is another server than the one that the replay was recorded from. Exits as validate does.
    """
    try:
        recorded = read_replay(file)
    except (OSError, ReplayFileError) as error:
        raise click.UsageError(str(error)) from error
    if recorded.could_write and not allow_writes:
        raise click.UsageError("This replay has updates: --allow-writes permits them.")
    with _target(url or recorded.base_url, other_line, allow_writes=allow_writes) as target:
        _judge(target, Options(0, (recorded.rule,)), [replaying(recorded)], None)


def _judge(target: Target, options: Options, phases: Sequence[Phase], report_dir: Path | None) -> NoReturn:
    console = Console(highlight=False)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _reported_errors():
        console.print(f"Judging {target.base_url} by the contract, seed {options.seed}", soft_wrap=True)
        with _progress(console) as progress:
            result = run(target, options, progress, phases)
        print_ledger(result, console)
        if report_dir is not None:
            _write_report(result, report_dir)
        sys.exit(result.exit_code)


@contextlib.contextmanager
def _target(url: str | None, other_line: str | None, *, allow_writes: bool) -> Generator[Target]:
    if url is None:
        with embedded_mock() as target:
            yield target
        return
    try:
        tokens = tokens_from_environment()
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if ACCOUNT_VARIABLE not in tokens:
        raise click.UsageError(f"The token of the account is missing: put it into {ACCOUNT_VARIABLE}.")
    yield Target(url, Credentials(tokens), other_line, allow_writes)


@contextlib.contextmanager
def _reported_errors() -> Generator[None]:
    try:
        yield
    except NotJudgedError as error:
        _stop(str(error))
    except KeyboardInterrupt:
        _stop("Interrupted. What the run had changed was put back.")


def _stop(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(ExitCode.NOT_JUDGED)


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


def _write_report(result: Result, folder: Path) -> None:
    try:
        paths = write_files(result, folder)
    except OSError as error:
        raise click.UsageError(f"The report cannot be written to {folder}: {error.strerror}.") from error
    for path in paths:
        is_replay = path.name.endswith(REPLAY_SUFFIX)
        click.echo(
            f"Wrote {path}" + (f"; send it again with: linq-contract replay {path}" if is_replay else "")
        )
