"""The ASGI application: it reads a request, lets a behaviour answer it, and sends the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linq_mock.behaviour import MAX_BODY
from linq_mock.messages import Call, Headers

if TYPE_CHECKING:
    from linq_mock.behaviour import Behaviour
    from linq_mock.messages import Application, Receive, Scope, Send


def application(behaviour: Behaviour) -> Application:
    """Return the application that answers as `behaviour` does."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        if body is None:
            return
        response = await behaviour.respond(call_of(scope, body))
        if scope["method"] == "HEAD":
            response.body = b""
        await response(scope, receive, send)

    return app


def call_of(scope: Scope, body: bytes) -> Call:
    """Return the request of an ASGI scope."""
    return Call(
        scope["method"],
        scope["raw_path"].decode("latin-1"),
        Headers(scope["headers"]),
        body,
        scope.get("client"),
        scope["query_string"].decode("latin-1"),
    )


async def read_body(receive: Receive) -> bytes | None:
    """Read a body, of which no more than is needed to see that it is too long is kept.

    Returns None when the client has gone.
    """
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        whole: bytes = message.get("body", b"")
        return whole
    body = b""
    while True:
        if message["type"] == "http.disconnect":
            return None
        if len(body) <= MAX_BODY:
            body += message.get("body", b"")
        if not message.get("more_body", False):
            return body
        message = await receive()
