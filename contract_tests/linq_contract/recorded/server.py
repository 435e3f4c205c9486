"""The server that a recording is of: where it is, and what of a recording was asked of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
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
        scheme, host, path, _ = _parts(url)
        return cls(scheme, host, path.rstrip("/"))

    @property
    def url(self) -> str:
        """The base URL."""
        return f"{self.scheme}://{self.host}{self.base_path}"

    def target_of(self, url: str) -> str | None:
        """What of a URL follows the base URL, path and query; None for the URL of another server."""
        _, _, path, query = _parts(url)
        if not self.has(url) or not path.startswith(self.base_path):
            return None
        target = path.removeprefix(self.base_path)
        return f"{target}?{query}" if "?" in url else target

    def has(self, url: str) -> bool:
        """Whether a URL is on the host of the server, whatever its path."""
        scheme, host, *_ = _parts(url)
        return (scheme, host) == (self.scheme, self.host)


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
        scheme, host, path, _ = _parts(entry.url)
        before, found, after = path.partition(list_path)
        if found and after[:1] in {"", "/"}:
            yield RecordedServer(scheme, host, before)


@lru_cache(maxsize=256)  # a recording is of few lines, and each of its URLs is looked at more than once
def _parts(url: str) -> tuple[str, str, str, str]:
    """The scheme, the host, the path and the query of a URL.

    The host has its port, but no user, nor the port that goes without saying.
    """
    parts = urlsplit(url)
    scheme, host = parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower()
    default = _DEFAULT_PORTS.get(scheme)
    return scheme, host.removesuffix(f":{default}") if default else host, parts.path, parts.query
