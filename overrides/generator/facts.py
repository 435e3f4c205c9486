"""What the runtime of a client has to know of a document: the generated module `_contract`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import servers
from .document import Document, Json, as_array, as_object
from .errors import GenerationError
from .security import Alternatives, Scheme, Security
from .settings import Settings

_BODY, _HEADER = "$response.body#", "$response.header."

_CODE = {"code": int, "status": int, "meaning": str, "retry": str}
"""The members of an entry of `x-error-codes`, and their types."""
_ADVICE = {
    "never": "the same request will fail again",
    "after Retry-After": "wait as long as Retry-After says, then try again",
    "with backoff": "try again later",
}


@dataclass(frozen=True)
class Facts:
    """What varies, as ../runtime/_contract.pyi describes it."""

    api_key_variable: str
    base_url_variable: str
    default_base_url: str
    schemes: Mapping[str, Scheme]
    main_scheme: str
    needs_token: bool
    security: Alternatives
    passing_statuses: tuple[int, ...]
    advice: Mapping[int, str]
    error_members: Mapping[str, tuple[str, ...]]
    trace_id_header: str


def facts(document: Document, settings: Settings) -> Facts:
    """Return the facts of a document.

    Raises:
        GenerationError: An extension is not what it should be.

    """
    server, _ = servers.usable(document.raw)
    security = Security(document, settings)
    codes = _error_codes(document)
    places = _error_places(document)
    return Facts(
        api_key_variable=security.schemes[security.main].variable,
        base_url_variable=str(server.get("x-environment-variable", f"{settings.variable}_BASE_URL")),
        default_base_url=servers.url(server),
        schemes=security.schemes,
        main_scheme=security.main,
        needs_token=security.needs_token,
        security=security.default,
        passing_statuses=tuple(sorted({code["status"] for code in codes if code["retry"] != "never"})),
        advice={code["code"]: f"{code['meaning']}; {_ADVICE[code['retry']]}" for code in codes},
        error_members={
            member: tuple(place.removeprefix(_BODY) for place in found if place.startswith(_BODY))
            for member, found in places.items()
        },
        trace_id_header=next(
            (place.removeprefix(_HEADER) for place in places["trace_id"] if place.startswith(_HEADER)), ""
        ),
    )


def _error_codes(document: Document) -> list[Json]:
    found = document.raw.get("x-error-codes", [])
    codes = [as_object(code) for code in as_array(found)]
    if codes != found or not all(map(_is_code, codes)):
        raise GenerationError(
            "x-error-codes is no list of objects with a code and a status as numbers, a meaning, "
            f"and retry: {', '.join(_ADVICE)}."
        )
    return codes


def _is_code(code: Json) -> bool:
    return {member: type(code.get(member)) for member in _CODE} == _CODE and code["retry"] in _ADVICE


def _error_places(document: Document) -> dict[str, list[str]]:
    """Return where an answer has what an error tells, as runtime expressions of OpenAPI."""
    places: dict[str, list[str]] = {
        member: [] for member in ("code", "detail", "doc_url", "retry_after", "trace_id")
    }
    given: Any = document.raw.get("x-error-members", {})
    if not isinstance(given, dict):
        raise GenerationError(f"x-error-members is {given}, not an object.")
    for member, found in as_object(given).items():
        if member not in places:
            raise GenerationError(f"x-error-members has {member}, which is none of {', '.join(places)}.")
        places[member] = [found] if isinstance(found, str) else [*map(str, as_array(found))]
    return places
