"""Every example of the contract is valid, and none of them is valid by accident."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from linq_document import compile_schema, json_pointer, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    import jsonschema_rs

DOCUMENT = load()
ABSENT = object()


@dataclass(frozen=True)
class Place:
    """A place of the document that has a schema and examples of it."""

    name: str
    schema: dict[str, Any]
    examples: list[Any]

    @property
    def validator(self) -> jsonschema_rs.Draft202012Validator:
        return compile_schema(DOCUMENT.complete(self.schema))

    def __str__(self) -> str:
        return self.name


class Corruption(NamedTuple):
    """What an example is broken by: another value at a JSON pointer, or none."""

    pointer: str
    value: Any = ABSENT

    def __str__(self) -> str:
        what = "absent" if self.value is ABSENT else repr(self.value)
        return f"{self.pointer or 'whole'}={what}".encode("ascii", "backslashreplace").decode()

    def applies_to(self, example: Any) -> bool:
        try:
            self.apply(example)
        except (LookupError, TypeError):
            return False
        return True

    def apply(self, example: Any) -> Any:
        """Return a broken copy; a LookupError or TypeError says that the example has no such place."""
        root = {"": copy.deepcopy(example)}
        parent: Any = root
        *steps, last = (int(step) if step.isdecimal() else step for step in self.pointer.split("/"))
        for step in steps:
            parent = parent[step]
        if self.value is ABSENT:
            del parent[last]
        else:
            parent[last] = self.value
        return root[""]

    @property
    def blamed(self) -> str:
        """Where a validator should report it: a missing property is its object's fault."""
        return self.pointer.rpartition("/")[0] if self.value is ABSENT else self.pointer


def _places() -> Iterator[Place]:
    components = DOCUMENT.raw["components"]
    for name, schema in components["schemas"].items():
        yield Place(name, schema, schema.get("examples", []))
    for name, header in components["headers"].items():
        yield _place(name, header)
    for name, response in components["responses"].items():
        yield from _bodies(name, response)
    for path_item in DOCUMENT.raw["paths"].values():
        for parameter in path_item.get("parameters", []):
            yield _place(parameter["name"], parameter)
    for name, operation in DOCUMENT.operations.items():
        item = DOCUMENT.raw["paths"][operation.path][operation.method.lower()]
        for parameter in item.get("parameters", []):
            yield _place(parameter["name"], parameter)
        yield from _bodies(f"{name} request", item.get("requestBody", {}))
        for status, response in item["responses"].items():
            yield from _bodies(f"{name} {status}", response)


def _bodies(name: str, message: dict[str, Any]) -> Iterator[Place]:
    for media_type in message.get("content", {}).values():
        yield _place(name, media_type)


def _place(name: str, holder: dict[str, Any]) -> Place:
    single = [holder["example"]] if "example" in holder else []
    return Place(name, holder["schema"], single + [e["value"] for e in holder.get("examples", {}).values()])


PLACES = list(_places())

NOT_E164 = (
    "12025550143",
    "+02025550143",
    "+1",
    "+1234567890123456",
    "+1 202 555 0143",
    "+1-202-555-0143",
    "+1202555O143",
    "tel:+12025550143",
    "+12025550143\n",
    "\n+12025550143",
    "+1202555014\u0663",
    "\uff0b12025550143",
    "+1202\x005550143",
    "null",
)
NOT_UUID = ("+12025550143", "", "3f2b8c1e", "{3f2b8c1e-6a4d-4e59-9b70-1d2c3e4f5a6b}")
NOT_TRACE_ID = (
    "4BF92F3577B34DA6A3CE929D0E0E4736",
    "4bf92f3577b34da6a3ce929d0e0e473",
    "4bf92f3577b34da6a3ce929d0e0e47361",
    "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
    "4bf92f3577b34da6a3ce929d0e0e4736\n",
)
NOT_STATUS = ("healthy", "Healthy", "OPTED_OUT", "", None, 0, ["HEALTHY"])
NOT_URI = ("/guides/phone-reputation/#healthy", "docs.linqapp.com/guides", "", None, 7)
NOT_OBJECT: tuple[Any, ...] = (None, [], "{}", 1, True)
NOT_TEXT: tuple[Any, ...] = (13105550172, False, [], {})
NOT_FALSE = (True, None, "false", 0)
NOT_SECONDS = (-1, 0.5, "30", "Tue, 24 Nov 2026 05:47:06 GMT", True)


def at(pointer: str, *values: Any) -> list[Corruption]:
    return [Corruption(pointer, value) for value in values]


def without(*pointers: str) -> list[Corruption]:
    return [Corruption(pointer) for pointer in pointers]


def reputation(pointer: str) -> list[Corruption]:
    return [
        *at(pointer, *NOT_OBJECT),
        *without(f"{pointer}/status", f"{pointer}/doc_url"),
        *at(f"{pointer}/status", *NOT_STATUS),
        *at(f"{pointer}/doc_url", *NOT_URI),
    ]


def line(pointer: str) -> list[Corruption]:
    return [
        *at(pointer, *NOT_OBJECT),
        *without(f"{pointer}/id", f"{pointer}/phone_number"),
        *without(f"{pointer}/reputation", f"{pointer}/health_status"),
        *at(f"{pointer}/id", *NOT_UUID, None, 1),
        *at(f"{pointer}/phone_number", *NOT_E164, "", None, 12025550143),
        *reputation(f"{pointer}/reputation"),
        *reputation(f"{pointer}/health_status"),
        *at(f"{pointer}/forwarding_number", *NOT_E164, "", *NOT_TEXT),
    ]


