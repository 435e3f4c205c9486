"""Requests and responses of HTTP, as little of them as the mock needs, since each request pays for it."""

from __future__ import annotations

import functools
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from typing import Any

    from linq_mock.accounts import Account

    Scope: TypeAlias = MutableMapping[str, Any]
    Message: TypeAlias = MutableMapping[str, Any]
    Receive: TypeAlias = Callable[[], Awaitable[Message]]
    Send: TypeAlias = Callable[[Message], Awaitable[None]]
    Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
    AnswersAtOnce: TypeAlias = Callable[["Call"], "Response | None"]

RawHeaders: TypeAlias = list[tuple[bytes, bytes]]

_WITHOUT_BODY = frozenset({204, 304})


class Headers(MutableMapping[str, str]):
    """The headers of a message by their names, in any letter case; a change is one of the message."""

    __slots__ = ("raw",)

    def __init__(self, raw: RawHeaders) -> None:
        self.raw = raw

    def getlist(self, name: str) -> list[str]:
        """Return all values of a header, in order."""
        wanted = _written(name)
        return [value.decode("latin-1") for written, value in self.raw if written == wanted]

    def append(self, name: str, value: str) -> None:
        """Add a header beside those of the same name."""
        self.raw.append((_written(name), value.encode("latin-1")))

    def __getitem__(self, name: str) -> str:
        wanted = _written(name)
        for written, value in self.raw:
            if written == wanted:
                return value.decode("latin-1")
        raise KeyError(name)

    def __setitem__(self, name: str, value: str) -> None:
        wanted = _written(name)
        for index, (written, _) in enumerate(self.raw):
            if written == wanted:
                self.raw[index] = wanted, value.encode("latin-1")
                return
        self.append(name, value)

    def __delitem__(self, name: str) -> None:
        wanted = _written(name)
        self.raw[:] = [(written, value) for written, value in self.raw if written != wanted]

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name, _ in self.raw)

    def __len__(self) -> int:
        return len(self.raw)


@functools.lru_cache(maxsize=256)
def _written(name: str) -> bytes:
    return name.lower().encode("latin-1")


@dataclass(slots=True)
class Call:
    """One request, its body read. `raw_path` and `query_string` are percent-encoded, as they were sent.

    `client` is the address and the port that it came from, which are those of its connection.
    `account` is whose token it carries, once that is known.
    """

    method: str
    raw_path: str
    headers: Headers
    body: bytes
    client: tuple[str, int] | None = None
    query_string: str = ""
    trace_id: str = ""
    account: Account | None = None


class Response:
    """An answer. Its Content-Length is that of `body` as it was given, unless the headers have one."""

    __slots__ = ("body", "chunk_size", "raw_headers", "status_code")

    def __init__(
        self,
        body: bytes = b"",
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str = "",
    ) -> None:
        self.body = body
        self.status_code = status_code
        self.chunk_size = 0
        raw = (
            [] if headers is None else [(_written(name), headers[name].encode("latin-1")) for name in headers]
        )
        if status_code not in _WITHOUT_BODY:
            raw.append((b"content-length", b"%d" % len(body)))
        if media_type:
            raw.append((b"content-type", media_type.encode("latin-1")))
        self.raw_headers: RawHeaders = raw

    @property
    def headers(self) -> Headers:
        return Headers(self.raw_headers)

    def set_header(self, name: bytes, value: bytes) -> None:
        """Set a header, whose name is in small letters."""
        for index, (written, _) in enumerate(self.raw_headers):
            if written == name:
                self.raw_headers[index] = name, value
                return
        self.raw_headers.append((name, value))

    def chunked(self, size: int) -> None:
        """Send the body in chunks of so many bytes, instead of telling its length."""
        del self.headers["Content-Length"]
        self.chunk_size = size

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the answer, as an ASGI application does."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        body = self.body
        while self.chunk_size and len(body) > self.chunk_size:
            chunk, body = body[: self.chunk_size], body[self.chunk_size :]
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": body})
