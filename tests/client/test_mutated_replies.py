"""Whatever replaces a part of a valid reply: it is kept as it came, or its place is named."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, cast

import httpx
import hypothesis.strategies as st
from hypothesis import given

import linq_phone_numbers as linq
from linq_contract import document

if TYPE_CHECKING:
    from collections.abc import Sequence

LINE: dict[str, Any] = document.load().raw["components"]["schemas"]["PhoneNumber"]["examples"][0]
REPLY: dict[str, Any] = {"phone_numbers": [LINE, LINE | {"forwarding_number": None}]}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a JSON value, as the keys that lead there."""
    keys: list[Any] = []
    if isinstance(value, dict):
        keys = [*cast("dict[str, Any]", value)]
    elif isinstance(value, list):
        keys = [*range(len(cast("Sequence[Any]", value)))]
    return [path, *(place for key in keys for place in places(value[key], (*path, key)))]


@given(place=st.sampled_from(places(REPLY)), value=json_values)
def test_a_replaced_value_is_kept_or_its_place_is_named(place: tuple[str | int, ...], value: Any) -> None:
    check(replaced(REPLY, place, value), place)


@given(place=st.sampled_from(places(REPLY)[1:]))
def test_a_removed_value_is_absent_or_its_place_is_named(place: tuple[str | int, ...]) -> None:
    reply = json.loads(json.dumps(REPLY))
    around: Any = reply
    for key in place[:-1]:
        around = around[key]
    del around[place[-1]]

    check(reply, place)


@given(place=st.sampled_from(places(REPLY)), name=st.text(), value=json_values)
def test_an_added_property_is_kept(place: tuple[str | int, ...], name: str, value: Any) -> None:
    reply = json.loads(json.dumps(REPLY))
    around: Any = reply
    for key in place:
        around = around[key]
    if not isinstance(around, dict) or name in around:
        return
    around[name] = value

    check(reply, place)


def replaced(reply: Any, place: tuple[str | int, ...], value: Any) -> Any:
    if not place:
        return value
    changed = copy.copy(reply)
    changed[place[0]] = replaced(reply[place[0]], place[1:], value)
    return changed


def check(reply: Any, place: tuple[str | int, ...]) -> None:
    """Have a client read a reply: all of it is kept, or the error leads to the place."""
    pointer = "".join(f"/{key}" for key in place)

    kept, complaint = read(reply)

    if complaint is None:
        assert kept == reply
    else:
        assert complaint.startswith(pointer) or pointer.startswith(complaint)


def read(reply: Any) -> tuple[dict[str, Any] | None, str | None]:
    """Return what a client keeps of a reply, or the pointer of its error."""
    answer = httpx.Response(200, content=json.dumps(reply).encode())
    with httpx.Client(transport=httpx.MockTransport(lambda _: answer)) as http:
        try:
            return linq.LinqClient("token", http_client=http).phone_numbers.list().to_dict(), None
        except linq.APIResponseValidationError as error:
            return None, error.pointer
