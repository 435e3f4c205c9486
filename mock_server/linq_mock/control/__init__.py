"""The control API of the mock: other programs of this machine steer it, below `/_mock`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linq_mock.control.access import is_loopback
from linq_mock.control.api import PATH, Control

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from linq_mock.messages import Application, Receive, Scope, Send
    from linq_mock.sandbox import Sandbox

__all__ = ["Control", "controlled", "is_loopback"]

_PATH, _BELOW = PATH.encode(), f"{PATH}/".encode()


def controlled(sandbox: Sandbox, control: Control) -> Application:
    """Return the application of a sandbox and of its control API."""

    def app(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        path: bytes = scope["raw_path"]
        is_control = path.startswith(_BELOW) or path == _PATH
        return (control if is_control else sandbox)(scope, receive, send)

    return app
