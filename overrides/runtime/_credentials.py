"""Who asks: the credentials that a call is sent with, as the security schemes of the document say."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from ._contract import MAIN_SCHEME, SCHEMES
from ._redaction import Token
from .errors import InvalidInputError
from .types import Call

_NOT_SENT: Final = "mutualTLS"  # the certificate of an httpx client says it


class Sent:
    """What of a request says who asks."""

    def __init__(self, headers: Mapping[str, str], query: Mapping[str, str], cookie: str) -> None:
        self.headers = headers
        self.query = query
        self.cookie = cookie

    def __repr__(self) -> str:
        return "[credentials]"  # a traceback may show it


def others(given: object) -> Mapping[str, Token]:
    """Return the credentials for the schemes besides the main one: those given, and those of the environment.

    Raises:
        InvalidInputError: They are none, or there is no such scheme.

    """
    if not isinstance(given, Mapping):
        raise InvalidInputError("credentials must map names of security schemes to texts.")
    known = [name for name in SCHEMES if name != MAIN_SCHEME]
    found = {name: Token(os.environ[SCHEMES[name][2]]) for name in known if os.environ.get(SCHEMES[name][2])}
    for name, value in cast("Mapping[object, object]", given).items():
        if name not in known:
            raise InvalidInputError(
                f"credentials has {name!a}, which is none of {', '.join(known) or 'none'}."
            )
        found[str(name)] = Token(value).checked(f"credentials[{name!a}]")
    return found


def needed(
    call: Call[Any], token: Token | Callable[[], Any], credentials: Mapping[str, Token]
) -> tuple[str, ...]:
    """Return the first of the alternatives of schemes that a call may be sent with and can be.

    Raises:
        InvalidInputError: There are not the credentials for any of them.

    """
    for schemes in call.security:
        if all(_is_there(scheme, token, credentials) for scheme in schemes):
            return schemes
    missing = [each for each in call.security[0] if not _is_there(each, token, credentials)]
    way = "api_key" if missing[0] == MAIN_SCHEME else f"credentials[{missing[0]!a}]"
    variable = SCHEMES[missing[0]][2]
    raise InvalidInputError(f"{call.operation} was not sent: pass {way}, or set the variable {variable}.")


def _is_there(scheme: str, token: Token | Callable[[], Any], credentials: Mapping[str, Token]) -> bool:
    if SCHEMES[scheme][0] == _NOT_SENT or scheme in credentials:
        return True
    return scheme == MAIN_SCHEME and (not isinstance(token, Token) or token.is_there)


def sent(schemes: tuple[str, ...], token: Token) -> Sent:
    """Return what a request has for each of the schemes."""
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    cookies: list[str] = []
    for scheme in schemes:
        place, name, _ = SCHEMES[scheme]
        value = token.value if scheme == MAIN_SCHEME else token.others[scheme].value
        match place:
            case "bearer":
                headers["Authorization"] = f"Bearer {value}"
            case "basic":
                headers["Authorization"] = f"Basic {base64.b64encode(value.encode()).decode()}"
            case "header":
                headers[name] = value
            case "query":
                query[name] = value
            case "cookie":
                cookies.append(f"{name}={value}")
            case _:
                pass  # mutualTLS
    return Sent(headers, query, "; ".join(cookies))
