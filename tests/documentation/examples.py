"""The examples of a page: its blocks of code, in order, with what they are said to print.

A block of Python is executed, a block of console is run command by command, and what either prints is
compared. `...` in what is printed stands for anything: times, ids, seeds, and lines left out. A block of
text that follows with nothing between is what the block before it prints. A block whose first line is a
comment with nothing but a file name is not executed: it is that file, for the examples below it to run.
A block of bash has what takes too long here: it is read, and what it names of this project is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from sybil import Document, Region
from sybil.parsers.markdown.lexers import DirectiveInHTMLCommentLexer, FencedCodeBlockLexer

_FENCED = FencedCodeBlockLexer(language=r"[a-z]+")
_HIDDEN = DirectiveInHTMLCommentLexer(directive="invisible-code-block", arguments="[a-z]+")
_FILE_NAME = re.compile(r"(?:#|//) (\S+\.\w+)\n")
_PROMPT = "$ "
_CONTINUED = ("\\", "\\\n")


@dataclass(frozen=True)
class Block:
    """A block of a page; `output` is None where the page does not say what it prints."""

    language: str
    source: str
    output: str | None = None

    @property
    def file_name(self) -> str | None:
        """The name of the file that the block is, if it is one."""
        match = _FILE_NAME.match(self.source)
        return match[1] if match else None


@dataclass(frozen=True)
class Command:
    """A command as it is typed, and the lines below it; None where the page shows none."""

    text: str
    output: str | None = None


@dataclass
class _Typed:
    lines: list[str] = field(default_factory=list[str])
    printed: list[str] = field(default_factory=list[str])

    def command(self) -> Command:
        return Command("\n".join(self.lines), "\n".join(self.printed) if self.printed else None)


def blocks(document: Document) -> Iterator[Region]:
    """Yield the blocks of a page as regions of Sybil, with their output; the parser to hand it."""
    found = sorted([*_fenced(document), *_hidden(document)], key=lambda region: region.start)
    for region, following in zip_longest(found, found[1:]):
        if following and following.parsed.language == "text" and _touch(document, region, following):
            region.parsed = replace(region.parsed, output=following.parsed.source)
        yield region


def commands(block: Block) -> list[Command]:
    """Return the commands of a block of console, with what each prints."""
    typed: list[_Typed] = []
    for line in block.source.splitlines():
        if line.startswith(_PROMPT):
            typed.append(_Typed([line.removeprefix(_PROMPT)]))
        elif typed and not typed[-1].printed and typed[-1].lines[-1].endswith(_CONTINUED):
            typed[-1].lines.append(line)
        elif typed:
            typed[-1].printed.append(line)
        else:
            raise ValueError(
                f"A block of console begins with a command after {_PROMPT!r}, not with {line!r}."
            )
    if block.output is not None:
        typed[-1].printed += block.output.splitlines()
    return [each.command() for each in typed]


def is_printed(expected: str, printed: str) -> bool:
    """Whether something was printed as a page shows it, white space at the ends of lines aside."""
    pieces = map(re.escape, _without_trailing_space(expected).split("..."))
    return re.fullmatch(".*".join(pieces), _without_trailing_space(printed), re.DOTALL) is not None


def _without_trailing_space(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def _fenced(document: Document) -> Iterator[Region]:
    for region in _FENCED(document):
        region.parsed = Block(region.lexemes["language"], str(region.lexemes["source"]))
        yield region


def _hidden(document: Document) -> Iterator[Region]:
    for region in _HIDDEN(document):
        region.parsed = Block(region.lexemes["arguments"], str(region.lexemes["source"]))
        yield region


def _touch(document: Document, region: Region, following: Region) -> bool:
    return not document.text[region.end : following.start].strip()
