"""The schemas of a document, read as kinds of values; those that are objects or enums become classes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Generator, Iterable, Mapping
from dataclasses import replace
from typing import Any

from . import kinds, naming, shapes, tags
from .composition import Composition, laid_over_if_possible
from .document import Document, Json, as_array, as_object
from .errors import ContradictionError, GenerationError, owned, placed
from .kinds import Kind
from .models import Attribute, Enum, Model

_PYTHON_TYPES = {"string": "str", "integer": "int"}
_FORMATS: dict[tuple[str, str], Kind] = {
    ("string", "uuid"): kinds.UUID,
    ("string", "date"): kinds.DATE,
    ("string", "date-time"): kinds.DATE_TIME,
}
_SCALARS: dict[str, Kind] = {
    "string": kinds.Text(),
    "integer": kinds.INTEGER,
    "number": kinds.NUMBER,
    "boolean": kinds.BOOLEAN,
    "null": kinds.Constant("None"),
}
# What every model has, and what its code calls names.
_TAKEN = {"additional_properties", "from_dict", "from_json", "to_dict", "to_json"}
_LOCALS = {"additional", "at", "cls", "data", "key", "self", "unnamed"}
_NULL = kinds.Constant("None")


class _Reserved(str):
    """The name of a class that is set aside for a schema which the document names."""

    __slots__ = ()


class Schemas:
    """Reads the schemas of a document.

    Args:
        document: The document.
        prefix: What the names of the clients begin with.

    Attributes:
        resources: The class of the operations of each tag, by the name of Python that the tag has.
        enums: The classes of named values.
        notices: What the document says that cannot be meant, each with its place.

    """

    def __init__(self, document: Document, prefix: str) -> None:
        self._document = document
        self._composition = Composition(document)
        self.resources = tags.classes(document, prefix)
        self._names = naming.Names(naming.of_classes(prefix) | tags.defined(self.resources.values()))
        self._modules = naming.Names({"__init__"})
        self._known: dict[str, Kind] = {}
        self._reading: list[str] = []
        self._open: dict[int, Kind] = {}  # what is being read, by the identity of the schema
        self._models: dict[str, Model] = {}
        self.enums: list[Enum] = []
        self.notices: list[str] = []
        self._reserved = {
            f"#/components/schemas/{_escaped(name)}": _Reserved(self._class(name))
            for name in as_object(as_object(document.raw.get("components")).get("schemas"))
        }
        for reference, name in self._reserved.items():
            with placed(reference):
                self._referenced(reference, name)

    def read_webhooks(self) -> None:
        """Make models of what webhooks send: a server of the user reads them with `from_json`.

        Raises:
            GenerationError: It cannot be told what one sends.

        """
        for name, item in as_object(self._document.raw.get("webhooks")).items():
            for method, operation in self._document.resolve(item).items():
                body = self._document.resolve(as_object(operation).get("requestBody"))
                for content in as_object(body.get("content")).values():
                    with placed(f"{method.upper()} webhook {name}"):
                        self.kind(as_object(content).get("schema"), f"{name} webhook")

    @property
    def models(self) -> list[Model]:
        """The classes of objects."""
        return list(self._models.values())

    def model(self, name: str) -> Model:
        """Return the class of objects that has a name."""
        return self._models[name]

    @property
    def modules(self) -> dict[str, str]:
        """The module of each class, by its name."""
        classes: list[Model | Enum] = [*self.models, *self.enums]
        return dict(sorted((each.name, each.module) for each in classes))

    def kind(self, schema: Any, hint: str) -> Kind:
        """Return the kind of values that a schema describes.

        Args:
            schema: The schema.
            hint: What a class is called that comes of it, unless the document names it.

        Raises:
            GenerationError: It cannot be told what it describes.

        """
        if id(schema) in self._open:
            return self._open[id(schema)]  # it has itself within it
        try:
            with self._opened(schema):
                return self._possible(schema, hint)
        except ContradictionError as error:
            self.notices.append(f"{hint}: {error}: there is no such value, and none is sent or read.")
            return kinds.Nothing(str(error))

    @contextlib.contextmanager
    def _opened(self, schema: Any) -> Generator[None, None, None]:
        """While a schema is read, have it be JSON of any kind where it comes again, until it is a class."""
        self._open[id(schema)] = kinds.Anything()
        try:
            yield
        finally:
            del self._open[id(schema)]

    def _possible(self, schema: Any, hint: str) -> Kind:
        """Return the kind of values that a schema describes.

        Raises:
            ContradictionError: It describes none.

        """
        if schema is False:
            raise ContradictionError("its schema is false")
        own = as_object(schema)
        if "$ref" in own:
            return self._referenced(str(own["$ref"]), hint)
        merged = self._composition.merged(own)
        if set(merged) == {"$ref"}:
            return self._referenced(str(merged["$ref"]), hint)
        is_nullable, rest = shapes.without_null(merged)
        if shapes.is_class(rest):
            name = self._class(hint)
            self._open[id(schema)] = kind = _of_class(name, is_nullable=is_nullable)
            self._model(rest, name)
            return kind
        kind = self._of(rest, hint)
        return kinds.nullable(kind) if is_nullable else kind

    def property_schema(self, schema: Json, name: str) -> Json:
        """Return the schema of a property of an object, through references and `allOf`."""
        return as_object(as_object(self._composition.whole(schema).get("properties")).get(name))

    def required(self, schema: Json) -> list[str]:
        """Return the properties that an object always has."""
        return list(map(str, as_array(self._composition.whole(schema).get("required"))))

    def _referenced(self, reference: str, hint: str) -> Kind:
        known = self._known.get(reference)
        if known is not None:
            return known
        if reference in self._reading:
            # It refers to itself without an object in between, which says no more than that it is JSON.
            return kinds.Anything()
        self._reading.append(reference)
        try:
            target = self._document.at(reference)
            name = self._reserved.get(reference, hint)
            kind = self._class_first(target, name, reference) or self.kind(target, name)
        finally:
            self._reading.remove(reference)
        self._known[reference] = kind
        return kind

    def _class_first(self, schema: Any, name: str, reference: str) -> Kind | None:
        """Name the class of an object before its properties are read, since they may lead back to it."""
        described = self._of_objects(schema)
        if described is None:
            return None
        is_nullable, rest = described
        class_name = self._class(name)
        kind = self._with_extensions(class_name, schema, reference)
        self._known[reference] = kind = kinds.nullable(kind) if is_nullable else kind
        self._model(rest, class_name)
        return kind

    def _of_objects(self, schema: Any) -> tuple[bool, Json] | None:
        """Whether a schema that becomes a class allows null, and it without that; None if it becomes none."""
        try:
            merged = self._composition.merged(as_object(schema))
        except ContradictionError:
            return None
        is_nullable, rest = shapes.without_null(merged)
        return None if "$ref" in merged or not shapes.is_class(rest) else (is_nullable, rest)

    def _with_extensions(self, name: str, schema: Json, reference: str) -> Kind:
        """Return the kind of the objects of a class and, if a discriminator tells them, of its extensions."""
        discriminator = self._composition.discriminator(schema)
        if not discriminator.get("propertyName"):
            return kinds.Object(name)
        mapping = shapes.mapping_of(discriminator)
        is_own = "discriminator" in schema  # or else that of a part, which has further extensions
        extensions: dict[str, Kind] = {}
        for other, class_name in self._reserved.items():
            extending = as_object(self._document.at(other))
            is_named = is_own and other in mapping.values()
            is_extension = is_named or self._composition.extends(extending, schema)
            if other != reference and is_extension and self._of_objects(extending):
                extensions[other] = kinds.Object(class_name)
        if not extensions:
            return kinds.Object(name)
        told = {
            value: to
            for value, to in mapping.items()
            if to in extensions or (is_own and to not in self._reserved)
        }
        options = list(extensions.items())
        return replace(self._discriminated({**discriminator, "mapping": told}, options, name), base=name)

    def _class(self, hint: str) -> str:
        """Return the name of a class: the one that was set aside for a schema with a name, or a free one."""
        name = naming.class_name(hint)
        return str(hint) if isinstance(hint, _Reserved) else self._names.free(name, f"{name}Model")

    def _of(self, schema: Json, hint: str) -> Kind:
        for name in shapes.ALTERNATIVES:
            if isinstance(schema.get(name), list) and not shapes.only_requires(schema[name]):
                return self._union(schema, name, hint)
        if "const" in schema:
            return _constant(schema["const"])
        if isinstance(schema.get("enum"), list):
            return self._enum(schema, hint)
        types = shapes.types_of(schema)
        if len(types) > 1:
            return kinds.one_of(self._of({**schema, "type": each}, f"{hint} {each}") for each in types)
        return self._of_type(types[0] if types else "", schema, hint)

    def _of_type(self, name: str, schema: Json, hint: str) -> Kind:
        match name:
            case "object":
                return self._object(schema, hint)
            case "array":
                is_tuple = "prefixItems" in schema  # whose items are of a kind each
                return kinds.Array(
                    kinds.Anything() if is_tuple else self.kind(schema.get("items"), f"{hint} item")
                )
            case "string" if shapes.is_binary(schema):
                return kinds.BINARY
            case "file":
                self.notices.append(
                    f"{hint}: its type is 'file', which OpenAPI 3 has no more: bytes are taken."
                )
                return kinds.BINARY
            case "":
                return kinds.Anything()
            case _ if name in _SCALARS:
                return _FORMATS.get((name, str(schema.get("format"))), _SCALARS[name])
            case _:
                raise GenerationError(f"{hint}: {name!r} is none of the types of JSON Schema.")

    def _object(self, schema: Json, hint: str) -> Kind:
        if not shapes.is_class(schema):
            values = schema.get("additionalProperties", True)
            return kinds.Map(
                self.kind(values, f"{hint} value") if isinstance(values, dict) else kinds.Anything()
            )
        name = self._class(hint)
        self._model(schema, name)
        return kinds.Object(name)

    def _model(self, schema: Json, name: str) -> None:
        module = self._modules.free(naming.module(name))
        required = set(map(str, as_array(schema.get("required"))))
        others = schema.get("additionalProperties")
        unnamed = {key: as_object(others) for key in as_array(schema.get("required"))}
        properties = {**as_object(schema.get("properties"))}
        properties |= {key: other for key, other in unnamed.items() if key not in properties}
        attributes: list[Attribute] = []
        for key, value in properties.items():
            with owned(f"{name}.{key}"):
                attributes.append(self._attribute(key, value, name, is_required=key in required))
        attributes.sort(key=lambda attribute: not attribute.required)
        model = Model(
            name=name,
            module=module,
            description=_text(schema, "description") or f"{name} of the contract.",
            attributes=_named(attributes),
            shared=bool(schema.get("x-shared")),
            others=self.kind(others, f"{name} value") if as_object(others) else None,
        )
        self._models[name] = model.checked()

    def _attribute(self, key: str, schema: Any, owner: str, *, is_required: bool) -> Attribute:
        own = as_object(schema)
        described = self._document.keyword(own, "description") or ""
        is_deprecated, successor = bool(own.get("deprecated")), own.get("x-successor")
        if is_deprecated:
            described += f" Deprecated: use `{successor}`." if successor else " Deprecated."
        return Attribute(
            name=naming.identifier(key),
            key=key,
            kind=self.kind(own, f"{owner} {key}"),
            # A deprecated property may vanish without notice, and what is only written is never sent back.
            required=is_required and not is_deprecated and not self._document.keyword(own, "writeOnly"),
            is_deprecated=is_deprecated,
            successor=naming.identifier(str(successor)) if successor else "",
            description=described.strip(),
        )

    def _union(self, schema: Json, keyword: str, hint: str) -> Kind:
        base = {name: value for name, value in schema.items() if name not in {keyword, "discriminator"}}
        options: list[tuple[str, Kind]] = []
        for number, option in enumerate(as_array(schema[keyword])):
            reference = str(as_object(option).get("$ref", ""))
            is_whole = self._composition.extends(as_object(option), schema[keyword])
            kind = self._option({} if is_whole else base, option, f"{hint} type {number}")
            options.append((reference, kind))
        discriminator = as_object(schema.get("discriminator"))
        found = [kind for _, kind in options]
        is_told = bool(discriminator.get("propertyName")) and all(
            kinds.class_of(kind) for kind in found if kind != _NULL
        )
        if not is_told or any(not reference for reference, kind in options if kind != _NULL):
            return kinds.one_of(found)
        kind = self._discriminated(discriminator, [each for each in options if each[1] != _NULL], hint)
        return kinds.nullable(kind) if _NULL in found else kind

    def _option(self, base: Json, option: Any, hint: str) -> Kind:
        """Return the kind of an alternative, with what holds for all of them."""
        whole = laid_over_if_possible(base, option) if shapes.is_class(base) or "type" in base else option
        if whole is option or id(option) in self._open:
            return self.kind(option, hint)
        with self._opened(option):
            return self.kind(whole, hint)

    def _discriminated(
        self, discriminator: Json, options: list[tuple[str, Kind]], hint: str
    ) -> kinds.Discriminated:
        by_reference = dict(options)
        values: dict[str, str] = {}
        for value, reference in shapes.mapping_of(discriminator).items():
            try:
                self._document.at(reference)
            except GenerationError as error:
                self.notices.append(f"{hint}: discriminator: {error} The value {value!r} is left out.")
                continue
            kind = by_reference.get(reference) or self._referenced(reference, value)
            if name := kinds.class_of(kind):
                values[value] = name
        for reference, kind in options:
            if (name := kinds.class_of(kind)) not in values.values():
                values.setdefault(reference.rpartition("/")[2], name)
        return kinds.Discriminated(str(discriminator["propertyName"]), tuple(values.items()))

    def _enum(self, schema: Json, hint: str) -> Kind:
        stated = as_array(schema["enum"])
        if shapes.types_of(schema) == ["array"] and not any(isinstance(value, list) for value in stated):
            self.notices.append(f"{hint}: its enum has no array: it is taken for that of its items.")
            items = {"enum": stated, **as_object(schema.get("items"))}
            return kinds.Array(self.kind(items, f"{hint} item"))
        values = [value for value in stated if shapes.is_of(shapes.types_of(schema), value)]
        if not values:
            raise ContradictionError(
                f"it asks for {' or '.join(shapes.types_of(schema))} and for one of {schema['enum']}"
            )
        types = sorted({shapes.json_type(value) for value in values})
        if types not in (["string"], ["integer"]):
            return kinds.one_of(self._of_type(each, {}, hint) for each in types)
        name = self._class(hint)
        self.enums.append(
            Enum(
                name=name,
                module=self._modules.free(naming.module(name)),
                description=_text(schema, "description") or f"{name} of the contract.",
                type=_PYTHON_TYPES[types[0]],
                members=_members(dict.fromkeys(values), as_array(schema.get("x-enum-varnames"))),
            )
        )
        return kinds.Enumeration(name, self.enums[-1].type)


def _of_class(name: str, *, is_nullable: bool) -> Kind:
    return kinds.nullable(kinds.Object(name)) if is_nullable else kinds.Object(name)


def _constant(value: Any) -> Kind:
    if isinstance(value, dict | list | float):
        return kinds.Anything()
    return kinds.Constant(repr(value) if not isinstance(value, str) else json.dumps(value))


def _members(values: Iterable[Any], given: list[Any]) -> tuple[tuple[str, str], ...]:
    """The names of the members of an enum, and their values as literals."""
    names = naming.Names({"mro", "name", "value", "parse", "names", "values"})
    found: list[tuple[str, str]] = []
    for number, value in enumerate(values):
        wanted = str(given[number]) if number < len(given) else _member_name(value)
        name = naming.identifier(wanted).upper() if not wanted.isidentifier() else wanted
        literal = json.dumps(value) if isinstance(value, str) else str(value)
        found.append((names.free(name, f"{name}_"), literal))
    return tuple(found)


def _member_name(value: Any) -> str:
    if isinstance(value, int):
        return f"VALUE_NEGATIVE_{-value}" if value < 0 else f"VALUE_{value}"
    name = naming.identifier(value).removesuffix("_").upper() if value else "VALUE_EMPTY"
    return name.replace("FIELD_", "VALUE_", 1) if name.startswith("FIELD_") else name


def _named(attributes: list[Attribute]) -> tuple[Attribute, ...]:
    """The attributes, each with a name that no other has."""
    names = naming.Names(_TAKEN)
    return tuple(
        each.renamed(names.free(each.name, f"{each.name}_", f"{each.name}_{number}"))
        for number, each in enumerate(attributes)
    )


def _text(schema: Mapping[str, Any], name: str) -> str:
    return str(schema.get(name) or "")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
