"""A long conversation with a mock, and what was observed in it, on a clock that does not wait.

Whatever a fault or a freedom changes has to show here, so the requests are of every kind that
one of them is about.
"""

from __future__ import annotations

import asyncio
import json
import re
import selectors
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from linq_mock.accounts import made_up_lines, two_accounts
from linq_mock.behaviour import Behaviour
from linq_mock.messages import Call, Headers, Response
from linq_mock.tokens import DEFAULT_TOKENS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


TOKEN, OTHER_TOKEN = DEFAULT_TOKENS
TRACE_ID = "0123456789abcdef0123456789abcdef"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
NUMBERS = ("+13105550110", "+16465550121", "+17735550132", "+18325550132", "+19175550154")

Header: TypeAlias = tuple[str, str]
Story: TypeAlias = "Callable[[Conversation, list[str], list[str]], Awaitable[None]]"

USUAL = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json", "x-trace-id": TRACE_ID}
PARENT: Header = ("traceparent", f"00-{TRACE_ID}-0123456789abcdef-01")

TOKENS = (
    "",
    "Bearer",
    TOKEN,
    f"Basic {TOKEN}",
    f"Bearer {TOKEN}x",
    f"Bearer x{TOKEN}",
    f"Bearer {TOKEN} x",
    f"Bearer x,{TOKEN}",
    f'Bearer "{TOKEN}"',
    f"Bearer {TOKEN[:-1]}",
    f"Bearer {TOKEN[:-1]}x",
    f"Bearer {TOKEN.upper()}",
    f"Bearer {TOKEN}\xe9",
    f"Bearer {'x' * len(TOKEN)}",
    f"bearer {TOKEN}",
)

INVALID_NUMBERS = (
    "13105550199",
    "0013105550199",
    "3105550199",
    "+03105550199",
    "+013105550199",
    "+1",
    "+",
    "+1310555019912345",
    "+13105550199123456789",
    "+1310555FILM",
    "+1 310 555 0199",
    "+1-310-555-0199",
    "+1(310)5550199",
    "+1\u2212310\u22125550199",
    " +13105550199",
    "+13105550199 ",
    "+13105550199\n",
    "+13105550199\0",
    "+13105550199\ud800",
    "+13105550199\u200b",
    "+13105550199;ext=5",
    "tel:+13105550199",
    "++13105550199",
    "\uff0b13105550199",
    "+1310555019\uff19",
    "+1310555019\u0669",
    "call +13105550199 now",
    "+" + "1" * 10_000,
    "x" * 10_000,
    "null",
    " ",
    "\U0001f4de",
)

BODIES = (
    b"",
    b" ",
    b"{}",
    b"{",
    b"null",
    b"[]",
    b'"+13105550199"',
    b"forwarding_number=%2B13105550199",
    b'{"forwarding_number": "+13105550199"',
    b"{'forwarding_number': '+13105550199'}",
    b'{"forwarding_number": "+13105550199",}',
    b'{"forwarding_number": "+13105550199"} x',
    b'{"forwarding_number": "+13105550199", "x": NaN}',
    b'{"forwarding_number": "+13105550199", "x": "\xff"}',
    b'{"forwarding_number": "+13105550199", "x": "\x01"}',
    b'\xef\xbb\xbf{"forwarding_number": "+13105550199"}',
    b'[{"forwarding_number": "+13105550199"}]',
    b'"{\\"forwarding_number\\": \\"+13105550199\\"}"',
    b"[" * 2000,
    b'{"x": 1}',
    b'{"forwardingNumber": "+13105550199"}',
    b'{"Forwarding_Number": "+13105550199"}',
    b'{"forwarding_number": 13105550199}',
    b'{"forwarding_number": 0}',
    b'{"forwarding_number": 1e300}',
    b'{"forwarding_number": true}',
    b'{"forwarding_number": false}',
    b'{"forwarding_number": []}',
    b'{"forwarding_number": ["+13105550199"]}',
    b'{"forwarding_number": {}}',
    b'{"forwarding_number": {"forwarding_number": "+13105550199"}}',
)

MEDIA_TYPES = ("text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json", "")

