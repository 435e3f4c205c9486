# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The clients, sync and async: settings, sending, and what becomes of the answer."""

from __future__ import annotations

import json
import logging
import os
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import lru_cache, partial
from math import ceil
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, cast

import httpx

from . import errors
from .api.phone_numbers import AsyncPhoneNumbersResource, PhoneNumbersResource
from .models import ErrorResponse
from .types import UNSET, Call, RawResponse, Unset

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from tenacity import RetryCallState

T = TypeVar("T")

__version__ = "0.1.0"

API_KEY_VARIABLE: Final = "LINQ_API_V3_API_KEY"
BASE_URL_VARIABLE: Final = "LINQ_API_V3_BASE_URL"
DEFAULT_BASE_URL: Final = "https://api.linqapp.com/api/partner"
DEFAULT_TIMEOUT: Final = httpx.Timeout(60, connect=5)
DEFAULT_MAX_RETRIES: Final = 2
DEFAULT_DEADLINE: Final = 180.0

_TRACE_ID: Final = "X-Trace-ID"
_RETRIED: Final = frozenset({429, 500, 503, 504})
_IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})  # RFC 9110, 9.2.2
_USER_AGENT: Final = {"User-Agent": f"linq-phone-numbers/{__version__}"}
_MOST_CONNECTIONS: Final = 100
_MOST_POOLS: Final = 25
_SHORTEST_ECHO: Final = 8  # characters; a shorter token is found by chance in whatever a server sends

_log = logging.getLogger(__package__)


