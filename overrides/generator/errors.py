"""The error of the generator."""

from __future__ import annotations


class GenerationError(Exception):
    """The document cannot be made a client of; the text says what is wrong, and where."""
