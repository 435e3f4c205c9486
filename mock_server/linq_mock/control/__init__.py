"""The control API of the mock: other programs of this machine steer it, below `/_mock`, and people at `/`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linq_mock.control.access import is_loopback
from linq_mock.control.api import PATH, Control

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from linq_mock.messages import Call, Receive, Response, Scope, Send
    from linq_mock.sandbox import Sandbox

__all__ = ["Control", "Controlled", "is_loopback"]

_PATH, _BELOW, _PAGE = PATH.encode(), f"{PATH}/".encode(), f"{PATH}/page/".encode()


class Controlled:
    """The application of a sandbox, of its control API and of its page."""

    def __init__(self, sandbox: Sandbox, control: Control) -> None:
        self._sandbox = sandbox
        self._control = control

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        path: bytes = scope["raw_path"]
        if (path == b"/" or path.startswith(_PAGE)) and (page := _page(scope)):
            return page(scope, receive, send)
        is_control = path.startswith(_BELOW) or path == _PATH
        return (self._control if is_control else self._sandbox)(scope, receive, send)

    def at_once(self, call: Call) -> Response | None:
        """Answer a call of the contract as the sandbox does; None when its answer may take its time."""
        path = call.raw_path
        return None if path == "/" or path.startswith(PATH) else self._sandbox.at_once(call)


def _page(scope: Scope) -> Response | None:
    from linq_mock.control.page import page_response  # noqa: PLC0415 - the mock starts sooner without

    return page_response(scope)
