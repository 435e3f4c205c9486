"""The security schemes of a document, and which of them an operation may be called with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openapi_python_client import strings

from .document import Document, Json, as_array, as_object
from .errors import GenerationError, placed
from .settings import Settings

Alternatives = tuple[tuple[str, ...], ...]

_UNNAMED = "token"  # of a document that says nothing of tokens
_AS_BEARER = {"oauth2", "openIdConnect"}
_OF_HTTP = {"bearer", "basic"}
_OF_KEYS = {"header", "query", "cookie"}


@dataclass(frozen=True)
class Scheme:
    """A security scheme: where its credential is sent, under which name, and the variable that has it."""

    place: str
    name: str
    variable: str


class Security:
    """The security schemes of a document.

    Args:
        document: The document.
        settings: What the document does not say.

    Raises:
        GenerationError: A requirement names schemes that no client here sends.

    """

    def __init__(self, document: Document, settings: Settings) -> None:
        self._raw = as_object(as_object(document.raw.get("components")).get("securitySchemes"))
        self._document = document
        self.default = self._alternatives(document.raw.get("security"))
        self.main = self._main()
        self.schemes = self._schemes(settings.variable)

    def alternatives(self, operation: Mapping[str, Any]) -> Alternatives:
        """Return the schemes that an operation is called with: all of any one of the alternatives.

        Raises:
            GenerationError: None of the alternatives can be sent.

        """
        return self._alternatives(operation["security"]) if "security" in operation else self.default

    @property
    def needs_token(self) -> bool:
        """Whether no operation can be called without the token of the main scheme."""
        return all(self.main in each for found in self._requirements() for each in found)

    def _requirements(self) -> list[Alternatives]:
        return [self.default, *self._of_operations()]

    def _of_operations(self) -> Iterator[Alternatives]:
        for path, item in as_object(self._document.raw.get("paths")).items():
            for method, operation in self._document.resolve(item).items():
                if "security" in as_object(operation):
                    with placed(f"{method.upper()} {path}"):
                        yield self._alternatives(operation["security"])

    def _alternatives(self, raw: Any) -> Alternatives:
        if not self._raw and not raw:
            return ((_UNNAMED,), ())
        named = [tuple(as_object(each)) for each in as_array(raw)]
        if any(name not in self._raw for each in named for name in each):
            return ((_UNNAMED,), ())  # as where nothing is said
        usable = tuple(each for each in named if all(self._place(name) for name in each))
        if named and not usable:
            raise GenerationError(
                f"The security scheme {named[0][0]} is of a kind that no client here sends."
            )
        return usable or ((),)

    def _main(self) -> str:
        """The scheme that the token is for: the first that is required anywhere, or else the first of all."""
        required = (name for found in self._requirements() for each in found for name in each)
        sent = (name for name in required if name in self._raw and self._place(name) != "mutualTLS")
        described = (name for name in self._raw if self._place(name) not in {"", "mutualTLS"})
        return next(sent, None) or next(described, _UNNAMED)

    def _schemes(self, variable: str) -> dict[str, Scheme]:
        found = {name: self._scheme(name, variable) for name in self._raw if self._place(name)}
        if self.main == _UNNAMED:
            return {_UNNAMED: Scheme("bearer", "", f"{variable}_API_KEY"), **found}
        if any((_UNNAMED,) in alternatives for alternatives in self._requirements()):
            return {**found, _UNNAMED: Scheme("bearer", "", f"{variable}_TOKEN")}
        return found

    def _scheme(self, name: str, variable: str) -> Scheme:
        raw = self._described(name)
        own = "API_KEY" if name == self.main else strings.snake_case(strings.sanitize(name)).upper()
        key = str(raw.get("name", "")) if raw.get("type") == "apiKey" else ""
        return Scheme(self._place(name), key, str(raw.get("x-environment-variable", f"{variable}_{own}")))

    def _place(self, name: str) -> str:
        """Where the credential of a scheme is sent; empty when that is not known here."""
        raw = self._described(name)
        kind, scheme, place = (str(raw.get(key, "")) for key in ("type", "scheme", "in"))
        if kind in _AS_BEARER:
            return "bearer"
        if kind == "http":
            return scheme.lower() if scheme.lower() in _OF_HTTP else ""
        if kind == "apiKey":
            return place if place in _OF_KEYS else ""
        return "mutualTLS" if kind == "mutualTLS" else ""

    def _described(self, name: str) -> Json:
        return self._document.resolve(self._raw[name])
