"""Text of the document, as it stands in code: literals and docstrings."""

from __future__ import annotations

import textwrap

from openapi_python_client import strings

_WIDTH = 100
_ENTRY_WIDTH = 108


def literal(text: str) -> str:
    """Return a text as a string literal of Python."""
    return f'"{strings.in_double_quote_literal(text)}"'


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
    safe = strings.safe_for_docstring(text).strip()
    return f'{safe[:-1]}\\"' if safe.endswith('"') else safe  # before the quotes that end a docstring


def _wrapped(text: str, width: int) -> list[str]:
    return [
        piece
        for line in text.splitlines()
        for piece in textwrap.wrap(line, width, expand_tabs=False, replace_whitespace=False) or [""]
    ]


def _hanging(lines: list[str], indentation: int) -> str:
    first, *others = lines or [""]
    return "\n".join([first, *(" " * indentation + line if line else "" for line in others)])