class _Token:
    """The token, out of the sight of tracebacks that show variables."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "[token]"

    def checked(self) -> Self:
        if not isinstance(self.value, str) or not self.value:
            raise errors.InvalidInputError(
                f"There is no token, or an empty one: pass api_key or set {API_KEY_VARIABLE}."
            )
        if not self.value.isascii() or not self.value.isprintable() or " " in self.value:
            raise errors.InvalidInputError(
                f"The token (api_key or {API_KEY_VARIABLE}) has characters that no token has."
            )
        return self


class _Client:
    """What both clients have in common: everything but the sending."""

    def __init__(
        self,
        token: _Token,
        base_url: str | None,
        timeout: httpx.Timeout,
        max_retries: int,
        deadline: float | None,
    ) -> None:
        self._token = token.checked()
        # As httpx.Headers, which do not show the token when they are printed.
        self._headers = httpx.Headers(
            {"Authorization": f"Bearer {token.value}", "Accept": "application/json"}
        )
        self._merged: tuple[object, httpx.Headers] = (None, self._headers)
        default = os.environ.get(BASE_URL_VARIABLE) or DEFAULT_BASE_URL
        self._base_url = _checked_url(default if base_url is None else base_url)
        self._timeout = timeout
        self._max_retries = max_retries
        self._deadline = deadline

    def __repr__(self) -> str:
        # With a default, since a traceback may show a client that was not completed.
        return f"{type(self).__name__}(base_url={getattr(self, '_base_url', None)!r})"

    def __getstate__(self) -> object:
        raise TypeError(
            f"{type(self).__name__} holds a token and connections, and is not to be copied or pickled"
        )

    @property
    def base_url(self) -> str:
        """What the paths of the contract are appended to."""
        return self._base_url

    def _request(
        self,
        http: httpx.Client | httpx.AsyncClient | _AsyncPools,
        call: Call[Any],
        timeout: float | httpx.Timeout | Unset | None,
    ) -> httpx.Request:
        build: Callable[..., httpx.Request]
        # Our own clients add headers to a request and nothing else, unless the user gave one parameters.
        if isinstance(http, _AsyncPools) or (isinstance(http, _Cookieless) and not http.params):
            build, headers = _build_request, self._with_those_of(http)
        else:
            build, headers = http.build_request, self._headers
        content = None
        if call.headers:
            headers = headers.copy()
            headers.update({name: str(value) for name, value in call.headers.items()})
        if call.body is not UNSET:
            content = _to_json(call)
            headers = headers.copy()
            headers["Content-Type"] = "application/json"
        return build(
            call.method,
            _url(self._base_url + call.path),
            params=call.query,
            headers=headers,
            content=content,
            timeout=self._timeout if isinstance(timeout, Unset) else httpx.Timeout(timeout),
        )

    def _with_those_of(self, http: httpx.Client | httpx.AsyncClient | _AsyncPools) -> httpx.Headers:
        """Return the headers of every request: merged once, and again when those of `http` change."""
        theirs = http.headers.raw
        known, merged = self._merged
        if known != theirs:
            merged = httpx.Headers(theirs)
            merged.update(self._headers)
            self._merged = theirs, merged
        return merged

    def _retries(self, call: Call[Any], started: float) -> dict[str, Any]:
        """Return how tenacity is to try a call again that began at `started`."""
        import tenacity as t  # noqa: PLC0415 - see _send

        stop: t.stop.stop_base = t.stop_after_attempt(self._max_retries + 1)
        if self._deadline is not None:
            stop |= t.stop_before_delay(started + self._deadline - time.monotonic())
        return {
            "retry": t.retry_if_exception(partial(_may_pass, call)),
            "wait": partial(_pause, t.wait_random_exponential(multiplier=2, min=1, max=30)),
            "stop": stop,
            "before_sleep": _log_pause,
            "reraise": True,
        }

    def _result(self, call: Call[T], response: httpx.Response) -> tuple[T, httpx.Response]:
        _log.debug("%s (%s %s) was answered with %d", *call[:3], response.status_code)
        if not response.is_success:
            raise self._status_error(call, response)
        try:
            result = call.parse(_parse_json(response)) if call.parse else cast("T", None)
            return result, response
        except errors.InvalidDataError as error:
            failure = self._validation_error(call, response, error)
        raise failure  # outside, so that it does not lead to frames which hold what the server sent

    def _validation_error(
        self, call: Call[Any], response: httpx.Response, error: errors.InvalidDataError
    ) -> errors.APIResponseValidationError:
        response = self._without_token(response)
        trace_id = response.headers.get(_TRACE_ID)
        message = (
            f"{_name(call)} was answered with {response.status_code} and a body that breaks the contract: "
            f"{error}. Trace id: {trace_id}."
        )
        return errors.APIResponseValidationError(
            self._redacted(message), call.operation, response, trace_id, error.pointer
        )

    def _status_error(self, call: Call[Any], response: httpx.Response) -> errors.APIStatusError:
        envelope = self._envelope(response)
        response = self._without_token(response)
        trace_id = envelope.trace_id if envelope else response.headers.get(_TRACE_ID)
        message = f"{_name(call)} was answered with {response.status_code}"
        if envelope:
            message += f", code {envelope.error.code}: {envelope.error.message}"
            if advice := errors.advice(envelope.error.code):
                message += f" ({advice})"
        return errors.error_class(response.status_code)(
            self._redacted(f"{message}. Trace id: {trace_id}."),
            call.operation,
            response,
            trace_id,
            _retry_after(response, envelope),
            envelope,
        )

    def _envelope(self, response: httpx.Response) -> ErrorResponse | None:
        try:
            return ErrorResponse.from_dict(_replaced(_parse_json(response), self._token.value, "[token]"))
        except (errors.InvalidDataError, RecursionError):
            return None

    def _connection_error(
        self, call: Call[Any], request: httpx.Request, error: Exception
    ) -> errors.APIConnectionError:
        request.headers.pop("Authorization", None)
        _forget_frames(error)
        reason = str(error) or type(error).__name__
        if isinstance(error, httpx.TimeoutException):
            return errors.APITimeoutError(f"{_name(call)} got no answer in time: {reason}", call.operation)
        return errors.APIConnectionError(
            f"{_name(call)} got no answer from {self._base_url}: {reason}", call.operation
        )

    def _redacted(self, text: str) -> str:
        return text.replace(self._token.value, "[token]").encode(errors="backslashreplace").decode()

    def _without_token(self, response: httpx.Response) -> httpx.Response:
        """Return a response that the caller may see: the token is neither in its request nor echoed in it."""
        response.request.headers.pop("Authorization", None)
        token = self._token.value.encode()
        echoes = token in response.content or any(token in value for _, value in response.headers.raw)
        if not echoes or len(token) < _SHORTEST_ECHO:
            return response
        return httpx.Response(
            response.status_code,
            headers=[
                (name, value.replace(token, b"[token]"))
                for name, value in response.headers.raw
                if name.lower() not in {b"content-encoding", b"content-length", b"transfer-encoding"}
            ],
            content=response.content.replace(token, b"[token]"),
            request=response.request,
        )


class LinqClient(_Client):
    """A client of the API; it may be shared between threads.

    Args:
        api_key: The token; without it, the environment variable `LINQ_API_V3_API_KEY`.
        base_url: Where the API is; without it, the environment variable `LINQ_API_V3_BASE_URL`,
            and without that https://api.linqapp.com/api/partner.
        http_client: An `httpx.Client` to send with, for proxies, transports or certificates of
            your own. Its settings hold, save that redirects are not followed, and closing it is up to you.
        timeout: Seconds, an `httpx.Timeout`, or None to wait for ever. Without it, 60 s and 5 s to connect,
            or the timeout of `http_client`.
        max_retries: How often a call is tried again after 429, 500, 503, 504 or a failed connection. A
            pause is as long as Retry-After says, or else grows from 1 s to 30 s.
        deadline: Seconds that a call may take with its retries: no pause begins that would end later, and
            the error is raised at once. None stands for no limit.

    Raises:
        InvalidInputError: There is no token, or the base URL is not one.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        http_client: httpx.Client | None = None,
        timeout: float | httpx.Timeout | Unset | None = UNSET,
        max_retries: int = DEFAULT_MAX_RETRIES,
        deadline: float | None = DEFAULT_DEADLINE,
    ) -> None:
        token = _Token(os.environ.get(API_KEY_VARIABLE) if api_key is None else api_key)
        del api_key  # an error may show the variables of this frame
        default = http_client.timeout if http_client else DEFAULT_TIMEOUT
        timeout = default if isinstance(timeout, Unset) else httpx.Timeout(timeout)
        super().__init__(token, base_url, timeout, max_retries, deadline)
        self._owned = http_client is None
        self._http = http_client or _SyncHttp(headers=_USER_AGENT, limits=_limits(1))
        self.phone_numbers = PhoneNumbersResource(self)

    def send(self, call: Call[T], *, timeout: float | httpx.Timeout | Unset | None = UNSET) -> T:
        """Send a call, as the methods of the resources do.

        Raises:
            APIError: The call failed, and so did its retries.
        """
        result, _ = self._send(call, timeout)
        return result

    def send_raw(
        self, call: Call[T], *, timeout: float | httpx.Timeout | Unset | None = UNSET
    ) -> RawResponse[T]:
        """Send a call, and return its result together with the response.

        Calls are made by the functions in `linq_phone_numbers.api`, one for each operation.

        Raises:
            APIError: The call failed, and so did its retries.
        """
        result, response = self._send(call, timeout)
        response = self._without_token(response)
        return RawResponse(result, response, response.headers.get(_TRACE_ID))

    def _send(self, call: Call[T], timeout: float | httpx.Timeout | Unset | None) -> tuple[T, httpx.Response]:
        started = time.monotonic()
        try:
            return self._send_once(call, timeout)
        except errors.APIError as error:
            if not self._max_retries or not _may_pass(call, error):
                raise
            made = [error]

        # Here, since few calls need it, and importing it takes a tenth of the time that importing httpx does.
        from tenacity import Retrying  # noqa: PLC0415

        def attempt() -> tuple[T, httpx.Response]:
            if made:  # the first attempt is over
                raise made.pop()
            return self._send_once(call, timeout)

        answer: tuple[T, httpx.Response] = Retrying(**self._retries(call, started))(attempt)
        return answer

    def _send_once(
        self, call: Call[T], timeout: float | httpx.Timeout | Unset | None
    ) -> tuple[T, httpx.Response]:
        if self._http.is_closed:
            raise errors.APIError(f"{_name(call)} was not sent: the client is closed", call.operation)
        request = self._request(self._http, call, timeout)
        try:
            response = self._http.send(request, auth=None, follow_redirects=False)
        except Exception as error:  # noqa: BLE001 - transports and hooks of the user raise what they like
            raise self._connection_error(call, request, error) from error
        return self._result(call, response)

    def close(self) -> None:
        """Close the connections, unless they are those of the `http_client` that was passed."""
        if self._owned:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class AsyncLinqClient(_Client):
    """An asynchronous client of the API.

    Args:
        api_key: The token; without it, the environment variable `LINQ_API_V3_API_KEY`.
        base_url: Where the API is; without it, the environment variable `LINQ_API_V3_BASE_URL`,
            and without that https://api.linqapp.com/api/partner.
        http_client: An `httpx.AsyncClient` to send with, for proxies, transports or certificates of
            your own. Its settings hold, save that redirects are not followed, and closing it is up to you.
        timeout: Seconds, an `httpx.Timeout`, or None to wait for ever. Without it, 60 s and 5 s to connect,
            or the timeout of `http_client`.
        max_retries: How often a call is tried again after 429, 500, 503, 504 or a failed connection. A
            pause is as long as Retry-After says, or else grows from 1 s to 30 s.
        deadline: Seconds that a call may take with its retries: no pause begins that would end later, and
            the error is raised at once. None stands for no limit.

    Raises:
        InvalidInputError: There is no token, or the base URL is not one.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        http_client: httpx.AsyncClient | None = None,
        timeout: float | httpx.Timeout | Unset | None = UNSET,
        max_retries: int = DEFAULT_MAX_RETRIES,
        deadline: float | None = DEFAULT_DEADLINE,
    ) -> None:
        token = _Token(os.environ.get(API_KEY_VARIABLE) if api_key is None else api_key)
        del api_key  # an error may show the variables of this frame
        default = http_client.timeout if http_client else DEFAULT_TIMEOUT
        timeout = default if isinstance(timeout, Unset) else httpx.Timeout(timeout)
        super().__init__(token, base_url, timeout, max_retries, deadline)
        self._owned = http_client is None
        self._http = http_client or _AsyncPools()
        self.phone_numbers = AsyncPhoneNumbersResource(self)

    async def send(self, call: Call[T], *, timeout: float | httpx.Timeout | Unset | None = UNSET) -> T:
        """Send a call, as the methods of the resources do.

        Raises:
            APIError: The call failed, and so did its retries.
        """
        result, _ = await self._send(call, timeout)
        return result

    async def send_raw(
        self, call: Call[T], *, timeout: float | httpx.Timeout | Unset | None = UNSET
    ) -> RawResponse[T]:
        """Send a call, and return its result together with the response.

        Calls are made by the functions in `linq_phone_numbers.api`, one for each operation.

        Raises:
            APIError: The call failed, and so did its retries.
        """
        result, response = await self._send(call, timeout)
        response = self._without_token(response)
        return RawResponse(result, response, response.headers.get(_TRACE_ID))

    async def _send(
        self, call: Call[T], timeout: float | httpx.Timeout | Unset | None
    ) -> tuple[T, httpx.Response]:
        started = time.monotonic()
        try:
            return await self._send_once(call, timeout)
        except errors.APIError as error:
            if not self._max_retries or not _may_pass(call, error):
                raise
            made = [error]

        # Here, since few calls need it, and importing it takes a tenth of the time that importing httpx does.
        from tenacity import AsyncRetrying  # noqa: PLC0415

        async def attempt() -> tuple[T, httpx.Response]:
            if made:  # the first attempt is over
                raise made.pop()
            return await self._send_once(call, timeout)

        answer: tuple[T, httpx.Response] = await AsyncRetrying(**self._retries(call, started))(attempt)
        return answer

    async def _send_once(
        self, call: Call[T], timeout: float | httpx.Timeout | Unset | None
    ) -> tuple[T, httpx.Response]:
        if self._http.is_closed:
            raise errors.APIError(f"{_name(call)} was not sent: the client is closed", call.operation)
        request = self._request(self._http, call, timeout)
        try:
            response = await self._http.send(request, auth=None, follow_redirects=False)
        except Exception as error:  # noqa: BLE001 - transports and hooks of the user raise what they like
            raise self._connection_error(call, request, error) from error
        return self._result(call, response)

    async def aclose(self) -> None:
        """Close the connections, unless they are those of the `http_client` that was passed."""
        if self._owned:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


def aiohttp_client(
    *,
    proxy: str | httpx.Proxy | None = None,
    verify: ssl.SSLContext | bool = True,
    timeout: float | httpx.Timeout | None = DEFAULT_TIMEOUT,
) -> httpx.AsyncClient:
    """Return an `http_client` for `AsyncLinqClient` that sends over aiohttp, whose pool is faster.

    It runs on asyncio, not on trio, and closing it is up to you.

    Args:
        proxy: As for `httpx.AsyncClient`; without it, those of the environment.
        verify: As for `httpx.AsyncClient`.
        timeout: Seconds, an `httpx.Timeout`, or None to wait for ever.

    Raises:
        ImportError: The extra `aiohttp` of this package is not installed.
    """
    try:
        from aiohttp import ClientSession, DummyCookieJar, TCPConnector  # noqa: PLC0415 - an extra
        from httpx_aiohttp import AiohttpTransport, HttpxAiohttpClient  # noqa: PLC0415
    except ImportError as error:
        raise ImportError(
            f"aiohttp_client needs an extra, pip install 'linq-phone-numbers[aiohttp]': {error}",
            name=error.name,
        ) from error

    class Transport(AiohttpTransport):
        def get_client(self) -> ClientSession:
            connector = TCPConnector(
                limit=_MOST_CONNECTIONS, keepalive_timeout=self.limits.keepalive_expiry, ssl=self.ssl_context
            )
            return ClientSession(connector=connector, cookie_jar=DummyCookieJar())

    class AiohttpHttp(_Cookieless, HttpxAiohttpClient):
        def _init_transport(self, *_: Any, **settings: Any) -> httpx.AsyncBaseTransport:
            return Transport(**settings)

        def _init_proxy_transport(
            self, proxy: httpx.Proxy, *_: Any, **settings: Any
        ) -> httpx.AsyncBaseTransport:
            return Transport(proxy=proxy, **settings)

    return AiohttpHttp(headers=_USER_AGENT, proxy=proxy, verify=verify, timeout=timeout)


class _Cookieless:
    """An httpx client's cookies: none. The token says who asks, and looking for cookies takes a seventh of a call."""

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


