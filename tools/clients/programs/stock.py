"""What openapi-python-client writes for the same contract: list the lines, set a number, clear it."""

import os
from importlib import import_module
from typing import Any

stock: Any = import_module("stock_client")
models: Any = import_module("stock_client.models")
operations: Any = import_module("stock_client.api.phone_numbers")
listing: Any = import_module("stock_client.api.phone_numbers.list_phone_numbers")
updating: Any = import_module("stock_client.api.phone_numbers.update_phone_number")


def succeeded(answer: Any) -> Any:
    """Return the answer of success; the generated client returns one of error as well."""
    if answer is None or hasattr(answer, "error"):
        raise SystemExit(f"an error: {answer and answer.error.message}")
    return answer


base_url, token = os.environ["LINQ_API_V3_BASE_URL"], os.environ["LINQ_API_V3_API_KEY"]
with stock.AuthenticatedClient(base_url=base_url, token=token) as client:
    line = succeeded(listing.sync(client=client)).phone_numbers[0]
    for number in ("+13105550199", None):
        body = models.PhoneNumberUpdateParams(forwarding_number=number)
        succeeded(updating.sync(line.id, client=client, body=body))
