# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The connections of a client: pools of its own, or the httpx client that it was given.

After a fork, pools of our own are new in the child: two processes that use one connection read each other's
answers. An asynchronous client has pools for each event loop, since connections live in the loop that opened
them, and end with it.
"""

from __future__ import annotations

import ssl
import sys
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Final, Generic, TypeVar
from urllib.request import getproxies  # which httpx asks, too

import httpx

from . import _forks
from ._contract import PROJECT, VERSION
from ._words import sentence
from .errors import InvalidInputError

H = TypeVar("H", httpx.Client, httpx.AsyncClient)

USER_AGENT: Final = {"User-Agent": f"{PROJECT}/{VERSION}"}
MOST_CONNECTIONS: Final = 100
_MOST_POOLS: Final = 25
_THIS_MACHINE: Final = {"localhost": "localhost", "127.0.0.1": "127.0.0.1", "::1": "[::1]"}
"""The names of this machine, and what a URL has of them."""
_UNUSABLE: Final = (ImportError, ValueError, httpx.InvalidURL)


class Cookieless:
    """An httpx client's cookies: none.

    The token says who asks, and looking for cookies takes a seventh of a call.
    """

    @property
    def cookies(self) -> httpx.Cookies:
        return _NO_COOKIES

    @cookies.setter
    def cookies(self, cookies: object) -> None:  # noqa: ARG002 - called so by httpx
        raise AttributeError("this client keeps no cookies")


class _NoCookies(httpx.Cookies):
    def extract_cookies(self, response: httpx.Response) -> None:
        pass


_NO_COOKIES: Final = _NoCookies()


class _SyncHttp(Cookieless, httpx.Client):
    pass


class _AsyncHttp(Cookieless, httpx.AsyncClient):
    pass


class SyncPool:
    """A pool of our own."""

    auth: Final = None  # our headers have it

    def __init__(self) -> None:
        self._context = _ssl_context()
        self._http = self._open()
        _forks.tell(self)

    def _open(self) -> httpx.Client:
        try:
            return _SyncHttp(verify=self._context, headers=USER_AGENT, limits=_limits(1), mounts=_direct())
        except _UNUSABLE as error:
            raise _unusable(error) from None

    @property
    def is_closed(self) -> bool:
        return self._http.is_closed

    def borrow(self) -> httpx.Client:
        return self._http

    def after_fork(self) -> None:
        if not self._http.is_closed:
            self._http = self._open()

    def close(self) -> None:
        self._http.close()


class AsyncPools:
    """Pools of our own: further ones as calls get many, so that none has many connections.

    The pool of httpx looks at each of its connections several times for each request (encode/httpx
    issue 3215): with 50 in flight, many small pools send twice as many requests as a large one.
    """

    auth: Final = None  # our headers have it

    def __init__(self) -> None:
        self._context = _ssl_context()
        self._spare = [self._open()]  # so that what is wrong shows at once
        self._loops: dict[object, _LoopPools] = {}
        self._inherited: list[object] = []
        self.is_closed = False
        _forks.tell(self)

    def _open(self) -> httpx.AsyncClient:
        try:
            limits = _limits(_MOST_POOLS)
            return _AsyncHttp(verify=self._context, headers=USER_AGENT, limits=limits, mounts=_direct())
        except _UNUSABLE as error:
            raise _unusable(error) from None

    async def borrow(self) -> httpx.AsyncClient:
        """Return the pool that has the fewest calls, or another one; it is to be given back."""
        loop = _running_loop()
        pools = self._loops.get(loop)
        if pools is None:
            self._forget_closed_loops()
            pools = self._loops[loop] = _LoopPools(self._loops, loop)
            await pools.close_with_loop()
        http = pools.least_busy()
        if http is None:
            http = self._spare_or_new()
        pools.in_flight[http] = pools.in_flight.get(http, 0) + 1
        return http

    def _spare_or_new(self) -> httpx.AsyncClient:
        try:
            return self._spare.pop()  # one thread gets it, even when two loops ask at once
        except IndexError:
            return self._open()

    def _forget_closed_loops(self) -> None:
        """Forget the pools of event loops that were closed and did not end their asynchronous generators."""
        for loop in list(self._loops):  # the loops of other threads add themselves meanwhile
            if getattr(loop, "is_closed", bool)():
                self._loops.pop(loop, None)

    def give_back(self, http: httpx.AsyncClient) -> None:
        pools = self._loops.get(_running_loop())
        if pools and http in pools.in_flight:
            pools.in_flight[http] -= 1

    def after_fork(self) -> None:
        # Kept, and not closed: that would reach into an event loop of the parent.
        self._inherited.append(self._loops)
        self._loops = {}

    async def aclose(self) -> None:
        self.is_closed = True
        # Those of another loop can be closed there alone, which it does when they are collected.
        pools = self._loops.pop(_running_loop(), None)
        self._loops.clear()
        if pools:
            await pools.aclose()
        for http in self._spare:
            await http.aclose()


class _LoopPools:
    """The pools of one event loop, and how many calls each of them has in flight."""

    def __init__(self, loops: dict[object, _LoopPools], loop: object) -> None:
        self.in_flight: dict[httpx.AsyncClient, int] = {}
        self._loops = loops
        self._loop = loop
        self._end = self._until_the_end()

    def least_busy(self) -> httpx.AsyncClient | None:
        """Return the pool that has the fewest calls; None when another one should be opened."""
        if not self.in_flight:
            return None
        http = min(self.in_flight, key=self.in_flight.__getitem__)
        is_busy = self.in_flight[http] >= MOST_CONNECTIONS // _MOST_POOLS // 2
        return None if is_busy and len(self.in_flight) < _MOST_POOLS else http

    async def close_with_loop(self) -> None:
        """Have the event loop close the pools when it ends, as it ends asynchronous generators (PEP 525)."""
        await anext(self._end)

    async def _until_the_end(self) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            self._loops.pop(self._loop, None)
            for http in list(self.in_flight):
                await http.aclose()

    async def aclose(self) -> None:
        await self._end.aclose()


class Given(Generic[H]):
    """The httpx client that a client was given: the user closes it, and what it is set to holds."""

    auth: Final = httpx.USE_CLIENT_DEFAULT

    def __init__(self, http: H) -> None:
        self.http: H = http
        self.is_used = False
        self.is_of_another_process = False
        _forks.tell(self)

    @property
    def is_closed(self) -> bool:
        return bool(self.http.is_closed)

    def after_fork(self) -> None:
        self.is_of_another_process = self.is_used


def _running_loop() -> object:
    """Return what stands for the running event loop: that of asyncio, or the token of trio's."""
    if asyncio := sys.modules.get("asyncio"):
        with suppress(RuntimeError):
            return asyncio.get_running_loop()
    from trio.lowlevel import current_trio_token  # noqa: PLC0415 - trio runs this

    return current_trio_token()


