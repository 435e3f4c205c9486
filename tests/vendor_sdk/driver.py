"""Runs in a process of its own with one version of the vendor's SDK on its path.

It calls the mock at argv[1] with the token in argv[2] and prints what came back, as JSON.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
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


async def story(client: Any, stranger: Any) -> dict[str, Any]:
    """List, set and clear, and do what is refused."""
    lines = client.phone_numbers
    first = await call(lines.list)
    line_id = first["phone_numbers"][0]["id"]
    told: dict[str, Any] = {"list": first}
    for step, number in (
        ("set", NUMBER),
        ("clear with None", None),
        ("set again", NUMBER),
        ("clear with ''", ""),
    ):
        told[step] = await call(lines.update, line_id, forwarding_number=number)
        told[f"list after {step}"] = await call(lines.list)
    told["unknown id"] = await call(lines.update, UNKNOWN_ID, forwarding_number=NUMBER)
    told["wrong token"] = await call(stranger.phone_numbers.list)
    return told


async def main(url: str, token: str) -> None:
    options: dict[str, Any] = {"base_url": url, "max_retries": 0}
    with (
        linq.LinqAPIV3(api_key=token, **options) as client,
        linq.LinqAPIV3(api_key="x", **options) as stranger,
    ):
        told = {"sync": await story(client, stranger)}
    async with (
        linq.AsyncLinqAPIV3(api_key=token, **options) as client,
        linq.AsyncLinqAPIV3(api_key="x", **options) as stranger,
    ):
        told["async"] = await story(client, stranger)
    json.dump({"version": version("linq-python"), **told}, sys.stdout)


asyncio.run(main(*sys.argv[1:]))
