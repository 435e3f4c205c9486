"""The server that a recording is of: where it is, and what of a recording was asked of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from linq_contract.contract.classification import LIST
from linq_contract.recorded.entries import Entry, RecordingError
from linq_document import Document

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SLASHES = re.compile(r"(?:/|%2[fF])+")


@dataclass(frozen=True, slots=True)
class RecordedServer:
    """A server by its scheme, its host with the port, and its base path, without a slash at its end."""

    scheme: str
    host: str
    base_path: str

    @classmethod
    def at(cls, url: str) -> RecordedServer:
        """The server at a base URL."""
        parts = urlsplit(url)
        return cls(parts.scheme.lower(), _host(url), parts.path.rstrip("/"))

    @property
    def url(self) -> str:
        """The base URL."""
        return f"{self.scheme}://{self.host}{self.base_path}"

    def target_of(self, url: str) -> str | None:
        """What of a URL follows the base URL, path and query; None for the URL of another server."""
        parts = urlsplit(url)
        if parts.scheme.lower() != self.scheme or _host(url) != self.host:
            return None
        if not parts.path.startswith(self.base_path):
            return None
        target = parts.path.removeprefix(self.base_path)
        return f"{target}?{parts.query}" if "?" in url else target

    def has(self, url: str) -> bool:
        """Whether a URL is on the host of the server, whatever its path."""
        return _host(url) == self.host and urlsplit(url).scheme.lower() == self.scheme


def find_server(entries: Iterable[Entry], document: Document) -> RecordedServer:
    """The server that was asked most often for what the contract has.

    Raises RecordingError when none was.
    """
    found = Counter(_candidates(entries, document.operations[LIST].path))
    if not found:
        raise RecordingError(
            f"Nothing in the recording was asked of {document.operations[LIST].path}, whatever stands before "
            "it. Is it a recording of this API?"
        )
    return found.most_common(1)[0][0]


def is_of_contract(entry: Entry, server: RecordedServer, document: Document) -> bool:
    """Whether a server was asked for what the contract has, slashes in the path apart."""
    target = server.target_of(entry.url)
    path = (target or "").partition("?")[0]
    return any(document.match(each)[0] is not None for each in (path, _SLASHES.sub("/", path).rstrip("/")))


def _candidates(entries: Iterable[Entry], list_path: str) -> Iterator[RecordedServer]:
    for entry in entries:
        before, found, after = urlsplit(entry.url).path.partition(list_path)
        if found and after[:1] in {"", "/"}:
            yield RecordedServer(urlsplit(entry.url).scheme.lower(), _host(entry.url), before)


def _host(url: str) -> str:
    """The host with its port, without a user and without the port that goes without saying."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    default = _DEFAULT_PORTS.get(parts.scheme.lower())
    return host.removesuffix(f":{default}") if default else host