class _SyncHttp(_Cookieless, httpx.Client):
    pass


class _AsyncHttp(_Cookieless, httpx.AsyncClient):
    pass


class _AsyncPools:
    """An `httpx.AsyncClient`, and further ones as calls get many, so that none has many connections.

    The pool of httpx looks at each of its connections several times for each request (encode/httpx
    issue 3215): with 50 in flight, many small pools send twice as many requests as a large one.
    """

    def __init__(self) -> None:
        self._context = httpx.create_ssl_context()
        self._in_flight: dict[httpx.AsyncClient, int] = {}
        self.headers = self._open().headers

    def _open(self) -> httpx.AsyncClient:
        pool = _AsyncHttp(verify=self._context, headers=_USER_AGENT, limits=_limits(_MOST_POOLS))
        self._in_flight[pool] = 0
        return pool

    @property
    def is_closed(self) -> bool:
        return all(pool.is_closed for pool in self._in_flight)

    async def send(self, request: httpx.Request, *, auth: None, follow_redirects: bool) -> httpx.Response:
        pool = min(self._in_flight, key=self._in_flight.__getitem__)
        is_busy = self._in_flight[pool] >= _MOST_CONNECTIONS // _MOST_POOLS // 2
        if is_busy and len(self._in_flight) < _MOST_POOLS:
            pool = self._open()
        self._in_flight[pool] += 1
        try:
            return await pool.send(request, auth=auth, follow_redirects=follow_redirects)
        finally:
            self._in_flight[pool] -= 1

    async def aclose(self) -> None:
        for pool in self._in_flight:
            await pool.aclose()


