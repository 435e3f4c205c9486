"""Models neither crash nor lie: what is right is kept whole, what is wrong is named."""

from __future__ import annotations

import copy
import json
import pickle
import tracemalloc
import warnings
import weakref
from typing import Any, get_type_hints
from uuid import UUID

import attrs
import hypothesis.strategies as st
import pydantic
import pytest
from hypothesis import given

import linq_phone_numbers as linq
from linq_phone_numbers.api.phone_numbers import update_phone_number


def test_what_is_read_is_written_back_the_same(line: dict[str, Any]) -> None:
    assert linq.PhoneNumber.from_dict(line).to_dict() == line


def test_a_model_is_read_from_json_text_and_written_as_it(line: dict[str, Any]) -> None:
    text = linq.PhoneNumber.from_dict(line).to_json()

    assert json.loads(text) == line
    assert linq.PhoneNumber.from_json(text) == linq.PhoneNumber.from_json(text.encode())
    assert linq.PhoneNumber.from_json(text).to_dict() == line


@pytest.mark.parametrize("text", ["", "{", b"\xff", '{"id": NaN}', "[" * 100_000])
def test_what_is_no_json_text_is_refused(text: str | bytes) -> None:
    with pytest.raises(linq.InvalidDataError, match="the value is not JSON"):
        linq.PhoneNumber.from_json(text)


@pytest.mark.parametrize("value", [None, 5, [b"{}"]])
def test_what_is_no_text_is_told_from_a_text_that_is_no_json(value: Any) -> None:
    with pytest.raises(TypeError, match=f"not from a value of {type(value).__name__}"):
        linq.PhoneNumber.from_json(value)


class Event(pydantic.BaseModel):
    line: linq.PhoneNumber


def test_a_model_is_a_field_of_pydantic(line: dict[str, Any]) -> None:
    event = Event.model_validate({"line": line})

    assert event.line == Event(line=event.line).line == linq.PhoneNumber.from_dict(line)
    assert event.model_dump() == json.loads(event.model_dump_json()) == {"line": line}
    assert Event.model_json_schema()["properties"]["line"] == {"type": "object", "title": "PhoneNumber"}
    with pytest.raises(pydantic.ValidationError, match="/id is missing"):
        Event.model_validate({"line": {}})


def test_null_and_absent_stay_apart(line: dict[str, Any]) -> None:
    null = linq.PhoneNumber.from_dict(line | {"forwarding_number": None})
    del line["forwarding_number"]
    absent = linq.PhoneNumber.from_dict(line)

    assert null.forwarding_number is None
    assert absent.forwarding_number is linq.UNSET
    assert not absent.forwarding_number
    assert null != absent
    assert null.to_dict()["forwarding_number"] is None
    assert "forwarding_number" not in absent.to_dict()


@given(number=st.just(linq.UNSET) | st.none() | st.text())
def test_a_round_trip_keeps_null_absent_and_text_apart(number: str | linq.Unset | None) -> None:
    reputation = linq.PhoneNumberReputation(
        status=linq.ReputationStatus.AT_RISK, doc_url="https://example.com"
    )
    model = linq.PhoneNumber(
        id=str(UUID(int=7)), phone_number="+12025550143", reputation=reputation, forwarding_number=number
    )

    sent = json.loads(json.dumps(model.to_dict()))
    again = linq.PhoneNumber.from_dict(sent)

    assert again == model
    assert again.forwarding_number == number
    assert sent.get("forwarding_number", linq.UNSET) == number


@given(number=st.none() | st.just("") | st.from_regex(r"\+[1-9][0-9]{1,14}", fullmatch=True))
def test_an_update_sends_null_and_text_as_they_are(number: str | None) -> None:
    call = update_phone_number(UUID(int=7), forwarding_number=number)

    assert call.body == {"forwarding_number": number}
    assert linq.PhoneNumberUpdateParams.from_dict(call.body).to_dict() == call.body


def test_unknown_properties_are_kept_at_every_level(line: dict[str, Any]) -> None:
    line |= {"line_type": "RCS", "reputation": line["reputation"] | {"since": {"year": 2026}}}

    model = linq.PhoneNumber.from_dict(line)

    assert model.additional_properties == {"line_type": "RCS"}
    assert model.reputation.additional_properties == {"since": {"year": 2026}}
    assert model.to_dict() == line
    assert "line_type" in repr(model)


def test_an_unknown_enum_value_is_kept_as_it_came(line: dict[str, Any]) -> None:
    line["reputation"] = line["reputation"] | {"status": "SUSPENDED"}

    model = linq.PhoneNumber.from_dict(line)

    assert model.reputation.status == "SUSPENDED"
    assert model.to_dict() == line


