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
_SHORTEST_DISTINCTIVE = 6
_SHORTEST_OF_LETTERS = 16
_MARKS_OF_ESCAPES = (b"%", b"\\", b"&#")
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")


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
                lowered = data.lower()
        if any(mark in lowered for mark in _MARKS_OF_ESCAPES):
            for pattern, replacement in self._escaped:
                data = pattern.sub(replacement, data)
        return data

    @cached_property
    def _forms(self) -> list[tuple[bytes, bytes]]:
        """What to look for, in lower case, with what to put in its place."""
        return [
            (form.lower(), placeholder(variable).encode())
            for variable, token in self._distinctive
            for form in sorted(_encodings(token), key=len, reverse=True)
        ]

    @cached_property
    def _escaped(self) -> list[tuple[re.Pattern[bytes], bytes]]:
        """The tokens with any of their characters escaped, as in URLs, JSON, JavaScript and HTML."""
        return [
            (re.compile(b"".join(map(_escapes, token)), re.IGNORECASE), placeholder(variable).encode())
            for variable, token in self._distinctive
        ]

    @property
    def _distinctive(self) -> list[tuple[str, str]]:
        return [(variable, token) for variable, token in self.tokens.items() if is_distinctive(token)]


def is_distinctive(token: str) -> bool:
    """Whether text that contains `token` must have been given it, and does not use it as a word."""
    return len(token) >= (_SHORTEST_OF_LETTERS if token.isalpha() else _SHORTEST_DISTINCTIVE)


def _encodings(token: str) -> set[bytes]:
    """The forms in which a token may come back: as sent, in hexadecimal, or inside of anything in base64."""
    raw = token.encode("utf-8", "surrogateescape")
    forms = {raw, raw.hex().encode()}
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + raw)
        # What stands before and after the token shares the first and the last digits with it.
        first = -(-8 * offset // 6)
        last = 8 * (offset + len(raw)) // 6
        forms |= {encoded[first:last], encoded[first:last].translate(_TO_URL_SAFE)}
    return forms


def _escapes(char: str) -> bytes:
    code = ord(char)
    forms = (
        *(re.escape(char), rf"\\{re.escape(char)}", f"%{code:02x}", f"%25{code:02x}"),
        *(rf"\\u{code:04x}", rf"\\x{code:02x}", rf"&\#0*{code};", rf"&\#x0*{code:x};"),
    )
    return f"(?:{'|'.join(forms)})".encode()
