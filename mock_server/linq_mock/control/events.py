"""What happens in the sandbox, as server-sent events."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

from linq_mock.control.showing import shown_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linq_mock.log import Entry, Log
    from linq_mock.messages import Receive, Scope, Send

PING = 15.0
"""Seconds of silence after which a comment is sent."""
_BATCH = 0.05
"""Seconds that events are gathered for, so that a busy mock does not send each of them alone."""
_TURN, _PAUSE = 0.01, 0.02
"""Seconds that events are judged and written for in one go, and then of requests alone: whoever looks on
must not keep those waiting. What is dropped from the log meanwhile is a gap."""


class EventStream:
    """An answer that goes on until the client goes, or the sandbox is closed.

    It begins after the event of the number `last`; with what comes next when that is None.
    """

    def __init__(
        self, log: Log, origin: str, last: int | None, closing: asyncio.Event, trace_id: str
    ) -> None:
        self._log = log
        self._origin = origin
        self._last = log.newest if last is None else last
        self._closing = closing
        self._headers = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-trace-id", trace_id.encode()),
        ]

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        await _send(send, ": linq-mock\n\n")
        over = [asyncio.ensure_future(_gone(receive)), asyncio.ensure_future(self._closing.wait())]
        try:
            with self._log.listening() as added:
                while not any(future.done() for future in over):
                    added.clear()
                    await _send(send, "".join(self._news(time.perf_counter() + _TURN)))
                    if self._log.newest != self._last:
                        await asyncio.sleep(_PAUSE)
                        continue
                    waiting = asyncio.ensure_future(added.wait())
                    done, _ = await asyncio.wait(
                        [waiting, *over], timeout=PING, return_when=asyncio.FIRST_COMPLETED
                    )
                    waiting.cancel()
                    await (asyncio.sleep(_BATCH) if done else _send(send, ": still here\n\n"))
        finally:
            for future in over:
                future.cancel()
        await send({"type": "http.response.body", "body": b""})

    def _news(self, end: float) -> Iterator[str]:
        """Return what has come since, as far as there is time until `end`, and one event at least."""
        if self._last > self._log.newest:  # the mock was started anew since
            self._last = 0
        entries = self._log.after(self._last)
        if entries and entries[0].number > self._last + 1:
            yield f"event: gap\nid: {self._last}\ndata: {{}}\n\n"
        for entry in entries:
            yield self._event(entry)
            self._last = entry.number
            if time.perf_counter() > end:
                return

    def _event(self, entry: Entry) -> str:
        kind, shown = shown_entry(entry, self._log, self._origin)
        return f"event: {kind}\nid: {entry.number}\ndata: {json.dumps(shown)}\n\n"


async def _send(send: Send, text: str) -> None:
    if text:
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
