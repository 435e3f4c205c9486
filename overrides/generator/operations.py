"""The operations of a package, and the resources that have them as methods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from keyword import iskeyword
from typing import Literal

from openapi_python_client import strings

from . import prose
from .document import Document, Json
from .errors import GenerationError
from .kinds import Kind, joined
from .models import modules
from .parsing import (
    Endpoint,
    GeneratorData,
    ModelProperty,
    Property,
    kind_of,
    model_schema,
    path_of,
    result_kind,
)

Place = Literal["path", "query", "header", "body", "whole body"]

# The names of what every method takes besides the arguments of its operation.
_TAKEN = {"options", "extra_headers", "extra_query", "timeout", "max_retries", "deadline"}

_BODY = "$response.body#"


@dataclass(frozen=True)
class Argument:
    """An argument of an operation.

    Attributes:
        name: What a user calls it.
        key: What the document calls it.
        place: Where it is sent.
        kind: The kind of its values.
        required: Whether it has to be passed.
        pattern: The regular expression that it matches, as the document has it; empty when there is none.
        deprecated: Whether passing it warns.
        description: What it stands for.

    """

    name: str
    key: str
    place: Place
    kind: Kind
    required: bool
    pattern: str
    deprecated: bool
    description: str

    @property
    def declaration(self) -> str:
        """Its name and annotation, as a parameter of a function."""
        annotation = joined(self.kind.accepted())
        return f"{self.name}: {annotation}" + ("" if self.required else " | Unset = UNSET")

    @property
    def pattern_name(self) -> str:
        """The name that its compiled pattern has."""
        return f"_{self.name.upper()}"

    @property
    def compiled(self) -> str:
        """The expression that compiles its pattern, an ECMA one: `$` is the very end, classes are ASCII."""
        ends = self.pattern.endswith("$") and not self.pattern.endswith("\\$")
        anchored = self.pattern.removesuffix("$") + "\\Z" if ends else self.pattern
        return f"re.compile({prose.literal(anchored)}, re.ASCII)"

    @property
    def hint(self) -> str:
        """What a refusal says about it, in one line."""
        return " ".join(self.description.split())

    @property
    def reader(self) -> str:
        """The function that reads it, and so checks it."""
        return (self.kind.matching(self.pattern_name) if self.pattern else self.kind).reader()


@dataclass(frozen=True)
class Operation:
    """An operation.

    Attributes:
        id: What the document calls it.
        name: The name of the function that makes its calls, and of its module.
        method: The HTTP method.
        path: The path, with the names of its parameters in braces.
        summary: What it does, in a few words.
        description: What it does.
        deprecated: Whether its use warns.
        arguments: Its arguments: those of the path, then the others, the required ones first.
        result: The kind of what it returns; None when it returns nothing.
        echoes: The arguments that the answer repeats, by their JSON Pointers in it.
        imports: The module of each class that it refers to.

    """

    id: str
    name: str
    method: str
    path: str
    summary: str
    description: str
    deprecated: bool
    arguments: tuple[Argument, ...]
    result: Kind | None
    echoes: Mapping[str, Argument]
    imports: Mapping[str, str]

    def placed(self, *places: Place) -> list[Argument]:
        """Return its arguments in certain places."""
        return [argument for argument in self.arguments if argument.place in places]

    @property
    def keywords(self) -> list[Argument]:
        """Those of its arguments that are passed by keyword."""
        return [argument for argument in self.arguments if argument.place != "path"]

    @property
    def url(self) -> str:
        """The path as an expression, with the checked arguments of the path filled in."""
        if not self.placed("path"):
            return prose.literal(self.path)
        text = strings.in_f_string_literal(self.path)
        for argument in self.placed("path"):
            text = text.replace(f"{{{{{argument.key}}}}}", f"{{quote(str({argument.name}_), safe='')}}")
        return f'f"{text}"'

    @property
    def result_reader(self) -> str:
        """The function that reads its result."""
        return self.result.reader() if self.result else "None"

    def result_type(self, array: str = "list") -> str:
        """Return the annotation of what it returns; `array` is the name of `list`."""
        return joined(self.result.types(array)) if self.result else "None"


@dataclass(frozen=True)
class Resource:
    """The operations of a tag.

    Attributes:
        tag: The tag, as a name of Python.
        description: What the document says about it.
        methods: The operations by the names of their methods.

    """

    tag: str
    description: str
    methods: Mapping[str, Operation]

    @property
    def class_name(self) -> str:
        """The name of its class; that of the asynchronous one has Async before it."""
        return f"{strings.pascal_case(self.tag)}Resource"


def resources(data: GeneratorData, document: Document) -> list[Resource]:
    """Return the resources, sorted by their tags."""
    all_modules = modules(data)
    return [
        _resource(str(tag), [_operation(each, document, all_modules) for each in tagged.endpoints], document)
        for tag, tagged in sorted(data.endpoint_collections_by_tag.items())
    ]


def _resource(tag: str, operations: list[Operation], document: Document) -> Resource:
    short = [_short_name(operation.name, tag) for operation in operations]
    return Resource(
        tag=tag,
        description=document.tag_description(tag) or f"The operations on {tag}.",
        methods={
            name if short.count(name) == 1 else operation.name: operation
            for name, operation in zip(short, operations, strict=True)
        },
    )


def _short_name(name: str, tag: str) -> str:
    """Return the name of an operation without that of its tag, in singular or plural."""
    short = f"_{name}_".replace(f"_{tag}_", "_").replace(f"_{tag.removesuffix('s')}_", "_").strip("_") or name
    return f"{short}_" if iskeyword(short) else short


def _operation(endpoint: Endpoint, document: Document, all_modules: Mapping[str, str]) -> Operation:
    path = path_of(endpoint)
    raw = document.operation(path, endpoint.method)
    arguments = _arguments(endpoint, document)
    result = result_kind(endpoint)
    kinds = [*(argument.kind for argument in arguments), *([result] if result else [])]
    classes = frozenset[str]().union(*(kind.classes() for kind in kinds))
    return Operation(
        id=raw.get("operationId", str(endpoint.name)),
        name=str(endpoint.name),
        method=endpoint.method.upper(),
        path=path,
        summary=raw.get("summary", ""),
        description=raw.get("description", ""),
        deprecated=bool(raw.get("deprecated")),
        arguments=arguments,
        result=result,
        echoes=_echoes(document.echoes(path, endpoint.method), arguments),
        imports={each: all_modules[each] for each in sorted(classes)},
    )


def _echoes(given: Mapping[str, str], arguments: Iterable[Argument]) -> dict[str, Argument]:
    in_path = {f"$request.path.{each.key}": each for each in arguments if each.place == "path"}
    for pointer, expression in given.items():
        if not pointer.startswith(_BODY) or expression not in in_path:
            raise GenerationError(
                f"x-echoes says {pointer}: {expression}; it must be {_BODY}/...: $request.path.NAME."
            )
    return {pointer.removeprefix(_BODY): in_path[expression] for pointer, expression in given.items()}


def _arguments(endpoint: Endpoint, document: Document) -> tuple[Argument, ...]:
    found = [*_parameters(endpoint, document), *_body(endpoint, document)]
    found.sort(key=lambda argument: not argument.required)
    in_path = [argument for argument in found if argument.place == "path"]
    return (*in_path, *(argument for argument in found if argument.place != "path"))


def _parameters(endpoint: Endpoint, document: Document) -> list[Argument]:
    described = document.parameters(path_of(endpoint), endpoint.method)
    places: list[tuple[Place, list[Property]]] = [
        ("path", endpoint.path_parameters),
        ("query", endpoint.query_parameters),
        ("header", endpoint.header_parameters),
    ]
    return [
        _parameter(prop, place, document, described[place, prop.name.get_untrusted_value()])
        for place, properties in places
        for prop in properties
    ]


def _parameter(prop: Property, place: Place, document: Document, raw: Json) -> Argument:
    schema = raw["schema"]
    return Argument(
        name=_argument_name(prop),
        key=prop.name.get_untrusted_value(),
        place=place,
        kind=kind_of(prop),
        required=prop.required,
        pattern=document.keyword(schema, "pattern") or "",
        deprecated=bool(raw.get("deprecated")),
        description=raw.get("description") or document.keyword(schema, "description") or "",
    )


def _body(endpoint: Endpoint, document: Document) -> list[Argument]:
    if not endpoint.bodies:
        return []
    prop = endpoint.bodies[0].prop
    if isinstance(prop, ModelProperty):
        properties = [*(prop.required_properties or []), *(prop.optional_properties or [])]
        return [_body_argument(each, prop, document) for each in properties]
    return [
        Argument(
            name=_argument_name(prop),
            key=prop.name.get_untrusted_value(),
            place="whole body",
            kind=kind_of(prop),
            required=prop.required,
            pattern="",
            deprecated=False,
            description="The body.",
        )
    ]


def _body_argument(prop: Property, body: ModelProperty, document: Document) -> Argument:
    key = prop.name.get_untrusted_value()
    schema = document.property_schema(model_schema(body), key)
    return Argument(
        name=_argument_name(prop),
        key=key,
        place="body",
        kind=kind_of(prop),
        required=prop.required and body.required,
        pattern=document.keyword(schema, "pattern") or "",
        deprecated=bool(schema.get("deprecated")),
        description=document.keyword(schema, "description") or "",
    )


def _argument_name(prop: Property) -> str:
    return f"{prop.python_name}_" if prop.python_name in _TAKEN else str(prop.python_name)
