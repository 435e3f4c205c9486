"""Measure the generator on documents that nobody here wrote, beside stock."""

from __future__ import annotations

import random
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import click

from documents.corpus import ROOT, Document, documents
from documents.generators import GENERATORS
from documents.measure import digest, measure
from documents.outcomes import Outcome, Outcomes
from documents.page import page

_ALL = "*"


@click.command()
@click.option("--only", metavar="PATTERN", default=_ALL, help="Only the documents with such a name.")
@click.option("--sample", type=int, help="Only so many of them, and never GitHub's.")
@click.option("--seed", type=int, default=1, show_default=True, help="What the sample is drawn with.")
@click.option("--generator", "chosen", type=click.Choice(list(GENERATORS)), help="Only this one.")
@click.option(
    "--examples", type=int, default=5, show_default=True, help="Calls for each way to call an operation."
)
@click.option("--types/--no-types", default=True, help="Whether to run the type checkers.")
@click.option(
    "--outcomes",
    "kept_in",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default=ROOT / "build" / "documents" / "outcomes.jsonl",
    help="Keep each outcome in this file, and take from it what is there already.",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the page here.")
def main(
    only: str,
    sample: int | None,
    seed: int,
    chosen: str | None,
    examples: int,
    types: bool,  # noqa: FBT001 - click passes options as keywords
    kept_in: Path,
    output: Path | None,
) -> None:
    """Measure each document with each generator. Exits with 1 when ours does less than stock, or wrong."""
    named = _chosen(only, sample, seed)
    generators = [chosen] if chosen else list(GENERATORS)
    kept = Outcomes(kept_in)
    digests = {
        (document.name, generator): f"{digest(document, generator)} {examples} {types}"
        for document in named
        for generator in generators
    }
    known = kept.known(digests)
    for document in named:
        for generator in generators:
            key = (document.name, generator)
            if key not in known:
                known[key] = measure(document, generator, examples, types=types)
                kept.add(known[key], digests[key])
            _show(known[key])
    text = page([document.name for document in named], known)
    if output is not None and only == _ALL and sample is None:
        output.write_text(text, encoding="utf-8")
    sys.exit(any(_is_worse(document.name, known) for document in named))


def _chosen(only: str, sample: int | None, seed: int) -> list[Document]:
    found = [document for document in documents() if fnmatchcase(document.name, only)]
    if not found:
        raise click.UsageError(f"No document is named {only!r}.")
    if sample is None:
        return found
    small = [document for document in found if document.name != "github"]
    return sorted(random.Random(seed).sample(small, min(sample, len(small))))  # noqa: S311 - a sample


def _show(outcome: Outcome) -> None:
    said = outcome.refusal or outcome.import_error or outcome.trouble
    errors = f"{len(outcome.mypy or ())}+{len(outcome.pyright or ())} type errors"
    types = "clean" if outcome.is_clean else ", ".join([errors, *outcome.unfinished])
    click.echo(
        f"{outcome.generator:<6}{outcome.document}: {said or f'{outcome.right} of {outcome.drawn}, {types}'}",
        err=True,
    )


def _is_worse(name: str, known: dict[tuple[str, str], Outcome]) -> bool:
    """Whether ours refuses what stock generates, is not clean, or has an operation that goes wrong."""
    ours, stock = known.get((name, "ours")), known.get((name, "stock"))
    if ours is None or (ours.refusal and stock is not None and stock.refusal):
        return False
    return bool(ours.refusal or ours.wrong or ours.mypy or ours.pyright or ours.import_error)


if __name__ == "__main__":
    main()