LINES = [
    *at("", *NOT_OBJECT),
    *without("/phone_numbers"),
    *at("/phone_numbers", None, {}, ""),
    *line("/phone_numbers/0"),
]
UPDATE = [
    *at("", *NOT_OBJECT),
    *without("/forwarding_number"),
    *at("/forwarding_number", *NOT_E164, " ", *NOT_TEXT),
]
UPDATED = [
    *at("", *NOT_OBJECT),
    *without("/id", "/phone_number"),
    *at("/id", *NOT_UUID, None, 1),
    *at("/phone_number", *NOT_E164, "", None, 12025550143),
    *at("/forwarding_number", *NOT_E164, "", *NOT_TEXT),
]


def detail(pointer: str) -> list[Corruption]:
    return [
        *at(pointer, *NOT_OBJECT),
        *without(*(f"{pointer}/{name}" for name in ("status", "code", "message", "doc_url"))),
        *at(f"{pointer}/status", 200, 399, 600, 400.5, "400", None),
        *at(f"{pointer}/code", 0, 999, 10000, "1002", 1002.5, None),
        *at(f"{pointer}/message", None, 1, ["message"]),
        *at(f"{pointer}/doc_url", *NOT_URI),
        *at(f"{pointer}/retry_after", *NOT_SECONDS),
    ]


ERROR = [
    *at("", *NOT_OBJECT),
    *without("/success", "/error", "/trace_id"),
    *at("/success", *NOT_FALSE),
    *detail("/error"),
    *at("/trace_id", *NOT_TRACE_ID, "", None, 1),
]

CORRUPTIONS: dict[str, list[Corruption]] = {
    "E164": at("", *NOT_E164, "", None, 12025550143, ["+12025550143"]),
    "TraceId": at("", *NOT_TRACE_ID, "", None, 1),
    "PhoneNumberListResponse": LINES,
    "PhoneNumber": line(""),
    "ReputationStatus": at("", *NOT_STATUS),
    "PhoneNumberReputation": reputation(""),
    "PhoneNumberHealthStatus": reputation(""),
    "PhoneNumberUpdateParams": UPDATE,
    "PhoneNumberUpdateResponse": UPDATED,
    "ErrorResponse": ERROR,
    "ErrorDetail": detail(""),
    "X-Trace-ID": at("", *NOT_TRACE_ID, "", None, 1),
    "Retry-After": at("", *NOT_SECONDS, None),
    "Allow": at("", "", "get", "GET;PUT", "GET,", ",GET", "GET\n", ["GET"], None),
    "BadRequest": ERROR,
    "Unauthorized": ERROR,
    "Forbidden": ERROR,
    "NotFound": ERROR,
    "MethodNotAllowed": ERROR,
    "UnsupportedMediaType": ERROR,
    "TooManyRequests": ERROR,
    "InternalServerError": ERROR,
    "ServiceUnavailable": ERROR,
    "GatewayTimeout": ERROR,
    "phoneNumberId": at("", *NOT_UUID, None, 1),
    "list_phone_numbers 200": LINES,
    "update_phone_number request": UPDATE,
    "update_phone_number 200": UPDATED,
}


def test_every_place_has_listed_corruptions_and_every_corruption_a_place() -> None:
    assert sorted(place.name for place in PLACES) == sorted(CORRUPTIONS)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_every_place_has_examples(place: Place) -> None:
    assert place.examples


@pytest.mark.parametrize(
    ("place", "example"),
    [
        pytest.param(place, example, id=f"{place}-{i}")
        for place in PLACES
        for i, example in enumerate(place.examples)
    ],
)
def test_every_example_is_valid_and_rejected_after_some_corruption(place: Place, example: Any) -> None:
    assert [error.message for error in place.validator.iter_errors(example)] == []
    assert any(corruption.applies_to(example) for corruption in CORRUPTIONS[place.name])


@pytest.mark.parametrize(
    ("place", "corruption"),
    [
        pytest.param(place, corruption, id=f"{place}-{corruption}")
        for place in PLACES
        for corruption in CORRUPTIONS.get(place.name, [])
    ],
)
def test_a_corrupted_example_is_rejected_where_it_is_corrupt(place: Place, corruption: Corruption) -> None:
    broken = [corruption.apply(example) for example in place.examples if corruption.applies_to(example)]

    assert broken
    for example in broken:
        blamed = {json_pointer(error.instance_path) for error in place.validator.iter_errors(example)}
        assert blamed == {corruption.blamed}, example


LINE = DOCUMENT.schemas["PhoneNumber"]["examples"][0]
DETAIL = DOCUMENT.schemas["ErrorDetail"]["examples"][0]


@pytest.mark.parametrize(
    ("schema", "instance"),
    [
        pytest.param("PhoneNumber", {**LINE, "forwarding_number": None}, id="forwarding number is null"),
        pytest.param("PhoneNumber", {k: LINE[k] for k in LINE if k != "forwarding_number"}, id="or absent"),
        pytest.param("PhoneNumber", {**LINE, "line_type": "RCS"}, id="unknown property of a line"),
        pytest.param("PhoneNumber", {**LINE, "id": LINE["id"].upper()}, id="uuid in capitals"),
        pytest.param("PhoneNumberListResponse", {"phone_numbers": [], "next": None}, id="unknown property"),
        pytest.param("PhoneNumberUpdateParams", {"forwarding_number": "", "id": 1}, id="in a request, too"),
        pytest.param("ErrorDetail", {**DETAIL, "retry_after": None}, id="retry_after is null"),
        pytest.param("ErrorDetail", {**DETAIL, "field": "forwarding_number"}, id="unknown error property"),
        pytest.param("E164", "+12", id="shortest number"),
        pytest.param("E164", "+999999999999999", id="longest number"),
    ],
)
def test_what_a_server_is_free_to_do_is_valid(schema: str, instance: Any) -> None:
    assert DOCUMENT.validator(schema).is_valid(instance)
