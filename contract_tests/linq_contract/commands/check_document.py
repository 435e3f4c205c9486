"""The command that looks at documents before they are committed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from linq_document.checking import problems_in


@click.command()
@click.argument(
    "documents", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def check_document(documents: tuple[Path, ...]) -> NoReturn:
    """Check the rules (x-rules) of DOCUMENTS, and name what is wrong with file and line.

    Exits with 0 when nothing is wrong, else with 1.
    """
    found = [f"{path}:{line}: {problem}" for path in documents for line, problem in problems_in(path)]
    for each in found:
        click.echo(each)
    sys.exit(bool(found))
