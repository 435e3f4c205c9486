# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""The clients, sync and async, without the resources that a document gives them."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self, TypeVar, Unpack, overload

import httpx

from . import _answers, _checks, _credentials, _json, _retries, errors
from ._attempts import Attempts
from ._contract import MAIN_SCHEME
from ._lazy import without_resources
from ._pools import AsyncPools, Given, SyncPool
from ._redaction import Token
from ._requests import Requests, name
from ._settings import DEFAULT_DEADLINE, DEFAULT_MAX_RETRIES, Settings, Timeout
from .types import UNSET, Call, CallOptions, ClientOptions, RawResponse, Unset

T = TypeVar("T")

SyncKey = str | Callable[[], str] | None
AsyncKey = str | Callable[[], str | Awaitable[str]] | None

_NO_HEADERS: Final[Mapping[str, str]] = {}


class _Answer:
    """What an attempt brought, and the token that it was made with."""

    def __init__(self, result: Any, response: httpx.Response, token: Token) -> None:
        self.result = result
        self.response = response
        self.token = token


class _Client:
    """What both clients have in common: everything but the sending."""

    _settings: Settings
    _requests: Requests

    def _set(self, settings: Settings) -> None:
        self._settings = settings
        self._requests = Requests(settings)

    def __repr__(self) -> str:
        # With a default, since a traceback may show a client that was not completed.
        settings = getattr(self, "_settings", None)
        return f"{type(self).__name__}(base_url={settings and settings.base_url!r})"

    def __getstate__(self) -> object:
        raise TypeError(
            f"{type(self).__name__} holds a token and connections, and is not to be copied or pickled. "
            "Its method with_options makes another one that shares its connections."
        )

    @property
    def base_url(self) -> str:
        """What the paths of the contract are appended to."""
        return self._settings.base_url

    @property
    def default_headers(self) -> Mapping[str, str]:
        """The headers that were set for all calls."""
        return dict(self._settings.headers)

    @property
    def timeout(self) -> httpx.Timeout:
        """How long a call waits for each step, which is a connection, to send a piece, or to receive one."""
        return self._settings.timeout

    @property
    def max_retries(self) -> int:
        """How often a call is tried again."""
        return self._settings.max_retries

    @property
    def deadline(self) -> float | None:
        """The seconds that a call may take, with its retries; None for no limit."""
        return self._settings.deadline

    def _changed(self, changes: ClientOptions) -> Settings:
        _checks.names("with_options", changes, ClientOptions)
        settings = _checks.changed(self._settings, changes)
        headers = _checks.headers("default_headers", changes.get("default_headers", _NO_HEADERS))
        return settings.replaced(headers={**settings.headers, **headers})

    def _checked(self, token: Token) -> Token | Callable[[], Any]:
        return _checks.token(token, self._settings.credentials)

    def _schemes(self, call: Call[Any]) -> tuple[str, ...]:
        """Return the security schemes that a call is sent with."""
        return _credentials.needed(call, self._settings.token, self._settings.credentials)

    def _check(self, call: Call[Any], pool: SyncPool | AsyncPools | Given[Any]) -> None:
        if pool.is_closed:
            raise _closed(call)
        if isinstance(pool, Given):
            pool.is_used = True
            if pool.is_of_another_process:
                raise errors.APIError(
                    f"{name(call)} was not sent: http_client was used before this process was forked, and "
                    "its connections are those of the other process. Make the httpx client after the fork.",
                    operation=call.operation,
                )

    def _may_try_again(self, call: Call[Any], attempts: Attempts, error: errors.APIError) -> bool:
        return attempts.max_retries > 0 and _retries.may_pass(call, error)

    def _failure(
        self, call: Call[Any], request: httpx.Request, error: Exception, token: Token, *, is_closed: bool
    ) -> errors.APIError | None:
        """Return the error that one of httpx becomes; None when it is not ours to explain."""
        if isinstance(error, httpx.HTTPError | httpx.InvalidURL) or _is_of_idna(error):
            return _answers.failure(call, request, error, token)
        return _closed(call) if is_closed else None


def _is_of_idna(error: Exception) -> bool:
    """Whether httpx let an error of idna pass, which it does for the name of a host after a redirect."""
    return type(error).__module__.partition(".")[0] == "idna"


def _closed(call: Call[Any]) -> errors.APIError:
    return errors.APIError(f"{name(call)} was not sent: the client is closed.", operation=call.operation)


