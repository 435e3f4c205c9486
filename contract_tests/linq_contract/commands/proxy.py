"""The command that checks what passes through a reverse proxy."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any, NoReturn

import click
from rich.console import Console

import linq_document
from linq_contract.commands.ending import reported_errors, stopping_on_signals
from linq_contract.commands.files import refuse_unwritable
from linq_contract.commands.recorded import result_of
from linq_contract.commands.reporting import tell
from linq_contract.http.messages import printable
from linq_contract.judge.exchange import Exchange
from linq_contract.judge.ledger import Finding
from linq_contract.live.judge import LiveJudge, WatchedLedger
from linq_contract.live.log import ExchangeLog
from linq_contract.live.proxy import ReverseProxy
from linq_contract.live.serving import listen, serve
from linq_contract.options import (
    EXCLUSIVE,
    REPORT_DIR,
    RULES,
    VERDICT,
    check_url,
    checked,
    options_of,
)
from linq_contract.recorded.server import RecordedServer
from linq_contract.run.validate import judged_rules


@click.command(params=[RULES, EXCLUSIVE, *VERDICT, REPORT_DIR])
@click.argument("url", callback=check_url)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8081,
    show_default=True,
    help="The port to listen on; 0 takes a free one.",
)
@click.option(
    "--log",
    "log_path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Add each exchange to this file, without secrets, one JSON object on each line; check reads it.",
)
@click.pass_context
def proxy(
    ctx: click.Context,
    /,
    url: str,
    port: int,
    log_path: Path | None,
    rules: tuple[str, ...],
    report_dir: Path | None,
    exclusive: bool,  # noqa: FBT001 - click passes options as keywords
    **_verdict: Any,
) -> NoReturn:
    """Pass requests on to the server at URL, and check what passes against the contract.

    URL includes the base path. The proxy listens on this machine alone. It prints one line when it is ready,
    one for each exchange with the rules that it breaks, and the verdict at Ctrl-C or SIGTERM. It sends
    nothing of its own. Exits as check does.
    """
    options = options_of(ctx)
    refuse_unwritable(report_dir)
    document = linq_document.load()
    ledger = WatchedLedger(list(judged_rules(rules or options.rules).values()))
    server = RecordedServer.at(url)
    log = _opened(log_path, server) if log_path else None

    def told(exchange: Exchange, findings: Sequence[Finding]) -> None:
        _say(exchange, findings)
        if log is not None:
            log.write(exchange, findings)

    judge = LiveJudge(document, ledger, server, told, exclusive=exclusive)
    application = checked(ReverseProxy, url, judge)
    listener = _listening(port)
    own = RecordedServer("http", f"127.0.0.1:{listener.getsockname()[1]}", server.base_path)
    began = monotonic()
    with stopping_on_signals(), reported_errors():
        with contextlib.closing(listener):
            serve(application, listener, lambda: click.echo(f"linq-contract proxy is ready at {own.url}"))
        notes = [*judge.finish()]
        if log is not None:
            log.close()
            notes += [log.problem] if log.problem else []
        result = result_of(ledger, server.url, monotonic() - began, notes, options, ())
        tell(result, Console(highlight=False), report_dir, report_dir)


def _opened(path: Path, server: RecordedServer) -> ExchangeLog:
    try:
        return ExchangeLog(path, server.url)
    except OSError as error:
        raise click.UsageError(f"The log cannot be written to {path}: {error.strerror}.") from error


def _listening(port: int) -> Any:
    try:
        return listen(port)
    except OSError as error:
        raise click.UsageError(
            f"Cannot listen on port {port}: {error.strerror}. Choose another --port, or 0 for a free one."
        ) from error


def _say(exchange: Exchange, findings: Sequence[Finding]) -> None:
    """One line for an exchange, and one for each rule that it breaks."""
    status = exchange.status or "no answer"
    milliseconds = (exchange.ended - exchange.began) * 1000
    click.echo(
        printable(f"{exchange.request.method} {exchange.request.target} {status} {milliseconds:.1f} ms")
    )
    for finding in findings:
        click.echo(printable(f"  breaks {finding.rule}: {finding.problem}"))
