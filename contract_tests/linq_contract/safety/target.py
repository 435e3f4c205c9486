"""The server to judge."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from linq_contract.contract.lines import line_key
from linq_contract.http.credentials import ACCOUNT, ACCOUNTS, OTHER_ACCOUNT, Credentials
from linq_contract.http.environment import is_loopback, proxy_to, tls_to
from linq_contract.http.pace import Pace

_RATE_ELSEWHERE = 5.0  # requests a second: nobody is disturbed, and a whole run takes ten minutes
_AT_ONCE_ELSEWHERE = 4  # requests under way, as many as a careful client would have
_LONGEST_TOKEN_FILE = 65_536  # characters; whoever names a larger file has named the wrong one


@dataclass(frozen=True)
class Permissions:
    """What a run may do to a server.

    `lines` are the keys of the lines that may be named, None for all; `other_line` is the id of a line of
    the second account (see the rule `auth.tenant`). `forward_to` are numbers to set instead of fictional
    ones, `rate` is in requests per second, `concurrency` is how many of them are under way at most, and
    `journal` is where to keep the journal instead of in the user's folder. `exclusive` says that nobody else
    uses the accounts meanwhile, so that whatever differs is the server's doing. To the host `plain_http` the
    token may go unencrypted.
    """

    allow_writes: bool = False
    lines: frozenset[str] | None = None
    other_line: str | None = None
    forward_to: tuple[str, ...] = ()
    rate: float | None = None
    concurrency: int | None = None
    journal: Path | None = None
    exclusive: bool = False
    plain_http: str | None = None

    def permits(self, key: str) -> bool:
        """Whether a request may name the line with that key."""
        named = {line_key(self.other_line)} if self.other_line else set[str]()
        return self.lines is None or key in self.lines or key in named


@dataclass(frozen=True)
class Target:
    """The server to judge, and what is allowed there.

    A server that `ends_with_run` needs no journal. Raises ValueError when a token would cross a network
    in plain text, or when a proxy or certificates that are named for the way there cannot be used.
    """

    base_url: str
    credentials: Credentials = field(repr=False)
    permissions: Permissions = field(default_factory=Permissions)
    ends_with_run: bool = False

    def __post_init__(self) -> None:
        url = httpx.URL(self.base_url)
        if self.is_in_plain_text and url.host != self.permissions.plain_http:
            raise ValueError(
                f"{self.base_url} would carry the token in plain text over a network: use https. Only a "
                f"server on this machine may be reached over http, or, in a test network, that of "
                f"--plain-http {url.host}."
            )
        proxy_to(url)
        tls_to(url, self.credentials.certificate)

    @property
    def server(self) -> str:
        """The base URL in the one form that all its spellings share."""
        return str(httpx.URL(self.base_url)).rstrip("/")

    @property
    def is_local(self) -> bool:
        """Whether the server runs on this machine, by its address."""
        return is_loopback(httpx.URL(self.base_url).host)

    @property
    def is_in_plain_text(self) -> bool:
        """Whether whoever is on the way to the server can read the token."""
        return not self.is_local and httpx.URL(self.base_url).scheme != "https"

    @property
    def notes(self) -> Sequence[str]:
        """What a report has to say about the way to the server."""
        host = self.permissions.plain_http
        return [f"the token went to {host} in plain text, as --plain-http permits"] * self.is_in_plain_text

    @property
    def pace(self) -> Pace:
        """How fast requests may leave: as fast as they can on this machine, gently elsewhere."""
        at_once = self.permissions.concurrency or (None if self.is_local else _AT_ONCE_ELSEWHERE)
        return Pace(self.requests_per_second, at_once)

    @property
    def requests_per_second(self) -> float | None:
        """The rate that is kept to, None for no limit."""
        return self.permissions.rate or (None if self.is_local else _RATE_ELSEWHERE)


def tokens_from_environment(file: Path | None = None) -> dict[str, str]:
    """The tokens that are set, by the variable that holds them; those in `file` take precedence.

    The first line of the file is the token of the account, the second, if there is one, that of the other
    account. Raises ValueError, without the token in its text, when one is not a token, or when others
    may read the file.
    """
    variables = (ACCOUNT, OTHER_ACCOUNT)
    tokens = {name: os.environ[name] for name in variables if os.environ.get(name)}
    places = {name: name for name in tokens}
    if file is not None:
        lines = _lines_of_private_file(file)
        for number, (name, token) in enumerate(zip(variables, lines, strict=False), 1):
            if token:
                tokens[name], places[name] = token, f"{file}:{number}"
    return _checked(tokens, places)


def tokens_of_file(file: Path) -> dict[str, str]:
    """The tokens of a file, one a line, by the names of the accounts. Raises ValueError as above."""
    stated = [(token, number) for number, token in enumerate(_lines_of_private_file(file), 1) if token]
    named = list(zip(ACCOUNTS, stated, strict=False))
    places = {name: f"{file}:{number}" for name, (_, number) in named}
    return _checked({name: token for name, (token, _) in named}, places)


def _checked(tokens: dict[str, str], places: dict[str, str]) -> dict[str, str]:
    """The tokens. Raises ValueError with the variable, or the line of the file, that holds a wrong one."""
    for name, token in tokens.items():
        check_token(places[name], token)
    if len(set(tokens.values())) < len(tokens):
        raise ValueError(f"{' and '.join(places.values())} hold the same token.")
    return tokens


def check_token(place: str, token: str) -> None:
    """Raise ValueError, without the token in its text, when what is in a place is not a token."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError(f"{place} does not hold a token: that is visible ASCII characters without spaces.")


def _lines_of_private_file(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8", errors="surrogateescape") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
                raise ValueError(
                    f"{path} holds a token and is open to others: make it your own, and chmod 600 {path}"
                )
            lines = file.read(_LONGEST_TOKEN_FILE).splitlines()
    except OSError as error:
        raise ValueError(f"The token cannot be read from {path}: {error.strerror}.") from error
    if not lines or not lines[0]:
        raise ValueError(f"{path} has no token in its first line.")
    return lines
