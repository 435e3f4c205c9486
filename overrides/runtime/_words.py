"""What messages are made of."""

from __future__ import annotations


def line(text: str) -> str:
    """Return a text as one line that can be printed anywhere, also in a log or a terminal."""
    words = " ".join(text.split())
    if words.isprintable():
        return words
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in words)


def sentence(text: str) -> str:
    """Return a text with one full stop at its end."""
    return text if text.endswith(".") else f"{text}."