ODD_BODIES = (
    b'{"forwarding_number": "\\u002b13105550199"}',
    b'{"forwarding_number": "+13105550198", "forwarding_number": "+13105550199"}',
    b'{"forwarding_number": "+13105550199"}\n{"forwarding_number": "+13105550198"}',
    b'\xc2\xa0{"forwarding_number": "+13105550199"}',
    b'{"forwarding_number": "\xc0\xab13105550199"}',
    b'{"forwarding_number": NULL}',
    b'{"forwarding_number": 1e400}',
    b'{"__proto__": {"forwarding_number": "+13105550199"}}',
    b'{"forwarding_number": null, "x": %s}' % (b"9" * 5000),
)

ODD_HEADERS = (
    ("authorization", " "),
    ("accept", "text/html, application/xml;q=0.9, *;q=.2"),
    ("accept-charset", "utf-16"),
    ("accept-encoding", "identity"),
    ("user-agent", "Mozilla/5.0"),
    ("accept-language", "fr"),
    ("traceparent", "x"),
    ("x-trace-id", "01234567-89ab-cdef-0123-456789abcdef"),
    ("x-http-method-override", "PUT"),
    ("content-type", "application/json; charset=UTF-8"),
    ("content-type", "json"),
)

FURTHER = (
    {"phone_number": "+13105550177"},
    {"forwardingNumber": "+13105550177"},
    {"x" * 300: 1},
    {f"x{index}": index for index in range(100)},
    {"reputation": "CRITICAL"},
    {"health_status": {"status": "CRITICAL"}},
    {"reputation": None},
    {"id": UNKNOWN_ID},
    {"id": str(made_up_lines(2)[0]["id"])},
)


_BY_CHANCE = frozenset({b"x-trace-id", b"content-length"})
_TRACE_ID = re.compile(rb"[0-9a-f]{32}")


class _InstantSelector(selectors.DefaultSelector):
    """Skips the time that an event loop would wait."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0
        return super().select(0)


class InstantLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next thing that is due."""

    def __init__(self) -> None:
        self._instant = _InstantSelector()
        super().__init__(self._instant)

    def time(self) -> float:
        return self._instant.now


@dataclass
class Conversation:
    """What was sent to a behaviour and came back, without what differs by chance."""

    behaviour: Behaviour
    observed: list[tuple[object, ...]] = field(default_factory=list[tuple[object, ...]])
    answers: list[tuple[str, int, bytes]] = field(default_factory=list[tuple[str, int, bytes]])
    trace_ids: set[bytes] = field(default_factory=set[bytes])
    port: int = 1
    """The port that requests come from: another one is another connection."""

    async def send(self, method: str, path: str, body: bytes = b"", *headers: Header) -> Response:
        sent = USUAL if not headers else {**USUAL, **dict(headers)}
        raw = [(name.encode(), value.strip().encode("latin-1")) for name, value in sent.items() if value]
        path, _, query = path.partition("?")
        client = "127.0.0.1", self.port
        call = Call(method, f"/v3/phone_numbers{path}", Headers(raw), body, client, query)
        response = await self.behaviour.respond(call)
        content = response.body
        by_name = dict(response.raw_headers)
        trace_id = by_name.get(b"x-trace-id", b"")
        compressed = by_name.get(b"content-encoding") == b"gzip"
        shown = [(name, b"" if name in _BY_CHANCE else value) for name, value in response.raw_headers]
        self.observed.append(
            (
                (method, path, response.status_code, shown),
                b"" if compressed else content.replace(trace_id or b"-", b"<trace id>"),
                (_TRACE_ID.fullmatch(trace_id) is None, trace_id in self.trace_ids),
                trace_id == TRACE_ID.encode(),
                round(asyncio.get_running_loop().time(), 3),
            )
        )
        self.answers.append((method, response.status_code, content))
        self.trace_ids.add(trace_id)
        return response

    async def list(self, *headers: Header) -> None:
        await self.send("GET", "", b"", *headers)

    async def update(self, phone_number_id: str, number: object, *headers: Header, **further: object) -> None:
        body = json.dumps({"forwarding_number": number, **further}).encode()
        await self.send("PUT", f"/{phone_number_id}", body, *headers)


