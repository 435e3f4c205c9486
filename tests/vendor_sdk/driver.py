"""Runs in a process of its own with one version of the vendor's SDK on its path.

It calls the mock at argv[1], as the accounts whose tokens argv[2] has as JSON, and prints what came back.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
import time
from importlib import import_module
from importlib.metadata import version
from typing import Any

linq: Any = import_module("linq")

NUMBER = "+13105550199"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


async def call(method: Any, *arguments: Any, **options: Any) -> dict[str, Any]:
    """Return what a call of either kind of client came to."""
    try:
        result = method(*arguments, **options)
        answer = await result if inspect.isawaitable(result) else result
    except linq.APIStatusError as error:
        return {"error": type(error).__name__, "status": error.status_code}
    told: dict[str, Any] = answer.to_dict(mode="json")
    return told


async def timed_list(client: Any) -> dict[str, Any]:
    started = time.monotonic()
    return {**await call(client.phone_numbers.list), "seconds": time.monotonic() - started}


async def story(clients: dict[str, Any]) -> dict[str, Any]:
    """List, set and clear, do what is refused, and ask a server that is busy or ill."""
    lines = clients["honest"].phone_numbers
    first = await call(lines.list)
    line_id = first["phone_numbers"][0]["id"]
    told: dict[str, Any] = {"list": first}
    for step, number in (
        ("set", NUMBER),
        ("clear with null", None),
        ("set again", NUMBER),
        ("clear with ''", ""),
    ):
        told[step] = await call(lines.update, line_id, forwarding_number=number)
        told[f"list after {step}"] = await call(lines.list)
    told["unknown id"] = await call(lines.update, UNKNOWN_ID, forwarding_number=NUMBER)
    told["wrong token"] = await call(clients["stranger"].phone_numbers.list)
    told["limited"] = await timed_list(clients["limited"])
    told["unavailable"] = await timed_list(clients["unavailable"])
    return told


async def main(url: str, tokens: dict[str, str]) -> None:
    def clients(kind: Any) -> dict[str, Any]:
        return {name: kind(api_key=token, base_url=url) for name, token in tokens.items()}

    told = await story(clients(linq.AsyncLinqAPIV3 if sys.argv[3] == "async" else linq.LinqAPIV3))
    json.dump({"version": version("linq-python"), **told}, sys.stdout)


asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