def proxies() -> list[str]:
    """Return the variables of the environment that name a proxy."""
    return [f"{scheme.upper()}_PROXY" for scheme in getproxies() if scheme in {"http", "https", "all"}]


def is_of_this_machine(url: httpx.URL) -> bool:
    """Whether a URL is of a server on this machine, which no proxy is asked for."""
    return url.host in _THIS_MACHINE


def _direct() -> dict[str, None]:
    """Return what keeps httpx from asking a proxy for this machine; nothing where there is no proxy."""
    return dict.fromkeys(map("all://{}".format, _THIS_MACHINE.values())) if proxies() else {}


def _ssl_context() -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # SSL_CERT_FILE or SSL_CERT_DIR leads nowhere
        raise _unusable(error) from None


def _unusable(error: Exception) -> InvalidInputError:
    reason = sentence(str(error))
    return InvalidInputError(
        f"No connections can be made with what the environment says of proxies and certificates: {reason} "
        "Look at HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR."
    )


def _limits(pools: int) -> httpx.Limits:
    """Return the limits of each of so many pools; all of its connections are kept.

    By default httpx keeps 20: of more that are in use, it closes each as soon as its response is read.
    """
    most = MOST_CONNECTIONS // pools
    return httpx.Limits(max_connections=most, max_keepalive_connections=most)
