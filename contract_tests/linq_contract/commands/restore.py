"""The command that puts back what killed runs have left changed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from linq_contract.commands.ending import reported_errors, stopping_on_signals
from linq_contract.commands.errors import told
from linq_contract.http.messages import printable
from linq_contract.options import TO_REACH, Sources, checked, given, with_sources
from linq_contract.run.result import ExitCode, Options
from linq_contract.run.validate import NotTestedError
from linq_contract.run.validate import restore as put_back_journal
from linq_contract.safety.journal import Journal
from linq_contract.safety.journals import unfinished
from linq_contract.safety.records import JournalError
from linq_contract.safety.target import Permissions, Target


@click.command(params=[*TO_REACH])
@click.argument("journal", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Also put back lines that somebody else has changed since.")
@with_sources
def restore(
    journal: Path | None,
    force: bool,  # noqa: FBT001 - the same
    rate: float | None,
    plain_http: str | None,
    sources: Sources,
) -> NoReturn:
    """Put back what killed runs have left changed: the run of JOURNAL, or all of them.

    The token is read from LINQ_API_V3_API_KEY. Exits with 0 when every line forwards to what it did before
    the run, 2 when the command is used wrongly, 3 when a server could not be reached, 4 when a line could not
    be put back.
    """
    permissions = Permissions(allow_writes=True, rate=rate, plain_http=plain_http)
    exit_code = ExitCode.CONFORMS
    with stopping_on_signals(), reported_errors():
        paths = unfinished() if journal is None else [journal]
        if not paths:
            click.echo("Nothing is left to put back.")
        for path in paths:
            exit_code = max(exit_code, _finished(path, permissions, sources, force=force))
    sys.exit(exit_code)


def _finished(path: Path, permissions: Permissions, sources: Sources, *, force: bool) -> ExitCode:
    """Do as `_finish` does; what stands in the way of one journal is said, and keeps from no other."""
    try:
        return _finish(path, permissions, sources, force=force)
    except (NotTestedError, JournalError) as error:
        message, exit_code = told(error, None)
        click.echo(message, err=True)
    except click.UsageError as error:
        error.show()
        exit_code = ExitCode.WRONG_USE
    return exit_code


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
        options = Options(0, given_to_reach=tuple(given(click.get_current_context(), TO_REACH)))
        restoration = put_back_journal(target, journal, options, force=force)
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
