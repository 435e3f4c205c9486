"""The command that validates a server."""

from __future__ import annotations

import contextlib
import re
import secrets
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import click

from linq_contract.commands.files import refuse_unwritable
from linq_contract.commands.importing import imported
from linq_contract.commands.reporting import run_and_report
from linq_contract.options import (
    JUDGING,
    PERMISSIONS,
    REPORT_DIR,
    RULES,
    Sources,
    check_url,
    checked,
    target_at,
    with_options,
)
from linq_contract.run.phases import PHASES
from linq_contract.run.plan import plan
from linq_contract.run.result import Options
from linq_contract.run.shards import LARGEST_SEED, WHOLE, Shard
from linq_contract.run.validate import judged_rules
from linq_contract.safety.journals import state_folder
from linq_contract.safety.records import JournalError
from linq_contract.safety.target import Permissions


def _check_shard(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Shard:
    if value is None:
        return WHOLE
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", value, re.ASCII)
    number, count = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= number <= count:
        raise click.BadParameter(f"{value!r} is no shard: write I/N, with I from 1 to N.")
    return Shard(number, count)


@click.command(params=[RULES, *PERMISSIONS, *JUDGING, REPORT_DIR])
@click.argument("url", required=False, callback=check_url)
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), help="Repeat the run that had this seed.")
@click.option(
    "--shard",
    metavar="I/N",
    callback=_check_shard,
    help="Run only part I of N, with the same --seed for all parts; linq-contract merge joins them.",
)
@click.option(
    "--examples",
    metavar="FOLDER|REDIS",
    help="Keep what finds bugs in this folder or at redis://HOST, and try what is there first.",
)
@click.option(
    "--write-accept",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the failures of this run to a file for --accept; entries of it that still hold are kept.",
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
    shard: Shard,
    examples: str | None,
    report_dir: Path | None,
    write_accept: Path | None,
    dry_run: bool,  # noqa: FBT001 - click passes options as keywords
) -> NoReturn:
    """Validate the server at URL against the contract, rule by rule; without URL, the mock.

    The token is read from LINQ_API_V3_API_KEY. URL includes the base path, as in
    https://api.linqapp.com/api/partner.

    Exits with 0 when the server conforms, 1 when it breaks a rule, or fails --require, --accept or --drift, 2
    when the command is used wrongly, 3 when the server could not be reached or the run is incomplete, 4 when
    a forwarding number could not be put back.
    """
    if shard.is_part and seed is None:
        raise click.UsageError(
            "--shard needs the --seed of the run, which is the same for each of its shards."
        )
    seed = secrets.randbelow(LARGEST_SEED) if seed is None else seed
    options = replace(options, seed=seed, rules=rules or options.rules, shard=shard)
    options = replace(options, budget=shard.budget(options.budget))
    _refuse_to_leave_out_what_is_required(options)
    with target_at(url, permissions, sources) as whole:
        target = replace(whole, permissions=checked(shard.permissions, whole))
        phases = shard.phases(PHASES)
        intended = plan(target, judged_rules(options.rules), options.budget, phases)
        if dry_run:
            click.echo(f"{target.base_url}: nothing was sent.\n{intended}")
            sys.exit(0)
        refuse_unwritable(report_dir)
        if write_accept is not None:
            _refuse_to_overwrite(write_accept)
        if any(phase.requests.of_examples for phase in intended.within_budget):
            imported("linq_contract.run.workloads.generated")
        if not target.is_local:
            click.echo(intended.total)
        if examples is not None:
            from linq_contract.run.examples import open_examples  # noqa: PLC0415 - brings Hypothesis

            options = replace(options, examples=checked(open_examples, examples, target))
        run_and_report(target, options, phases, report_dir, report_dir or _own_replays(), write_accept)


def _refuse_to_leave_out_what_is_required(options: Options) -> None:
    judged = judged_rules(options.rules)
    left_out = [rule for rule in judged_rules(options.require) if rule not in judged]
    if left_out:
        raise click.UsageError(f"--require demands {left_out[0]}, which --rules leaves out.")


def _refuse_to_overwrite(path: Path) -> None:
    """Only the file that was read is written anew: its entries are kept, those of another would be lost."""
    if path.exists() and path != click.get_current_context().params["accept"]:
        raise click.UsageError(f"{path} exists already: name it in --accept, too, or name another file.")
    try:
        if path.exists():
            path.open("r+b").close()
        else:
            tempfile.TemporaryFile(dir=path.absolute().parent).close()
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}.") from error


def _own_replays() -> Path | None:
    """The user's folder of replays, if there is a place for it; the ledger shows all that replays hold."""
    with contextlib.suppress(JournalError):
        return state_folder() / "replays"
    return None
