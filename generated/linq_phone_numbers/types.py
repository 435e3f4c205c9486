# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""What calls are made of, and what stands for absence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar

import httpx

T = TypeVar("T")


class Unset(Enum):
    """The type of `UNSET`, which stands for what is absent; null is None."""

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET


class Call(NamedTuple, Generic[T]):
    """One call of an operation, its arguments checked, ready to be sent by a client."""

    operation: str
    """The operation id of the contract."""

    method: str
    path: str
    """The path below the base URL, with its parameters filled in."""

    parse: Callable[[Any], T] | None
    """Makes the result out of the JSON of the response; None when nothing comes back."""

    query: Mapping[str, Any] | None = None
    headers: Mapping[str, str] | None = None
    body: Any = UNSET
    """What is sent as JSON; nothing when UNSET."""


class RawResponse(NamedTuple, Generic[T]):
    """The result of a call, and the response that it was read from."""

    result: T
    response: httpx.Response
    trace_id: str | None
    """What identifies the response to support; None when the server sent nothing."""
