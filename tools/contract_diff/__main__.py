"""Compare the contract and its client with a base."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from contract_diff import revisions
from contract_diff.operations import compare_documents
from contract_diff.python_api import compare_packages
from contract_diff.releases import release_problems, unnamed_releases
from contract_diff.report import Comparison, as_json, as_text
from contract_diff.revisions import (
    RevisionError,
    first_commit_of,
    last_release,
    releases,
    snapshot_of,
    working_tree,
)
from contract_diff.versions import problems, raises


@click.command()
@click.argument("base", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--check", is_flag=True, help="Fail when the versions and CHANGELOG.md do not follow.")
@click.option("--tag", metavar="TAG", help="Fail as well when this tag cannot become a release.")
def main(base: str | None, form: str, check: bool, tag: str | None) -> None:  # noqa: FBT001 - click passes options as keywords
    """Name what changed since BASE, a git revision or a document, and the version step that it asks for.

    Without BASE it is the last release, the newest tag such as v1.2.3; before the first, it is the commit
    that wrote the present version down.
    """
    try:
        comparison = compare(base, revisions.ROOT, tag)
    except (RevisionError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(as_json(comparison) if form == "json" else as_text(comparison))
    sys.exit(bool(check and comparison.problems))


def compare(named: str | None, root: Path, tag: str | None = None) -> Comparison:
    """Compare the project in a folder with a base, and with the tag that it is to be released by.

    Raises:
        RevisionError: The base cannot be read.
        ValueError: A version is not one of three numbers.

    """
    now = working_tree(root)
    base = named or last_release(root)
    with tempfile.TemporaryDirectory() as folder:
        old = snapshot_of(base or first_commit_of(str(now.package_version), root), Path(folder), root)
        packages = (old.package, now.package)
        changes = compare_documents(old.document, now.document)
        if packages[0] and packages[1]:
            changes += compare_packages(packages[0], packages[1])
    asked = raises(old, now, changes, is_released=base is not None)
    found = [*problems(old, now, changes, asked), *unnamed_releases(releases(root), now)]
    if tag:
        found += release_problems(tag, now, root)
    return Comparison(old.name, base is not None, changes, all(packages), asked, found)


if __name__ == "__main__":
    main()
