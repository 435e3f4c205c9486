"""Checks of settings: each returns what it is given, as the package uses it, or raises InvalidInputError."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from math import isnan
from typing import Any, Final, cast

import httpx

from ._contract import API_KEY_VARIABLE, BASE_URL_VARIABLE, DEFAULT_BASE_URL, NEEDS_TOKEN
from ._redaction import Token
from ._settings import DEFAULT_TIMEOUT, Settings
from ._words import sentence
from .errors import InvalidInputError
from .types import UNSET

_NO_VALUE_OF_QUERY: Final = (Mapping, bytes, bytearray, set)  # httpx would write their repr
_HEADER_NAME: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # RFC 9110, 5.6.2
_HIGHEST_PORT: Final = 65535  # what is beyond is taken modulo 65536 by some, and so leads elsewhere
_SET_BY_HTTPX: Final = httpx.Timeout(5.0)  # that of an httpx client whose user said nothing


def names(taker: str, given: Mapping[str, Any], known: type) -> None:
    """Check the names of arguments that are typed by a TypedDict.

    Raises:
        TypeError: There is no such argument.

    """
    if unknown := given.keys() - known.__annotations__.keys():
        raise TypeError(f"{taker} takes no argument {min(unknown)!r}.")


def changed(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Return settings, some of them replaced; what is UNSET stays as it is, and a base URL that is None.

    Raises:
        InvalidInputError: One is none.

    """
    checks: dict[str, Callable[[Any], Any]] = {
        "base_url": lambda given: settings.base_url if given is None else base_url(given),
        "timeout": timeout,
        "max_retries": max_retries,
        "deadline": deadline,
    }
    replaced: dict[str, Any] = {
        name: check(changes[name])
        for name, check in checks.items()
        if name in changes and changes[name] is not UNSET
    }
    return settings.replaced(**replaced)


def token(given: Token, credentials: Mapping[str, Token]) -> Token | Callable[[], Any]:
    """Return where the token comes from: itself, the environment, or a function that is asked each time.

    Raises:
        InvalidInputError: There is none, and no call can be made without it.

    """
    if callable(given.value):
        provider: Callable[[], Any] = given.value
        return provider
    given.others = credentials
    if given.value is None:
        given.value = os.environ.get(API_KEY_VARIABLE)
    if given.value is None and not NEEDS_TOKEN:
        given.value = ""
        return given
    return given.checked()


def base_url(url: str | httpx.URL | None) -> str:
    """Return a base URL, or that of the environment, without the slash at its end.

    Raises:
        InvalidInputError: It is none.

    """
    given = (os.environ.get(BASE_URL_VARIABLE) or DEFAULT_BASE_URL) if url is None else url
    try:
        parsed = httpx.URL(given)
        parsed.raw_host.decode().encode("idna")  # as whoever resolves the name does
        is_somewhere = bool(parsed.host)
    except (httpx.InvalidURL, TypeError, UnicodeError) as error:
        raise InvalidInputError(
            sentence(f"The base URL (base_url or {BASE_URL_VARIABLE}) is no URL: {error}")
        ) from None
    more = parsed.userinfo or parsed.query or parsed.fragment or str(given) != str(given).strip()
    is_port = parsed.port is None or 0 < parsed.port <= _HIGHEST_PORT
    if parsed.scheme not in {"http", "https"} or not is_somewhere or not is_port or more:
        example = DEFAULT_BASE_URL or "https://api.example.com"
        raise InvalidInputError(
            f"The base URL (base_url or {BASE_URL_VARIABLE}) must look like {example}: "
            "http or https, a host, perhaps a port and a path, and nothing else."
        )
    return str(given).rstrip("/")


def timeout(value: object) -> httpx.Timeout:
    """Return a timeout.

    Raises:
        InvalidInputError: It is none.

    """
    if isinstance(value, httpx.Timeout):
        for step, seconds in value.as_dict().items():
            if seconds:  # with 0, an attempt does not wait
                _seconds(f"timeout.{step}", seconds, "seconds, or None to wait for ever")
        return value
    if value is None:
        return httpx.Timeout(None)
    return httpx.Timeout(_seconds("timeout", value, "seconds, an httpx.Timeout, or None to wait for ever"))


def timeout_with(http: httpx.Client | httpx.AsyncClient | None) -> httpx.Timeout:
    """Return the timeout of a client that was given none: its httpx client's, if that has one of its own.

    Raises:
        InvalidInputError: It is none.

    """
    return DEFAULT_TIMEOUT if http is None or http.timeout == _SET_BY_HTTPX else timeout(http.timeout)


def deadline(value: object) -> float | None:
    """Return a deadline.

    Raises:
        InvalidInputError: It is none.

    """
    return None if value is None else _seconds("deadline", value, "seconds, or None for no limit")


def _seconds(name: str, value: object, expected: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or isnan(value) or value <= 0:
        raise InvalidInputError(f"{name} is {_shown(value)}: it must be {expected}.")
    return float(value)


def max_retries(value: object) -> int:
    """Return a number of retries.

    Raises:
        InvalidInputError: It is none.

    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidInputError(f"max_retries is {_shown(value)}: it must be a whole number, 0 or more.")
    return value


def headers(name: str, value: object) -> Mapping[str, str]:
    """Return headers.

    Raises:
        InvalidInputError: They are none.

    """
    if not isinstance(value, Mapping):
        raise InvalidInputError(f"{name} is {_shown(value)}: it must map names of headers to texts.")
    found = cast("Mapping[object, object]", value)
    for header, text in found.items():
        if not (isinstance(header, str) and re.fullmatch(_HEADER_NAME, header)):
            raise InvalidInputError(f"{name} has {_shown(header)}, which is no name of a header.")
        if not (isinstance(text, str) and text.isascii() and text.isprintable()):
            raise InvalidInputError(f"{name} has a value for {header} that is no printable ASCII text.")
    return dict(cast("Mapping[str, str]", found))


def query(name: str, value: object) -> Mapping[str, Any]:
    """Return parameters of a URL.

    Raises:
        InvalidInputError: They are none.

    """
    if not isinstance(value, Mapping):
        raise InvalidInputError(f"{name} is {_shown(value)}: it must map names of parameters to values.")
    found = cast("Mapping[object, object]", value)
    for parameter, given in found.items():
        wrong = any(isinstance(each, _NO_VALUE_OF_QUERY) for each in _values(given))
        if wrong or not isinstance(parameter, str):
            raise InvalidInputError(
                f"{name} has {_shown(given)} for {_shown(parameter)}: it must map texts to values or lists."
            )
    return cast("Mapping[str, Any]", found)


def _values(given: object) -> Sequence[object]:
    return cast("Sequence[object]", given) if isinstance(given, list | tuple) else [given]


def http_client(value: object, kind: type[httpx.Client | httpx.AsyncClient]) -> None:
    """Check the httpx client that a client is given.

    Raises:
        InvalidInputError: It is none of this kind.

    """
    if value is not None and not isinstance(value, kind):
        raise InvalidInputError(f"http_client is {_shown(value)}: it must be an httpx.{kind.__name__}.")


def _shown(value: object) -> str:
    return ascii(value)[:80] if isinstance(value, str | int | float | None) else f"a {type(value).__name__}"
