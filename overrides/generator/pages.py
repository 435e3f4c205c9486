"""Operations that answer with a page at a time: the extension `x-pagination`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from . import kinds
from .document import Json, as_object
from .errors import GenerationError
from .kinds import Kind
from .models import Model

_BODY, _QUERY = "$response.body#/", "$request.query."
_FORM = f"items: {_BODY}..., next: {_BODY}... and cursor: {_QUERY}NAME"


@dataclass(frozen=True)
class Pages:
    """Where the items of a page are, where the next page is named, and what asks for it.

    Attributes:
        items: The attribute of a page that has the items, with dots between steps.
        next: The attribute that has the cursor of the next page.
        cursor: The name of the parameter that asks for a page.
        kind: The kind of the items.

    """

    items: str
    next: str
    cursor: str
    kind: Kind


def is_foreign(raw: Any) -> bool:
    """Whether an extension of this name is that of another tool: it has no place of an answer or a query."""
    return not any(str(each).startswith(("$response.", "$request.")) for each in as_object(raw).values())


def pages(raw: Json, parameters: Iterable[str], page: Kind | None, models: Sequence[Model]) -> Pages:
    """Return what an operation says of its pages.

    Args:
        raw: The extension.
        parameters: The names of the parameters of the query.
        page: The kind of the answer.
        models: All models.

    Raises:
        GenerationError: It says something else, or the answer is not like that.

    """
    is_whole = raw.keys() == {"items", "next", "cursor"} and all(
        isinstance(each, str) for each in raw.values()
    )
    if not is_whole or not raw["cursor"].startswith(_QUERY):
        raise GenerationError(f"x-pagination must have {_FORM}.")
    cursor = raw["cursor"].removeprefix(_QUERY)
    if cursor not in parameters:
        raise GenerationError(f"x-pagination names the parameter {cursor}, which the query does not have.")
    items, kind = _attribute(raw["items"], page, models)
    following, _ = _attribute(raw["next"], page, models)
    plain = kind.other if isinstance(kind, kinds.Nullable) else kind
    if not isinstance(plain, kinds.Array):
        raise GenerationError(f"x-pagination names {raw['items']}, which is no array.")
    return Pages(items, following, cursor, plain.items)


def _attribute(place: str, page: Kind | None, models: Sequence[Model]) -> tuple[str, Kind]:
    """Return the attribute that stands at a place of an answer, and its kind."""
    kind, names = page, list[str]()
    for step in place.removeprefix(_BODY).split("/"):
        model = next((each for each in models if kind == kinds.Object(each.name)), None)
        attribute = next((each for each in model.attributes if each.key == step), None) if model else None
        if attribute is None:
            raise GenerationError(
                f"x-pagination names {place}, and the answer has no such property for sure."
            )
        names.append(attribute.name)
        kind = attribute.kind if attribute.required or step == place.rpartition("/")[2] else None
    assert kind is not None
    return ".".join(names), kind
