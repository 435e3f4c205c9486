from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest

from linq_mock.accounts import made_up_lines, two_accounts
from linq_mock.lines_file import LinesFileError, read_lines
from linq_mock.tokens import DEFAULT_TOKENS


def written(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "lines.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_made_up_lines_are_the_same_each_time_and_unlike_each_other() -> None:
    lines = made_up_lines(3_000)

    assert lines == made_up_lines(3_000)
    assert len({line["id"] for line in lines}) == len({line["phone_number"] for line in lines}) == 3_000
    assert {uuid.UUID(line["id"]).version for line in lines} == {4}


def test_made_up_numbers_belong_to_nobody() -> None:
    numbers = [line["phone_number"] for line in made_up_lines(3_000)]

    assert all(re.fullmatch(r"\+1[2-9][0-9]{2}55501[0-9]{2}|\+999[0-9]{9}", number) for number in numbers)


def test_a_hundred_thousand_lines_are_unlike_each_other() -> None:
    lines = made_up_lines(100_000)

    assert len({line["id"] for line in lines}) == len({line["phone_number"] for line in lines}) == 100_000


def test_the_second_account_never_has_a_line_of_the_first() -> None:
    taken = made_up_lines(3, series=1)
    first, second = two_accounts(DEFAULT_TOKENS, taken)

    assert len(second.lines) == 3
    assert not first.lines.keys() & second.lines.keys()


def test_lines_are_read_as_they_are_written(tmp_path: Path) -> None:
    lines = made_up_lines(4)
    lines[0]["line_type"] = "RCS"

    assert read_lines(written(tmp_path, {"phone_numbers": lines})) == lines


def test_lines_are_read_as_the_live_api_answers_them(tmp_path: Path) -> None:
    lines = made_up_lines(3)
    answered = [{**line, "capabilities": ["voice"]} for line in lines]
    del answered[0]["health_status"]
    answered[1]["health_status"] = None
    path = tmp_path / "lines.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"phone_numbers": answered, "total": 3}).encode())

    assert read_lines(path) == [{**line, "capabilities": ["voice"]} for line in lines]


def corrupted(index: int, **changes: Any) -> dict[str, Any]:
    lines = made_up_lines(3)
    lines[index].update(changes)
    return {"phone_numbers": lines}


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ([], "at /:"),
        ({}, "at /:"),
        ({"phone_numbers": None}, "at /phone_numbers:"),
        (corrupted(1, id="x"), "at /phone_numbers/1/id:"),
        (corrupted(2, phone_number="+1\n"), "at /phone_numbers/2/phone_number:"),
        (
            corrupted(0, reputation={"status": "healthy", "doc_url": "x:"}),
            "at /phone_numbers/0/reputation/status:",
        ),
        (corrupted(0, forwarding_number=""), "at /phone_numbers/0/forwarding_number:"),
        (
            corrupted(2, id=made_up_lines(1)[0]["id"].upper()),
            "at /phone_numbers/2/id: the same as at /phone_numbers/0/id",
        ),
        (
            corrupted(1, phone_number=made_up_lines(1)[0]["phone_number"]),
            "at /phone_numbers/1/phone_number: the same",
        ),
        ("{", "is not JSON"),
        ('{"phone_numbers": [NaN]}', "NaN is no JSON value"),
        ('{"phone_numbers": [1e400]}', "1e400 is too large a number"),
        ('{"phone_numbers": ["\\ud800"]}', "half of a surrogate pair is no character"),
        (corrupted(1, nickname="\ud800"), "half of a surrogate pair is no character"),
        ("[" * 100_000, "cannot be read"),
    ],
)
def test_a_malformed_file_is_refused_with_the_place(tmp_path: Path, content: Any, place: str) -> None:
    with pytest.raises(LinesFileError, match=re.escape(place)):
        read_lines(written(tmp_path, content))