def _limits(pools: int) -> httpx.Limits:
    """Return the limits of each of so many pools; all of its connections are kept.

    By default httpx keeps 20: of more that are in use, it closes each as soon as its response is read.
    """
    most = _MOST_CONNECTIONS // pools
    return httpx.Limits(max_connections=most, max_keepalive_connections=most)


def _checked_url(base_url: str) -> str:
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, TypeError) as error:
        raise errors.InvalidInputError(
            f"The base URL (base_url or {BASE_URL_VARIABLE}) is no URL: {error}."
        ) from None
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query or url.fragment:
        raise errors.InvalidInputError(
            f"The base URL (base_url or {BASE_URL_VARIABLE}) must look like {DEFAULT_BASE_URL}: "
            "http or https, a host, perhaps a path, and nothing else."
        )
    return str(base_url).rstrip("/")


def _build_request(method: str, url: httpx.URL, *, timeout: httpx.Timeout, **parts: Any) -> httpx.Request:
    """Return what `build_request` of an httpx client does that has headers alone, which are merged already."""
    return httpx.Request(method, url, extensions={"timeout": timeout.as_dict()}, **parts)


_url = lru_cache(1000)(httpx.URL)  # parsing a URL takes a tenth of a call


def _may_pass(call: Call[Any], error: BaseException) -> bool:
    """Say whether the same request may succeed later, and does no harm when it is made twice."""
    if isinstance(error, errors.APIStatusError):
        return error.status_code in _RETRIED and (call.method in _IDEMPOTENT or error.status_code == 429)
    return isinstance(error, errors.APIConnectionError) and call.method in _IDEMPOTENT