def _raw(answer: _Answer, attempts: Attempts) -> RawResponse[Any]:
    response = answer.token.redacted_response(answer.response)
    identity = _answers.trace_id(response)
    return RawResponse(answer.result, response, identity, attempts.made, attempts.seconds())


def _call(
    method: str, path: str, query: Mapping[str, Any] | None, body: Any, parse: Callable[[Any], T]
) -> Call[T]:
    if not path.startswith("/") or {".", ".."} & set(path.split("/")) or "?" in path or "#" in path:
        raise errors.InvalidInputError(
            f"The path {path!r} must begin with a slash, and have neither dots as steps nor a query."
        )
    checked = None if query is None else _checks.query("query", query)
    return Call("request", method.upper(), path, parse, query=checked, body=body, read=_json.parse_if_any)


def _as_it_is(value: Any) -> Any:
    return value


class SyncClient(_Client):
    """A synchronous client without resources."""

    def __init__(
        self,
        api_key: SyncKey = None,
        base_url: str | httpx.URL | None = None,
        *,
        http_client: httpx.Client | None = None,
        credentials: Mapping[str, str] = _NO_HEADERS,
        default_headers: Mapping[str, str] = _NO_HEADERS,
        timeout: Timeout = UNSET,
        max_retries: int = DEFAULT_MAX_RETRIES,
        deadline: float | None = DEFAULT_DEADLINE,
    ) -> None:
        given = Token(api_key)
        del api_key  # an error may show the variables of this frame
        others = _credentials.others(credentials)
        token = _checks.token(given, others)
        _checks.http_client(http_client, httpx.Client)
        self._set(
            Settings(
                token,
                _checks.base_url(base_url),
                _checks.headers("default_headers", default_headers),
                _checks.timeout_with(http_client) if isinstance(timeout, Unset) else _checks.timeout(timeout),
                _checks.max_retries(max_retries),
                _checks.deadline(deadline),
                others,
            )
        )
        self._pool = SyncPool() if http_client is None else Given(http_client)
        self._is_owner = True

    @property
    def is_closed(self) -> bool:
        """Whether the connections are closed, so that no call can be made."""
        return self._pool.is_closed

    def with_options(self, *, api_key: SyncKey = None, **changes: Unpack[ClientOptions]) -> Self:
        """Return a client that has other settings and shares the connections, which this one closes.

        Args:
            api_key: The token, or a function that is asked for it for each request.
            changes: As for the client itself; `default_headers` are added to those of this client.

        Raises:
            InvalidInputError: A setting is none.

        """
        given = Token(api_key)
        del api_key  # an error may show the variables of this frame
        token = self._settings.token if given.value is None else self._checked(given)
        client = object.__new__(type(self))
        vars(client).update(without_resources(self))
        client._set(self._changed(changes).replaced(token=token))
        client._is_owner = False
        return client

    def send(self, call: Call[T], **options: Unpack[CallOptions]) -> T:
        """Send a call, as the methods of the resources do.

        Raises:
            APIError: The call failed, and so did its retries.

        """
        result: T = self._answer(call, Attempts(self._settings, options)).result
        return result

    def send_raw(self, call: Call[T], **options: Unpack[CallOptions]) -> RawResponse[T]:
        """Send a call, and return its result together with the response.

        Calls are made by the functions in `api`, one for each operation.

        Raises:
            APIError: The call failed, and so did its retries.

        """
        attempts = Attempts(self._settings, options)
        return _raw(self._answer(call, attempts), attempts)

    @overload
    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = UNSET,
        **options: Unpack[CallOptions],
    ) -> Any: ...

    @overload
    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = UNSET,
        parse: Callable[[Any], T],
        **options: Unpack[CallOptions],
    ) -> T: ...

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = UNSET,
        parse: Callable[[Any], Any] = _as_it_is,
        **options: Unpack[CallOptions],
    ) -> Any:
        """Send a request that the contract does not name.

        Args:
            method: The HTTP method.
            path: The path below the base URL.
            query: The parameters of the URL.
            body: What is sent as JSON; nothing when UNSET.
            parse: Makes the result out of the JSON of the response, such as `from_dict` of a model. Without
                it, the JSON is returned as it is, and None for an empty body.
            options: As for every call.

        Raises:
            InvalidInputError: The path or the query is none, or the body is no JSON.
            APIError: The call failed, and so did its retries.

        """
        return self.send(_call(method, path, query, body, parse), **options)

    def _answer(self, call: Call[Any], attempts: Attempts) -> _Answer:
        try:
            return self._attempt(call, attempts)
        except errors.APIError as error:
            if not self._may_try_again(call, attempts, error):
                attempts.told(error)
                raise
            first = [error]

        from tenacity import Retrying  # noqa: PLC0415 - see _retries

        def attempt() -> _Answer:
            if first:  # the first attempt is over
                raise first.pop()
            return self._attempt(call, attempts)

        try:
            answer: _Answer = Retrying(**_retries.policy(call, attempts))(attempt)
        except errors.APIError as error:
            last = attempts.told(error)
        else:
            return answer
        raise last.with_traceback(None)  # without the frames of tenacity

    def _attempt(self, call: Call[Any], attempts: Attempts) -> _Answer:
        pool = self._pool
        self._check(call, pool)
        schemes = self._schemes(call)
        token = self._token(schemes)
        http = pool.http if isinstance(pool, Given) else pool.borrow()
        request = self._requests.build(http, call, attempts, token, schemes)
        attempts.made += 1
        try:
            response = http.send(request, stream=True, auth=pool.auth, follow_redirects=False)
            try:
                response.stream = attempts.bounded(response)
                response.read()
            finally:
                response.close()
        except Exception as error:
            failure = self._failure(call, request, error, token, is_closed=pool.is_closed)
            if failure is None:
                raise  # an error of a transport or a hook of the user, or one of ours: it says what is wrong
            raise failure from error
        return _Answer(_answers.result(call, response, token), response, token)

    def _token(self, schemes: tuple[str, ...]) -> Token:
        token, others = self._settings.token, self._settings.credentials
        if isinstance(token, Token):
            return token
        if MAIN_SCHEME not in schemes:
            return Token("", others)
        asked = Token(token(), others)
        if inspect.iscoroutine(asked.value):
            asked.value.close()  # the error says enough, without the warning that it was never awaited
        return asked.checked()

    def close(self) -> None:
        """Close the connections, unless they are those of an `http_client` or of another client."""
        if self._is_owner and isinstance(self._pool, SyncPool):
            self._pool.close()

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
        api_key: AsyncKey = None,
        base_url: str | httpx.URL | None = None,
        *,
        http_client: httpx.AsyncClient | None = None,
        credentials: Mapping[str, str] = _NO_HEADERS,
        default_headers: Mapping[str, str] = _NO_HEADERS,
        timeout: Timeout = UNSET,
        max_retries: int = DEFAULT_MAX_RETRIES,
        deadline: float | None = DEFAULT_DEADLINE,
    ) -> None:
        given = Token(api_key)
        del api_key  # an error may show the variables of this frame
        others = _credentials.others(credentials)
        token = _checks.token(given, others)
        _checks.http_client(http_client, httpx.AsyncClient)
        self._set(
            Settings(
                token,
                _checks.base_url(base_url),
                _checks.headers("default_headers", default_headers),
                _checks.timeout_with(http_client) if isinstance(timeout, Unset) else _checks.timeout(timeout),
                _checks.max_retries(max_retries),
                _checks.deadline(deadline),
                others,
            )
        )
        self._pool = AsyncPools() if http_client is None else Given(http_client)
        self._is_owner = True

    @property
    def is_closed(self) -> bool:
        """Whether the connections are closed, so that no call can be made."""
        return self._pool.is_closed

    def with_options(self, *, api_key: AsyncKey = None, **changes: Unpack[ClientOptions]) -> Self:
        """Return a client that has other settings and shares the connections, which this one closes.

        Args:
            api_key: The token, or a function, asynchronous or not, that is asked for it for each request.
            changes: As for the client itself; `default_headers` are added to those of this client.

        Raises:
            InvalidInputError: A setting is none.

        """
        given = Token(api_key)
        del api_key  # an error may show the variables of this frame
        token = self._settings.token if given.value is None else self._checked(given)
        client = object.__new__(type(self))
        vars(client).update(without_resources(self))
        client._set(self._changed(changes).replaced(token=token))
        client._is_owner = False
        return client

    async def send(self, call: Call[T], **options: Unpack[CallOptions]) -> T:
        """Send a call, as the methods of the resources do.

        Raises:
            APIError: The call failed, and so did its retries.

        """
        result: T = (await self._answer(call, Attempts(self._settings, options))).result
        return result

    async def send_raw(self, call: Call[T], **options: Unpack[CallOptions]) -> RawResponse[T]:
        """Send a call, and return its result together with the response.

        Calls are made by the functions in `api`, one for each operation.

        Raises:
            APIError: The call failed, and so did its retries.

        """
        attempts = Attempts(self._settings, options)
        return _raw(await self._answer(call, attempts), attempts)

    @overload
    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = UNSET,
        **options: Unpack[CallOptions],
    ) -> Any: ...

    @overload
    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = UNSET,
        parse: Callable[[Any], T],
        **options: Unpack[CallOptions],
    ) -> T: ...

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = UNSET,
        parse: Callable[[Any], Any] = _as_it_is,
        **options: Unpack[CallOptions],
    ) -> Any:
        """Send a request that the contract does not name.

        Args:
            method: The HTTP method.
            path: The path below the base URL.
            query: The parameters of the URL.
            body: What is sent as JSON; nothing when UNSET.
            parse: Makes the result out of the JSON of the response, such as `from_dict` of a model. Without
                it, the JSON is returned as it is, and None for an empty body.
            options: As for every call.

        Raises:
            InvalidInputError: The path or the query is none, or the body is no JSON.
            APIError: The call failed, and so did its retries.

        """
        return await self.send(_call(method, path, query, body, parse), **options)

    async def _answer(self, call: Call[Any], attempts: Attempts) -> _Answer:
        try:
            return await self._attempt(call, attempts)
        except errors.APIError as error:
            if not self._may_try_again(call, attempts, error):
                attempts.told(error)
                raise
            first = [error]

        from tenacity import AsyncRetrying  # noqa: PLC0415 - see _retries

        async def attempt() -> _Answer:
            if first:  # the first attempt is over
                raise first.pop()
            return await self._attempt(call, attempts)

        try:
            answer: _Answer = await AsyncRetrying(**_retries.policy(call, attempts))(attempt)
        except errors.APIError as error:
            last = attempts.told(error)
        else:
            return answer
        raise last.with_traceback(None)  # without the frames of tenacity

    async def _attempt(self, call: Call[Any], attempts: Attempts) -> _Answer:
        pool = self._pool
        self._check(call, pool)
        schemes = self._schemes(call)
        token = await self._token(call, schemes, attempts)
        http = pool.http if isinstance(pool, Given) else await pool.borrow()
        request = self._requests.build(http, call, attempts, token, schemes)
        attempts.made += 1
        try:
            response = await self._exchange(http, request, attempts)
        except Exception as error:
            failure = self._failure(call, request, error, token, is_closed=pool.is_closed)
            if failure is None:
                raise  # an error of a transport or a hook of the user, or one of ours: it says what is wrong
            raise failure from error
        finally:
            if not isinstance(pool, Given):
                pool.give_back(http)
        return _Answer(_answers.result(call, response, token), response, token)

    async def _exchange(
        self, http: httpx.AsyncClient, request: httpx.Request, attempts: Attempts
    ) -> httpx.Response:
        from anyio import move_on_after  # noqa: PLC0415 - httpx imports it when it connects

        with move_on_after(attempts.left()):
            return await http.send(request, auth=self._pool.auth, follow_redirects=False)
        raise attempts.too_late(request)

    async def _token(self, call: Call[Any], schemes: tuple[str, ...], attempts: Attempts) -> Token:
        token, others = self._settings.token, self._settings.credentials
        if isinstance(token, Token):
            return token
        if MAIN_SCHEME not in schemes:
            return Token("", others)
        asked = Token(token(), others)
        if inspect.isawaitable(asked.value):
            await self._await(call, asked, attempts)
        return asked.checked()

    async def _await(self, call: Call[Any], token: Token, attempts: Attempts) -> None:
        from anyio import move_on_after  # noqa: PLC0415 - httpx imports it when it connects

        with move_on_after(attempts.left()):
            token.value = await token.value
            self._check(call, self._pool)  # it may have been closed meanwhile
            return
        raise errors.APITimeoutError(
            f"{name(call)} was not sent: {attempts.deadline_reached()} before api_key gave a token.",
            operation=call.operation,
        )

    async def aclose(self) -> None:
        """Close the connections, unless they are those of an `http_client` or of another client."""
        if self._is_owner and isinstance(self._pool, AsyncPools):
            await self._pool.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
