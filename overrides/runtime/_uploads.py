"""Files that are sent."""

from __future__ import annotations

from typing import NamedTuple


class Upload(NamedTuple):
    """A file to send: its content, and what the server is told of it."""

    content: bytes
    """What the file holds."""

    filename: str = "upload"
    content_type: str = "application/octet-stream"
