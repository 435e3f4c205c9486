"""The resources of a document: its operations by their tags, with names that are free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import naming, servers, tags
from .contents import Contents
from .document import Document, Json, as_array, as_object
from .errors import GenerationError, placed
from .limits import Limits
from .operations import Answer, Argument, Operation, Resource
from .pages import Pages, is_foreign, pages
from .parameters import Parameters
from .schemas import Schemas
from .security import Alternatives, Security

# The names of what every method takes besides the arguments of its operation, and of what its code calls.
_TAKEN = naming.of_readers() | {
    *("self", "options", "timeout", "extra_headers", "extra_query", "max_retries", "deadline", "str"),
}
_OF_RESOURCES = {"with_raw_response"}
_ANSWERED = "$response.body#"


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
        self._parameters = Parameters(document, schemas)
        self._contents = Contents(document, schemas)

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
        bodies = self._contents.body(name, raw, limits)
        arguments = _distinct(
            [*self._parameters.read(place, name, shared, raw, limits), *(bodies.arguments if bodies else [])]
        )
        answers = tuple(self._contents.answers(name, method, raw))
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
