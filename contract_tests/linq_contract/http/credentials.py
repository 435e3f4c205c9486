"""Tokens: named in requests, known to the HTTP layer alone.

A request of this package never holds a token. It holds a placeholder in the notation of the shell,
`Bearer ${LINQ_API_V3_API_KEY}`, that the HTTP layer resolves while it sends; what comes back has the
token replaced by the placeholder again. So no report, log or replay can contain one, and a request
printed as a curl command works as it stands.

Variants of a token, for requests that a server must refuse, use the expansions of bash:
`${NAME^^}` upper case, `${NAME,,}` lower case, `${NAME~~}` case swapped, `${NAME%?}` without the last
character, `${NAME#?}` without the first, `${NAME:0:4}` the first four, `${NAME:4}` the others; and
commands, such as `$(rev <<<${NAME})` for the token backwards.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

ACCOUNT = "LINQ_API_V3_API_KEY"
OTHER_ACCOUNT = "LINQ_API_V3_OTHER_API_KEY"

_EXPANSIONS: Mapping[str, Callable[[str], str]] = {
    "": str,
    "^^": str.upper,
    ",,": str.lower,
    "~~": str.swapcase,
    "%?": lambda token: token[:-1],
    "#?": lambda token: token[1:],
    ":0:4": lambda token: token[:4],
    ":4": lambda token: token[4:],
}
_COMMANDS: Mapping[str, Callable[[str], str]] = {
    "rev <<<{}": lambda token: token[::-1],
    "printf %s {} | sed 's/./~/10'": lambda token: f"{token[:9]}~{token[10:]}" if token[9:] else token,
    "printf %s: {} | base64 -w0": lambda token: base64_of(f"{token}:"),
    "printf x:%s {} | base64 -w0": lambda token: base64_of(f"x:{token}"),
    "printf %s {} | head -c1 | od -An -tx1 | tr ' ' %": lambda token: (
        f"%{ord(token[0]):02x}" if token else ""
    ),
}
BACKWARDS, ALTERED_INSIDE, AS_USER, AS_PASSWORD, FIRST_AS_ESCAPE = _COMMANDS


def base64_of(text: str) -> str:
    """The base64 form of a text."""
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()


def placeholder(variable: str, expansion: str = "") -> str:
    """The text that stands for a token in a request."""
    return f"${{{variable}{expansion}}}"


def command(variable: str, which: str) -> str:
    """The text that stands for what a command makes of a token."""
    return f"$({which.format(placeholder(variable))})"


_VARIANTS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    text: (variable, variant)
    for variable in (ACCOUNT, OTHER_ACCOUNT)
    for text, variant in (
        *((placeholder(variable, expansion), variant) for expansion, variant in _EXPANSIONS.items()),
        *((command(variable, which), variant) for which, variant in _COMMANDS.items()),
    )
}
_PLACEHOLDER = re.compile("|".join(map(re.escape, sorted(_VARIANTS, key=len, reverse=True))))
_SHORTEST_DISTINCTIVE = 6  # characters; fewer stand in a text by chance
_SHORTEST_OF_LETTERS = 16  # characters, more than a word has that an answer could use
_MARKS_OF_ESCAPES = (b"%", b"\\", b"&#")
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")


@dataclass(frozen=True)
class Credentials:
    """The tokens of a run by the environment variable that they come from."""

    tokens: Mapping[str, str] = field(repr=False)

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
        variable, variant = _VARIANTS[text]
        return variant(self.tokens.get(variable, ""))

    def conceal(self, data: bytes) -> bytes:
        """Put placeholders in the place of the tokens, in whichever encoding and letter case they appear."""
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
            for text in _VARIANTS
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
        return [(variable, token) for variable, token in self.tokens.items() if is_distinctive(token)]


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
