"""The operations of a package, and the resources that have them as methods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from openapi_python_client import strings

from . import kinds, media, paths, prose
from .kinds import Kind, joined
from .pages import Pages
from .security import Alternatives

Place = Literal["path", "query", "header", "cookie", "body", "whole body"]


@dataclass(frozen=True)
class Resource:
    """The operations of a tag.

    Attributes:
        tag: The tag, as a name of Python.
        description: What the document says about it.
        class_name: The name of its class; that of the asynchronous one has Async before it.
        methods: The operations by the names of their methods.

    """

    tag: str
    description: str
    class_name: str
    methods: Mapping[str, Operation]


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
        answers: What it may be answered with when all is well.
        media_type: That of its body; empty when it has none.
        requires_body: Whether the body is sent when none of its properties is set.
        encoding: How properties of the body are written, by their names; the others as is usual.
        method_name: The name that the document gives the method; empty when it gives none.
        echoes: The arguments that the answer repeats, by their JSON Pointers in it.
        security: The security schemes that it may be called with; None for those of the document.
        server: Its own server; empty for that of the document.
        patterns: The expressions that compile the patterns of its arguments, by their names.
        pages: How its pages follow each other; None when it answers at once.

    """

    id: str
    name: str
    method: str
    path: str
    summary: str
    description: str
    deprecated: bool
    arguments: tuple[Argument, ...]
    answers: tuple[Answer, ...]
    media_type: str
    requires_body: bool
    encoding: Mapping[str, Encoding]
    method_name: str
    echoes: Mapping[str, Argument]
    security: Alternatives | None
    server: str
    patterns: Mapping[str, str]
    pages: Pages | None

    def named(self, name: str) -> Operation:
        """Return the same with another name."""
        return replace(self, name=name)

    def imports(self, modules: Mapping[str, str]) -> dict[str, str]:
        """Return the module of each class that it refers to."""
        kinds = [each.kind for each in self.arguments]
        kinds += [self.pages.kind] if self.pages else []
        kinds += [each.kind for each in self.answers if each.kind is not None]
        classes = frozenset[str]().union(*(kind.classes() for kind in kinds))
        return {name: modules[name] for name in sorted(classes)}

    def placed(self, *places: Place) -> list[Argument]:
        """Return its arguments in certain places."""
        return [argument for argument in self.arguments if argument.place in places]

    @property
    def keywords(self) -> list[Argument]:
        """Those of its arguments that are passed by keyword."""
        return [argument for argument in self.arguments if argument.place != "path"]

    @property
    def cursor(self) -> Argument | None:
        """The one of its arguments that asks for a page; None when it answers at once."""
        key = self.pages.cursor if self.pages else None
        return next((each for each in self.placed("query") if each.key == key), None)

    @property
    def url(self) -> str:
        """The path as an expression, with the checked arguments of the path filled in."""
        path = paths.alone(self.path)
        if not self.placed("path"):
            return prose.literal(path)
        text = strings.in_f_string_literal(path)
        for argument in self.placed("path"):
            text = text.replace(f"{{{{{argument.key}}}}}", f"{{{argument.in_path}}}")
        return f'f"{text}"'

    @property
    def fixed_query(self) -> Mapping[str, str]:
        """What stands as a query in the path already."""
        return paths.fixed_query(self.path)

    @property
    def is_plain(self) -> bool:
        """Whether there is one answer, and that JSON or nothing."""
        return len(self.answers) <= 1 and all(answer.is_json or not answer.kind for answer in self.answers)

    @property
    def parse(self) -> str:
        """The function that makes the result out of what was read of the response."""
        if not self.is_plain:
            return "as_it_is"
        return next((answer.kind.reader() for answer in self.answers if answer.kind), "None")

    @property
    def reading(self) -> str:
        """The function that reads the response, where it is not JSON alone."""
        readers = ", ".join(f"{answer.status_key}: {answer.reader}" for answer in self.answers)
        return f"_by_status({{{readers}}})"

    @property
    def accept(self) -> str:
        """The media types of the answers, where JSON is not the only one; else empty."""
        found = dict.fromkeys(answer.media_type for answer in self.answers if answer.media_type)
        return "" if self.is_plain else ", ".join(found)

    def result_type(self, array: str = "list") -> str:
        """Return the annotation of what it returns; `array` is the name of `list`."""
        types = [answer.kind.types(array) if answer.kind else ("None",) for answer in self.answers]
        return joined(tuple(each for found in types for each in found)) or "None"


@dataclass(frozen=True)
class Argument:
    """An argument of an operation.

    Attributes:
        name: What a user calls it.
        key: What the document calls it.
        place: Where it is sent.
        kind: The kind of its values.
        required: Whether it has to be passed.
        deprecated: Whether passing it warns.
        description: What it stands for.
        style: How its value is written, in the words of OpenAPI, or `json`; empty in a body.
        explode: Whether each part of its value is written by itself.
        needed: Whether it has to be passed as soon as another part of an optional body is.

    """

    name: str
    key: str
    place: Place
    kind: Kind
    required: bool
    deprecated: bool
    description: str
    style: str = ""
    explode: bool = False
    needed: bool = False

    def renamed(self, name: str) -> Argument:
        """Return the same with another name."""
        return replace(self, name=name)

    @property
    def declaration(self) -> str:
        """Its name and annotation, as a parameter of a function."""
        annotation = joined(self.kind.accepted())
        return f"{self.name}: {annotation}" + ("" if self.required else " | Unset = UNSET")

    @property
    def in_path(self) -> str:
        """What it is called once it is written as a part of the path."""
        return f"{self.name}_in_path"

    @property
    def hint(self) -> str:
        """What a refusal says about it, in one line."""
        return " ".join(self.description.split())

    @property
    def reader(self) -> str:
        """The function that reads it, and so checks it."""
        return self.kind.reader()


Encoding: TypeAlias = tuple[str, str, bool]
"""The content type of a property and its style, empty where none is stated, and whether that explodes."""


@dataclass(frozen=True)
class Answer:
    """What an operation may be answered with.

    Attributes:
        status: The status, such as 200, a range such as 2XX, or `default`.
        media_type: That of the body; empty when there is none.
        kind: The kind of what the body holds; None when there is none.

    """

    status: str
    media_type: str
    kind: Kind | None

    @property
    def is_json(self) -> bool:
        is_told = not (self.media_type == media.ANY and isinstance(self.kind, kinds.Text))
        return is_told and media.is_json(self.media_type) and not isinstance(self.kind, kinds.Binary)

    @property
    def status_key(self) -> str:
        """The status as a number, or a range of them as its first digit, or 0 for any."""
        if self.status.isdigit():
            return self.status
        return self.status[0] if self.status[0].isdigit() else "0"

    @property
    def reader(self) -> str:
        """The function that reads the result out of a response."""
        if self.kind is None:
            return "_no_content"
        if self.is_json:
            return f"_json_content({self.kind.reader()})"
        if self.media_type == media.ANY and isinstance(self.kind, kinds.Text):
            return f"_text_or_json_content({self.kind.reader()})"
        return "_text_content" if isinstance(self.kind, kinds.Text) else "_bytes_content"
