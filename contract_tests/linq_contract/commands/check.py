"""The command that checks recorded traffic."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console

import linq_document
from linq_contract.commands.ending import reported_errors, stopping_on_signals
from linq_contract.commands.files import refuse_unwritable
from linq_contract.commands.recorded import result_of
from linq_contract.commands.reporting import tell
from linq_contract.judge.ledger import Ledger
from linq_contract.options import (
    EXCLUSIVE,
    REPORT_DIR,
    RULES,
    VERDICT,
    check_url,
    checked,
    options_of,
)
from linq_contract.recorded.checking import check_recordings
from linq_contract.recorded.files import read_recording
from linq_contract.recorded.server import RecordedServer
from linq_contract.run.validate import judged_rules
from linq_contract.safety.target import tokens_of_file


@click.command(params=[RULES, EXCLUSIVE, *VERDICT, REPORT_DIR])
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--base-url",
    metavar="URL",
    callback=check_url,
    help="Check what was sent to this server; by default, the one that got the most requests.",
)
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that only you can read, with the tokens of all accounts, one on each line.",
)
@click.pass_context
def check(
    ctx: click.Context,
    /,
    files: tuple[Path, ...],
    base_url: str | None,
    token_file: Path | None,
    rules: tuple[str, ...],
    report_dir: Path | None,
    exclusive: bool,  # noqa: FBT001 - click passes options as keywords
    **_verdict: Any,
) -> NoReturn:
    """Check recorded traffic against the contract. Nothing is sent.

    FILES are HAR files, as browsers and mitmproxy write them, and cassettes of vcrpy. What somebody who is
    not in the recording may have caused is inconclusive, and does not fail.

    Exits with 0 when the server conforms, as far as was recorded, 1 when it breaks a rule, or fails
    --require, --accept or --drift, 2 when the command is used wrongly or a file cannot be read, 3 when
    nothing in the recording could be checked.
    """
    options = options_of(ctx)
    refuse_unwritable(report_dir)
    tokens = checked(tokens_of_file, token_file) if token_file else {}
    with stopping_on_signals(), reported_errors():
        ledger = Ledger(list(judged_rules(rules or options.rules).values()), are_dated=True)
        found = check_recordings(
            [read_recording(path) for path in files],
            linq_document.load(),
            ledger,
            RecordedServer.at(base_url) if base_url else None,
            tokens,
            exclusive=exclusive,
        )
        words = [*map(str, files), "--base-url", found.server.url]
        words += ["--token-file", str(token_file)] if token_file else []
        result = result_of(ledger, found.server.url, found.seconds, found.notes, options, words)
        tell(result, Console(highlight=False), report_dir, report_dir)
