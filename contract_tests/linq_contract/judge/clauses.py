"""The clauses of rules that say several things, so that the ledger can tell which of them a run reached."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import TypeAlias

from linq_contract.contract.classification import Authority, Body, Subject
from linq_contract.contract.numbers import is_e164
from linq_contract.http.credentials import ACCOUNT
from linq_contract.http.messages import json_object
from linq_contract.judge.checks import is_error
from linq_contract.judge.exchange import Exchange

Predicate: TypeAlias = Callable[[Exchange], bool]
_KINDS_OF_JSON: Mapping[str, type | tuple[type, ...]] = {
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


def _status(status: int) -> Predicate:
    return lambda exchange: exchange.status == status


def _text(matches: Callable[[str], object]) -> Predicate:
    """A clause about the text that an update sends as its forwarding number."""
    return lambda exchange: (
        isinstance(exchange.classified.value, str) and bool(matches(exchange.classified.value))
    )


def _pattern(pattern: str) -> Predicate:
    return _text(lambda text: re.search(pattern, text))


def _value(kind: str) -> Predicate:
    def is_kind(exchange: Exchange) -> bool:
        value = exchange.classified.value
        return isinstance(value, _KINDS_OF_JSON[kind]) and (kind == "boolean") == isinstance(value, bool)

    return is_kind


def _body(body: Body) -> Predicate:
    return lambda exchange: exchange.classified.body is body


def _authorization(pattern: str) -> Predicate:
    return lambda exchange: re.search(pattern, exchange.request.header("Authorization") or "") is not None


def _extra(name: str) -> Predicate:
    return lambda exchange: name in exchange.classified.extra_properties


def _statuses_listed(exchange: Exchange) -> list[str]:
    reputations = (json_object(item.get("reputation")) for item in exchange.items)
    return [str(reputation.get("status")) for reputation in reputations if reputation is not None]


def _forwarding_numbers(exchange: Exchange) -> set[str | None]:
    return {line.forwarding_number for line in (exchange.lines or {}).values()}


def _has_other_digits(text: str) -> bool:
    return any(unicodedata.digit(char, None) is not None and not char.isascii() for char in text)


_BY_OUTCOME: Mapping[str, Predicate] = {
    "success": lambda exchange: exchange.is_success,
    "error": is_error,
}
_ERRORS: Mapping[str, Predicate] = {str(status): _status(status) for status in (400, 401, 404, 405, 415, 429)}

CLAUSES: Mapping[str, Mapping[str, Predicate]] = {
    "transport.json": _BY_OUTCOME,
    "transport.trace-id": _BY_OUTCOME,
    "transport.trace-id-unique": {
        "traceparent offered": lambda exchange: exchange.request.header("traceparent") is not None,
        "X-Trace-ID offered": lambda exchange: exchange.request.header("X-Trace-ID") is not None,
    },
    "transport.no-token-echo": {
        "valid token": lambda exchange: exchange.classified.account == ACCOUNT,
        "invalid token": lambda exchange: exchange.classified.authority is Authority.INVALID,
    },
    "error.envelope": _ERRORS,
    "error.status-agrees": _ERRORS,
    "error.code-agrees": _ERRORS,
    "error.trace-id-agrees": _ERRORS,
    "error.doc-url": _ERRORS,
    "error.retry-after": {
        "429": _status(429),
        "other errors": lambda exchange: exchange.status != 429,
    },
    "auth.required": {
        "list": lambda exchange: exchange.is_list,
        "update": lambda exchange: exchange.is_update,
    },
    "auth.invalid": {
        "wrong token": _authorization(r"^Bearer [^$]"),
        "empty token": _authorization(r"^Bearer *$"),
        "another scheme": _authorization(r"^(?!Bearer\b)"),
        "something added": _authorization(r"^Bearer (\S+\$\{|\$\{\w+\}.)"),
        "something left out": _authorization(r"^Bearer \$\{\w+ (?:without|first four|after four)"),
    },
    "auth.first": {
        "unknown id": lambda exchange: exchange.classified.subject is Subject.UNKNOWN,
        "malformed id": lambda exchange: exchange.classified.subject is Subject.MALFORMED,
        "invalid body": lambda exchange: exchange.classified.body in {Body.NOT_JSON, Body.INVALID_NUMBER},
    },
    "list.schema": {
        "with lines": lambda exchange: bool(exchange.items),
        "without lines": lambda exchange: exchange.listing is not None and not exchange.items,
    },
    "list.doc-url": {
        "equal statuses": lambda exchange: (
            len(_statuses_listed(exchange)) > len(set(_statuses_listed(exchange)))
        ),
        "different statuses": lambda exchange: len(set(_statuses_listed(exchange))) > 1,
    },
    "list.forwarding-number": {
        "forwards": lambda exchange: any(_forwarding_numbers(exchange)),
        "does not forward": lambda exchange: None in _forwarding_numbers(exchange),
    },
    "update.echo": {
        "set": _body(Body.SET),
        "cleared with null": _body(Body.CLEAR_NULL),
        "cleared with the empty string": _body(Body.CLEAR_EMPTY),
    },
    "update.invalid-number": {
        "no plus": _pattern(r"^[0-9]+$"),
        "leading zero": _pattern(r"^\+0"),
        "letters": _pattern(r"[A-Za-z]"),
        "spaces": _pattern(r" "),
        "punctuation": _pattern(r"[-.()/]"),
        "digits of other scripts": _text(_has_other_digits),
        "more than 15 digits": _pattern(r"^\+[1-9][0-9]{15,}$"),
        "trailing newline": _text(lambda text: text.endswith("\n") and is_e164(text[:-1])),
    },
    "update.missing-field": {
        "empty object": lambda exchange: not exchange.classified.extra_properties,
        "other properties only": lambda exchange: bool(exchange.classified.extra_properties),
    },
    "update.wrong-type": {kind: _value(kind) for kind in _KINDS_OF_JSON},
    "update.invalid-body": {
        "not JSON": _body(Body.NOT_JSON),
        "empty": _body(Body.EMPTY),
        "not an object": _body(Body.NOT_AN_OBJECT),
    },
    "update.malformed-id": {
        "phone number": lambda exchange: is_e164(exchange.classified.named_id),
        "other text": lambda exchange: not is_e164(exchange.classified.named_id),
    },
    "update.no-mass-assignment": {
        name: _extra(name) for name in ("id", "phone_number", "reputation", "health_status")
    },
}
