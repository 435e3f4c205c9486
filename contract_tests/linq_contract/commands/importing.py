"""Imports of what a command needs: if one fails, that is a sentence, and nothing was sent."""

from __future__ import annotations

import gc
from importlib import import_module
from types import ModuleType
from typing import IO, Any

import click

from linq_contract.commands.starting import what_is_missing


def imported(name: str) -> ModuleType:
    """Import a module. Raises ClickException if that fails."""
    gc.unfreeze()  # plugins of Hypothesis look for what refers to theirs, and do not see what is frozen
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        raise _IncompleteError(what_is_missing(error)) from error
    except Exception as error:
        raise _CannotStartError(f"linq-contract cannot start: {type(error).__name__}: {error}") from error
    gc.freeze()  # nothing that was imported goes away, and looking through it takes a tenth of a run
    return module


class _CannotStartError(click.ClickException):
    exit_code = 3  # as ExitCode says, which is not imported here: nothing was judged

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=True)


class _IncompleteError(_CannotStartError):
    exit_code = 2  # the same: a wrong use
