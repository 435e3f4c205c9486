"""The control API of the mock: other programs of this machine steer it, below `/_mock`, and people at `/`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from linq_mock.control.access import is_loopback

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from linq_mock.control.api import Control
    from linq_mock.messages import Call, Receive, Response, Scope, Send
    from linq_mock.sandbox import Sandbox

__all__ = ["PATH", "Controlled", "is_loopback"]

PATH = "/_mock"
_PATH, _BELOW, _PAGE = PATH.encode(), f"{PATH}/".encode(), f"{PATH}/page/".encode()


class Controlled:
    """The application of a sandbox, of its control API and of its page.

    `origin` begins the URLs of the mock, such as `http://127.0.0.1:8080`. With a `token` the control API
    answers whoever has that, and without one the programs of this machine.
    """

    def __init__(self, sandbox: Sandbox, origin: str, token: str | None = None) -> None:
        self._sandbox = sandbox
        self._origin = origin
        self._token = token

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

    @cached_property
    def _control(self) -> Control:
        from linq_mock.control.api import Control  # noqa: PLC0415 - the mock starts sooner without

        return Control(self._sandbox, self._origin, self._token)


def _page(scope: Scope) -> Response | None:
    from linq_mock.control.page import page_response  # noqa: PLC0415 - the mock starts sooner without

    return page_response(scope)
