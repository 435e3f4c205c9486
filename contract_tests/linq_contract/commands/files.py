"""The folder that a command writes its report into."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from linq_contract.safety.private import write_private


def refuse_unwritable(folder: Path | None) -> None:
    """Find out before the run whether its reports, if asked for, can be written. Raises UsageError."""
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise click.UsageError(f"The report cannot be written to {folder}: {error.strerror}.") from error


def written(folder: Path | None, contents: Mapping[str, str]) -> Sequence[str]:
    """Write files that are their owner's alone; return what to say of each, and tell why one was not."""
    said: list[str] = []
    if folder is None:
        return said
    try:
        for name, text in contents.items():
            write_private(folder / name, text.encode())
            said.append(f"Wrote {folder / name}")
    except OSError as error:
        tell_unwritten(folder, error)
    return said


def tell_unwritten(place: Path, error: OSError, what: str = "report") -> None:
    """Say on stderr, since what is on the output says nothing about it, that a file is not there."""
    click.echo(f"The {what} cannot be written to {place}: {error.strerror}.", err=True)
