"""The code that comes of each kind of values: its types, and what reads it."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Any, Literal
from uuid import UUID

import pytest

from generator import kinds
from generator.document import Document
from generator.kinds import Kind
from generator.limits import Limits
from linq_phone_numbers import InvalidDataError, PhoneNumberReputation, ReputationStatus, _readers

REPUTATION = {"status": "HEALTHY", "doc_url": "https://example.com"}
PLAIN: dict[str, tuple[Kind, Any]] = {
    "uuid": (kinds.UUID, "3f2b8c1e-6a4d-4e59-9b70-1d2c3e4f5a6b"),
    "boolean": (kinds.BOOLEAN, True),
    "integer": (kinds.INTEGER, 7),
    "number": (kinds.NUMBER, 0.5),
    "date": (kinds.DATE, "2026-01-02"),
    "date-time": (kinds.DATE_TIME, "2026-01-02T03:04:05+00:00"),
    "text": (kinds.Text(), "x"),
    "matching text": (kinds.Text("PATTERN"), "+1"),
    "anything": (kinds.Anything(), {"x": 1}),
    "constant": (kinds.Constant('"x"'), "x"),
    "enum": (kinds.Enumeration("ReputationStatus", "str"), "HEALTHY"),
    "object": (kinds.Object("PhoneNumberReputation"), REPUTATION),
    "limited text": (kinds.Limited(kinds.Text(), (("max_length", 3),)), "x"),
    "limited number": (kinds.Limited(kinds.NUMBER, (("minimum", 0),)), 1),
    "one of two": (kinds.OneOf((kinds.INTEGER, kinds.Text())), "x"),
}
Way = tuple[Callable[[Kind], Kind], Callable[[Any], Any]]
WAYS: dict[str, Way] = {
    "as it is": (lambda kind: kind, lambda value: value),
    "nullable": (kinds.Nullable, lambda value: value),
    "in an array": (kinds.Array, lambda value: [value]),
    "nullable in an array": (lambda kind: kinds.Array(kinds.Nullable(kind)), lambda value: [value, None]),
    "in a nullable array": (lambda kind: kinds.Nullable(kinds.Array(kind)), lambda value: [value]),
}
SCOPE: dict[str, Any] = {
    **vars(_readers),
    "datetime": dt,
    "Any": Any,
    "Literal": Literal,
    "Sequence": Sequence,
    "UUID": UUID,
    "PhoneNumberReputation": PhoneNumberReputation,
    "ReputationStatus": ReputationStatus,
    "PATTERN": re.compile(r"\+"),
}


def run(code: str, **variables: Any) -> Any:
    return eval(compile(ast.parse(code, mode="eval"), "code", "eval"), SCOPE | variables)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", PLAIN)
class TestEveryKindInEveryPlace:
    def test_its_code_reads_a_value_of_it_and_refuses_another(self, way: str, name: str) -> None:
        wrap, wrapped = WAYS[way]
        kind, value = wrap(PLAIN[name][0]), wrapped(PLAIN[name][1])

        read = run(kind.reader())(value)

        assert read == run(kind.reading("value"), value=value)
        assert read == run(f"{kind.operand('value')} if True else 0", value=value)
        if name != "anything" or "array" in way:
            with pytest.raises(InvalidDataError):
                run(kind.reader())({"no": "such thing"})

    def test_its_types_are_expressions(self, way: str, name: str) -> None:
        kind = WAYS[way][0](PLAIN[name][0])

        for types in (kind.types(), kind.accepted()):
            run(kinds.joined(types))


def test_null_is_read_where_it_may_be() -> None:
    assert run(kinds.Nullable(kinds.UUID).reader())(None) is None


def test_limits_reach_each_value_that_they_are_about() -> None:
    texts = {"type": "array", "maxItems": 2, "items": {"type": "string", "pattern": "a$", "minLength": 3}}
    limits = Limits(Document({}))

    kind = limits.of(kinds.Nullable(kinds.Array(kinds.OneOf((kinds.INTEGER, kinds.Text())))), texts, "names")

    assert limits.patterns == {"_NAMES": '_re.compile("a\\\\Z", _re.ASCII)'}
    text = kinds.Limited(kinds.Text("_NAMES"), (("min_length", 3),))
    items = kinds.Array(kinds.OneOf((kinds.INTEGER, text)))
    assert kind == kinds.Nullable(kinds.Limited(items, (("max_length", 2),)))


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"minimum": 1, "maximum": 3}, [1, 3], [0, 4]),
        ({"exclusiveMinimum": 1, "exclusiveMaximum": 3}, [2], [1, 3]),
        ({"minimum": 1, "exclusiveMinimum": True}, [2], [1]),
        ({"allOf": [{"minimum": 0}]}, [0], [-1]),
    ],
)
def test_a_number_outside_its_limits_is_refused(
    schema: dict[str, Any], good: list[int], bad: list[int]
) -> None:
    reader = run(Limits(Document({})).of(kinds.INTEGER, schema, "number").reader())

    assert [reader(value) for value in good] == good
    for value in bad:
        with pytest.raises(InvalidDataError, match=r"than the contract allows"):
            reader(value)


def test_a_pattern_that_python_does_not_know_is_left_to_the_server() -> None:
    assert Limits(Document({})).of(kinds.Text(), {"pattern": r"^\p{L}(?<y>x)$"}, "text") == kinds.Text()


def test_each_type_of_a_union_stands_there_once() -> None:
    assert kinds.joined(("str", "int", "str", "None")) == "str | int | None"


def test_the_name_of_list_can_be_another_one() -> None:
    assert kinds.Nullable(kinds.Array(kinds.INTEGER)).types("builtins.list") == (
        "builtins.list[int]",
        "None",
    )


def test_the_classes_of_a_kind_are_found_wherever_they_are() -> None:
    kind = kinds.Array(kinds.Nullable(kinds.OneOf((kinds.Object("A"), kinds.Enumeration("B", "str")))))

    assert kind.classes() == {"A", "B"}
