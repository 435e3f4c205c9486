"""Faults of time: they show when a line is updated and listed at once, or from a cache, or later."""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, ClassVar

from linq_mock.faults.base import Fault
from linq_mock.problems import Code, Problem
from linq_mock.variation import now

if TYPE_CHECKING:
    from linq_mock.accounts import Account, Line
    from linq_mock.behaviour import JsonObject
    from linq_mock.messages import Call, Response


class Racing(Fault):
    """Counts the updates of each line that are under way; each takes 10 ms."""

    def arrange(self) -> None:
        super().arrange()
        self.under_way: dict[str, int] = {}

    def alone(self, line: Line) -> bool:
        return self.under_way[line["id"]] == 1

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        self.under_way[line["id"]] = self.under_way.get(line["id"], 0) + 1
        try:
            await self.race(call, account, line, number)
        finally:
            self.under_way[line["id"]] -= 1

    async def race(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        raise NotImplementedError

    async def write(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)


class Torn(Racing, name="update.atomic/torn"):
    """A number is written in two parts, with a pause between them."""

    async def race(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        old = line.get("forwarding_number")
        if number and old:
            await self.write(call, account, line, number[:-1] + old[-1])
        await asyncio.sleep(0.01)
        await self.write(call, account, line, number)


class Blend(Racing, name="update.atomic/blend"):
    """Two updates at once leave the beginning of one number and the end of the other."""

    async def race(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        met = not self.alone(line)
        await asyncio.sleep(0.01)
        met = met or not self.alone(line)
        old = line.get("forwarding_number")
        await self.write(call, account, line, number[:-1] + old[-1] if number and old and met else number)


class GapBetween(Racing, name="update.atomic/gap"):
    """A line is cleared first and set a moment later, and lists in between see that."""

    async def race(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await self.write(call, account, line, None)
        await asyncio.sleep(0.01)
        await self.write(call, account, line, number)


class Flicker(Racing, name="update.atomic/flicker"):
    """A new number shows, is gone again, and shows once more when the update is done."""

    async def race(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        old = line.get("forwarding_number")
        await self.write(call, account, line, number)
        await asyncio.sleep(0.01)
        await self.write(call, account, line, old)
        await asyncio.sleep(0.01)
        await self.write(call, account, line, number)


class WrittenTwice(Racing, name="update.atomic/written-twice"):
    """An update that meets another is delivered once more 20 ms after its answer."""

    async def race(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await self.write(call, account, line, number)
        met = not self.alone(line)
        await asyncio.sleep(0.01)
        if met or not self.alone(line):
            asyncio.get_running_loop().call_later(0.02, line.update, {"forwarding_number": number})


class OldValueReturns(Racing, name="update.atomic/old-value-returns"):
    """Of two updates at once the second is rolled back to the value from before the first."""

    async def race(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        old = line.get("forwarding_number")
        alone = self.alone(line)
        await asyncio.sleep(0.01)
        await self.write(call, account, line, number if alone else old)


class LostClear(Racing, name="update.atomic/lost-clear"):
    """A clear that meets another update is undone 20 ms after its answer."""

    async def race(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        old = line.get("forwarding_number")
        met = not self.alone(line)
        await asyncio.sleep(0.01)
        met = met or not self.alone(line)
        await self.write(call, account, line, number)
        if number is None and met and old:
            asyncio.get_running_loop().call_later(0.02, line.update, {"forwarding_number": old})


class StaleUnderLoad(Racing, name="update.atomic/stale-while-writing"):
    """While a line is written, lists show what it was two updates ago."""

    def arrange(self) -> None:
        super().arrange()
        self.before: dict[str, str | None] = {}

    async def race(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await asyncio.sleep(0.01)
        self.before[line["id"]] = line.get("forwarding_number")
        await self.write(call, account, line, number)

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        shown = super().listed_line(call, account, line)
        written = self.under_way.get(line["id"], 0) > 0 and line["id"] in self.before
        return {**shown, "forwarding_number": self.before[line["id"]]} if written else shown


class StaleRefill(Fault, name="update.atomic/stale-refill", also=("update.read-your-writes",)):
    """A list fills the cache 3 ms after it was read, though an update has emptied the cache since."""

    async def list_phone_numbers(self, call: Call, account: Account) -> Response:
        if account.encoded_list is None:
            encoded = self.encode(self.list_body(call, account))
            await asyncio.sleep(0.003)
            account.encoded_list = encoded
        return self.json_response(200, account.encoded_list)


class TwoReplicas(Racing, name="update.atomic/two-replicas"):
    """While a line is written, every second list comes from a replica without the last update."""

    lists = 0

    def arrange(self) -> None:
        super().arrange()
        self.replica: dict[str, str | None] = {}

    async def race(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        self.replica[line["id"]] = line.get("forwarding_number")
        await self.write(call, account, line, number)
        await asyncio.sleep(0.01)

    async def list_phone_numbers(self, call: Call, account: Account) -> Response:
        self.lists += 1
        return await super().list_phone_numbers(call, account)

    def listed_line(self, call: Call, account: Account, line: Line) -> JsonObject:
        shown = super().listed_line(call, account, line)
        behind = self.lists % 2 == 0 and self.under_way.get(line["id"], 0) > 0
        return {**shown, "forwarding_number": self.replica[line["id"]]} if behind else shown


class SkipsLocked(Racing, name="update.atomic/skips-the-locked-line", also=("update.isolated", "list.safe")):
    """A list does not wait for a line that is being updated, and leaves it out."""

    async def race(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await asyncio.sleep(0.01)
        await self.write(call, account, line, number)

    def list_body(self, call: Call, account: Account) -> JsonObject:
        lines = super().list_body(call, account)["phone_numbers"]
        return {"phone_numbers": [line for line in lines if not self.under_way.get(line["id"])]}


class MovesPages(Racing, name="update.isolated/moves-between-pages", also=("update.atomic", "list.safe")):
    """While a line is updated it moves to the front, and the next one falls between two pages."""

    async def race(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await self.write(call, account, line, number)
        await asyncio.sleep(0.01)

    def list_body(self, call: Call, account: Account) -> JsonObject:
        lines = super().list_body(call, account)["phone_numbers"]
        moving = [index for index, line in enumerate(lines) if self.under_way.get(line["id"])]
        lost = {(index + 1) % len(lines) for index in moving} - set(moving)
        return {"phone_numbers": [line for index, line in enumerate(lines) if index not in lost]}


class RefusalSaves(
    Fault, name="update.atomic/refusal-saves-what-it-read", also=("update.rejected-unchanged",)
):
    """A refused update puts the line back to what it read when it began, 15 ms ago."""

    async def update_phone_number(self, call: Call, account: Account) -> Response:
        line = self.target(call, account)
        before = line.get("forwarding_number") if line else None
        try:
            return await super().update_phone_number(call, account)
        except Problem as problem:
            if line is not None and problem.code == Code.NOT_E164:
                await asyncio.sleep(0.015)
                line["forwarding_number"] = before
            raise


class JoinsListUnderWay(
    Fault, name="update.atomic/joins-a-list-under-way", also=("update.read-your-writes", "update.clear-null")
):
    """A list that is asked for while another takes its 6 ms gets the answer to that one."""

    def arrange(self) -> None:
        super().arrange()
        self.under_way: dict[str, asyncio.Task[bytes]] = {}

    async def list_phone_numbers(self, call: Call, account: Account) -> Response:
        async def read() -> bytes:
            encoded = self.encode(self.list_body(call, account))
            await asyncio.sleep(0.006)
            del self.under_way[account.token]
            return encoded

        if account.token not in self.under_way:
            self.under_way[account.token] = asyncio.ensure_future(read())
        return self.json_response(200, await self.under_way[account.token])


class StaleForSome(Fault):
    """Keeps the list for some clients, so many seconds, whatever is updated meanwhile."""

    seconds: ClassVar[float]

    def arrange(self) -> None:
        super().arrange()
        self.kept: dict[str, tuple[float, bytes]] = {}

    def is_kept_for(self, call: Call) -> bool:
        raise NotImplementedError

    async def list_phone_numbers(self, call: Call, account: Account) -> Response:
        if not self.is_kept_for(call):
            return await super().list_phone_numbers(call, account)
        until, encoded = self.kept.get(account.token, (0.0, b""))
        if until < now():
            encoded = self.encode(self.list_body(call, account))
            self.kept[account.token] = now() + self.seconds, encoded
        return self.json_response(200, encoded)


class StaleUncompressed(
    StaleForSome, name="update.read-your-writes/stale-when-not-compressed", also=("update.atomic",)
):
    """The cache of what is not compressed is not emptied by an update; it lasts two seconds."""

    seconds = 2

    def is_kept_for(self, call: Call) -> bool:
        return call.headers.get("Accept-Encoding") == "identity"


class StaleForBrowsers(
    StaleForSome, name="update.read-your-writes/list-kept-for-browsers", also=("update.atomic",)
):
    """What browsers ask for is kept for a second, and an update does not empty it."""

    seconds = 1

    def is_kept_for(self, call: Call) -> bool:
        return "Mozilla" in call.headers.get("User-Agent", "")


class SameTagAfterUpdate(Fault, name="list.schema/not-modified-after-an-update"):
    """The ETag is made of what the list has, but not of what updates change."""

    async def list_phone_numbers(self, call: Call, account: Account) -> Response:
        etag = f'"{zlib.crc32(" ".join(account.lines).encode()):08x}"'
        if call.headers.get("If-None-Match") == etag:
            return Response(status_code=304, headers={"ETag": etag})
        response = await super().list_phone_numbers(call, account)
        response.headers["ETag"] = etag
        return response


class HeadFillsCache(Fault, name="transport.json/head-fills-the-cache", also=("list.schema",)):
    """The cache of the list is keyed by path, not by method: after HEAD it is empty until an update."""

    async def list_phone_numbers(self, call: Call, account: Account) -> Response:
        if account.encoded_list is None:
            is_head = call.method == "HEAD"
            account.encoded_list = b"" if is_head else self.encode(self.list_body(call, account))
        return self.json_response(200, account.encoded_list)


class FreesShared(
    Fault, name="update.isolated/frees-a-shared-number-later", also=("update.read-your-writes",)
):
    """A job that runs 100 ms after an update leaves a number to the line that got it last."""

    async def store(self, call: Call, account: Account, line: Line, number: str | None) -> None:
        await super().store(call, account, line, number)

        def reconcile() -> None:
            for other in account.lines.values():
                if number and other is not line and other.get("forwarding_number") == number:
                    other["forwarding_number"] = None

        asyncio.get_running_loop().call_later(0.1, reconcile)
