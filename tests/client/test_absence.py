"""UNSET stands for what is absent: it is never sent, and never passes for data."""

from __future__ import annotations

import csv
import io
import json
import logging
import pickle
import sqlite3
from contextlib import closing
from copy import copy, deepcopy
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pydantic
import pytest

import linq_phone_numbers as linq
from linq_phone_numbers.api.phone_numbers import update_phone_number

if TYPE_CHECKING:
    from collections.abc import Callable

LINE = "3f2b8c1e-6a4d-4e59-9b70-1d2c3e4f5a6b"
UNSET: Any = linq.UNSET  # without its type, as in a program that nobody checks


class Stored(pydantic.BaseModel):
    number: str | None = None
    lines: int | None = None


def write_csv() -> None:
    csv.writer(io.StringIO()).writerow([UNSET])


def insert() -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("SELECT ?", (UNSET,))


@pytest.mark.parametrize(
    "store",
    [
        lambda: f"{UNSET}",
        lambda: str(UNSET),
        lambda: "%s" % UNSET,  # noqa: UP031 - one more way
        lambda: "".join(["+", UNSET]),  # noqa: FLY002 - one more way
        lambda: json.dumps({"number": UNSET}),
        lambda: json.dumps({"number": UNSET}, default=str),
        lambda: Stored(number=UNSET),
        lambda: Stored(lines=UNSET),
        write_csv,
        insert,
    ],
)
def test_unset_passes_for_data_nowhere(store: Callable[[], object]) -> None:
    with pytest.raises((TypeError, pydantic.ValidationError, sqlite3.Error)):
        store()


def test_unset_can_be_looked_at_in_a_debugger() -> None:
    assert repr([UNSET]) == "[UNSET]"
    assert logging.getLogger("x").getEffectiveLevel() is not UNSET


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_there_is_one_unset(protocol: int) -> None:
    assert pickle.loads(pickle.dumps(UNSET, protocol)) is UNSET
    assert copy(UNSET) is deepcopy(UNSET) is UNSET
    assert isinstance(UNSET, linq.Unset)
    assert not UNSET


@pytest.mark.parametrize(
    ("arguments", "keywords", "name"),
    [
        ((UNSET,), {"forwarding_number": None}, "phone_number_id"),
        ((LINE,), {"forwarding_number": UNSET}, "forwarding_number"),
        ((LINE,), {"forwarding_number": [UNSET]}, "forwarding_number"),
    ],
)
def test_unset_is_refused_where_a_value_is_required(
    arguments: tuple[Any, ...], keywords: dict[str, Any], name: str
) -> None:
    with pytest.raises(linq.InvalidInputError, match=f"^{name} is UNSET, which stands for what is absent"):
        update_phone_number(*arguments, **keywords)


def test_unset_in_the_body_of_a_call_is_refused() -> None:
    call: linq.types.Call[None] = linq.types.Call(
        "create", "POST", "/things", parse=None, body={"number": UNSET}
    )

    with pytest.raises(linq.InvalidInputError, match="its body is no JSON"):
        linq.LinqClient("token").send(call)


def test_a_model_without_a_required_property_is_not_written() -> None:
    line = linq.PhoneNumber(
        id=str(UUID(int=7)),
        phone_number=UNSET,
        reputation=linq.PhoneNumberReputation(status="HEALTHY", doc_url="x"),
    )

    with pytest.raises(linq.InvalidDataError, match="phone_number is missing"):
        linq.PhoneNumber.from_dict(line.to_dict())
