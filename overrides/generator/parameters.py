"""The arguments of an operation that stand in its path, its query, its headers and its cookies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import kinds, naming, paths
from .document import Document, Json, as_array, as_object
from .errors import GenerationError
from .limits import Limits
from .operations import Argument, Place
from .schemas import Schemas

_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
STYLES_OF = {
    "path": {"simple", "label", "matrix"},
    "query": {"form", "spaceDelimited", "pipeDelimited", "deepObject"},
    "header": {"simple"},
    "cookie": {"form"},
}
# OpenAPI says that a document's words on these headers do not count.
_IGNORED_HEADERS = {"accept", "content-type", "authorization"}


class Parameters:
    """Reads the parameters of operations.

    Args:
        document: The document.
        schemas: Its schemas.

    """

    def __init__(self, document: Document, schemas: Schemas) -> None:
        self._document = document
        self._schemas = schemas

    def read(
        self, place: str, operation: str, shared: list[Any], raw: Json, limits: Limits
    ) -> Iterator[Argument]:
        """Return the arguments of an operation: its parameters, those of its path, and what stands in it.

        Args:
            place: The method and the path of the operation.
            operation: The name of the operation.
            shared: The parameters of the path.
            raw: The operation.
            limits: Limits the kinds of the arguments.

        Raises:
            GenerationError: One cannot be sent as it is described.

        """
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
            if where not in STYLES_OF:
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
        if style not in STYLES_OF[place]:
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


def _in_query(parameter: Json, key: str) -> Json:
    """A parameter of the path that stands in the query of the path."""
    own = {name: value for name, value in parameter.items() if name not in {"style", "explode"}}
    return {**own, "in": "query", "name": key, "required": True}
