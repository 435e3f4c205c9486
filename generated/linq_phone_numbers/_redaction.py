# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The token, and keeping it out of everything that anybody gets to see."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Self, cast
from urllib.parse import quote

import httpx

from ._contract import API_KEY_VARIABLE, SCHEMES
from .errors import InvalidInputError

_SHORTEST_ECHO: Final = 8  # characters; a shorter token is found by chance in whatever a server sends
_OF_THE_TRANSFER: Final = {b"content-encoding", b"content-length", b"transfer-encoding"}


_HEADERS: Final = {"Authorization"}.union(
    *(
        {name} if place == "header" else {"Cookie"}
        for place, name, _ in SCHEMES.values()
        if place in {"header", "cookie"}
    )
)
_PARAMETERS: Final = {name for place, name, _ in SCHEMES.values() if place == "query"}
_NO_OTHERS: Final[Mapping[str, Token]] = MappingProxyType({})


class Token:
    """The token, out of the sight of tracebacks that show variables.

    Args:
        value: The token.
        others: The credentials for further security schemes, which are kept out of sight with it.

    """

    def __init__(self, value: Any, others: Mapping[str, Token] = _NO_OTHERS) -> None:
        self.value = value
        self.others = others

    def __repr__(self) -> str:
        return "[token]"

    @property
    def is_there(self) -> bool:
        """Whether there is a token at all."""
        return bool(self.value)

    def checked(self, source: str = f"api_key or {API_KEY_VARIABLE}") -> Self:
        """Return the token itself.

        Raises:
            InvalidInputError: It is none.

        """
        if self.value is None or self.value == "":
            raise InvalidInputError(
                f"There is no token, or an empty one: pass api_key or set {API_KEY_VARIABLE}."
            )
        if not isinstance(self.value, str):
            kind = type(self.value).__name__
            raise InvalidInputError(f"The token ({source}) is a {kind}: it must be a text.")
        if not self.value.isascii() or not self.value.isprintable() or " " in self.value:
            is_spaced = any(map(str.isspace, self.value))
            what = "white space" if is_spaced else "characters other than printable ASCII"
            raise InvalidInputError(f"The token ({source}) has {what}, which no token has.")
        return self

    def _secrets(self) -> list[str]:
        """Return the token and all others, in all forms that are sent, save those too short to be told."""
        values = [self.value, *(other.value for other in self.others.values())]
        forms = (
            (value, quote(value, safe=""), base64.b64encode(value.encode()).decode()) for value in values
        )
        return [secret for found in forms for secret in dict.fromkeys(found) if len(secret) >= _SHORTEST_ECHO]

    def _without(self, text: str) -> str:
        for secret in self._secrets():
            text = text.replace(secret, "[token]")
        return text

    def redacted(self, text: str) -> str:
        """Return a text without the token that can be printed anywhere."""
        return self._without(text).encode(errors="backslashreplace").decode()

    def redacted_json(self, value: Any) -> Any:
        """Return JSON without the token in its strings."""
        if isinstance(value, str):
            return self._without(value)
        if isinstance(value, list):
            return [self.redacted_json(item) for item in cast("Sequence[Any]", value)]
        if isinstance(value, dict):
            entries = cast("dict[str, Any]", value).items()
            return {self._without(key): self.redacted_json(item) for key, item in entries}
        return value

    def redacted_response(self, response: httpx.Response) -> httpx.Response:
        """Return a copy of a response that a caller may see: the token is nowhere in it."""
        headers, content = response.headers.raw, _content(response)
        for token in (secret.encode() for secret in self._secrets()):
            headers = [(name, value.replace(token, b"[token]")) for name, value in headers]
            content = content.replace(token, b"[token]")
        copy = httpx.Response(
            response.status_code,
            headers=[(name, value) for name, value in headers if name.lower() not in _OF_THE_TRANSFER],
            content=content,
            request=self.redacted_request(response.request),
            extensions={
                name: value for name, value in response.extensions.items() if isinstance(value, bytes)
            },
        )
        if hasattr(response, "_elapsed"):  # it has not when a transport was asked directly
            copy.elapsed = response.elapsed
        return copy

    @staticmethod
    def redacted_request(request: httpx.Request) -> httpx.Request:
        """Return a copy of a request that does not say who asks: transports and hooks have the other."""
        headers, url = httpx.Headers(request.headers), request.url
        for name in _HEADERS:
            headers.pop(name, None)
        for name in _PARAMETERS & url.params.keys():
            url = url.copy_remove_param(name)
        return httpx.Request(request.method, url, headers=headers, content=_content(request))


def _content(message: httpx.Request | httpx.Response) -> bytes:
    try:
        return message.content
    except (httpx.RequestNotRead, httpx.ResponseNotRead):  # sent as a stream, or refused by a hook
        return b""


def forget_what_was_sent(error: BaseException | None, shown: httpx.Request) -> None:
    """Take what holds the token off an error and its causes: the variables of frames, and the request."""
    seen: set[int] = set()
    while error and id(error) not in seen:  # an error may be its own cause
        seen.add(id(error))
        error.__traceback__ = None
        if isinstance(error, httpx.HTTPError):
            error.request = shown
        error = error.__cause__ or error.__context__
