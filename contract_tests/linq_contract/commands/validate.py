"""The command that judges a server."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import click

from linq_contract.commands.judging import judge
from linq_contract.options import (
    JUDGING,
    PERMISSIONS,
    Sources,
    check_rules,
    check_url,
    target_at,
    with_options,
)
from linq_contract.run.phases import PHASES
from linq_contract.run.plan import plan
from linq_contract.run.result import Options
from linq_contract.run.validate import judged_rules
from linq_contract.safety.journals import state_folder
from linq_contract.safety.records import JournalError
from linq_contract.safety.target import Permissions

_LARGEST_SEED = 2**31 - 1  # what fits into an int of any tool that is handed one


@click.command(params=[*PERMISSIONS, *JUDGING])
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
        intended = plan(target, judged_rules(options.rules), options.budget)
        if dry_run:
            click.echo(f"{target.base_url}: nothing was sent.\n{intended}")
            sys.exit(0)
        if report_dir is not None:
            _refuse_unwritable(report_dir)
        if write_accept is not None:
            _refuse_to_overwrite(write_accept)
        if not target.is_local:
            click.echo(intended.total)
        judge(target, options, PHASES, report_dir, report_dir or _own_replays(), write_accept)


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
