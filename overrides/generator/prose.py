"""Text of the document, as it stands in code: literals and docstrings."""

from __future__ import annotations

import re
import textwrap
from functools import lru_cache

from openapi_python_client import strings

_WIDTH = 100
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"'})
_ENDS_IN_QUOTE = re.compile(r'(?<!\\)(?:\\\\)*"\Z')  # one that no backslash escapes
_CONTROLS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


@lru_cache(maxsize=10_000)  # names come back again and again
def literal(text: str) -> str:
    """Return a text as a string literal of Python."""
    return f'"{text.translate(_ESCAPES) if text.isprintable() else "".join(map(_escaped, text))}"'


def _escaped(letter: str) -> str:
    if letter.isprintable():
        return letter.translate(_ESCAPES)
    return _CONTROLS.get(letter) or (
        f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
    )


def paragraphs(text: str, indentation: int = 4) -> str:
    """Return a text for a docstring, wrapped, whose lines after the first are indented."""
    lines = _wrapped(_safe(text), _WIDTH - indentation)
    return _hanging(lines, indentation)


def sentence(text: str) -> str:
    """Return a text for a docstring as one line."""
    return _safe(text).replace("\n", " ")


def entry(name: str, text: str, indentation: int) -> str:
    """Return an entry of a list in a docstring, continued with a deeper indentation."""
    lines = _wrapped(
        f"{name}: {sentence(text) or 'Not described in the contract.'}", _WIDTH - 4 - indentation
    )
    return _hanging(lines, indentation + 4)


def _safe(text: str) -> str:
    is_plain = "\\" not in text and '"""' not in text and text.replace("\n", "").isprintable()
    safe = text.strip() if is_plain else strings.safe_for_docstring(text).strip()
    # Before the quotes that end a docstring.
    return f'{safe[:-1]}\\"' if _ENDS_IN_QUOTE.search(safe) else safe


def _wrapped(text: str, width: int) -> list[str]:
    return [piece for line in text.splitlines() for piece in _pieces(line, width)]


def _pieces(line: str, width: int) -> list[str]:
    if len(line) <= width and line == line.strip():
        return [line]  # as most of them
    return textwrap.wrap(line, width, expand_tabs=False, replace_whitespace=False) or [""]


def _hanging(lines: list[str], indentation: int) -> str:
    first, *others = lines or [""]
    return "\n".join([first, *(" " * indentation + line if line else "" for line in others)])
