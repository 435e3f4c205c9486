"""The kinds of values that schemas describe: how each is typed in Python, and how it is read out of JSON.

What reads is an expression that calls the readers of ../runtime/_readers.py, or a function of one value.
"""

from __future__ import annotations

import ast
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable
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

    @abstractmethod
    def reader(self) -> str:
        """Return the same as a function of one value."""

    def in_json(self) -> Kind:
        """Return the kind that it is within JSON, which has no bytes."""
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
class Binary(Kind):
    """Bytes: the content of a file, or of a body."""

    def types(self, array: str = "list") -> Types:
        del array
        return ("bytes",)

    def accepted(self) -> Types:
        return ("bytes", "Upload")

    def reading(self, source: str) -> str:
        return f"as_bytes({source})"

    def reader(self) -> str:
        return "as_bytes"

    def in_json(self) -> Kind:
        return Text()


BINARY = Binary()


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
        return f"as_text_like({self.pattern})" if self.pattern else "as_string"


@dataclass(frozen=True)
class Anything(Kind):
    """JSON of which the document says nothing."""

    def types(self, array: str = "list") -> Types:
        del array
        return ("Any",)

    def reading(self, source: str) -> str:
        return source

    def reader(self) -> str:
        return "as_it_is"


@dataclass(frozen=True)
class Nothing(Kind):
    """No value at all: what is asked for contradicts itself.

    Attributes:
        reason: What is asked for.

    """

    reason: str

    def types(self, array: str = "list") -> Types:
        del array
        return ("Never",)

    def reading(self, source: str) -> str:
        return f"{self.reader()}({source})"

    def reader(self) -> str:
        return f"as_nothing({json.dumps(self.reason)})"


@dataclass(frozen=True)
class Constant(Kind):
    """One value; a server may send another one of its type."""

    code: str

    def types(self, array: str = "list") -> Types:
        del array
        return (self.code,) if self.code == "None" else (f"Literal[{self.code}]", self._type)

    def reading(self, source: str) -> str:
        return f"as_constant({source}, {self.code})"

    def reader(self) -> str:
        return f"as_constant_of({self.code})"

    @property
    def _type(self) -> str:
        return type(ast.literal_eval(self.code)).__name__


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

    def reader(self) -> str:
        return f"as_list_of({self.items.reader()})"

    def in_json(self) -> Array:
        return Array(self.items.in_json())

    def classes(self) -> frozenset[str]:
        return self.items.classes()


@dataclass(frozen=True)
class Map(Kind):
    """An object whose properties are named by whoever sends it, and have values of one kind."""

    values: Kind

    def types(self, array: str = "list") -> Types:
        name = "builtins.dict" if array.startswith("builtins.") else "dict"
        return (f"{name}[str, {joined(self.values.types(array))}]",)

    def accepted(self) -> Types:
        return (f"Mapping[str, {joined(self.values.accepted())}]",)

    def reading(self, source: str) -> str:
        return f"as_map({source}, {self.values.reader()})"

    def reader(self) -> str:
        return f"as_map_of({self.values.reader()})"

    def in_json(self) -> Map:
        return Map(self.values.in_json())

    def classes(self) -> frozenset[str]:
        return self.values.classes()


@dataclass(frozen=True)
class Discriminated(Kind):
    """An object whose class a property tells; one that it does not tell is of the base, or stays JSON.

    Attributes:
        property_name: The name of that property.
        options: The values of the property, each with the name of a class.
        base: The name of the class that the others extend; empty where they have none in common.

    """

    property_name: str
    options: tuple[tuple[str, str], ...]
    base: str = ""

    def types(self, array: str = "list") -> Types:
        name = "builtins.dict" if array.startswith("builtins.") else "dict"
        return (*self._classes, *([] if self.base else [f"{name}[str, Any]"]))

    def accepted(self) -> Types:
        return (*self._classes, "Mapping[str, Any]")

    def reading(self, source: str) -> str:
        return f"as_told({source}, {self._arguments})"

    def reader(self) -> str:
        return f"as_told_by({self._arguments})"

    @property
    def _arguments(self) -> str:
        readers = ", ".join(f"{json.dumps(value)}: {name}.from_dict" for value, name in self.options)
        otherwise = f", {self.base}.from_dict" if self.base else ""
        return f"{json.dumps(self.property_name)}, {{{readers}}}{otherwise}"

    def classes(self) -> frozenset[str]:
        return frozenset(self._classes)

    @property
    def _classes(self) -> Types:
        names = [name for _, name in self.options]
        return tuple(dict.fromkeys([*names, self.base] if self.base else names))


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

    def reader(self) -> str:
        return f"as_null_or({self.other.reader()})"

    def operand(self, source: str) -> str:
        return f"({self.reading(source)})"

    def in_json(self) -> Nullable:
        return Nullable(self.other.in_json())

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
        return f"as_one_of({source}, {self._readers})"

    def reader(self) -> str:
        return f"as_any_of({self._readers})"

    @property
    def _readers(self) -> str:
        return ", ".join(option.reader() for option in self.options)

    def in_json(self) -> OneOf:
        return OneOf(tuple(option.in_json() for option in self.options))

    def classes(self) -> frozenset[str]:
        return frozenset[str]().union(*(option.classes() for option in self.options))


@dataclass(frozen=True)
class Limited(Kind):
    """Values of a kind within limits: of a number, of the length of a text, of the number of items."""

    other: Kind
    limits: tuple[tuple[str, float], ...]

    def types(self, array: str = "list") -> Types:
        return self.other.types(array)

    def accepted(self) -> Types:
        return self.other.accepted()

    def reading(self, source: str) -> str:
        return f"{self.reader()}({source})"

    def reader(self) -> str:
        limits = ", ".join(f"{name}={value!r}" for name, value in self.limits)
        return f"as_within({self.other.reader()}, {limits})"

    def in_json(self) -> Limited:
        return replace(self, other=self.other.in_json())

    def classes(self) -> frozenset[str]:
        return self.other.classes()


def nullable(kind: Kind) -> Kind:
    """Return the kind that is null or of a kind."""
    return kind if isinstance(kind, Nullable | Anything) or kind == Constant("None") else Nullable(kind)


def one_of(options: Iterable[Kind]) -> Kind:
    """Return the kind of what is of any of several kinds."""
    null = Constant("None")
    flat: dict[Kind, None] = {}
    is_nullable = False
    for option in options:
        plain = option.other if isinstance(option, Nullable) else option
        is_nullable = is_nullable or plain != option or option == null
        flat.update(dict.fromkeys(plain.options if isinstance(plain, OneOf) else [plain]))
    others = tuple(option for option in flat if option != null)
    if not others:
        return null if flat else Anything()
    if any(isinstance(option, Anything) for option in others):
        return Anything()
    kind = others[0] if len(others) == 1 else OneOf(others)
    return nullable(kind) if is_nullable else kind


def class_of(kind: Kind) -> str:
    """Return the name of the class of the objects of a kind, or of its base; empty where there is none."""
    match kind:
        case Object():
            return kind.name
        case Discriminated():
            return kind.base
        case _:
            return ""


def has_parts(kind: Kind) -> bool:
    """Whether a value of a kind may have others in it."""
    match kind:
        case Anything() | Array() | Discriminated() | Map() | Object():
            return True
        case Limited() | Nullable():
            return has_parts(kind.other)
        case OneOf():
            return any(map(has_parts, kind.options))
        case _:
            return False


def joined(types: Types) -> str:
    """Return the annotation of a value that has one of these types."""
    return "Any" if "Any" in types else " | ".join(dict.fromkeys(types))
