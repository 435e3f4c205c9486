"""What changed between two schemas, and for whom, which depends on who sends what they describe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from contract_diff.changes import Change, Kind
from openapi_nodes import Object, as_array, as_object, resolve

_LOWER_BOUNDS = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
_UPPER_BOUNDS = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
_CONSTRAINTS = (
    "pattern",
    "format",
    "multipleOf",
    "uniqueItems",
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
)
_WORDS = ("title", "description", "example", "examples", "default")
_PERMISSIVE: tuple[Any, ...] = (True, {})


class Sender(Enum):
    """Who sends a value."""

    CLIENT = "requests"
    SERVER = "responses"

    @property
    def narrowed(self) -> Kind:
        """What it means that fewer values are allowed."""
        return Kind.BREAKING_FOR_CLIENTS if self is Sender.CLIENT else Kind.BREAKING_FOR_SERVERS

    @property
    def widened(self) -> Kind:
        """What it means that more values are allowed."""
        return Kind.BREAKING_FOR_SERVERS if self is Sender.CLIENT else Kind.BREAKING_FOR_CLIENTS


@dataclass(frozen=True)
class Pair:
    """The base and the new document, with the schemas that were compared already."""

    base: Object
    new: Object
    compared: set[tuple[str, str, Sender]] = field(default_factory=set[tuple[str, str, Sender]])


@dataclass(frozen=True)
class Place:
    """Where a schema stands, and who sends what it describes."""

    name: str
    sender: Sender

    def at(self, property_name: str) -> Place:
        return replace(self, name=f"{self.name}.{property_name}")

    def items(self) -> Place:
        return replace(self, name=f"{self.name}[]")

    def __str__(self) -> str:
        return f"{self.name} in {self.sender.value}"


def compare_schemas(pair: Pair, base: Any, new: Any, place: Place) -> Iterator[Change]:
    """Name what changed; a schema that several places refer to is compared once for each sender."""
    names = (_reference(base), _reference(new))
    if all(names):
        if (*names, place.sender) in pair.compared:
            return
        pair.compared.add((*names, place.sender))
        place = replace(place, name=names[1].rpartition("/")[2])
    old, now = _flat(pair.base, base), _flat(pair.new, new)
    yield from _types(old, now, place)
    yield from _values(old, now, place)
    yield from _bounds(old, now, place)
    yield from _constraints(old, now, place)
    yield from _properties(pair, old, now, place)
    yield from _other_properties(pair, old, now, place)
    yield from _alternatives(pair, old, now, place)
    if "items" in old and "items" in now:
        yield from compare_schemas(pair, old["items"], now["items"], place.items())
    yield from reworded(old, now, str(place))


def reworded(old: Object, now: Object, place: str) -> Iterator[Change]:
    """Name the words of a description that changed, and nothing else."""
    for name in _WORDS:
        if old.get(name) != now.get(name):
            yield Change(Kind.REWORDED, place, f"the {name} changed")


def _reference(schema: Any) -> str:
    return str(as_object(schema).get("$ref", ""))


def _flat(document: Object, schema: Any) -> Object:
    """A schema with its reference followed, and with the parts of its `allOf` laid together."""
    own = as_object(resolve(document, schema))
    flat: Object = {}
    for part in [*(_flat(document, part) for part in own.get("allOf", [])), own]:
        for name, value in part.items():
            flat[name] = _together(name, flat.get(name), value)
    flat.pop("allOf", None)
    return flat


def _together(name: str, one: Any, other: Any) -> Any:
    if name == "properties" and one:
        return {**one, **other}
    if name == "required":
        return [*as_array(one), *(item for item in other if item not in as_array(one))]
    return other


def _types(old: Object, now: Object, place: Place) -> Iterator[Change]:
    before, after = _types_of(old), _types_of(now)
    yield from _sets(before, after, place, "the type", "any")


def _types_of(schema: Object) -> set[str] | None:
    """The types that a schema allows, integers being numbers; None when it names none."""
    named = schema.get("type")
    if named is None:
        return None
    types = set[str]([named] if isinstance(named, str) else named)
    if schema.get("nullable") is True:
        types.add("null")
    return types | ({"integer"} if "number" in types else set())


def _values(old: Object, now: Object, place: Place) -> Iterator[Change]:
    yield from _sets(_values_of(old), _values_of(now), place, "the allowed value", "any")


def _values_of(schema: Object) -> set[str] | None:
    if "const" in schema:
        return {json.dumps(schema["const"])}
    return {json.dumps(value) for value in schema["enum"]} if "enum" in schema else None


def _sets(
    before: set[str] | None, after: set[str] | None, place: Place, what: str, everything: str
) -> Iterator[Change]:
    """Compare the sets of what is allowed; None allows everything."""
    if before == after:
        return
    narrowed = before is None or bool(after is not None and before - after)
    widened = after is None or bool(before is not None and after - before)
    names = [", ".join(sorted(names)) if names is not None else everything for names in (before, after)]
    yield _changed(place, f"{what} was {names[0]} and is {names[1]}", narrowed=narrowed, widened=widened)


def _changed(place: Place, what: str, *, narrowed: bool, widened: bool) -> Change:
    if narrowed and widened:
        return Change(Kind.BREAKING_FOR_BOTH, str(place), what)
    return Change(place.sender.narrowed if narrowed else place.sender.widened, str(place), what)


def _bounds(old: Object, now: Object, place: Place) -> Iterator[Change]:
    for name in sorted(_LOWER_BOUNDS | _UPPER_BOUNDS):
        before, after = old.get(name), now.get(name)
        if before == after:
            continue
        narrowed = before is None or (
            after is not None and (after > before if name in _LOWER_BOUNDS else after < before)
        )
        yield _changed(place, _was(name, before, after), narrowed=narrowed, widened=not narrowed)


def _constraints(old: Object, now: Object, place: Place) -> Iterator[Change]:
    for name in _CONSTRAINTS:
        before, after = old.get(name), now.get(name)
        if before != after:
            narrowed, widened = after is not None, before is not None
            yield _changed(place, _was(name, before, after), narrowed=narrowed, widened=widened)


def _was(name: str, before: Any, after: Any) -> str:
    if before is None:
        return f"{name} {after} was added"
    return f"{name} {before} was removed" if after is None else f"{name} was {before} and is {after}"


def _properties(pair: Pair, old: Object, now: Object, place: Place) -> Iterator[Change]:
    before, after = old.get("properties", {}), now.get("properties", {})
    for name in sorted({*before, *after}):
        at = place.at(name)
        was_required, is_required = name in old.get("required", []), name in now.get("required", [])
        if name not in after:
            yield _removed(at, resolve(pair.base, before[name]))
        elif name not in before:
            yield _added(at, required=is_required)
        else:
            if was_required != is_required:
                what = "became required" if is_required else "is no longer required"
                yield _changed(at, what, narrowed=is_required, widened=was_required)
            yield from deprecation(resolve(pair.base, before[name]), resolve(pair.new, after[name]), str(at))
            yield from compare_schemas(pair, before[name], after[name], at)


def _removed(place: Place, schema: Object) -> Change:
    if schema.get("deprecated"):
        return Change(Kind.REMOVED_AFTER_DEPRECATION, str(place), "was removed" + _successor(schema))
    return Change(Kind.BREAKING_FOR_CLIENTS, str(place), "was removed")


def _added(place: Place, *, required: bool) -> Change:
    if not required:
        return Change(Kind.ADDITIVE, str(place), "was added")
    return Change(place.sender.narrowed, str(place), "was added, and is required")


def deprecation(old: Object, now: Object, place: str) -> Iterator[Change]:
    """Name a deprecation that is new, or was taken back."""
    if bool(old.get("deprecated")) == bool(now.get("deprecated")):
        return
    if now.get("deprecated"):
        yield Change(Kind.DEPRECATED, place, "was deprecated" + _successor(now))
    else:
        yield Change(Kind.ADDITIVE, place, "is no longer deprecated")


def _successor(schema: Object) -> str:
    return f"; its successor is {schema['x-successor']}" if "x-successor" in schema else ""


def _other_properties(pair: Pair, old: Object, now: Object, place: Place) -> Iterator[Change]:
    before, after = (schema.get("additionalProperties", True) for schema in (old, now))
    if before == after or (before in _PERMISSIVE and after in _PERMISSIVE):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from compare_schemas(pair, before, after, place.at("*"))
    else:
        narrowed = after is False or before in _PERMISSIVE
        what = f"additionalProperties was {json.dumps(before)} and is {json.dumps(after)}"
        yield _changed(place, what, narrowed=narrowed, widened=not narrowed)


def _alternatives(pair: Pair, old: Object, now: Object, place: Place) -> Iterator[Change]:
    for name in ("oneOf", "anyOf"):
        before, after = ({_key(schema): schema for schema in either.get(name, [])} for either in (old, now))
        if not before or not after or _are_in_pairs(before, after):
            for one, other in zip(before.values(), after.values(), strict=False):
                yield from compare_schemas(pair, one, other, place)
            if bool(before) != bool(after):
                yield _changed(
                    place,
                    f"{name} was {'added' if after else 'removed'}",
                    narrowed=bool(after),
                    widened=bool(before),
                )
        else:
            names = [{_shown(key) for key in keys} for keys in (before, after)]
            yield from _sets(names[0], names[1], place, f"{name}", "any")
            for key in before.keys() & after.keys():
                yield from compare_schemas(pair, before[key], after[key], place)


def _are_in_pairs(before: Object, after: Object) -> bool:
    """Whether what changed is within the alternatives, and none was added or removed."""
    named = [{key for key in keys if key.startswith("#")} for keys in (before, after)]
    return len(before) == len(after) and named[0] == named[1]


def _key(schema: Any) -> str:
    return _reference(schema) or json.dumps(schema, sort_keys=True, default=str)


def _shown(key: str) -> str:
    return key.rpartition("/")[2] if key.startswith("#") else key
