"""What the package offers by name."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

import linq_phone_numbers as linq
from linq_phone_numbers.api.phone_numbers import list_phone_numbers

IMPORT = """
import json, sys
import httpx
before = set(sys.modules)
import linq_phone_numbers
print(json.dumps(sorted(set(sys.modules) - before)))
"""
EXPORTED = {
    *("LinqClient", "AsyncLinqClient", "RawResponse", "DEFAULT_TIMEOUT", "UNSET", "Unset", "__version__"),
    *("aiohttp_client", "CallOptions", "DEFAULT_DEADLINE", "DEFAULT_MAX_RETRIES"),
    *("LinqError", "InvalidInputError", "InvalidDataError"),
    *("APIError", "APIConnectionError", "APITimeoutError", "APIResponseError", "APIResponseValidationError"),
    *("APIStatusError", "BadRequestError", "AuthenticationError", "PermissionDeniedError", "NotFoundError"),
    *("RateLimitError", "InternalServerError", "ConflictError", "UnprocessableEntityError"),
    *("PhoneNumber", "PhoneNumberHealthStatus", "PhoneNumberListResponse", "PhoneNumberReputation"),
    *(
        "PhoneNumberUpdateParams",
        "PhoneNumberUpdateResponse",
        "ReputationStatus",
        "ErrorDetail",
        "ErrorResponse",
        "Upload",
    ),
}


def test_exactly_the_promised_names_are_exported() -> None:
    assert set(linq.__all__) == EXPORTED
    assert all(hasattr(linq, name) for name in EXPORTED)


def test_the_version_is_that_of_the_settings() -> None:
    config = (Path(__file__).parents[2] / "overrides" / "config.yaml").read_text()

    assert re.search(rf"^package_version_override: {re.escape(linq.__version__)}$", config, re.MULTILINE)


def test_importing_it_imports_nothing_that_httpx_does_not() -> None:
    command = [sys.executable, "-c", IMPORT]

    imported = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    assert {name.partition(".")[0] for name in imported} == {"linq_phone_numbers"}


@pytest.mark.parametrize(
    "name",
    sorted(EXPORTED - {"__version__", "UNSET", "DEFAULT_TIMEOUT", "DEFAULT_DEADLINE", "DEFAULT_MAX_RETRIES"}),
)
def test_every_class_and_its_methods_are_described(name: str) -> None:
    exported = getattr(linq, name)
    methods = inspect.getmembers(exported, inspect.isfunction)

    assert exported.__doc__
    assert not [method for method, function in methods if method[0] != "_" and not function.__doc__]


@pytest.mark.parametrize(
    "resource", [linq.LinqClient("t").phone_numbers, linq.AsyncLinqClient("t").phone_numbers]
)
def test_the_methods_are_described_as_in_the_contract(resource: Any) -> None:
    described = inspect.getdoc(resource.update) or ""

    assert described.startswith("Update a phone number.")
    assert "phone_number_id: The `id` of the line, as the list shows it. It is not" in described


def test_a_result_comes_with_its_response_when_asked_for() -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"phone_numbers": []}, headers={"X-Trace-ID": "abc", "X-More": "1"})

    transport = httpx.MockTransport(handler)

    async def send() -> linq.RawResponse[linq.PhoneNumberListResponse]:
        async with httpx.AsyncClient(transport=transport) as http:
            return await linq.AsyncLinqClient("canary", http_client=http).send_raw(list_phone_numbers())

    with httpx.Client(transport=transport) as http:
        raw = linq.LinqClient("canary", http_client=http).send_raw(list_phone_numbers())

    for each in (raw, asyncio.run(send())):
        assert each.result.phone_numbers == []
        assert each.trace_id == "abc"
        assert (each.response.status_code, each.response.headers["x-more"]) == (200, "1")
        assert "authorization" not in each.response.request.headers
        assert each.tries == 1