def _pause(backoff: Callable[[RetryCallState], float], state: RetryCallState) -> float:
    """Return the seconds that the server asked for, or else those of the backoff."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, errors.APIStatusError) else None
    return backoff(state) if asked is None else float(asked)


def _log_pause(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    _log.info("%s Trying again in %.1f s.", error, state.upcoming_sleep)


def _name(call: Call[Any]) -> str:
    return f"{call.operation} ({call.method} {call.path})"


def _to_json(call: Call[Any]) -> bytes:
    try:
        return json.dumps(call.body, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise errors.InvalidInputError(f"{_name(call)} was not sent: its body is no JSON: {error}") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode


def _parse_json(response: httpx.Response) -> Any:
    """Return the JSON of a body, whatever its content type: what it holds decides."""
    try:
        return _decode(response.content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        sent_as = ascii(response.headers.get("Content-Type", "no content type"))
        raise errors.InvalidDataError(
            f"is not JSON ({sent_as})" if response.content else "is empty"
        ) from None


def _retry_after(response: httpx.Response, envelope: ErrorResponse | None) -> int | None:
    """Return the seconds to wait, from the header (RFC 9110, 10.2.3) or else from the body."""
    header = response.headers.get("Retry-After", "")
    seconds = envelope.error.retry_after if envelope else None
    if header.isdecimal() and len(header) < 10:
        seconds = int(header)
    elif header:
        with suppress(ValueError, OverflowError):
            seconds = ceil(parsedate_to_datetime(header).timestamp() - time.time())
    return min(max(seconds, 0), 10**9) if isinstance(seconds, int) else None


def _replaced(value: Any, old: str, new: str) -> Any:
    """Return JSON with a text replaced in all of its strings."""
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, list):
        return [_replaced(item, old, new) for item in cast("Sequence[Any]", value)]
    if isinstance(value, dict):
        return {key: _replaced(item, old, new) for key, item in cast("dict[str, Any]", value).items()}
    return value


def _forget_frames(error: BaseException | None) -> None:
    """Take the frames off an error and its causes: their variables hold what was sent, the token included."""
    while error:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__