@pytest.mark.parametrize("name", ["id", "phone_number", "reputation"])
def test_a_missing_required_property_is_named(line: dict[str, Any], name: str) -> None:
    del line[name]

    with pytest.raises(linq.InvalidDataError, match=f"^/{name} is missing$") as caught:
        linq.PhoneNumber.from_dict(line)

    assert caught.value.pointer == f"/{name}"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("id", "3f2b8c1e", "/id is not a uuid: '3f2b8c1e'"),
        ("id", None, "/id is null, not a uuid"),
        ("phone_number", 12025550143, "/phone_number is not a string: 12025550143"),
        ("reputation", None, "/reputation is null, not an object"),
        ("reputation", {"status": 1, "doc_url": ""}, "/reputation/status is not a string: 1"),
        ("reputation", {"status": "HEALTHY"}, "/reputation/doc_url is missing"),
        ("health_status", None, "/health_status is null, not an object"),
        ("forwarding_number", False, "/forwarding_number is not a string: False"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(
    line: dict[str, Any], name: str, value: Any, message: str
) -> None:
    with pytest.raises(linq.InvalidDataError) as caught:
        linq.PhoneNumber.from_dict(line | {name: value})

    assert str(caught.value) == message


def test_models_are_equal_when_their_json_is(line: dict[str, Any]) -> None:
    assert linq.PhoneNumber.from_dict(line) == linq.PhoneNumber.from_dict(dict(line))
    assert linq.PhoneNumber.from_dict(line) != linq.PhoneNumber.from_dict(
        line | {"phone_number": "+13105550118"}
    )
    other: object = line
    assert linq.PhoneNumber.from_dict(line) != other


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_model_is_copied_and_pickled(line: dict[str, Any], protocol: int) -> None:
    line |= {"line_type": "RCS"}
    model = linq.PhoneNumber.from_dict(line)

    copied: linq.PhoneNumber = pickle.loads(pickle.dumps(model, protocol))

    assert copy.deepcopy(model) == copied == model
    assert copied.to_dict() == line


def test_a_model_is_referred_to_weakly(line: dict[str, Any]) -> None:
    model = linq.PhoneNumber.from_dict(line)

    assert weakref.ref(model)() is model


def test_another_model_is_made_of_one_by_attrs_evolve(line: dict[str, Any]) -> None:
    model = linq.PhoneNumber.from_dict(line | {"line_type": "RCS"})

    other = attrs.evolve(model, forwarding_number=None)

    assert other.to_dict() == line | {"line_type": "RCS", "forwarding_number": None}
    assert model.forwarding_number == line["forwarding_number"]


def test_what_cannot_be_changed_is_hashed_by_what_it_stands_for(line: dict[str, Any]) -> None:
    reputation = linq.PhoneNumberReputation.from_dict(line["reputation"])
    same = linq.PhoneNumberReputation(status="HEALTHY", doc_url=reputation.doc_url)

    assert {reputation, same} == {same}
    with pytest.raises(TypeError, match="unhashable"):
        hash(linq.PhoneNumber.from_dict(line))


def test_properties_without_a_name_cannot_be_changed_behind_a_models_back(line: dict[str, Any]) -> None:
    for model in (linq.PhoneNumber.from_dict(line), linq.PhoneNumber.from_dict(line | {"line_type": "RCS"})):
        additional: Any = model.additional_properties
        with pytest.raises(TypeError):
            additional["line_type"] = "SMS"

    mine = {"line_type": "RCS"}
    made = linq.PhoneNumberReputation(status="HEALTHY", doc_url="x", additional_properties=mine)
    mine["line_type"] = "SMS"
    assert made.additional_properties == {"line_type": "RCS"}


@pytest.mark.parametrize(
    "model", [linq.PhoneNumber, linq.PhoneNumberListResponse, linq.PhoneNumberReputation, linq.ErrorDetail]
)
def test_type_hints_resolve_at_run_time(model: Any) -> None:
    assert get_type_hints(model)
    assert attrs.resolve_types(model) is model


def test_absence_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(linq.UNSET)) is linq.UNSET


def test_reading_a_deprecated_property_warns_and_names_its_successor(line: dict[str, Any]) -> None:
    model = linq.PhoneNumber.from_dict(line)

    with pytest.warns(DeprecationWarning, match="use reputation") as caught:
        status = model.health_status  # pyright: ignore[reportDeprecated] - this is the test

    assert isinstance(status, linq.PhoneNumberHealthStatus)
    assert caught[0].filename == __file__


def test_only_reading_a_deprecated_property_warns(line: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = linq.PhoneNumber.from_dict(line)
        assert model == linq.PhoneNumber.from_dict(line)
        assert "health_status" in repr(model)
        assert model.to_dict() == line


def test_a_missing_deprecated_property_is_tolerated(line: dict[str, Any]) -> None:
    del line["health_status"]

    model = linq.PhoneNumber.from_dict(line)

    with pytest.warns(DeprecationWarning, match="use reputation"):
        assert model.health_status is linq.UNSET  # pyright: ignore[reportDeprecated] - this is the test
    assert model.to_dict() == line


def test_equal_reputations_are_one_object_that_cannot_be_changed(line: dict[str, Any]) -> None:
    one, other = (linq.PhoneNumber.from_dict(copy.deepcopy(line)) for _ in range(2))

    assert one.reputation is other.reputation
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        one.reputation.status = "CRITICAL"  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue]


def test_a_reputation_with_more_in_it_is_not_taken_for_another(line: dict[str, Any]) -> None:
    more = line | {"reputation": line["reputation"] | {"since": 1}}

    assert linq.PhoneNumber.from_dict(line).to_dict() == line
    assert linq.PhoneNumber.from_dict(more).to_dict() == more
    assert linq.PhoneNumber.from_dict(line).to_dict() == line


def test_what_is_shared_is_bounded(line: dict[str, Any]) -> None:
    reputations = [
        linq.PhoneNumberReputation.from_dict(line["reputation"] | {"doc_url": str(number)})
        for number in range(5000)
    ]
    first, last = reputations[0], reputations[-1]

    assert linq.PhoneNumberReputation.from_dict(last.to_dict()) is last
    assert linq.PhoneNumberReputation.from_dict(first.to_dict()) is not first


def test_a_line_takes_little_memory(line: dict[str, Any]) -> None:
    text = json.dumps({"phone_numbers": [line] * 1000})
    linq.PhoneNumberListResponse.from_dict(json.loads(text))
    tracemalloc.start()

    lines = linq.PhoneNumberListResponse.from_dict(json.loads(text)).phone_numbers

    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(lines) == 1000
    assert kept / 1000 < 350
