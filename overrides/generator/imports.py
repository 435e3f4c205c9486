"""The imports of a file that was made of a template: those of it that the file needs, one for each module.

Ruff does the same, and takes far longer for it; it is left what is found here by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BLOCK = re.compile(r"^(?:(?:from|import) [^\n(]*\n|\n)+", re.MULTILINE)
_FROM = re.compile(r"from (\S+) import ([^(]+)")
_WIDTH = 110


def needed(text: str) -> str:
    """Return the text with the imports of its first block that its words need."""
    block = next((found for found in _BLOCK.finditer(text) if "__future__" in found[0]), None)
    if block is None:
        return text
    words = set(re.findall(r"\w+", text[: block.start()] + text[block.end() :]))
    lines = "\n".join(_merged(block[0].splitlines(), words))
    return f"{text[: block.start()]}{lines}\n\n\n{text[block.end() :]}"


def _merged(lines: list[str], words: set[str]) -> Iterator[str]:
    waiting: tuple[str, list[str]] = ("", [])
    for line in lines:
        module, names = _plain_names(line)
        if module != waiting[0]:
            yield from _written(*waiting)
            waiting = module, []
        waiting[1].extend(name for name in names if name in words or module == "__future__")
        if not module and (not line or line.split()[-1].partition(".")[0] in words):
            yield line
    yield from _written(*waiting)


def _plain_names(line: str) -> tuple[str, list[str]]:
    found = _FROM.fullmatch(line)
    return (found[1], found[2].split(", ")) if found and " as " not in line else ("", [])


def _written(module: str, names: list[str]) -> Iterator[str]:
    if not names:
        return
    ordered = sorted(names, key=lambda name: (0 if name.isupper() else 1 if name[0].isupper() else 2, name))
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= _WIDTH:
        yield line
        return
    yield f"from {module} import ("
    yield from (f"    {name}," for name in ordered)
    yield ")"
