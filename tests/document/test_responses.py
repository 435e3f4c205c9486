"""Every response of the contract says what any response says, and errors agree with their status."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from linq_document import load

DOCUMENT = load()
ENVELOPE = {"$ref": "#/components/schemas/ErrorResponse"}
CLIENT_MISTAKES = [code for code in DOCUMENT.error_codes if code // 1000 in {1, 2}]


class Documented(NamedTuple):
    """A response that an operation may give."""

    operation_id: str
    status: int
    response: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.operation_id}-{self.status}"

    @property
    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = self.response["content"]["application/json"]["schema"]
        return schema

    @property
    def examples(self) -> list[dict[str, Any]]:
        media_type = self.response["content"]["application/json"]
        single = [media_type["example"]] if "example" in media_type else []
        return single + [example["value"] for example in media_type.get("examples", {}).values()]


def _resolve(node: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference into the components."""
    if "$ref" not in node:
        return node
    _, _, kind, name = node["$ref"].split("/")
    component: dict[str, Any] = DOCUMENT.raw["components"][kind][name]
    return component


RESPONSES = [
    Documented(operation_id, int(status), _resolve(response))
    for operation_id, operation in DOCUMENT.operations.items()
    for status, response in DOCUMENT.raw["paths"][operation.path][operation.method.lower()][
        "responses"
    ].items()
]
ERRORS = [documented for documented in RESPONSES if documented.status >= 400]


@pytest.mark.parametrize("documented", RESPONSES, ids=str)
def test_every_response_is_json_and_carries_a_trace_id(documented: Documented) -> None:
    header = _resolve(documented.response["headers"]["X-Trace-ID"])

    assert list(documented.response["content"]) == ["application/json"]
    assert header["required"] is True
    assert header["schema"] == {"$ref": "#/components/schemas/TraceId"}


@pytest.mark.parametrize("documented", RESPONSES, ids=str)
def test_retry_after_comes_with_429_and_allow_with_405_alone(documented: Documented) -> None:
    also = {429: {"Retry-After"}, 405: {"Allow"}}

    assert set(documented.response["headers"]) == {"X-Trace-ID"} | also.get(documented.status, set())


@pytest.mark.parametrize("documented", ERRORS, ids=str)
def test_every_error_has_the_envelope(documented: Documented) -> None:
    assert documented.schema == ENVELOPE


@pytest.mark.parametrize("documented", ERRORS, ids=str)
def test_the_codes_of_an_error_are_all_those_that_the_table_has_for_its_status(
    documented: Documented,
) -> None:
    of_the_status = [code for code, status in DOCUMENT.error_codes.items() if status == documented.status]

    assert documented.response.get("x-error-codes", []) == of_the_status


@pytest.mark.parametrize("documented", ERRORS, ids=str)
def test_the_examples_of_an_error_agree_with_its_status_and_its_codes(documented: Documented) -> None:
    codes = documented.response.get("x-error-codes", CLIENT_MISTAKES)
    for error in (example["error"] for example in documented.examples):
        code = error["code"]
        assert error["status"] == documented.status
        assert code in codes
        assert error["doc_url"] == f"https://docs.linqapp.com/error/codes/{code // 1000}xxx/{code}/"
        assert ("retry_after" in error) == (documented.status == 429)


def test_no_example_repeats_the_trace_id_of_another_response() -> None:
    components = {id(documented.response): documented for documented in ERRORS}.values()
    trace_ids = [example["trace_id"] for documented in components for example in documented.examples]

    assert sorted(set(trace_ids)) == sorted(trace_ids)


def test_the_table_has_each_code_once_with_a_meaning_and_advice() -> None:
    table = DOCUMENT.raw["x-error-codes"]

    assert len(DOCUMENT.error_codes) == len(table)
    for entry in table:
        assert entry.keys() == {"code", "status", "meaning", "retry"}
        assert entry["retry"] in {"never", "after Retry-After", "with backoff"}
        assert (entry["retry"] == "never") == (entry["status"] < 500 and entry["status"] != 429)
