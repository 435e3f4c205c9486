"""Tokens: named in requests, known to the HTTP layer alone.

A request of this package never holds a token. It holds a placeholder, `Bearer ${LINQ_API_V3_API_KEY}`,
that the HTTP layer resolves while it sends; what comes back has the token replaced by the placeholder
again. So no report, log or replay can contain one.

Requests that a server must refuse hold placeholders of what becomes of a token when it is changed, such
as `${LINQ_API_V3_API_KEY backwards}`; see `Variant`. `report.curl` writes all of them for the shell.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

ACCOUNT = "LINQ_API_V3_API_KEY"
OTHER_ACCOUNT = "LINQ_API_V3_OTHER_API_KEY"
ACCOUNTS = (ACCOUNT, OTHER_ACCOUNT, *(f"{OTHER_ACCOUNT}_{number}" for number in range(3, 10)))
"""A run has two accounts at most; a recording may have further ones."""


class Variant(StrEnum):
    """What a token is changed into."""

    IN_THE_OTHER_CASE = "in the other case"
    BACKWARDS = "backwards"
    ALTERED_INSIDE = "altered inside"
    WITHOUT_THE_LAST = "without the last character"
    WITHOUT_THE_FIRST = "without the first character"
    FIRST_FOUR = "first four characters"
    AFTER_FOUR = "after four characters"
    FIRST_AS_ESCAPE = "first character as %xx"
    AS_USER = "as user in base64"
    AFTER_USER = "after user x in base64"


_VARIATIONS: Mapping[Variant | None, Callable[[str], str]] = {
    None: str,
    Variant.IN_THE_OTHER_CASE: str.swapcase,
    Variant.WITHOUT_THE_LAST: lambda token: token[:-1],
    Variant.WITHOUT_THE_FIRST: lambda token: token[1:],
    Variant.FIRST_FOUR: lambda token: token[:4],
    Variant.AFTER_FOUR: lambda token: token[4:],
    Variant.BACKWARDS: lambda token: token[::-1],
    Variant.ALTERED_INSIDE: lambda token: f"{token[:9]}~{token[10:]}" if token[9:] else token,
    Variant.AS_USER: lambda token: base64_of(f"{token}:"),
    Variant.AFTER_USER: lambda token: base64_of(f"x:{token}"),
    Variant.FIRST_AS_ESCAPE: lambda token: f"%{ord(token[0]):02x}" if token else "",
}


def base64_of(text: str) -> str:
    """The base64 form of a text."""
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()


def placeholder(variable: str, variant: Variant | None = None) -> str:
    """The text that stands in a request for the token of a variable, or for a variant of it."""
    return f"${{{variable} {variant}}}" if variant else f"${{{variable}}}"


_PLACEHOLDERS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    placeholder(variable, variant): (variable, vary)
    for variable in ACCOUNTS
    for variant, vary in _VARIATIONS.items()
}
_PLACEHOLDER = re.compile("|".join(map(re.escape, _PLACEHOLDERS)))
_SHORTEST_DISTINCTIVE = 6  # characters; fewer stand in a text by chance
_SHORTEST_OF_LETTERS = 16  # characters, more than a word has that an answer could use
_MARKS_OF_ESCAPES = (b"%", b"\\", b"&#")
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")


@dataclass(frozen=True)
class SecretHeader:
    """A header that whatever stands before a server wants to see, with the variable that has its value."""

    name: str
    variable: str
    value: str = field(repr=False)

    def __str__(self) -> str:
        return f"{self.name}={self.variable}"


@dataclass(frozen=True)
class ClientCertificate:
    """A certificate in PEM, for a server that asks who connects; without `key` the file ends with it."""

    file: Path
    key: Path | None = None


@dataclass(frozen=True)
class Credentials:
    """The tokens of a run by the environment variable that they come from, and what goes with them."""

    tokens: Mapping[str, str] = field(repr=False)
    headers: Sequence[SecretHeader] = ()
    certificate: ClientCertificate | None = None

    @property
    def has_other(self) -> bool:
        """Whether there is a second account to test isolation with."""
        return OTHER_ACCOUNT in self.tokens

    def is_valid(self, authorization: str) -> bool:
        """Whether a value of the Authorization header presents one of the tokens."""
        return self.resolve(authorization) in {f"Bearer {token}" for token in self.tokens.values()}

    def resolve(self, text: str, encode: Callable[[str], str] = str) -> str:
        """Put the tokens, encoded, in the place of their placeholders."""
        return _PLACEHOLDER.sub(lambda match: encode(self._variant(match[0])), text)

    def _variant(self, text: str) -> str:
        variable, vary = _PLACEHOLDERS[text]
        return vary(self.tokens.get(variable, ""))

    def conceal(self, data: bytes) -> bytes:
        """Put placeholders in the place of all secrets, in whichever encoding and letter case they appear."""
        lowered = data.lower()
        is_shown = any(trace in lowered for trace in self._traces)
        if is_shown:
            data = _replaced(data, self._forms)
        if any(mark in data for mark in _MARKS_OF_ESCAPES):
            for pattern, replacement in self._escaped:
                data = pattern.sub(replacement, data)
        return _replaced(data, self._parts) if is_shown else data

    @cached_property
    def _traces(self) -> Sequence[bytes]:
        """The texts of which each that is looked for holds one."""
        texts = {text for text, _ in (*self._forms, *self._parts)}
        return [text for text in texts if not any(other in text for other in texts - {text})]

    @cached_property
    def _forms(self) -> list[tuple[bytes, bytes]]:
        """What to look for, in lower case, with what to put in its place."""
        return [
            (form.lower(), placeholder(variable).encode())
            for variable, token in self._distinctive
            for form in sorted(_encodings(token), key=len, reverse=True)
        ]

    @cached_property
    def _parts(self) -> list[tuple[bytes, bytes]]:
        """The variants of the tokens, most of which hold a part of one."""
        return [
            (variant.encode("utf-8", "surrogateescape").lower(), text.encode())
            for text in _PLACEHOLDERS
            if is_distinctive(variant := self._variant(text))
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
        secrets = [*self.tokens.items(), *((header.variable, header.value) for header in self.headers)]
        return [(variable, secret) for variable, secret in secrets if is_distinctive(secret)]


def _replaced(data: bytes, replacements: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Replace texts that are given in lower case, whatever the case in which they appear."""
    lowered = data.lower()
    for form, replacement in replacements:
        if form in lowered:
            data = re.sub(re.escape(form), replacement, data, flags=re.IGNORECASE)
            lowered = data.lower()
    return data


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
