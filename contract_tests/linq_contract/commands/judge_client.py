"""The command that validates a client: the user's own program, run against the mock."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NoReturn

import click

from linq_contract.clients.ledger import client_ledger, describe_client
from linq_contract.clients.program import NotRunError
from linq_contract.clients.situations import Situation
from linq_contract.clients.verdicts import judge_program
from linq_contract.commands.ending import reported_errors, stop, stopping_on_signals
from linq_contract.commands.files import refuse_unwritable, written
from linq_contract.options import STRICT, FiniteRange, Folder
from linq_contract.run.result import ExitCode


@click.command(params=[STRICT], context_settings={"ignore_unknown_options": True})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option(
    "--time-limit",
    type=FiniteRange(min=1),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long the program may take in each situation.",
)
@click.option(
    "--report-dir",
    type=Folder(),
    help="Write client.json here.",
)
def judge_client(
    command: tuple[str, ...],
    strict: bool,  # noqa: FBT001 - click passes options as keywords
    time_limit: float,
    report_dir: Path | None,
) -> NoReturn:
    """Run COMMAND once in each of some situations, with the mock as its server, and validate what it sends.

    COMMAND finds the base URL in LINQ_API_V3_BASE_URL and the token in LINQ_API_V3_API_KEY, as our client and
    the vendor's SDKs do, and exits with 0 when all went well. Write -- before it, as in

    linq-contract judge-client -- python sync.py

    Exits with 0 when the client keeps the rules, 1 when it breaks one, 2 when the command is used wrongly, 3
    when the program cannot be tested.
    """
    refuse_unwritable(report_dir)
    with stopping_on_signals(), reported_errors():
        try:
            result = judge_program(command, time_limit, strict=strict, told=_tell)
        except NotRunError as error:
            stop(str(error), ExitCode.INCOMPLETE)
        description = describe_client(result)
        report = json.dumps(description, indent=2) + "\n"
        said = [*client_ledger(description), *written(report_dir, {"client.json": report})]
        click.echo("\n".join(said))
        sys.exit(result.exit_code)


def _tell(situation: Situation) -> None:
    click.echo(f"{situation.name}: {situation.story}")
