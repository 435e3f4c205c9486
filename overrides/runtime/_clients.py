"""The clients, sync and async, without the resources that a document gives them."""

from __future__ import annotations

import os
import time
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx

from . import _answers, _retries, errors
from ._contract import API_KEY_VARIABLE, BASE_URL_VARIABLE, DEFAULT_BASE_URL
from ._pools import DEFAULT_TIMEOUT, AsyncPools, sync_pool
from ._redaction import Token
from ._requests import Requests, checked_url, name
from .types import UNSET, Call, RawResponse, Unset

T = TypeVar("T")
Timeout = float | httpx.Timeout | Unset | None

DEFAULT_MAX_RETRIES: Final = 2
DEFAULT_DEADLINE: Final = 180.0


class _Client:
    """What both clients have in common: everything but the sending."""

    def __init__(
        self,
        token: Token,
        base_url: str | None,
        timeout: httpx.Timeout,
        max_retries: int,
        deadline: float | None,
    ) -> None:
        self._token = token.checked()
        default = os.environ.get(BASE_URL_VARIABLE) or DEFAULT_BASE_URL
        self._base_url = checked_url(default if base_url is None else base_url)
        self._timeout = timeout
        self._max_retries = max_retries
        self._deadline = deadline
        # As httpx.Headers, which do not show the token when they are printed.
        headers = httpx.Headers({"Authorization": f"Bearer {token.value}", "Accept": "application/json"})
        self._requests = Requests(self._base_url, headers)

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

    def _timeout_of(self, timeout: Timeout) -> httpx.Timeout:
        return self._timeout if isinstance(timeout, Unset) else httpx.Timeout(timeout)

    def _until(self) -> float | None:
        return None if self._deadline is None else time.monotonic() + self._deadline

    def _may_try_again(self, call: Call[Any], error: errors.APIError) -> bool:
        return self._max_retries > 0 and _retries.may_pass(call, error)

    def _raw(self, result: T, response: httpx.Response) -> RawResponse[T]:
        response = self._token.redacted_response(response)
        return RawResponse(result, response, _answers.trace_id(response))


class SyncClient(_Client):
    """A synchronous client without resources."""

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        http_client: httpx.Client | None = None,
        timeout: Timeout = UNSET,
        max_retries: int = DEFAULT_MAX_RETRIES,
        deadline: float | None = DEFAULT_DEADLINE,
    ) -> None:
        token = Token(os.environ.get(API_KEY_VARIABLE) if api_key is None else api_key)
        del api_key  # an error may show the variables of this frame
        default = http_client.timeout if http_client else DEFAULT_TIMEOUT
        timeout = default if isinstance(timeout, Unset) else httpx.Timeout(timeout)
        super().__init__(token, base_url, timeout, max_retries, deadline)
        self._owned = http_client is None
        self._http = http_client or sync_pool()

    def send(self, call: Call[T], *, timeout: Timeout = UNSET) -> T:
        """Send a call, as the methods of the resources do.

        Raises:
            APIError: The call failed, and so did its retries.

        """
        result, _ = self._send(call, timeout)
        return result

    def send_raw(self, call: Call[T], *, timeout: Timeout = UNSET) -> RawResponse[T]:
        """Send a call, and return its result together with the response.

        Calls are made by the functions in `api`, one for each operation.

        Raises:
            APIError: The call failed, and so did its retries.

        """
        return self._raw(*self._send(call, timeout))

    def _send(self, call: Call[T], timeout: Timeout) -> tuple[T, httpx.Response]:
        until = self._until()
        try:
            return self._send_once(call, timeout)
        except errors.APIError as error:
            if not self._may_try_again(call, error):
                raise
            made = [error]

        from tenacity import Retrying  # noqa: PLC0415 - see _retries

        def attempt() -> tuple[T, httpx.Response]:
            if made:  # the first attempt is over
                raise made.pop()
            return self._send_once(call, timeout)

        answer: tuple[T, httpx.Response] = Retrying(**_retries.policy(call, self._max_retries, until))(
            attempt
        )
        return answer

    def _send_once(self, call: Call[T], timeout: Timeout) -> tuple[T, httpx.Response]:
        if self._http.is_closed:
            raise errors.APIError(f"{name(call)} was not sent: the client is closed", call.operation)
        request = self._requests.build(self._http, call, self._timeout_of(timeout))
        try:
            response = self._http.send(request, auth=None, follow_redirects=False)
        except Exception as error:
            raise _answers.connection_error(call, self._base_url, request, error) from error
        return _answers.result(call, response, self._token), response

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


class AsyncClient(_Client):
    """An asynchronous client without resources."""

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        http_client: httpx.AsyncClient | None = None,
        timeout: Timeout = UNSET,
        max_retries: int = DEFAULT_MAX_RETRIES,
        deadline: float | None = DEFAULT_DEADLINE,
    ) -> None:
        token = Token(os.environ.get(API_KEY_VARIABLE) if api_key is None else api_key)
        del api_key  # an error may show the variables of this frame
        default = http_client.timeout if http_client else DEFAULT_TIMEOUT
        timeout = default if isinstance(timeout, Unset) else httpx.Timeout(timeout)
        super().__init__(token, base_url, timeout, max_retries, deadline)
        self._owned = http_client is None
        self._http = http_client or AsyncPools()

    async def send(self, call: Call[T], *, timeout: Timeout = UNSET) -> T:  # noqa: ASYNC109
        """Send a call, as the methods of the resources do.

        Raises:
            APIError: The call failed, and so did its retries.

        """
        result, _ = await self._send(call, timeout)
        return result

    async def send_raw(self, call: Call[T], *, timeout: Timeout = UNSET) -> RawResponse[T]:  # noqa: ASYNC109
        """Send a call, and return its result together with the response.

        Calls are made by the functions in `api`, one for each operation.

        Raises:
            APIError: The call failed, and so did its retries.

        """
        return self._raw(*await self._send(call, timeout))

    async def _send(self, call: Call[T], timeout: Timeout) -> tuple[T, httpx.Response]:  # noqa: ASYNC109
        until = self._until()
        try:
            return await self._send_once(call, timeout)
        except errors.APIError as error:
            if not self._may_try_again(call, error):
                raise
            made = [error]

        from tenacity import AsyncRetrying  # noqa: PLC0415 - see _retries

        async def attempt() -> tuple[T, httpx.Response]:
            if made:  # the first attempt is over
                raise made.pop()
            return await self._send_once(call, timeout)

        retrying = AsyncRetrying(**_retries.policy(call, self._max_retries, until))
        answer: tuple[T, httpx.Response] = await retrying(attempt)
        return answer

    async def _send_once(self, call: Call[T], timeout: Timeout) -> tuple[T, httpx.Response]:  # noqa: ASYNC109
        if self._http.is_closed:
            raise errors.APIError(f"{name(call)} was not sent: the client is closed", call.operation)
        request = self._requests.build(self._http, call, self._timeout_of(timeout))
        try:
            response = await self._http.send(request, auth=None, follow_redirects=False)
        except Exception as error:
            raise _answers.connection_error(call, self._base_url, request, error) from error
        return _answers.result(call, response, self._token), response

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
