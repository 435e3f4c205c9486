"""HTTP/1.1 as the mock speaks it: what is not HTTP is answered in the envelope, and most requests at once."""

from __future__ import annotations

import json
import re
import secrets
from typing import TYPE_CHECKING, Any, ClassVar

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from linq_mock import problems
from linq_mock.messages import Call, Headers
from linq_mock.problems import Code, Problem

if TYPE_CHECKING:
    from uvicorn import Config

    from linq_mock.messages import AnswersAtOnce, Response

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ANOTHER_METHOD = b"UNBIND"
"""A method that the parser knows and no contract has."""


class HttpProtocol(HttpToolsProtocol):
    """HTTP/1.1 that answers even what is not HTTP as the contract says: with an envelope and a trace id.

    A request that the application can answer at once is spared the task and the messages of ASGI, which
    would cost as much again as the answer does.
    """

    problem: ClassVar = Problem(Code.INVALID_BODY, "This is not a valid HTTP request")

    url: bytes
    _unknown_method = ""
    _held_body: bytes | None = None
    """What has come of the body of a request that the application may still answer at once."""

    def __init__(self, config: Config, *arguments: Any, **named: Any) -> None:
        super().__init__(config, *arguments, **named)
        self._at_once: AnswersAtOnce | None = getattr(config.app, "at_once", None)

    # --- what comes -------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Read what has come, on as after any other request when one has asked for another protocol."""
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self.parser = httptools.HttpRequestParser(self)
            if rest := data[upgrade.args[0] :]:
                self.data_received(rest)
        except httptools.HttpParserInvalidMethodError:
            self._read_with_unknown_method(data)
        except httptools.HttpParserError:
            self.send_400_response("")

    def _read_with_unknown_method(self, data: bytes) -> None:
        """Read a request whose method the parser does not know: the contract says what to answer it."""
        method, space, rest = data.partition(b" ")
        if self._unknown_method or not _TOKEN.fullmatch(method):
            self.send_400_response("")
            return
        self._unknown_method = method.decode()
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(_ANOTHER_METHOD + space + rest)

    def on_headers_complete(self) -> None:
        hosts = [name for name, _ in self.headers if name == b"host"]
        if len(hosts) != 1 and self.parser.get_http_version() == "1.1":
            raise ValueError("a request has exactly one Host")
        if self.url[:1] != b"/" and not httptools.parse_url(self.url).path:
            self.url += b"/"
        if self._at_once and self._is_next_to_be_answered():
            self._held_body = b""
        else:
            self._begin()

    def on_body(self, body: bytes) -> None:
        if self._held_body is None:
            super().on_body(body)
        else:
            self._held_body += body
            if len(self._held_body) > HIGH_WATER_LIMIT:
                self._begin()

    def on_message_complete(self) -> None:
        if self._held_body is not None:
            if response := self._answer_at_once(self._held_body):
                self._held_body = None
                self._send(response)
                return
            self._begin()
        super().on_message_complete()

    def _is_next_to_be_answered(self) -> bool:
        is_waiting = self.flow.write_paused or (self.cycle and not self.cycle.response_complete)
        return not (is_waiting or self.expect_100_continue or self._unknown_method)

    def _begin(self) -> None:
        """Have a request answered by the application as ASGI says."""
        super().on_headers_complete()
        if self._unknown_method:
            self.scope["method"], self._unknown_method = self._unknown_method, ""
        if self._held_body is not None:
            body, self._held_body = self._held_body, None
            super().on_body(body)

    # --- what is sent -----------------------------------------------------------------------

    def _answer_at_once(self, body: bytes) -> Response | None:
        assert self._at_once
        url = httptools.parse_url(self.url)
        return self._at_once(
            Call(
                self.parser.get_method().decode("ascii"),
                url.path.decode("ascii"),
                Headers(self.headers),
                body,
                self.client,
                (url.query or b"").decode("latin-1"),
            )
        )

    def _send(self, response: Response) -> None:
        is_kept = self.parser.should_keep_alive() and self.parser.get_http_version() != "1.0"
        parts = [STATUS_LINE[response.status_code]]
        for name, value in response.raw_headers:
            parts += name, b": ", value, b"\r\n"
        parts += b"\r\n" if is_kept else b"connection: close\r\n\r\n", response.body
        self.transport.write(b"".join(parts))
        if not is_kept:
            self.transport.close()
        self.on_response_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the signature is uvicorn's
        trace_id = secrets.token_hex(16)
        body = json.dumps(problems.envelope(self.problem, trace_id)).encode()
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"X-Trace-ID: {trace_id}\r\n"
            "Connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
