"""The classes of a package's models and enums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .document import Document, Json
from .errors import GenerationError
from .kinds import Enumeration, Kind, Scalar, Text, joined
from .parsing import EnumProperty, GeneratorData, ModelProperty, Property, kind_of, model_schema

# What the class of every model has.
_TAKEN = {"additional_properties", "from_dict", "from_json", "to_dict", "to_json"}


@dataclass(frozen=True)
class Attribute:
    """A property of a model.

    Attributes:
        name: What a user calls it.
        key: What the document calls it.
        kind: The kind of its values.
        required: Whether it is never absent.
        deprecated: What its use warns of; None when it is not deprecated.
        description: What it stands for.

    """

    name: str
    key: str
    kind: Kind
    required: bool
    deprecated: str | None
    description: str

    @property
    def field(self) -> str:
        """The name that it is stored under."""
        return f"_{self.name}" if self.deprecated else self.name

    @property
    def type(self) -> str:
        """Its annotation."""
        return joined(self.kind.types()) + ("" if self.required else " | Unset")

    @property
    def reading(self) -> str:
        """The expression that reads it out of `data`, where `at` is its key."""
        if self.required:
            return self.kind.reading("data[at]")
        return f"{self.kind.operand('data[at]')} if at in data else UNSET"


@dataclass(frozen=True)
class Model:
    """A class of objects.

    Attributes:
        name: The name of the class.
        module: The name of its module.
        description: What it stands for.
        attributes: Its properties, the required ones first.
        shared: Whether equal ones are one object.
        imports: The module of each class that it refers to.

    """

    name: str
    module: str
    description: str
    attributes: tuple[Attribute, ...]
    shared: bool
    imports: Mapping[str, str]

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


def modules(data: GeneratorData) -> dict[str, str]:
    """Return the module of each class."""
    found = {each.class_info.name: each.class_info.module_name for each in (*data.models, *data.enums)}
    return dict(sorted(found.items()))


def models(data: GeneratorData, document: Document) -> list[Model]:
    """Return the classes of objects."""
    all_modules = modules(data)
    return [_model(model, document, all_modules) for model in data.models]


def _model(model: ModelProperty, document: Document, all_modules: Mapping[str, str]) -> Model:
    schema = model_schema(model)
    attributes = _attributes(model, document, schema)
    classes = frozenset[str]().union(*(attribute.kind.classes() for attribute in attributes))
    name = model.class_info.name
    return Model(
        name=name,
        module=model.class_info.module_name,
        description=document.keyword(schema, "description") or f"{name} of the contract.",
        attributes=attributes,
        shared=_is_shared(name, schema, attributes),
        imports={each: all_modules[each] for each in sorted(classes - {name})},
    )


def _attributes(model: ModelProperty, document: Document, schema: Json) -> tuple[Attribute, ...]:
    properties = [*(model.required_properties or []), *(model.optional_properties or [])]
    return tuple(_attribute(each, document, schema) for each in properties)


def _attribute(prop: Property, document: Document, schema: Json) -> Attribute:
    key = prop.name.get_untrusted_value()
    own = document.property_schema(schema, key)
    deprecated, successor = bool(own.get("deprecated")), own.get("x-successor")
    name = f"{prop.python_name}_" if prop.python_name in _TAKEN else str(prop.python_name)
    description = document.keyword(own, "description") or ""
    if deprecated:
        description += f" Deprecated: use `{successor}`." if successor else " Deprecated."
    return Attribute(
        name=name,
        key=key,
        kind=kind_of(prop),
        # A deprecated property may vanish without notice, whatever the document requires.
        required=prop.required and not deprecated,
        deprecated=_warning(name, successor) if deprecated else None,
        description=description.strip(),
    )


def _warning(name: str, successor: str | None) -> str:
    return f"{name} is deprecated" + (f": use {successor} instead." if successor else ".")


def _is_shared(name: str, schema: Json, attributes: Iterable[Attribute]) -> bool:
    shared = bool(schema.get("x-shared"))
    if shared and not all(
        each.required and isinstance(each.kind, Text | Scalar | Enumeration) for each in attributes
    ):
        raise GenerationError(
            f"{name} is x-shared: all of its properties must be required, and texts or numbers."
        )
    return shared


def enums(data: GeneratorData) -> list[Enum]:
    """Return the classes of named values."""
    return [_enum(enum) for enum in data.enums if isinstance(enum, EnumProperty)]


def _enum(enum: EnumProperty) -> Enum:
    name, is_text = enum.class_info.name, enum.value_type is str
    return Enum(
        name=name,
        module=enum.class_info.module_name,
        description=enum.description.get_untrusted_value()
        if enum.description
        else f"{name} of the contract.",
        type=enum.value_type.__name__,
        # The parser has escaped texts for a literal already.
        members=tuple((key, f'"{value}"' if is_text else str(value)) for key, value in enum.values.items()),
    )
