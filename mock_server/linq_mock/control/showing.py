"""What the control API shows, as JSON; the token of a request is nowhere in it."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from linq_mock.log import Exchange
from linq_mock.tokens import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linq_mock.accounts import Account
    from linq_mock.log import Entry, Log, Verdict
    from linq_mock.messages import Call, RawHeaders

_AUTHORIZATION = b"authorization"
_SHORTEST_DISTINCTIVE = 6  # characters
_SHORTEST_OF_LETTERS = 16  # characters, more than a word has


def shown_account(account: Account) -> dict[str, Any]:
    return {"name": account.name, "token": account.token, "lines": list(account.lines.values())}


def shown_entry(entry: Entry, log: Log, origin: str) -> tuple[str, dict[str, Any]]:
    """Return the kind and the JSON object of an entry of the log; `origin` begins the URL of the mock."""
    if isinstance(entry, Exchange):
        return "request", shown_exchange(entry, log.judged(entry), origin)
    change = {"number": entry.number, "at": _time(entry.at), "what": entry.what, "account": entry.account}
    return "change", change


def shown_exchange(exchange: Exchange, verdict: Verdict | None, origin: str) -> dict[str, Any]:
    """Return the JSON object of an exchange, whose tokens are concealed."""
    call = exchange.call
    path = f"{call.raw_path}?{call.query_string}" if call.query_string else call.raw_path
    shown = {
        "number": exchange.number,
        "at": _time(exchange.at),
        "seconds": round(exchange.seconds, 6),
        "account": exchange.account,
        "behaviour": exchange.behaviour,
        "method": call.method,
        "path": path,
        "headers": _headers(call.headers.raw),
        "body": _text(call.body),
        "response": {
            "status": exchange.status,
            "headers": _headers(exchange.headers),
            "body": _text(exchange.body),
        },
        "curl": _curl(exchange, f"{origin}{path}"),
        "cut": exchange.is_cut,
    }
    return {
        **_without(_secrets(exchange), shown),
        "rules": None if verdict is None else asdict(verdict),
    }


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _headers(raw: RawHeaders) -> list[dict[str, str]]:
    return [
        {"name": name.decode("latin-1"), "value": _value(name, value.decode("latin-1"))}
        for name, value in raw
    ]


def _value(name: bytes, value: str) -> str:
    """The value of a header, without what is presented in it as a token, however short that is."""
    if name != _AUTHORIZATION:
        return value
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {PLACEHOLDER}" if space else PLACEHOLDER if value else ""


def _text(body: bytes) -> str:
    return body.decode("utf-8", "backslashreplace")


def _curl(exchange: Exchange, url: str) -> str:
    """Return a command for a POSIX shell that sends the request again."""
    call = exchange.call
    parts = ["curl -i", *_method(call), *_as_it_is(url), shlex.quote(url)]
    for name, value in call.headers.raw:
        if name == _AUTHORIZATION:
            parts.append(f'-H "Authorization: Bearer {PLACEHOLDER}"')
        elif name in {b"content-type", b"x-mock-behaviour"}:
            parts.append(f"-H {shlex.quote((name + b': ' + value).decode('latin-1'))}")
    writer, data = _data(_without_tokens(call.body, _secrets(exchange)))
    return " ".join([*writer, *parts, *data])


def _data(body: bytes) -> tuple[list[str], list[str]]:
    """What writes a body to curl, where that is needed, and the option that has curl send it."""
    if not body:
        return [], []
    text = _text(body)
    if text.isprintable() and text.encode() == body and not text.startswith("@"):
        return [], [f"--data-binary {shlex.quote(text)}"]
    octal = "".join(f"\\{byte:03o}" for byte in body)
    return [f"printf '{octal}' |"], ["--data-binary @-"]


def _method(call: Call) -> Iterator[str]:
    if call.method == "HEAD":
        yield "--head"
    elif call.method != "GET" or call.body:  # with a body, curl would send a POST
        yield f"-X {shlex.quote(call.method)}"


def _as_it_is(url: str) -> Iterator[str]:
    """What keeps curl from reading brackets and dots of a URL in its own way."""
    if set("[]{}") & set(url):
        yield "-g"
    if "/." in url:
        yield "--path-as-is"


def _secrets(exchange: Exchange) -> list[str]:
    presented = exchange.call.headers.getlist("Authorization")
    tokens = {value.partition(" ")[2] or value for value in presented}
    own = {exchange.call.account.token} if exchange.call.account else set[str]()
    return sorted(filter(_is_distinctive, tokens | own), key=len, reverse=True)


def _is_distinctive(token: str) -> bool:
    """Whether a text that contains `token` was given it; what is shorter stands in any text by chance."""
    return len(token) >= (_SHORTEST_OF_LETTERS if token.isalpha() else _SHORTEST_DISTINCTIVE)


def _without_tokens(body: bytes, secrets: list[str]) -> bytes:
    for secret in secrets:
        body = body.replace(secret.encode("latin-1", "replace"), PLACEHOLDER.encode())
    return body


def _without(secrets: list[str], value: Any) -> Any:
    match value:
        case str():
            for secret in secrets:
                value = value.replace(secret, PLACEHOLDER)
            return value
        case dict():
            items = cast("dict[str, Any]", value).items()
            return {name: _without(secrets, item) for name, item in items}
        case list():
            return [_without(secrets, item) for item in cast("list[object]", value)]
        case _:
            return value