async def wholly(told: Conversation, ids: list[str], others: list[str]) -> None:
    """Tell everything."""
    for part in (
        *(_methods, _updates, _refusals, _strangers, _elsewhere),
        *(_identities, _races, _spellings, _edges, _meanings),
    ):
        await part(told, ids, others)
        await asyncio.sleep(3)
        await told.list()


async def briefly(told: Conversation, ids: list[str], _others: list[str]) -> None:
    """List and update once."""
    await told.list()
    await told.update(ids[0], NUMBERS[0])


def converse(kind: type[Behaviour], story: Story = wholly) -> Conversation:
    """Tell a story to a behaviour of five lines, and three of another account."""
    own, other = two_accounts(DEFAULT_TOKENS, 5)
    ids, others = list(own.lines), list(other.lines)
    conversation = Conversation(kind((own, other), ""))

    async def tell() -> None:
        await story(conversation, ids, others)

    with asyncio.Runner(loop_factory=InstantLoop) as runner:
        runner.run(tell())
    return conversation


async def _methods(told: Conversation, ids: list[str], _others: list[str]) -> None:
    for _ in range(40):
        await told.list()
    await told.list(("authorization", f"Bearer {OTHER_TOKEN}"))
    await told.list(PARENT, ("accept-encoding", "gzip"))
    for method in ("HEAD", "OPTIONS", "POST", "PATCH", "DELETE"):
        await told.send(method, "")
        await told.send(method, f"/{ids[0]}", b'{"forwarding_number": "+13105550188"}')
    await told.send("GET", f"/{ids[0]}")
    await told.send("GET", f"/{ids[0]}/nothing")
    await told.send("DELETE", "", b"", ("authorization", "Bearer x"))
    await told.list()
    await told.update(ids[0], None)
    await told.list()


async def _elsewhere(told: Conversation, ids: list[str], _others: list[str]) -> None:
    anonymous = "authorization", ""
    for value in (
        f"Bearer {TOKEN};x=1",
        f"Bearer %{ord(TOKEN[0]):02x}{TOKEN[1:]}",
        f"Bearer {TOKEN[:4]} {TOKEN[4:]}",
        f"Bearer {TOKEN[::-1]}",
        f"Bearer {TOKEN[:8]}~{TOKEN[9:]}",
        f"Basic {b64encode(f'{TOKEN}:'.encode()).decode()}",
    ):
        await told.list(("authorization", value))
    await told.list(anonymous, ("x-api-key", TOKEN))
    await told.list(anonymous, ("proxy-authorization", f"Bearer {TOKEN}"))
    await told.list(anonymous, ("x-forwarded-authorization", f"Bearer {TOKEN}"))
    await told.send("GET", f"?auth_token={TOKEN}", b"", anonymous)
    await told.list(anonymous, ("x-forwarded-for", "127.0.0.1"))
    await told.update(f"%{ord(ids[0][0]):02x}{ids[0][1:]}", NUMBERS[0], anonymous)
    await told.update(ids[0], NUMBERS[0], anonymous, access_token=TOKEN)
    await told.update(ids[0], "x", phone_number="+13105550177")
    await told.list(PARENT, ("x-trace-id", TRACE_ID))
    await told.send("PUT", f"/{ids[0]}", b'{"forwarding_number": 13105550199.0}')
    await told.list()


async def _updates(told: Conversation, ids: list[str], others: list[str]) -> None:
    for token, each in ((TOKEN, ids), (OTHER_TOKEN, others)):
        account = "authorization", f"Bearer {token}"
        for phone_number_id in each:
            for number in (
                NUMBERS[0],
                NUMBERS[1],
                NUMBERS[1],
                NUMBERS[1],
                None,
                None,
                NUMBERS[2],
                "",
                NUMBERS[2],
            ):
                await told.update(phone_number_id, number, account, PARENT)
                await told.list(account)
            await asyncio.sleep(0.02)
            await told.list(account)
            await asyncio.sleep(2)
            await told.list(account)
    await told.update(
        others[0], made_up_lines(1)[0]["phone_number"], ("authorization", f"Bearer {OTHER_TOKEN}")
    )
    await told.list()
    await told.update(ids[0].upper(), NUMBERS[3])
    for number in ("+442079460018", "+33199001234", "+18005550199"):
        await told.update(ids[0], number)
    await told.send("PUT", f"/{ids[0]}", b'{"forwarding_number":null}')
    await told.update(ids[0], "+99912")
    for number in NUMBERS[2:]:
        await told.update(ids[2], number)
        await told.list()
    for told.port, number in ((1, NUMBERS[0]), (2, NUMBERS[1]), (1, NUMBERS[0])):
        await told.update(ids[0], number)
    await told.list()
    for further in FURTHER:
        await told.update(ids[1], NUMBERS[4], **further)
        await told.list()


