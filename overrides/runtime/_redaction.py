"""The token, and keeping it out of everything that anybody gets to see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Self, cast

import httpx

from ._contract import API_KEY_VARIABLE
from .errors import InvalidInputError

_SHORTEST_ECHO: Final = 8  # characters; a shorter token is found by chance in whatever a server sends
_OF_THE_TRANSFER: Final = {b"content-encoding", b"content-length", b"transfer-encoding"}


class Token:
    """The token, out of the sight of tracebacks that show variables."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "[token]"

    def checked(self) -> Self:
        """Return the token itself.

        Raises:
            InvalidInputError: It is none.

        """
        if not isinstance(self.value, str) or not self.value:
            raise InvalidInputError(
                f"There is no token, or an empty one: pass api_key or set {API_KEY_VARIABLE}."
            )
        if not self.value.isascii() or not self.value.isprintable() or " " in self.value:
            raise InvalidInputError(
                f"The token (api_key or {API_KEY_VARIABLE}) has characters that no token has."
            )
        return self

    def redacted(self, text: str) -> str:
        """Return a text without the token that can be printed anywhere."""
        return text.replace(self.value, "[token]").encode(errors="backslashreplace").decode()

    def redacted_json(self, value: Any) -> Any:
        """Return JSON without the token in its strings."""
        if isinstance(value, str):
            return value.replace(self.value, "[token]")
        if isinstance(value, list):
            return [self.redacted_json(item) for item in cast("Sequence[Any]", value)]
        if isinstance(value, dict):
            return {key: self.redacted_json(item) for key, item in cast("dict[str, Any]", value).items()}
        return value

    def redacted_response(self, response: httpx.Response) -> httpx.Response:
        """Return a copy of a response that a caller may see: the token is nowhere in it."""
        headers, content = response.headers.raw, _content(response)
        token = self.value.encode()
        if len(token) >= _SHORTEST_ECHO:
            headers = [(name, value.replace(token, b"[token]")) for name, value in headers]
            content = content.replace(token, b"[token]")
        copy = httpx.Response(
            response.status_code,
            headers=[(name, value) for name, value in headers if name.lower() not in _OF_THE_TRANSFER],
            content=content,
            request=redacted_request(response.request),
            extensions={
                name: value for name, value in response.extensions.items() if isinstance(value, bytes)
            },
        )
        if hasattr(response, "_elapsed"):  # it has not when a transport was asked directly
            copy.elapsed = response.elapsed
        return copy


def redacted_request(request: httpx.Request) -> httpx.Request:
    """Return a copy of a request without the token; the request itself belongs to transports and hooks."""
    headers = httpx.Headers(request.headers)
    headers.pop("Authorization", None)
    return httpx.Request(request.method, request.url, headers=headers, content=_content(request))


def _content(message: httpx.Request | httpx.Response) -> bytes:
    try:
        return message.content
    except (httpx.RequestNotRead, httpx.ResponseNotRead):  # sent as a stream, or refused by a hook
        return b""


def forget_frames(error: BaseException | None) -> None:
    """Take the frames off an error and its causes: their variables hold what was sent, the token included."""
    while error:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__
