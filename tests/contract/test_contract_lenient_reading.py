"""What lenient parsers read, and what is read of JSON that is nested too deeply for Python."""

from __future__ import annotations

import pytest

from linq_contract.contract.leniency import has_lone_surrogate, lenient_json
from linq_contract.http.messages import NOT_JSON, parse_json
from linq_contract.http.nesting import shallow


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'{"x": Infinity}', {"x": float("inf")}),
        (b'"\xff"', "\ufffd"),
        (b'"a\nb"', "a\nb"),
        (rb'"\x2b1"', "x2b1"),
        (rb'"\uZZ"', "uZZ"),
        (rb'"\\x\"\n\u002b"', '\\x"\n+'),
    ],
)
def test_a_lenient_parser_reads_what_is_json_but_for_the_letter(body: bytes, read: object) -> None:
    assert parse_json(body) is NOT_JSON or body.startswith(rb'"\\')
    assert lenient_json(body) == read


@pytest.mark.parametrize("body", [b"{", b"{'a': 1}", b'{"a": 1,}', b"// x\n{}", b"", b"[" * 100_000])
def test_what_needs_another_grammar_is_not_read(body: bytes) -> None:
    assert lenient_json(body) is NOT_JSON


@pytest.mark.parametrize(
    ("body", "is_lone"),
    [
        (rb'"\ud800"', True),
        (rb'{"\udc00": 1}', True),
        (rb'["\ud83d\udcde"]', False),
        (rb'"\\ud800"', False),
        (rb'{"\ud800"', False),
    ],
)
def test_half_of_a_character_is_told_from_a_whole_one(body: bytes, *, is_lone: bool) -> None:
    assert has_lone_surrogate(body) == is_lone


@pytest.mark.parametrize("levels", [990, 100_000])
def test_what_is_nested_deeply_leaves_the_rest_readable(levels: int) -> None:
    nested = b"[" * levels + b"]" * levels
    read = parse_json(b'{"a": "]]", "b": %s, "c": {"d": "[\\""}}' % nested)

    assert (read["a"], read["c"]) == ("]]", {"d": '["'})
    assert isinstance(read["b"], list)


def test_brackets_without_an_end_are_not_json() -> None:
    assert parse_json(b'{"a": ' * 100_000) is NOT_JSON
    assert parse_json(b"[" * 100_000) is NOT_JSON


def test_what_is_not_deep_is_left_as_it_is() -> None:
    assert shallow(b'{"a": [[["]"]]]}') == b'{"a": [[["]"]]]}'
