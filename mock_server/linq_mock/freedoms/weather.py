"""Freedoms of when a server answers: limits, passing failures and slowness."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, ClassVar

from linq_mock.freedoms.base import Freedom
from linq_mock.problems import Code, Problem
from linq_mock.variation import now

if TYPE_CHECKING:
    from linq_mock.accounts import Line
    from linq_mock.messages import Call, Response


class EveryNthLimited(Freedom, name="429-on-every-25th"):
    """Every 25th request is told to come back in a second; the next one gets through."""

    async def handle(self, call: Call) -> Response:
        if self.served % 25 == 0:
            raise Problem(Code.RATE_LIMITED, "Rate limit exceeded", retry_after=1)
        return await super().handle(call)


class LimitedToZero(Freedom, name="429-with-0-seconds"):
    """Every seventh request may be sent again at once."""

    async def handle(self, call: Call) -> Response:
        if self.served % 7 == 0:
            raise Problem(Code.RATE_LIMITED, "Rate limit exceeded", retry_after=0)
        return await super().handle(call)


class Bucket(Freedom, name="429-beyond-100-in-a-second"):
    """A hundred requests a second are answered, and the rest of the second is limited."""

    second = 0
    count = 0

    async def handle(self, call: Call) -> Response:
        if int(now()) != self.second:
            self.second, self.count = int(now()), 0
        self.count += 1
        if self.count > 100:
            raise Problem(Code.RATE_LIMITED, "Rate limit exceeded", retry_after=1)
        return await super().handle(call)


class LimitedBeforeToken(Freedom, name="429-before-the-token"):
    """Requests without a valid token are limited too, and first."""

    async def handle(self, call: Call) -> Response:
        try:
            self.authenticate(call)
        except Problem as problem:
            if self.served % 3 == 0:
                raise Problem(Code.RATE_LIMITED, "Rate limit exceeded", retry_after=1) from problem
            raise
        return await super().handle(call)


class Passing(Freedom):
    """Fails once in a while, and does what was asked when it is asked again."""

    code: ClassVar[int] = 0
    every: ClassVar[int] = 40

    async def handle(self, call: Call) -> Response:
        if self.served % self.every == self.every // 2:
            raise Problem(self.code, "Try again")
        return await super().handle(call)


class PassingUnavailable(Passing, name="passing-503"):
    """One request in forty finds the service unavailable."""

    code = Code.UNAVAILABLE


class PassingError(Passing, name="passing-500"):
    """One request in forty fails with an internal error."""

    code = 3006


class PassingTimeout(Passing, name="passing-504"):
    """One request in forty runs into a timeout."""

    code = 3005


class FirstUnavailable(Freedom, name="first-request-503"):
    """The first request of all wakes the service and is told so."""

    async def handle(self, call: Call) -> Response:
        if self.served == 1:
            raise Problem(Code.UNAVAILABLE, "Waking up", headers={"Retry-After": "1"})
        return await super().handle(call)


class FailsAfterWriting(Freedom, name="passing-500-after-writing"):
    """One update in thirty is carried out, and answered with an internal error all the same."""

    updates = 0

    async def handle(self, call: Call) -> Response:
        response = await super().handle(call)
        if call.method == "PUT":
            self.updates += 1
            if self.updates % 30 == 15:
                raise Problem(Code.INTERNAL, "Internal server error")
        return response


class Slow(Freedom, name="500-ms-latency"):
    """Every answer takes half a second."""

    async def respond(self, call: Call) -> Response:
        response = await super().respond(call)
        await asyncio.sleep(0.5)
        return response


class SlowAtRandom(Freedom, name="latency-at-random"):
    """Calls wait up to 50 ms before and up to 50 ms after they are answered, and so overtake each other."""

    async def respond(self, call: Call) -> Response:
        await asyncio.sleep(random.Random(self.served).random() / 20)  # noqa: S311 - any delay will do
        response = await super().respond(call)
        await asyncio.sleep(random.Random(-self.served).random() / 20)  # noqa: S311 - the same
        return response


class Colleague(Freedom):
    """Somebody else uses the account, every so many seconds."""

    changes_by_itself = True
    every: ClassVar[float]
    last = 0.0

    def act(self, lines: dict[str, Line]) -> None:
        raise NotImplementedError

    async def handle(self, call: Call) -> Response:
        if not self.last:
            self.last = now()
        if now() - self.last > self.every:
            self.last = now()
            self.act(self.accounts[0].lines)
            self.accounts[0].encoded_list = None  # some faults keep it
        return await super().handle(call)


class ColleagueClears(Colleague, name="colleague-clears"):
    """Somebody else clears the second line every other second."""

    every = 2.0

    def act(self, lines: dict[str, Line]) -> None:
        for line in list(lines.values())[1:2]:
            line["forwarding_number"] = None


class ColleagueSets(Colleague, name="colleague-sets"):
    """Somebody else sets the last line to a fictional number every other second."""

    every = 2.0

    def act(self, lines: dict[str, Line]) -> None:
        for line in list(lines.values())[-1:]:
            line["forwarding_number"] = f"+1907555019{self.served % 10}"


class ColleagueReleases(Colleague, name="colleague-releases-a-line"):
    """A line is released in the middle of everything."""

    every = 3.0
    released = False

    def act(self, lines: dict[str, Line]) -> None:
        for line_id in list(lines)[2:3]:
            if not self.released:
                self.released = True
                del lines[line_id]
