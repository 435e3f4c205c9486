# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""What calls are made of, and what stands for absence."""

# No annotations from __future__: as texts, those of tuples and dicts would be compiled at import, one by one.

from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, NamedTuple, NoReturn, Self, TypedDict, TypeVar

import httpx

from . import _json
from ._contract import SECURITY

T = TypeVar("T")


if TYPE_CHECKING:

    class Unset(Enum):
        """The type of `UNSET`, which stands for what is absent; null is None."""

        UNSET = ()  # as the only member, since type checkers narrow enums alone by `is`

        def __bool__(self) -> Literal[False]: ...

else:

    class Unset:
        """The type of `UNSET`, which stands for what is absent; null is None.

        It is false, and is asked for with `is UNSET`. It has no text, so that it does not pass for data, and
        is no enum, since whatever stores enums would store it.
        """

        __slots__ = ()

        def __new__(cls) -> Self:
            return UNSET

        def __bool__(self) -> Literal[False]:
            return False

        def __repr__(self) -> str:
            return "UNSET"

        def __str__(self) -> NoReturn:
            raise TypeError(
                "UNSET stands for what is absent and has no text: ask whether a value `is UNSET`."
            )

        def __format__(self, _: str) -> NoReturn:
            str(self)

        def __reduce__(self) -> str:
            return "UNSET"

    Unset.UNSET = object.__new__(Unset)


UNSET: Final = Unset.UNSET


class ClientOptions(TypedDict, total=False):
    """What `with_options` changes besides the token.

    Attributes:
        base_url: Replaces the base URL of the client, unless it is None.
        default_headers: Headers to add to those of the client; they replace those of the same names.
        timeout: Replaces the timeout: seconds, an `httpx.Timeout`, or None to wait for ever.
        max_retries: Replaces the `max_retries`.
        deadline: Replaces the deadline: seconds, or None for no limit.

    """

    base_url: str | httpx.URL | None
    default_headers: Mapping[str, str]
    timeout: float | httpx.Timeout | Unset | None
    max_retries: int
    deadline: float | None


class CallOptions(TypedDict, total=False):
    """What every call takes besides the arguments of its operation, for itself alone.

    Attributes:
        extra_headers: Headers to send; they replace those of the same names.
        extra_query: Parameters to add to the URL.
        timeout: Replaces the timeout of the client: seconds, an `httpx.Timeout`, or None to wait for ever.
        max_retries: Replaces the `max_retries` of the client.
        deadline: Replaces the deadline of the client: seconds, or None for no limit.

    """

    extra_headers: Mapping[str, str]
    extra_query: Mapping[str, Any]
    timeout: float | httpx.Timeout | Unset | None
    max_retries: int
    deadline: float | None


class Call(NamedTuple, Generic[T]):
    """One call of an operation, its arguments checked, ready to be sent by a client."""

    operation: str
    """The operation id of the contract."""

    method: str
    path: str
    """The path below the base URL, with its parameters filled in."""

    parse: Callable[[Any], T] | None
    """Makes the result out of what `read` returns; None when nothing comes back."""

    query: Mapping[str, Any] | None = None
    headers: Mapping[str, str] | None = None
    body: Any = UNSET
    """What is sent: JSON, or content that is written already; nothing when UNSET."""

    echoes: Mapping[str, str] = MappingProxyType({})
    """What the answer repeats, by its JSON Pointers: with another text it is the answer to something else."""

    read: Callable[[httpx.Response], Any] = _json.parse
    """Takes out of the response what `parse` is given."""

    security: tuple[tuple[str, ...], ...] = SECURITY
    """The alternatives of security schemes that it may be sent with; an empty one stands for none."""

    server: str = ""
    """Where it is sent instead of the base URL, unless the client was given one of its own."""


class Content:
    """A body that is written already, with its media type."""

    def __init__(self, media_type: str, content: bytes) -> None:
        self.media_type = media_type
        self.content = content


class Written(str):
    """A value of the query as it stands in a URL, encoded where it has to be."""

    __slots__ = ()


class RawResponse(NamedTuple, Generic[T]):
    """The result of a call, and the response that it was read from."""

    result: T
    """What the call returns by itself."""

    response: httpx.Response
    """The response, its body read; the token is not in it."""

    trace_id: str | None
    """What identifies the response to support; None when the server sent nothing."""

    tries: int = 1
    """How often the request was sent."""

    seconds: float = 0.0
    """How long that took, with the pauses."""
