"""The files of recordings: each kind is read, and refused with the place of what is wrong."""

from __future__ import annotations

import base64
import gzip
import json
import math
import zlib
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.honest import PATH
from tests.recorded.recordings import TOKEN, Recorder, as_cassette, as_har

from linq_contract.contract.numbers import fiction
from linq_contract.http.excess import Limits
from linq_contract.recorded.entries import Answer, Entry, RecordingError, decoded
from linq_contract.recorded.files import read_recording

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


@pytest.fixture
def recorder() -> Recorder:
    recorder = Recorder()
    recorder.list()
    recorder.put(0, fiction(7))
    return recorder


def essence(entries: Sequence[Entry]) -> list[tuple[object, ...]]:
    return [(x.method, x.url, x.authorization, x.body, x.status, x.answer and x.answer.body) for x in entries]


def written(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_har_file_is_read(recorder: Recorder, tmp_path: Path) -> None:
    read = read_recording(written(tmp_path / "a.har", as_har(recorder.entries)))

    assert essence(read) == essence(recorder.entries)
    assert [round(x.ended - x.began, 3) for x in read] == [0.05, 0.05]
    assert read[1].place.endswith("a.har: log.entries[1]")


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_a_cassette_is_read(recorder: Recorder, tmp_path: Path, kind: str) -> None:
    path = written(tmp_path / f"a.{kind}", as_cassette(recorder.entries))
    if kind == "yaml":
        path.write_text(yaml.safe_dump(as_cassette(recorder.entries)), encoding="utf-8")

    assert essence(read_recording(path)) == essence(recorder.entries)


def test_a_body_in_base64_and_one_that_is_still_compressed_are_read(
    recorder: Recorder, tmp_path: Path
) -> None:
    har = as_har(recorder.entries)
    text = har["log"]["entries"][0]["response"]["content"]["text"]
    content = har["log"]["entries"][0]["response"]["content"]
    content |= {"text": base64.b64encode(text.encode()).decode(), "encoding": "base64"}
    cassette = as_cassette(recorder.entries)
    response = cassette["interactions"][0]["response"]
    response["headers"]["Content-Encoding"] = ["gzip"]
    response["body"]["string"] = gzip.compress(text.encode())
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump(cassette), encoding="utf-8")

    assert essence(read_recording(written(tmp_path / "a.har", har))) == essence(recorder.entries)
    assert essence(read_recording(path)) == essence(recorder.entries)


@pytest.mark.parametrize(("coding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_compressed_body_is_read_up_to_a_bound(coding: str, compress: Callable[[bytes], bytes]) -> None:
    def read(body: bytes) -> bytes | None:
        return decoded(Answer(200, (("Content-Encoding", coding),), compress(body))).body

    assert read(b"{}") == b"{}"
    assert read(bytes(Limits().body + 1)) is None


def test_bodies_that_are_not_in_a_har_file_are_known_to_be_missing(
    recorder: Recorder, tmp_path: Path
) -> None:
    har = as_har(recorder.entries)
    for entry in har["log"]["entries"]:
        del entry["response"]["content"]["text"]
    del har["log"]["entries"][1]["request"]["postData"]
    listing, update = read_recording(written(tmp_path / "a.har", har))

    assert listing.answer
    assert listing.answer.body is None
    assert update.lacks_body
    assert not listing.lacks_body


def test_an_answer_that_never_came_is_none(recorder: Recorder, tmp_path: Path) -> None:
    har = as_har(recorder.entries)
    har["log"]["entries"][1]["response"] = {"status": 0, "headers": [], "content": {"size": 0}}

    assert read_recording(written(tmp_path / "a.har", har))[1].answer is None


def with_change(content: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The content with another value at a path, or, for None, without the one that is there."""
    *parents, last = path.split(".")
    at: Any = content
    for name in parents:
        at = at[int(name)] if name.isdigit() else at[name]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return content


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("log.entries", {}, "a.har: log.entries is no array"),
        ("log.entries.1.request.url", None, "a.har: log.entries[1].request.url is missing"),
        ("log.entries.1.request.url", "canary", "a.har: log.entries[1].request.url is no URL"),
        ("log.entries.0.response.status", "200", "log.entries[0].response.status is not a whole number"),
        ("log.entries.0.startedDateTime", "today", "log.entries[0].startedDateTime is no time in ISO 8601"),
        ("log.entries.0.time", None, "log.entries[0].time is missing"),
        ("log.entries.0.time", math.inf, "log.entries[0].time is no finite number"),
        ("log.entries.0.time", math.nan, "log.entries[0].time is no finite number"),
        ("log.entries.0.time", 10**400, "log.entries[0].time is no finite number"),
        ("log.entries.0.time", 1e18, "log.entries[0].time ends after the year 2999"),
        (
            "log.entries.0.startedDateTime",
            "9999-12-31T23:59:59.999999Z",
            "log.entries[0].startedDateTime is after the year 2999",
        ),
        ("log.entries.0.request.headers", [{"name": "a"}], "request.headers[0].value is missing"),
        ("log.entries.0.response.content.encoding", "base64", "response.content.text is not in base64"),
    ],
)
def test_a_malformed_har_file_is_refused_with_the_place(
    recorder: Recorder, tmp_path: Path, path: str, value: object, place: str
) -> None:
    har = with_change(as_har(recorder.entries), path, value)

    with pytest.raises(RecordingError) as refused:
        read_recording(written(tmp_path / "a.har", har))

    assert place in str(refused.value)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"log": {"canary"', "a.har:1:18 is not JSON"),
        ("interactions:\n  - canary: [", "a.har:3:1 is not YAML"),
        ("", "a.har is no recording"),
        ("[]", "a.har is no recording"),
        ("interactions:\n- request: 7\n", "interactions[0].request is no object"),
        ("interactions:\n- {request: {headers: {}, method: GET, uri: 7}}\n", "uri is not a text"),
        ("[" * 100_000, "a.har cannot be parsed"),
    ],
)
def test_what_is_no_recording_is_refused_without_a_word_of_it(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "a.har"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(RecordingError) as refused:
        read_recording(path)

    assert place in str(refused.value)
    assert "canary" not in str(refused.value)


def test_a_file_that_is_not_in_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_bytes(b'{"log": "\xff"}')

    with pytest.raises(RecordingError, match="not in UTF-8"):
        read_recording(path)


def test_tokens_of_an_entry_are_not_in_what_it_is_shown_as(recorder: Recorder) -> None:
    assert TOKEN not in repr(recorder.entries)
    assert PATH not in repr(recorder.entries)
