"""The list responses that are parsed."""

from __future__ import annotations

import json
import random
import uuid

GUIDE = "https://docs.linqapp.com/guides/phone-reputation/#"


def listing(lines: int) -> bytes:
    """Return a list response as JSON: every line has its own id and number, and every third forwards."""
    chance = random.Random(lines)  # noqa: S311 - the same lines for every contender
    return json.dumps({"phone_numbers": [line(number, chance) for number in range(lines)]}).encode()


def line(number: int, chance: random.Random) -> dict[str, object]:
    status = chance.choice(["HEALTHY", "HEALTHY", "AT_RISK", "CRITICAL"])
    reputation = {"status": status, "doc_url": GUIDE + status.lower()}
    return {
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "phone_number": f"+1202{number:07}",
        "reputation": reputation,
        "health_status": reputation,
        "forwarding_number": f"+1310{number:07}" if number % 3 == 0 else None,
    }
