"""What operations send and are answered with: the arguments that bodies are made of, and the answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import kinds, media
from .document import Document, Json, as_object
from .errors import GenerationError
from .kinds import Kind
from .limits import Limits
from .models import Model
from .operations import Answer, Argument, Encoding
from .parameters import STYLES_OF
from .schemas import Schemas

_WITHOUT_BODIES = {"204", "205"}


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


class Contents:
    """Reads the bodies of requests and responses.

    Args:
        document: The document.
        schemas: Its schemas.

    """

    def __init__(self, document: Document, schemas: Schemas) -> None:
        self._document = document
        self._schemas = schemas

    def body(self, operation: str, raw: Json, limits: Limits) -> Body | None:
        """Return the body of an operation; None when it has none.

        Raises:
            GenerationError: It cannot be told how it is written.

        """
        described = self._document.resolve(raw.get("requestBody"))
        contents = as_object(described.get("content"))
        if not contents:
            return None
        media_type, is_required = self._chosen(contents, operation), bool(described.get("required"))
        content = as_object(contents[media_type])
        schema = as_object(content.get("schema"))
        kind, is_form = self._schemas.kind(schema, f"{operation} body"), media.is_form(media_type)
        if self._is_json(media_type, schema):
            kind = kind.in_json()
            media_type = media.JSON if media_type == media.ANY else media_type
        elif not is_form:
            kind = self._content(media_type, schema)
        model = self._model(kind)
        if model is not None:
            arguments = tuple(self._parts(model, schema, media_type, limits, is_required=is_required))
        else:
            arguments = (_whole_body(limits.of(kind, schema, "body"), is_required=is_required),)
        return Body(media_type, is_required, arguments, _encoding(content) if is_form else {})

    def answers(self, operation: str, method: str, raw: Json) -> Iterator[Answer]:
        """Return the successes by status; where none is named, what the default says.

        Raises:
            GenerationError: A status is none.

        """
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
            media_type = min(contents, key=lambda each: (not media.is_json(each), each == media.ANY))
            schema = as_object(contents[media_type]).get("schema", {})
            if self._is_json(media_type, schema):
                kind = self._schemas.kind(schema, f"{operation} response {status}").in_json()
            else:
                kind = self._content(media_type, schema)
            yield Answer(status, media_type, kind)

    def _chosen(self, contents: Json, operation: str) -> str:
        """The media type that a body is sent as: JSON, a form, or what is first; with files, in parts."""
        media_type = min(contents, key=media.preference)
        in_parts = [name for name in contents if media.is_multipart(name)]
        if in_parts and not media.is_multipart(media_type) and self._has_files(contents[media_type]):
            return in_parts[0]
        if media.is_json(media_type) and any(self._has_files(contents[name]) for name in in_parts):
            self._schemas.notices.append(
                f"{operation}: Its body is sent as {media_type}, so that no file can be sent with it."
            )
        return media_type

    def _parts(
        self, model: Model, schema: Json, media_type: str, limits: Limits, *, is_required: bool
    ) -> Iterator[Argument]:
        for attribute in model.attributes:
            own = self._schemas.property_schema(schema, attribute.key)
            if self._document.keyword(own, "readOnly"):
                continue
            kind = attribute.kind.in_json() if media.is_json(media_type) else attribute.kind
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

    def _model(self, kind: Kind) -> Model | None:
        """The class of objects whose properties are arguments, since it names all of them."""
        model = self._schemas.model(kind.name) if isinstance(kind, kinds.Object) else None
        return model if model is not None and model.others is None else None

    def _has_files(self, content: Any) -> bool:
        schema = as_object(self._document.resolve(as_object(content).get("schema")))
        properties = [as_object(each) for each in as_object(schema.get("properties")).values()]
        items = [as_object(each.get("items")) for each in properties]
        return any(map(self._is_file, (*properties, *items)))

    def _is_file(self, schema: Json) -> bool:
        return self._document.keyword(schema, "format") == "binary" or schema.get("type") == "file"

    def _is_json(self, media_type: str, schema: Any) -> bool:
        """Whether a body is JSON: what may be of any type is, unless it is a file."""
        is_file = media_type == media.ANY and self._is_file(as_object(schema))
        return media.is_json(media_type) and not is_file

    def _content(self, media_type: str, schema: Any) -> Kind:
        """The kind of a body that is no JSON and no form."""
        is_text = media_type.startswith("text/") and not self._is_file(as_object(schema))
        return kinds.Text() if is_text else kinds.BINARY


def _encoding(content: Json) -> Mapping[str, Encoding]:
    """How the properties of a form are written; its styles are those of the query."""
    found: dict[str, Encoding] = {}
    for name, stated in as_object(content.get("encoding")).items():
        own = as_object(stated)
        style = str(own.get("style") or ("form" if "explode" in own else ""))
        if style and style not in STYLES_OF["query"]:
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
