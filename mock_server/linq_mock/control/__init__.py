"""The control API of the mock: other programs of this machine steer it, below `/_mock`, and people at `/`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linq_mock.control.access import is_loopback
from linq_mock.control.api import PATH, Control

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from linq_mock.messages import Application, Receive, Response, Scope, Send
    from linq_mock.sandbox import Sandbox

__all__ = ["Control", "controlled", "is_loopback"]

_PATH, _BELOW, _PAGE = PATH.encode(), f"{PATH}/".encode(), f"{PATH}/page/".encode()


def controlled(sandbox: Sandbox, control: Control) -> Application:
    """Return the application of a sandbox, of its control API and of its page."""

    def app(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        path: bytes = scope["raw_path"]
        if (path == b"/" or path.startswith(_PAGE)) and (page := _page(scope)):
            return page(scope, receive, send)
        is_control = path.startswith(_BELOW) or path == _PATH
        return (control if is_control else sandbox)(scope, receive, send)

    return app


def _page(scope: Scope) -> Response | None:
    from linq_mock.control.page import page_response  # noqa: PLC0415 - the mock starts sooner without

    return page_response(scope)