async def _refusals(told: Conversation, ids: list[str], others: list[str]) -> None:
    for number in INVALID_NUMBERS:
        await told.update(ids[0], NUMBERS[0])
        await told.update(ids[0], number)
        await told.list()
    for body in BODIES:
        await told.update(ids[0], NUMBERS[0])
        await told.send("PUT", f"/{ids[0]}", body)
        await told.list()
    for media_type in MEDIA_TYPES:
        for body in (b'{"forwarding_number": "+13105550187"}', b"forwarding_number=%2B13105550186"):
            await told.send("PUT", f"/{ids[0]}", body, ("content-type", media_type))
            await told.list()
    await told.update(others[0], "x", ("authorization", f"Bearer {OTHER_TOKEN}"))
    await told.list(("authorization", f"Bearer {OTHER_TOKEN}"))
    await told.send("PUT", f"/{UNKNOWN_ID}", b"{", ("content-type", "text/plain"))
    await told.send("PUT", f"/{ids[0]}", b"{", ("content-type", "text/plain"))
    await asyncio.sleep(1)
    await told.list()


async def _strangers(told: Conversation, ids: list[str], others: list[str]) -> None:
    for authorization in TOKENS:
        stranger = "authorization", authorization
        await told.list()
        await told.list(stranger)
        for number in (NUMBERS[3], None, "", "x"):
            await told.update(ids[0], number, stranger)
            await told.list()
        await told.update(UNKNOWN_ID, NUMBERS[3], stranger)
        await told.update("x", NUMBERS[3], stranger)
        await told.update("%2B12025550100", NUMBERS[3], stranger)
        await told.send("PUT", f"/{ids[0]}", b"{", stranger)
        await told.send("PUT", f"/{ids[0]}", b"{}", stranger, ("content-type", "text/plain"))
        await told.update(ids[0], NUMBERS[2])
        await asyncio.sleep(1)
        await told.list()
    for token, each in ((TOKEN, others), (OTHER_TOKEN, ids)):
        for number in (NUMBERS[1], None):
            for written in (each[0], each[0].upper()):
                await told.update(written, number, ("authorization", f"Bearer {token}"))
                await told.list()
                await told.list(("authorization", f"Bearer {OTHER_TOKEN}"))


async def _identities(told: Conversation, ids: list[str], _others: list[str]) -> None:
    known = ids[0]
    for written in (
        UNKNOWN_ID,
        str(UNKNOWN_ID).replace("4", "0").replace("8", "0"),
        known[:8] + UNKNOWN_ID[8:],
        UNKNOWN_ID[:-12] + known[-12:],
        known[:-1] + ("0" if known[-1] != "0" else "1"),
        ("0" if known[0] != "0" else "1") + known[1:],
        known.replace("-", ""),
        known.replace("-", "_"),
        "%7B" + known + "%7D",
        f"urn:uuid:{known}",
        f"{known}%20",
        f"{known}.",
        f"{known}%00",
        f"{known}%2Fx",
        f"{known}.json",
        f"{known};v=1",
        f"{known}0",
        known[:8],
        "%2B12025550100",
        "12025550100",
        "0",
        "%C3%A9",
        "1" * 1000,
        f"%{ord(known[0]):02x}{known[1:]}",
    ):
        for number in (NUMBERS[3], None):
            await told.update(written, number)
            await told.list()


