"""How a command ends: with a sentence and an exit code, whatever happens to it."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from linq_contract.http.credentials import Credentials


@contextlib.contextmanager
def stopping_on_signals() -> Generator[None]:
    """Let the signals that end a process interrupt it as Ctrl-C does, so that it still puts things back."""
    stopping = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.default_int_handler) for number in stopping}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def reported_errors(credentials: Credentials | None = None, *, puts_back: bool = False) -> Generator[None]:
    """Tell whatever ends a command by a sentence and an exit code, without a token and a traceback.

    A command that `puts_back` what it has changed has done so before it ends.
    """
    try:
        yield
    except (click.ClickException, click.exceptions.Exit):
        raise
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - so that not even a crash is a verdict
        from linq_contract.commands.errors import told  # noqa: PLC0415 - what nobody needs who starts the mock

        stop(*told(error, credentials, puts_back=puts_back))


def stop(message: str, exit_code: int) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(exit_code)
