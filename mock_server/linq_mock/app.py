"""The ASGI application: it reads a request, lets a behaviour answer it, and sends the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from linq_mock.behaviour import MAX_BODY, Call

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from linq_mock.behaviour import Behaviour


def application(behaviour: Behaviour) -> ASGIApp:
    """Return the application that answers as `behaviour` does."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read_body(receive)
        if body is None:
            return
        raw_path = scope["raw_path"].decode("latin-1")
        query_string = scope["query_string"].decode("latin-1")
        call = Call(scope["method"], raw_path, Headers(scope=scope), body, scope.get("client"), query_string)
        response = await behaviour.respond(call)
        if scope["method"] == "HEAD":
            response.body = b""
        await response(scope, receive, send)

    return app


async def _read_body(receive: Receive) -> bytes | None:
    """Read a body, of which no more than is needed to see that it is too long is kept.

    Returns None when the client has gone.
    """
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        if len(body) <= MAX_BODY:
            body += message.get("body", b"")
        if not message.get("more_body", False):
            return body