async def _races(told: Conversation, ids: list[str], _others: list[str]) -> None:
    async def watch() -> None:
        for _ in range(25):
            await told.list()
            await asyncio.sleep(0.002)

    for numbers in ((NUMBERS[0],), (NUMBERS[0], NUMBERS[1]), (NUMBERS[2], None), (None, NUMBERS[3])):
        await told.update(ids[0], NUMBERS[4])
        await told.list()
        async with asyncio.TaskGroup() as group:
            for number in numbers:
                group.create_task(told.update(ids[0], number))
            group.create_task(watch())
            group.create_task(told.update(ids[1], NUMBERS[2]))
    await told.list()


async def _spellings(told: Conversation, ids: list[str], _others: list[str]) -> None:
    path = f"/{ids[0]}"
    set_it = b'{"forwarding_number": "+13105550199"}'
    for header in ODD_HEADERS:
        await told.list(header)
        await told.update(ids[0], NUMBERS[0])
        await told.list(header)
        await told.send("PUT", path, set_it, header)
        await told.send("POST", path, set_it, header)
    for body in ODD_BODIES:
        await told.send("PUT", path, body)
        await told.list()
    for number in ("<b>+13105550199</b>", "+1 310 555 0199"):
        await told.update(ids[0], "+13105550199")
        await told.update(ids[0], number)
    digits = ids[0].replace("-", "")
    for written in ("", "%ff", "-".join(re.findall("....", digits))):
        await told.update(written, NUMBERS[1])
        await told.list()
        await told.update(written, NUMBERS[1], ("authorization", ""))
    await told.update(ids[0], NUMBERS[0])
    await told.send("HEAD", "")
    await told.list()
    told.port = 3
    await told.update(ids[0], "x")


async def _edges(told: Conversation, ids: list[str], _others: list[str]) -> None:
    path = f"/{ids[0]}"
    number = b'"forwarding_number": "+13105550199"'
    await told.send("TRACE", "")
    await told.send("GET", "/", b"", ("authorization", ""))
    for segment in ("%zz", "%c0%af", "x" * 7_000, f"{ids[0]}%2F", f"urn:uuid:{ids[0]}"):
        await told.update(segment, NUMBERS[1])
        await told.list()
    for header in (
        ("x-odd", "\xff"),
        ("x-padding", "x" * 20_000),
        ("accept", "image/png"),
        ("expect", "200-ok"),
        ("authorization", f"Bearer {'x' * 9_000}"),
    ):
        await told.list(header)
    await told.list(*((f"x-padding-{index}", "x") for index in range(120)))
    await told.send("PUT", path, b"{%s}" % number, ("content-encoding", "gzip"))
    await told.send("PUT", path, b"{%s}" % number, ("content-type", "application/json; charset=x"))
    for length in (200_000, 1_200_000):
        await told.send("PUT", path, b"{%s%s}" % (number, b" " * length))
    for levels in (30, 950, 9_500):
        nested = b"[" * levels + b"]" * levels
        await told.send("PUT", path, b'{"forwarding_number": %s}' % nested)
        await told.send("PUT", path, b'{%s, "x": %s}' % (number, nested))
    for value in (b"NaN", b'"\xff"', b'"\\x2b13105550199"', b'"\\ud800"'):
        await told.send("PUT", path, b'{"forwarding_number": %s}' % value)


async def _meanings(told: Conversation, ids: list[str], _others: list[str]) -> None:
    start = "+1310555019"
    for ending in ("9'", "9'--", "%s", "9[", "{{9}}", "${9}", "&#57;", "\\u0039", "%39", "9 | x", "9\nx"):
        await told.update(ids[0], start + ending)
        await told.list()
    await told.update(ids[0], f"({start}9)")
    await told.update(ids[0], f"{NUMBERS[3]}\r\nX-Injected: 1")
    await told.list()
    for written in (f"{ids[0]}'--", "_" * 36, f"x%0A{ids[0]}", "constructor"):
        await told.update(written, NUMBERS[1])
        await told.list()
    for name, value in (("x'", 1), ("__proto__", 1), ("x", "\ud800"), ("$set", 1), ("phone_number=", 1)):
        await told.update(ids[0], NUMBERS[0], **{name: value})
        await told.list()


def json_of(content: bytes) -> Any:
    """Return the JSON in a body that may begin with a byte order mark."""
    return json.loads(content.removeprefix(b"\xef\xbb\xbf"))
