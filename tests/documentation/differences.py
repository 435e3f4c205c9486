"""What a client makes of servers that misbehave: argv[1] is `linq` or `linq_phone_numbers`.

Prints as JSON, for each way to misbehave: the name of the error, or what the call came to, and how many
requests were sent.
"""

from __future__ import annotations

import contextlib
import json
import sys
import warnings
from importlib import import_module
from typing import Any

import httpx

OF_THE_VENDOR = sys.argv[1] == "linq"
linq: Any = import_module(sys.argv[1])
warnings.simplefilter("ignore")

REPUTATION = {"status": "HEALTHY", "doc_url": "https://docs.linqapp.com"}
WITHOUT_NUMBER = {"phone_numbers": [{"id": "3f2b8c1e-6a4d-4e59-9b70-1d2c3e4f5a6b", "reputation": REPUTATION}]}
ANSWERS = {
    "a long pause": httpx.Response(429, headers={"Retry-After": "61"}, json={"error": {"code": 1007}}),
    "a missing property": httpx.Response(200, json=WITHOUT_NUMBER),
    "HTML": httpx.Response(200, html="<html></html>"),
}


def outcome(answer: httpx.Response) -> tuple[str, int]:
    """What a list call came to, and how many requests it sent."""
    requests: list[httpx.Request] = []

    def answered(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return answer

    options: dict[str, Any] = {} if OF_THE_VENDOR else {"deadline": 30}
    with contextlib.closing(httpx.Client(transport=httpx.MockTransport(answered))) as http:
        make = linq.LinqAPIV3 if OF_THE_VENDOR else linq.LinqClient
        client = make(api_key="a-token", http_client=http, max_retries=1, **options)
        try:
            result = client.phone_numbers.list()
        except linq.APIError as error:
            return type(error).__name__, len(requests)
        if isinstance(result, str):
            return result, len(requests)
        return repr(result.phone_numbers[0].phone_number), len(requests)


json.dump({name: outcome(answer) for name, answer in ANSWERS.items()}, sys.stdout)
