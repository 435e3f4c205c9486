"""The operations of a package, and the resources that have them as methods."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from openapi_python_client import strings

from . import kinds, naming, paths, prose, servers, tags
from .document import Document, Json, as_array, as_object
from .errors import GenerationError, placed
from .kinds import Kind, joined
from .limits import Limits
from .models import Model
from .pages import Pages, is_foreign, pages
from .schemas import Schemas
from .security import Alternatives, Security

Place = Literal["path", "query", "header", "cookie", "body", "whole body"]

_PLACES = ("path", "query", "header", "cookie")
_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_STYLES_OF = {
    "path": {"simple", "label", "matrix"},
    "query": {"form", "spaceDelimited", "pipeDelimited", "deepObject"},
    "header": {"simple"},
    "cookie": {"form"},
}
# OpenAPI says that a document's words on these headers do not count.
_IGNORED_HEADERS = {"accept", "content-type", "authorization"}
# The names of what every method takes besides the arguments of its operation, and of what its code calls.
_TAKEN = naming.of_readers() | {
    *("self", "options", "timeout", "extra_headers", "extra_query", "max_retries", "deadline", "str"),
}
_OF_RESOURCES = {"with_raw_response"}
_WITHOUT_BODIES = {"204", "205"}
_ANSWERED = "$response.body#"
_JSON_TYPE, _ANY_TYPE = "application/json", "*/*"
_JSON, _FORM, _MULTIPART, _OTHER = range(4)  # bodies, the preferred ones first


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
        is_told = not (self.media_type == _ANY_TYPE and isinstance(self.kind, kinds.Text))
        return is_told and is_json(self.media_type) and not isinstance(self.kind, kinds.Binary)

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
        if self.media_type == _ANY_TYPE and isinstance(self.kind, kinds.Text):
            return f"_text_or_json_content({self.kind.reader()})"
        return "_text_content" if isinstance(self.kind, kinds.Text) else "_bytes_content"


@dataclass(frozen=True)
class Body:
    """The body of an operation.

    Attributes:
        media_type: Its media type.
        is_required: Whether it is sent always.
        arguments: The arguments that it is made of.
        encoding: How its properties are written, by their names; the others as is usual.

    """

    media_type: str
    is_required: bool
    arguments: tuple[Argument, ...]
    encoding: Mapping[str, Encoding]


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


# --- reading a document -------------------------------------------------------------------------


class Reader:
    """Reads the operations of a document.

    Args:
        document: The document.
        schemas: Its schemas.
        security: Its security schemes.

    """

    def __init__(self, document: Document, schemas: Schemas, security: Security) -> None:
        self._document = document
        self._schemas = schemas
        self._security = security

    def resources(self) -> list[Resource]:
        """Return the resources, sorted by their tags.

        Raises:
            GenerationError: There is an operation that no client can call.

        """
        tagged: dict[str, list[tuple[str, Operation]]] = {}
        for path, method, shared, own in tags.operations(self._document):
            raw = {"servers": shared.get("servers", []), **own}
            with placed(f"{method.upper()} {path}"):
                operation = self._operation(path, method, as_array(shared.get("parameters")), raw)
            tag = tags.tag(raw)
            tagged.setdefault(tags.resource(tag), []).append((tag, operation))
        if notice := servers.usable(self._document.raw)[1]:
            self._schemas.notices.append(notice)
        return [self._resource(name, found) for name, found in sorted(tagged.items())]

    def _resource(self, name: str, found: list[tuple[str, Operation]]) -> Resource:
        tag = found[0][0]
        modules = naming.Names({"_resource", "__init__"})
        operations = [operation.named(modules.free(operation.name)) for _, operation in found]
        self._schemas.notices += [
            f"{own.method} {own.path}: another operation of {tag} is called {own.id}, too: "
            f"this one is {own.name}."
            for own, (_, operation) in zip(operations, found, strict=True)
            if own.name != operation.name
        ]
        return Resource(
            tag=name,
            description=self._document.tag_description(tag) or f"The operations on {tag}.",
            class_name=self._schemas.resources[name],
            methods=self._methods(operations, name),
        )

    def _methods(self, operations: list[Operation], tag: str) -> dict[str, Operation]:
        """Return the operations by the names of their methods, which do not hang on what others there are.

        Raises:
            GenerationError: Two would have the same, and have it in full as well.

        """
        by_name: dict[str, list[Operation]] = {}
        for operation in operations:
            by_name.setdefault(operation.method_name or _short_name(operation.name, tag), []).append(
                operation
            )
        found: dict[str, Operation] = {}
        for short, owners in by_name.items():
            if len(owners) > 1:
                ids = " and ".join(each.id for each in owners)
                self._schemas.notices.append(
                    f"{ids} would be the method {short} of {tag}: they have their names in full, "
                    "unless x-method gives them others."
                )
            for operation in owners:
                name = short if len(owners) == 1 else operation.method_name or _full_name(operation.name)
                if name in found:
                    raise GenerationError(
                        f"{found[name].id} and {operation.id} would both be the method {name} of {tag}: "
                        "name one of them with x-method."
                    )
                found[name] = operation
        _check_pages(found, tag)
        return found

    def _operation(self, path: str, method: str, shared: list[Any], raw: Json) -> Operation:
        place = f"{method.upper()} {path}"
        operation_id = str(raw.get("operationId") or place)
        name = naming.module(_without_marks(operation_id))
        limits = Limits(self._document)
        bodies = self._body(name, raw, limits)
        arguments = _distinct(
            [*self._parameters(place, name, shared, raw, limits), *(bodies.arguments if bodies else [])]
        )
        answers = tuple(self._answers(name, method, raw))
        if "x-pagination" in raw and is_foreign(raw["x-pagination"]):
            self._schemas.notices.append(f"{place}: x-pagination is that of another tool, and ignored.")
        return Operation(
            id=operation_id,
            name=name,
            method=method.upper(),
            path=path,
            summary=str(raw.get("summary") or ""),
            description=str(raw.get("description") or ""),
            deprecated=bool(raw.get("deprecated")),
            arguments=tuple(arguments),
            answers=answers,
            media_type=bodies.media_type if bodies else "",
            requires_body=bool(bodies and bodies.is_required),
            encoding=bodies.encoding if bodies else {},
            method_name=naming.method(str(raw["x-method"])) if "x-method" in raw else "",
            echoes=self._echoes(raw, arguments),
            security=self._own_security(raw),
            patterns=limits.patterns,
            pages=self._pages(raw, arguments, answers),
            server=self._server(raw, place),
        )

    def _server(self, raw: Json, place: str) -> str:
        shared, _ = servers.usable(self._document.raw)
        own, notice = servers.usable(raw, shared)
        if notice:
            self._schemas.notices.append(f"{place}: {notice}")
        return servers.url(own, servers.url(shared))

    def _own_security(self, raw: Json) -> Alternatives | None:
        alternatives = self._security.alternatives(raw)
        return None if alternatives == self._security.default else alternatives

    def _pages(self, raw: Json, arguments: list[Argument], answers: Sequence[Answer]) -> Pages | None:
        if "x-pagination" not in raw or is_foreign(raw["x-pagination"]):
            return None
        in_query = [each.key for each in arguments if each.place == "query"]
        page = answers[0].kind if answers else None
        return pages(as_object(raw["x-pagination"]), in_query, page, self._schemas.models)

    def _echoes(self, raw: Json, arguments: list[Argument]) -> dict[str, Argument]:
        in_path = {f"$request.path.{each.key}": each for each in arguments if each.place == "path"}
        found: dict[str, Argument] = {}
        for status, response in as_object(raw.get("responses")).items():
            given = (
                as_object(self._document.resolve(response).get("x-echoes")) if str(status)[0] == "2" else {}
            )
            for pointer, expression in given.items():
                if not pointer.startswith(_ANSWERED) or expression not in in_path:
                    raise GenerationError(
                        f"x-echoes says {pointer}: {expression}, not {_ANSWERED}/...: $request.path.NAME."
                    )
                found[pointer.removeprefix(_ANSWERED)] = in_path[expression]
        return found

    def _parameters(
        self, place: str, operation: str, shared: list[Any], raw: Json, limits: Limits
    ) -> Iterator[Argument]:
        resolved = [self._resolved(each) for each in (*shared, *as_array(raw.get("parameters")))]
        found = {(each.get("in"), each.get("name")): each for each in resolved}
        in_path, in_query = paths.names(place), paths.asked_query(place)
        for hole in (*in_path, *in_query):
            if ("path", hole) not in found and ("query", in_query.get(hole)) not in found:
                found["path", hole] = {"in": "path", "name": hole, "schema": {"type": "string"}}
                self._schemas.notices.append(f"{place}: No parameter describes {{{hole}}}: a text is taken.")
            if ("path", hole) in found and hole not in in_path:
                found["query", in_query[hole]] = _in_query(found.pop(("path", hole)), in_query[hole])
        for (where, name), parameter in found.items():
            if where == "path" and name not in in_path:
                continue
            if where == "header" and str(name).lower() in _IGNORED_HEADERS:
                continue
            if where not in _PLACES:
                raise GenerationError(f"The parameter {name} is in {where!r}, which is no place for one.")
            yield self._parameter(parameter, operation, limits)

    def _resolved(self, node: Any) -> Json:
        parameter = self._document.resolve(node)
        name, place = parameter.get("name"), parameter.get("in")
        if not isinstance(name, str):
            raise GenerationError("A parameter has no name.")
        if not isinstance(place, str):
            raise GenerationError(f"The parameter {name} is in {place!r}, which is no place for one.")
        return parameter

    def _parameter(self, raw: Json, operation: str, limits: Limits) -> Argument:
        content = next(iter(as_object(raw.get("content")).values()), None)
        described = raw.get("schema") if content is None else as_object(content).get("schema")
        schema = as_object(described)
        place: Place = raw["in"]
        style = str(raw.get("style") or _STYLES[place])
        if style not in _STYLES_OF[place]:
            self._schemas.notices.append(
                f"{operation}: The parameter {raw['name']} in {place} has the style {style!r}: "
                f"{_STYLES[place]} is taken, since those in {place} have no such style."
            )
            style = _STYLES[place]
        name = naming.identifier(str(raw["name"]))
        kind = self._schemas.kind(described, f"{operation} {raw['name']}").in_json()
        if style == "deepObject" and content is None and not kinds.has_parts(kind):
            raise GenerationError(
                f"The parameter {raw['name']} has the style 'deepObject', and its values have no properties."
            )
        return Argument(
            name=name,
            key=str(raw["name"]),
            place=place,
            kind=limits.of(kind, schema, name),
            required=bool(raw.get("required")) or place == "path",
            deprecated=bool(raw.get("deprecated")),
            description=str(raw.get("description") or self._document.keyword(schema, "description") or ""),
            style="json" if content is not None else style,
            explode=bool(raw.get("explode", style == "form")),
        )

    def _body(self, operation: str, raw: Json, limits: Limits) -> Body | None:
        body = self._document.resolve(raw.get("requestBody"))
        contents = as_object(body.get("content"))
        if not contents:
            return None
        media_type = min(contents, key=lambda each: (_preference(each), list(contents).index(each)))
        others = [name for name in contents if _preference(name) == _MULTIPART]
        if others and _preference(media_type) in {_JSON, _FORM} and self._has_files(contents[media_type]):
            media_type = others[0]
        if is_json(media_type) and any(self._has_files(contents[name]) for name in others):
            self._schemas.notices.append(
                f"{operation}: Its body is sent as {media_type}, so that no file can be sent with it."
            )
        schema = as_object(as_object(contents[media_type]).get("schema"))
        is_required = bool(body.get("required"))
        is_in_json = self._is_json(media_type, schema)
        kind = self._schemas.kind(schema, f"{operation} body")
        kind = kind.in_json() if is_in_json else kind
        is_form = _preference(media_type) in {_FORM, _MULTIPART}
        model = self._model(kind) if is_in_json or is_form else None
        encoding = _encoding(as_object(contents[media_type]) if is_form else {})
        media_type = _JSON_TYPE if media_type == _ANY_TYPE and is_in_json else media_type
        if model is not None:
            is_open = model.others is not None
            arguments = (
                []
                if is_open
                else list(self._of_body(model, schema, media_type, limits, is_required=is_required))
            )
            if not is_open:
                return Body(media_type, is_required, tuple(arguments), encoding)
        if not (is_in_json or is_form):
            kind = self._content(media_type, schema)
        kind = limits.of(kind, schema, "body")
        return Body(media_type, is_required, (_whole_body(kind, is_required=is_required),), encoding)

    def _has_files(self, content: Any) -> bool:
        schema = as_object(self._document.resolve(as_object(content).get("schema")))
        properties = [as_object(each) for each in as_object(schema.get("properties")).values()]
        items = [as_object(each.get("items")) for each in properties]
        return any(map(self._is_file, (*properties, *items)))

    def _is_file(self, schema: Json) -> bool:
        return self._document.keyword(schema, "format") == "binary" or schema.get("type") == "file"

    def _model(self, kind: Kind) -> Model | None:
        if not isinstance(kind, kinds.Object):
            return None
        return self._schemas.model(kind.name)

    def _of_body(
        self, model: Model, schema: Json, media_type: str, limits: Limits, *, is_required: bool
    ) -> Iterator[Argument]:
        for attribute in model.attributes:
            own = self._schemas.property_schema(schema, attribute.key)
            if self._document.keyword(own, "readOnly"):
                continue
            kind = attribute.kind.in_json() if is_json(media_type) else attribute.kind
            is_needed = attribute.key in self._schemas.required(schema)
            yield Argument(
                name=attribute.name,
                key=attribute.key,
                place="body",
                kind=limits.of(kind, own, attribute.name),
                required=is_required and is_needed,
                deprecated=bool(own.get("deprecated")),
                description=str(self._document.keyword(own, "description") or ""),
                needed=is_needed and not is_required,
            )

    def _answers(self, operation: str, method: str, raw: Json) -> Iterator[Answer]:
        """The successes by status; where none is named, what the default says."""
        responses = {str(status): each for status, each in as_object(raw.get("responses")).items()}
        for status in responses:
            if not re.fullmatch(r"[1-5](\d\d|XX)|default", status, re.IGNORECASE) and not status.startswith(
                "x-"
            ):
                raise GenerationError(f"The response {status!r} is no status.")
        successes = [status for status in responses if status.startswith("2")]
        if not successes and (redirects := [status for status in responses if status.startswith("3")]):
            self._schemas.notices.append(
                f"{operation}: Its only success is {redirects[0]}: a call raises APIStatusError, "
                "whose response has the Location."
            )
        for status in successes or [status for status in responses if status == "default"]:
            response = self._document.resolve(responses[status])
            contents = as_object(response.get("content")) if method != "head" else {}
            if contents and status in _WITHOUT_BODIES:
                self._schemas.notices.append(f"{operation}: HTTP has no body with {status}: none is read.")
                contents = {}
            if not contents:
                yield Answer(status, "", None)
                continue
            media_type = min(contents, key=lambda each: (not is_json(each), each == _ANY_TYPE))
            schema = as_object(contents[media_type]).get("schema", {})
            if self._is_json(media_type, schema):
                kind = self._schemas.kind(schema, f"{operation} response {status}").in_json()
            else:
                kind = self._content(media_type, schema)
            yield Answer(status, media_type, kind)

    def _is_json(self, media_type: str, schema: Any) -> bool:
        """Whether a body is JSON: what may be of any type is, unless it is a file."""
        is_file = media_type == _ANY_TYPE and self._is_file(as_object(schema))
        return is_json(media_type) and not is_file

    def _content(self, media_type: str, schema: Any) -> Kind:
        """The kind of a body that is no JSON and no form."""
        is_text = media_type.startswith("text/") and not self._is_file(as_object(schema))
        return kinds.Text() if is_text else kinds.BINARY


def _in_query(parameter: Json, key: str) -> Json:
    """A parameter of the path that stands in the query of the path."""
    own = {name: value for name, value in parameter.items() if name not in {"style", "explode"}}
    return {**own, "in": "query", "name": key, "required": True}


def is_json(media_type: str) -> bool:
    """Whether a media type is that of JSON, or of a kind of it; what may be anything is taken for JSON."""
    kind = media_type.partition(";")[0].strip().lower()
    return kind in {_JSON_TYPE, _ANY_TYPE} or kind.endswith("+json")


def _preference(media_type: str) -> int:
    kind = media_type.partition(";")[0].strip().lower()
    if is_json(kind):
        return _JSON
    known = {"application/x-www-form-urlencoded": _FORM, "multipart/form-data": _MULTIPART}
    return known.get(kind, _OTHER)


def _encoding(content: Json) -> Mapping[str, Encoding]:
    """How the properties of a form are written; its styles are those of the query."""
    found: dict[str, Encoding] = {}
    for name, stated in as_object(content.get("encoding")).items():
        own = as_object(stated)
        style = str(own.get("style") or ("form" if "explode" in own else ""))
        if style and style not in _STYLES_OF["query"]:
            raise GenerationError(f"The property {name} of the body has the style {style!r}.")
        found[name] = str(own.get("contentType") or ""), style, bool(own.get("explode", style == "form"))
    return found


def _whole_body(kind: Kind, *, is_required: bool) -> Argument:
    return Argument(
        name="body",
        key="body",
        place="whole body",
        kind=kind,
        required=is_required,
        deprecated=False,
        description="The body.",
    )


def _distinct(arguments: list[Argument]) -> list[Argument]:
    """The arguments with names that no other has: those of the path first, then the required ones."""
    names = naming.Names(_TAKEN)
    found = [
        each.renamed(names.free(each.name, f"{each.name}_", f"{each.name}_{each.place}"))
        for each in arguments
    ]
    found.sort(key=lambda argument: not argument.required)
    first = [argument for argument in found if argument.place == "path"]
    return [*first, *(argument for argument in found if argument.place != "path")]


def _check_pages(methods: Mapping[str, Operation], tag: str) -> None:
    """Refuse a method that goes through pages and has the name of another one."""
    for name, operation in methods.items():
        if operation.pages and f"{name}_all" in methods:
            raise GenerationError(
                f"{operation.id} has pages, which {name}_all of {tag} goes through, and "
                f"{methods[f'{name}_all'].id} has that name: name one of them with x-method."
            )


def _short_name(name: str, tag: str) -> str:
    """Return the name of an operation without that of its tag."""
    return _full_name(f"_{name}_".replace(f"_{tag}_", "_").strip("_") or name)


def _full_name(name: str) -> str:
    method = naming.method(name)
    return f"{method}_" if method in _OF_RESOURCES else method


def _without_marks(operation_id: str) -> str:
    return operation_id.replace("{", "").replace("}", "").replace("/", " ")
