"""The command that sends again what has broken a rule."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import click

from linq_contract.commands.judging import judge
from linq_contract.options import JUDGING, PERMISSIONS, Sources, check_url, target_at, with_options
from linq_contract.run.phases import replaying
from linq_contract.run.replay import ReplayFileError, read_replay
from linq_contract.run.result import Options
from linq_contract.safety.target import Permissions


@click.command(params=[*PERMISSIONS, *JUDGING])
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("url", required=False, callback=check_url)
@with_options
def replay(
    file: Path, url: str | None, permissions: Permissions, options: Options, sources: Sources
) -> NoReturn:
    """Send the requests of a replay FILE again, and check the rule that they broke.

    They go to the server of the replay, or to the one at URL. Exits as validate does.
    """
    try:
        recorded = read_replay(file)
    except (OSError, ReplayFileError) as error:
        raise click.UsageError(str(error)) from error
    if recorded.could_write and not permissions.allow_writes:
        raise click.UsageError("This replay has updates: --allow-writes permits them.")
    with target_at(url or recorded.base_url, permissions, sources) as target:
        judge(target, replace(options, rules=(recorded.rule,), is_replay=True), [replaying(recorded)])
