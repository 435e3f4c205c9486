"""What a schema says of values besides their kind, and a client can check before it sends them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from . import kinds, naming, prose
from .document import Document, Json, as_object
from .kinds import Kind

# The keywords about a value of a kind, and what the readers of ../runtime call them.
_OF_TEXTS = {"minLength": "min_length", "maxLength": "max_length"}
_OF_NUMBERS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
}
_OF_ARRAYS = {"minItems": "min_length", "maxItems": "max_length"}


class Limits:
    """Limits the kinds of the arguments of an operation to what their schemas allow.

    Args:
        document: The document.

    Attributes:
        patterns: The expressions that compile the patterns of texts, by the names that readers use.

    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._names = naming.Names()
        self.patterns: dict[str, str] = {}

    def of(self, kind: Kind, schema: Json, name: str) -> Kind:
        """Return the kind of an argument within the limits of its schema."""
        match kind:
            case kinds.Nullable():
                return kinds.Nullable(self.of(kind.other, schema, name))
            case kinds.OneOf():
                return kinds.OneOf(tuple(self.of(option, schema, name) for option in kind.options))
            case kinds.Array():
                items = as_object(self._document.keyword(schema, "items"))
                return self._within(kinds.Array(self.of(kind.items, items, name)), schema, _OF_ARRAYS)
            case kinds.Text():
                return self._within(self._matching(schema, name), schema, _OF_TEXTS)
            case kinds.INTEGER | kinds.NUMBER:
                return self._within(kind, schema, _OF_NUMBERS)
            case _:
                return kind

    def _within(self, kind: Kind, schema: Json, names: Mapping[str, str]) -> Kind:
        found = {name: self._document.keyword(schema, name) for name in names}
        for bound in ("Minimum", "Maximum"):  # which OpenAPI 3.0 says with a boolean
            if found.get(f"exclusive{bound}") is True:
                found[f"exclusive{bound}"] = found.pop(bound.lower())
        limits = tuple((names[name], value) for name, value in found.items() if _is_number(value))
        return kinds.Limited(kind, limits) if limits else kind

    def _matching(self, schema: Json, argument: str) -> kinds.Text:
        pattern = str(self._document.keyword(schema, "pattern") or "")
        if not pattern or not _is_known(pattern):
            return kinds.Text()
        name = self._names.free(f"_{argument.upper()}")
        self.patterns[name] = _compiled(pattern)
        return kinds.Text(name)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_known(pattern: str) -> bool:
    """Whether Python knows a pattern; the server judges the others."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _compiled(pattern: str) -> str:
    """The expression that compiles a pattern, an ECMA one: `$` is the very end, classes are ASCII."""
    ends = pattern.endswith("$") and not pattern.endswith("\\$")
    anchored = pattern.removesuffix("$") + "\\Z" if ends else pattern
    return f"_re.compile({prose.literal(anchored)}, _re.ASCII)"
