"""A change of the contract reaches the client without a touch of code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

USE = """
import asyncio, datetime, json, warnings
import httpx
import linq_phone_numbers as linq

LINE = {
    "id": "3f2b8c1e-6a4d-4e59-9b70-1d2c3e4f5a6b",
    "phone_number": "+12025550143",
    "line_type": "RCS",
    "reputation": {"status": "HEALTHY", "doc_url": "https://example.com"},
}
AUDIT = {
    "audit_id": LINE["id"],
    "status": "complete",
    "started_at": "2026-01-02T03:04:05+00:00",
    "due": None,
    "scores": [1, 0.5],
    "lines": [LINE],
    "verdict": 3,
}


def answer(request):
    print(request.method, request.url.raw_path.decode().removeprefix("/api/partner/v3"))
    print(request.headers.get("x-reason"), request.content.decode())
    if request.method == "POST":
        return httpx.Response(204)
    if "audit" in request.url.path:
        return httpx.Response(200, json=AUDIT)
    return httpx.Response(200, json=[{"url": "https://example.com", "retries": 3}])


transport = httpx.MockTransport(answer)
client = linq.LinqClient("token", http_client=httpx.Client(transport=transport))
warnings.simplefilter("always")
warnings.showwarning = lambda message, category, filename, *_: print(message, filename)
audit = client.phone_numbers.get_phone_number_reputation_audit(
    LINE["id"], "a/b", since_date=datetime.date(2026, 1, 1), kind=["x", "y"], x_reason="because", page=2
)
assert audit.to_dict() == AUDIT, audit
assert audit.started_at.year == 2026 and audit.lines[0].line_type == "RCS"
try:
    linq.ReputationAudit.from_dict(AUDIT | {"scores": [1, "2"]})
except linq.InvalidDataError as error:
    print(error)
try:
    linq.ReputationAudit.from_dict(AUDIT | {"lines": [LINE, LINE | {"id": 7}]})
except linq.InvalidDataError as error:
    print(error)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    linq.ReputationAudit.from_dict(AUDIT | {"old": "x"}).old
    subscriptions = client.webhook_subscriptions.list()
print(*(warning.message for warning in caught), sep="\\n")
assert [subscription.retries for subscription in subscriptions] == [3]
try:
    client.webhook_subscriptions.create_webhook_subscription(url="http://example.com")
except linq.InvalidInputError as error:
    print(error)


async def main():
    async with linq.AsyncLinqClient("token", http_client=httpx.AsyncClient(transport=transport)) as client:
        create = client.webhook_subscriptions.create_webhook_subscription
        reputation = linq.PhoneNumberReputation.from_dict(LINE["reputation"])
        assert await create(url="https://example.com", line=reputation) is None


asyncio.run(main())
"""


def run(package: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=package,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": "."},
    )


def test_new_operations_tags_and_properties_are_there_to_use(changed_package: Path) -> None:
    done = run(changed_package, "-c", USE)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "page is deprecated. <string>",
        (
            "GET /phone_numbers/3f2b8c1e-6a4d-4e59-9b70-1d2c3e4f5a6b/reputation_audit/a%2Fb"
            "?sinceDate=2026-01-01&kind=x&kind=y&page=2"
        ),
        "because ",
        "/scores/1 is not a number: '2'",
        "/lines/1/id is not a uuid: 7",
        "GET /webhook_subscriptions",
        "None ",
        "old is deprecated: use verdict instead.",
        "list_webhook_subscriptions is deprecated.",
        "url is not text that matches ^https://: 'http://example.com'.",
        "POST /webhook_subscriptions",
        'None {"url": "https://example.com", "line": {"status": "HEALTHY", "doc_url": "https://example.com"}}',
    ]


def test_what_comes_of_a_changed_contract_is_completely_typed_and_shows_what_is_deprecated(
    changed_package: Path,
) -> None:
    (changed_package / "use.py").write_text(
        "import linq_phone_numbers as linq\ndef f(audit: linq.ReputationAudit) -> None: audit.old\n"
    )

    options = ("--strict", "--enable-error-code", "deprecated", "--cache-dir", "../mypy")
    done = run(changed_package, "-m", "mypy", *options, "linq_phone_numbers", "use.py")

    errors = [line for line in done.stdout.splitlines() if "error:" in line]
    assert len(errors) == 1, done.stdout
    assert errors[0].startswith("use.py:2: error:")
    assert errors[0].endswith("old is deprecated: use verdict instead.  [deprecated]")


def test_schemas_that_refer_to_each_other_and_to_themselves_are_read(changed_package: Path) -> None:
    owner = "{'parent': {}, 'subscriptions': [{'url': 'u', 'owner': {'parent': {}}}]}"
    use = f"import linq_phone_numbers as linq; print(linq.WebhookOwner.from_dict({owner}).to_dict())"

    done = run(changed_package, "-c", use)

    assert (done.stdout.strip(), done.stderr) == (owner, "")


def test_a_method_has_its_name_whatever_others_there_are(changed_package: Path) -> None:
    use = "import linq_phone_numbers as linq; print(*dir(linq.LinqClient('token').webhook_subscriptions))"

    names = run(changed_package, "-c", use).stdout.split()

    assert [name for name in names if name[0] != "_"] == [
        *("create_webhook_subscription", "get", "get_webhook_subscription", "list", "with_raw_response")
    ]
