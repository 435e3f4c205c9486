# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The token, and keeping it out of everything that anybody gets to see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Self, cast

import httpx

from ._contract import API_KEY_VARIABLE
from .errors import InvalidInputError

_SHORTEST_ECHO: Final = 8  # characters; a shorter token is found by chance in whatever a server sends


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
        """Return a response that a caller may see: the token is neither in its request nor echoed in it."""
        response.request.headers.pop("Authorization", None)
        token = self.value.encode()
        echoes = token in response.content or any(token in value for _, value in response.headers.raw)
        if not echoes or len(token) < _SHORTEST_ECHO:
            return response
        return httpx.Response(
            response.status_code,
            headers=[
                (name, value.replace(token, b"[token]"))
                for name, value in response.headers.raw
                if name.lower() not in {b"content-encoding", b"content-length", b"transfer-encoding"}
            ],
            content=response.content.replace(token, b"[token]"),
            request=response.request,
        )


def forget_frames(error: BaseException | None) -> None:
    """Take the frames off an error and its causes: their variables hold what was sent, the token included."""
    while error:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__
