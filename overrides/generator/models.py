"""The classes of a package's models and enums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .errors import GenerationError
from .kinds import Enumeration, Kind, Scalar, Text, joined

# What the code of a shared model has for names itself.
_LOCALS = {"additional", "at", "cls", "data", "key"}


@dataclass(frozen=True)
class Attribute:
    """A property of a model.

    Attributes:
        name: What a user calls it.
        key: What the document calls it.
        kind: The kind of its values.
        required: Whether it is never absent.
        is_deprecated: Whether its use warns.
        successor: The name of the attribute to use instead; empty when there is none.
        description: What it stands for.

    """

    name: str
    key: str
    kind: Kind
    required: bool
    is_deprecated: bool
    successor: str
    description: str

    def renamed(self, name: str) -> Attribute:
        """Return the same with another name."""
        return replace(self, name=name)

    @property
    def deprecated(self) -> str | None:
        """What its use warns of; None when it is not deprecated."""
        if not self.is_deprecated:
            return None
        return f"{self.name} is deprecated" + (f": use {self.successor} instead." if self.successor else ".")

    @property
    def field(self) -> str:
        """The name that it is stored under."""
        return f"_{self.name}" if self.deprecated else self.name

    @property
    def type(self) -> str:
        """Its annotation."""
        return joined(self.kind.in_json().types()) + ("" if self.required else " | Unset")

    @property
    def reading(self) -> str:
        """The expression that reads it out of `data`, where `at` is its key."""
        kind = self.kind.in_json()
        if self.required:
            return kind.reading("data[at]")
        return f"{kind.operand('data[at]')} if at in data else UNSET"


@dataclass(frozen=True)
class Model:
    """A class of objects.

    Attributes:
        name: The name of the class.
        module: The name of its module.
        description: What it stands for.
        attributes: Its properties, the required ones first.
        shared: Whether equal ones are one object.
        others: The kind of the values of the properties that the document does not name; None for any.

    """

    name: str
    module: str
    description: str
    attributes: tuple[Attribute, ...]
    shared: bool
    others: Kind | None

    def checked(self) -> Model:
        """Return the model itself, when it can be shared or need not be.

        Raises:
            GenerationError: It is to be shared, and cannot be.

        """
        if self.shared and not all(_is_plain(each) and each.name not in _LOCALS for each in self.attributes):
            raise GenerationError(
                f"{self.name} is x-shared: all of its properties must be required, texts or numbers, "
                f"and none of them called {', '.join(sorted(_LOCALS))}."
            )
        return self

    def imports(self, modules: Mapping[str, str]) -> dict[str, str]:
        """Return the module of each class that it refers to."""
        kinds = [*(each.kind for each in self.attributes), *([self.others] if self.others else [])]
        classes = frozenset[str]().union(*(kind.classes() for kind in kinds))
        return {name: modules[name] for name in sorted(classes - {self.name})}

    @property
    def required(self) -> list[Attribute]:
        """Those of its properties that are never absent."""
        return [attribute for attribute in self.attributes if attribute.required]

    @property
    def optional(self) -> list[Attribute]:
        """The others."""
        return [attribute for attribute in self.attributes if not attribute.required]


@dataclass(frozen=True)
class Enum:
    """A class of named values.

    Attributes:
        name: The name of the class.
        module: The name of its module.
        description: What it stands for.
        type: The type of the values: `str` or `int`.
        members: The name of each value, and the value as a literal.

    """

    name: str
    module: str
    description: str
    type: str
    members: tuple[tuple[str, str], ...]


def _is_plain(attribute: Attribute) -> bool:
    return attribute.required and isinstance(attribute.kind, Text | Scalar | Enumeration)
