"""Tokens: named in requests, known to the HTTP layer alone.

A request of this package never holds a token. It holds a placeholder in the notation of the shell,
`Bearer ${LINQ_API_V3_API_KEY}`, that the HTTP layer resolves while it sends; what comes back has the
token replaced by the placeholder again. So no report, log or replay can contain one, and a request
printed as a curl command works as it stands.

Variants of a token, for requests that a server must refuse, use the expansions of bash:
`${NAME^^}` upper case, `${NAME,,}` lower case, `${NAME~~}` case swapped, `${NAME%?}` without the last
character, `${NAME#?}` without the first, `${NAME:0:4}` the first four.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import quote

ACCOUNT_VARIABLE = "LINQ_API_V3_API_KEY"
OTHER_VARIABLE = "LINQ_API_V3_OTHER_API_KEY"

_EXPANSIONS: Mapping[str, Callable[[str], str]] = {
    "": str,
    "^^": str.upper,
    ",,": str.lower,
    "~~": str.swapcase,
    "%?": lambda token: token[:-1],
    "#?": lambda token: token[1:],
    ":0:4": lambda token: token[:4],
}
_PLACEHOLDER = re.compile(
    rf"\$\{{({ACCOUNT_VARIABLE}|{OTHER_VARIABLE})({'|'.join(re.escape(key) for key in _EXPANSIONS)})\}}"
)
_SHORTEST_DISTINCTIVE = 8


def placeholder(variable: str, expansion: str = "") -> str:
    """The text that stands for a token in a request."""
    return f"${{{variable}{expansion}}}"


@dataclass(frozen=True)
class Credentials:
    """The tokens of a run by the environment variable that they come from."""

    tokens: Mapping[str, str] = field(repr=False)

    @property
    def has_other(self) -> bool:
        """Whether there is a second account to test isolation with."""
        return OTHER_VARIABLE in self.tokens

    @property
    def has_letters(self) -> bool:
        """Whether the account's token changes with its letter case."""
        token = self.tokens[ACCOUNT_VARIABLE]
        return token.swapcase() != token

    def resolve(self, text: str) -> str:
        """Put the tokens in the place of their placeholders."""
        return _PLACEHOLDER.sub(lambda match: _EXPANSIONS[match[2]](self.tokens.get(match[1], "")), text)

    def conceal(self, data: bytes) -> bytes:
        """Put placeholders in the place of the tokens, in whichever encoding and letter case they appear."""
        lowered = data.lower()
        for form, replacement in self._forms:
            if form in lowered:
                data = re.sub(re.escape(form), replacement, data, flags=re.IGNORECASE)
        return data

    @cached_property
    def _forms(self) -> list[tuple[bytes, bytes]]:
        """What to look for, in lower case, with what to put in its place."""
        return [
            (form.lower(), placeholder(variable).encode())
            for variable, token in self.tokens.items()
            if is_distinctive(token)
            for form in sorted(_encodings(token), key=len, reverse=True)
        ]


def is_distinctive(token: str) -> bool:
    """Whether text that contains `token` must have been given it, and does not use it as a word."""
    return len(token) >= _SHORTEST_DISTINCTIVE and not token.isalpha()


def _encodings(token: str) -> set[bytes]:
    """The forms in which a token may come back: as sent, URL-encoded, or in base64."""
    raw = token.encode("utf-8", "surrogateescape")
    return {
        raw,
        quote(token, safe="").encode(),
        base64.b64encode(raw).rstrip(b"="),
        base64.b64encode(b"Bearer " + raw).rstrip(b"="),
    }
