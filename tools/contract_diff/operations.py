"""What changed between two documents: operations, parameters, bodies, responses, security and servers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from contract_diff.changes import Change, Kind
from contract_diff.rules import compare_rules
from contract_diff.schemas import Pair, Place, Sender, compare_schemas, deprecation, reworded
from openapi_nodes import Object, resolve

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def compare_documents(base: Object, new: Object) -> list[Change]:
    """Name each change from the base to the new document, the gravest kinds first."""
    changes = dict.fromkeys([*_compare(Pair(base, new))])
    order = list(Kind)
    return sorted(changes, key=lambda change: (order.index(change.kind), change.place, change.what))


def _compare(pair: Pair) -> Iterator[Change]:
    yield from reworded(pair.base.get("info", {}), pair.new.get("info", {}), "info")
    yield from _servers(pair)
    yield from _operations(pair, "paths", Sender.CLIENT)
    yield from _operations(pair, "webhooks", Sender.SERVER)
    yield from _error_codes(pair)
    yield from compare_rules(pair.base, pair.new)


def _servers(pair: Pair) -> Iterator[Change]:
    before, after = (
        {server["url"] for server in document.get("servers", [])} for document in (pair.base, pair.new)
    )
    for url in sorted(before - after):
        yield Change(Kind.BREAKING_FOR_CLIENTS, "servers", f"{url} was removed")
    for url in sorted(after - before):
        yield Change(Kind.ADDITIVE, "servers", f"{url} was added")


def _error_codes(pair: Pair) -> Iterator[Change]:
    before, after = (
        {entry["code"]: entry for entry in document.get("x-error-codes", [])}
        for document in (pair.base, pair.new)
    )
    for code in sorted({*before, *after}):
        place = f"error code {code}"
        if code not in after:
            yield Change(Kind.BREAKING_FOR_SERVERS, place, "was removed")
        elif code not in before:
            yield Change(Kind.ADDITIVE, place, "was added")
        elif before[code].get("status") != after[code].get("status"):
            yield Change(Kind.BREAKING_FOR_BOTH, place, _was("status", before[code], after[code]))
        elif before[code] != after[code]:
            yield Change(Kind.REWORDED, place, "what is said of it changed")


def _was(name: str, old: Object, now: Object) -> str:
    return f"the {name} was {old.get(name)} and is {now.get(name)}"


def _operations(pair: Pair, part: str, caller: Sender) -> Iterator[Change]:
    before, after = (_operations_of(document, part) for document in (pair.base, pair.new))
    for name in sorted({*before, *after}):
        if name not in after:
            kind = (
                Kind.REMOVED_AFTER_DEPRECATION
                if before[name].get("deprecated")
                else Kind.BREAKING_FOR_CLIENTS
            )
            yield Change(kind, name, "was removed")
        elif name not in before:
            yield Change(Kind.ADDITIVE, name, "was added")
        else:
            yield from _operation(pair, before[name], after[name], name, caller)


def _operations_of(document: Object, part: str) -> dict[str, Object]:
    """The operations by method and path, each with the parameters and the security that hold for it."""
    found: dict[str, Object] = {}
    for path, path_item in document.get(part, {}).items():
        item = resolve(document, path_item)
        for method in METHODS:
            if method in item:
                operation = {"security": document.get("security", []), **item[method]}
                operation["parameters"] = [*item.get("parameters", []), *operation.get("parameters", [])]
                found[f"{method.upper()} {path}"] = operation
    return found


def _operation(pair: Pair, old: Object, now: Object, name: str, caller: Sender) -> Iterator[Change]:
    if old.get("operationId") != now.get("operationId"):
        yield Change(Kind.BREAKING_FOR_CLIENTS, name, _was("operationId", old, now))
    yield from deprecation(old, now, name)
    yield from reworded(old, now, name)
    yield from _security(old["security"], now["security"], name)
    yield from _parameters(pair, old, now, name, caller)
    yield from _body(pair, old.get("requestBody"), now.get("requestBody"), name, caller)
    yield from _responses(pair, old, now, name, _other(caller))


def _other(sender: Sender) -> Sender:
    return Sender.SERVER if sender is Sender.CLIENT else Sender.CLIENT


def _security(old: list[Object], now: list[Object], name: str) -> Iterator[Change]:
    # No requirement at all asks for as little as an empty one among others.
    before, after = ({_scheme(entry) for entry in either or [{}]} for either in (old, now))
    for scheme in sorted(before - after):
        yield Change(Kind.BREAKING_FOR_CLIENTS, name, f"{scheme} is no longer enough to be let in")
    for scheme in sorted(after - before):
        yield Change(Kind.ADDITIVE, name, f"{scheme} is enough to be let in")


def _scheme(requirement: Object) -> str:
    return " with ".join(sorted(requirement)) or "no security scheme"


def _parameters(pair: Pair, old: Object, now: Object, name: str, caller: Sender) -> Iterator[Change]:
    before, after = _parameters_of(pair.base, old), _parameters_of(pair.new, now)
    for key in sorted({*before, *after}):
        place = Place(f"{name} {key}", caller)
        if key not in after:
            gone = before[key].get("deprecated")
            kind = Kind.REMOVED_AFTER_DEPRECATION if gone else Kind.BREAKING_FOR_CLIENTS
            yield Change(kind, place.name, "was removed")
        elif key not in before:
            required = after[key].get("required")
            kind = caller.narrowed if required else Kind.ADDITIVE
            yield Change(kind, place.name, f"was added{', and is required' if required else ''}")
        else:
            yield from _parameter(pair, before[key], after[key], place)


def _parameters_of(document: Object, operation: Object) -> dict[str, Object]:
    """The parameters by place and name; names of headers have no case."""
    parameters = [resolve(document, parameter) for parameter in operation["parameters"]]
    return {f"{entry['in']} parameter {_name(entry)}": entry for entry in parameters}


def _name(parameter: Object) -> str:
    return str(parameter["name"].lower() if parameter["in"] == "header" else parameter["name"])


def _parameter(pair: Pair, old: Object, now: Object, place: Place) -> Iterator[Change]:
    if bool(old.get("required")) != bool(now.get("required")):
        yield _required(now, place)
    for name in ("style", "explode"):
        if old.get(name) != now.get(name):
            yield Change(Kind.BREAKING_FOR_BOTH, place.name, _was(name, old, now))
    yield from deprecation(old, now, place.name)
    yield from reworded(old, now, place.name)
    yield from compare_schemas(pair, old.get("schema", {}), now.get("schema", {}), place)


def _required(now: Object, place: Place) -> Change:
    if now.get("required"):
        return Change(place.sender.narrowed, place.name, "became required")
    return Change(place.sender.widened, place.name, "is no longer required")


def _body(pair: Pair, base: Any, new: Any, name: str, sender: Sender) -> Iterator[Change]:
    place = Place(f"{name} body", sender)
    old, now = resolve(pair.base, base), resolve(pair.new, new)
    if old is None and now is None:
        return
    if old is None:
        kind = sender.narrowed if now.get("required") else Kind.ADDITIVE
        yield Change(kind, place.name, f"was added{', and is required' if now.get('required') else ''}")
    elif now is None:
        yield Change(Kind.BREAKING_FOR_CLIENTS, place.name, "was removed")
    else:
        if bool(old.get("required")) != bool(now.get("required")):
            yield _required(now, place)
        yield from reworded(old, now, place.name)
        yield from _contents(pair, old, now, place)


def _contents(pair: Pair, old: Object, now: Object, place: Place) -> Iterator[Change]:
    before, after = old.get("content", {}), now.get("content", {})
    for media_type in sorted({*before, *after}):
        if media_type not in after:
            yield Change(place.sender.narrowed, place.name, f"{media_type} was removed")
        elif media_type not in before:
            kind = Kind.ADDITIVE if place.sender is Sender.CLIENT else place.sender.widened
            yield Change(kind, place.name, f"{media_type} was added")
        else:
            old_schema, schema = (either[media_type].get("schema", {}) for either in (before, after))
            yield from compare_schemas(pair, old_schema, schema, place)
            yield from reworded(before[media_type], after[media_type], place.name)


def _responses(pair: Pair, old: Object, now: Object, name: str, sender: Sender) -> Iterator[Change]:
    before, after = (
        {str(key): value for key, value in either.get("responses", {}).items()} for either in (old, now)
    )
    for status in sorted({*before, *after}):
        place = Place(f"{name} response {status}", sender)
        if status not in after:
            yield Change(place.sender.narrowed, place.name, "was removed")
        elif status not in before:
            # A client takes a status that it does not know for an error, so an error is nothing new to it.
            kind = Kind.ADDITIVE if status[0] in "45" else place.sender.widened
            yield Change(kind, place.name, "was added")
        else:
            yield from _response(pair, before[status], after[status], place)


def _response(pair: Pair, base: Any, new: Any, place: Place) -> Iterator[Change]:
    old, now = resolve(pair.base, base), resolve(pair.new, new)
    yield from reworded(old, now, place.name)
    yield from _contents(pair, old, now, place)
    before, after = (
        {name.lower(): resolve(document, header) for name, header in either.get("headers", {}).items()}
        for document, either in ((pair.base, old), (pair.new, now))
    )
    for name in sorted({*before, *after}):
        at = Place(f"{place.name} header {name}", place.sender)
        if name not in after:
            gone = before[name].get("deprecated")
            yield Change(
                Kind.REMOVED_AFTER_DEPRECATION if gone else place.sender.widened, at.name, "was removed"
            )
        elif name not in before:
            yield Change(
                place.sender.narrowed if after[name].get("required") else Kind.ADDITIVE, at.name, "was added"
            )
        else:
            yield from _parameter(pair, before[name], after[name], at)
    if old.get("x-error-codes") != now.get("x-error-codes"):
        yield _response_codes(old, now, place)


def _response_codes(old: Object, now: Object, place: Place) -> Change:
    before, after = (set(map(json.dumps, either.get("x-error-codes", []))) for either in (old, now))
    kind = Kind.BREAKING_FOR_SERVERS if before - after else Kind.ADDITIVE
    return Change(kind, place.name, _was("x-error-codes", old, now))
