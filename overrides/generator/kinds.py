"""The kinds of values that schemas describe: how each is typed in Python, and how it is read out of JSON.

What reads is an expression that calls the readers of ../runtime/_readers.py, or a function of one value.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

Types = tuple[str, ...]


class Kind(ABC):
    """A kind of values."""

    @abstractmethod
    def types(self, array: str = "list") -> Types:
        """Return the alternatives of a value's type, once it is read; `array` is the name of `list`."""

    def accepted(self) -> Types:
        """Return the alternatives of the type that an argument may have: wider than what is read."""
        return self.types()

    @abstractmethod
    def reading(self, source: str) -> str:
        """Return the expression that reads the JSON value `source`, or raises InvalidDataError."""

    def operand(self, source: str) -> str:
        """Return the same as an expression that may be part of another."""
        return self.reading(source)

    def reader(self) -> str:
        """Return the same as a function of one value."""
        return f"lambda value: {self.reading('value')}"

    def matching(self, pattern: str) -> Kind:
        """Return the kind whose text, if it has one, matches the compiled `pattern`."""
        del pattern
        return self

    def classes(self) -> frozenset[str]:
        """Return the names of the models and enums that types and readers mention."""
        return frozenset()


@dataclass(frozen=True)
class Scalar(Kind):
    """What one function reads."""

    type: str
    function: str
    argument_types: Types = ()

    def types(self, array: str = "list") -> Types:
        del array
        return (self.type,)

    def accepted(self) -> Types:
        return self.argument_types or (self.type,)

    def reading(self, source: str) -> str:
        return f"{self.function}({source})"

    def reader(self) -> str:
        return self.function


UUID = Scalar("str", "as_uuid", ("str", "UUID"))
BOOLEAN = Scalar("bool", "as_boolean")
INTEGER = Scalar("int", "as_integer")
NUMBER = Scalar("float", "as_number")
DATE = Scalar("datetime.date", "as_date")
DATE_TIME = Scalar("datetime.datetime", "as_datetime")


@dataclass(frozen=True)
class Text(Kind):
    """A text, which may have to match a pattern that was compiled under a name."""

    pattern: str = ""

    def types(self, array: str = "list") -> Types:
        del array
        return ("str",)

    def reading(self, source: str) -> str:
        return f"as_matching({source}, {self.pattern})" if self.pattern else f"as_string({source})"

    def reader(self) -> str:
        return super().reader() if self.pattern else "as_string"

    def matching(self, pattern: str) -> Text:
        return Text(pattern)


@dataclass(frozen=True)
class Anything(Kind):
    """JSON of which the document says nothing."""

    def types(self, array: str = "list") -> Types:
        del array
        return ("Any",)

    def reading(self, source: str) -> str:
        return source


@dataclass(frozen=True)
class Constant(Kind):
    """One value, and no other."""

    code: str

    def types(self, array: str = "list") -> Types:
        del array
        return (self.code if self.code == "None" else f"Literal[{self.code}]",)

    def reading(self, source: str) -> str:
        return f"as_constant({source}, {self.code})"


@dataclass(frozen=True)
class Enumeration(Kind):
    """Values that the document names, and others of their type, which a server may send."""

    name: str
    value_type: str

    def types(self, array: str = "list") -> Types:
        del array
        return (self.name, self.value_type)

    def reading(self, source: str) -> str:
        return f"{self.reader()}({source})"

    def reader(self) -> str:
        return f"{self.name}.parse"

    def classes(self) -> frozenset[str]:
        return frozenset({self.name})


@dataclass(frozen=True)
class Object(Kind):
    """An object that is a class of its own."""

    name: str

    def types(self, array: str = "list") -> Types:
        del array
        return (self.name,)

    def reading(self, source: str) -> str:
        return f"{self.reader()}({source})"

    def reader(self) -> str:
        return f"{self.name}.from_dict"

    def classes(self) -> frozenset[str]:
        return frozenset({self.name})


@dataclass(frozen=True)
class Array(Kind):
    """An array of values of one kind."""

    items: Kind

    def types(self, array: str = "list") -> Types:
        return (f"{array}[{joined(self.items.types(array))}]",)

    def accepted(self) -> Types:
        return (f"Sequence[{joined(self.items.accepted())}]",)

    def reading(self, source: str) -> str:
        return f"as_list({source}, {self.items.reader()})"

    def classes(self) -> frozenset[str]:
        return self.items.classes()


@dataclass(frozen=True)
class Nullable(Kind):
    """Null, or a value of a kind."""

    other: Kind

    def types(self, array: str = "list") -> Types:
        return (*self.other.types(array), "None")

    def accepted(self) -> Types:
        return (*self.other.accepted(), "None")

    def reading(self, source: str) -> str:
        return f"None if {source} is None else {self.other.reading(source)}"

    def operand(self, source: str) -> str:
        return f"({self.reading(source)})"

    def matching(self, pattern: str) -> Nullable:
        return replace(self, other=self.other.matching(pattern))

    def classes(self) -> frozenset[str]:
        return self.other.classes()


@dataclass(frozen=True)
class OneOf(Kind):
    """A value of the first of several kinds that takes it."""

    options: tuple[Kind, ...]

    def types(self, array: str = "list") -> Types:
        return tuple(type_ for option in self.options for type_ in option.types(array))

    def accepted(self) -> Types:
        return tuple(type_ for option in self.options for type_ in option.accepted())

    def reading(self, source: str) -> str:
        return f"as_one_of({source}, {', '.join(option.reader() for option in self.options)})"

    def matching(self, pattern: str) -> OneOf:
        return OneOf(tuple(option.matching(pattern) for option in self.options))

    def classes(self) -> frozenset[str]:
        return frozenset[str]().union(*(option.classes() for option in self.options))


def joined(types: Types) -> str:
    """Return the annotation of a value that has one of these types."""
    return " | ".join(dict.fromkeys(types))
