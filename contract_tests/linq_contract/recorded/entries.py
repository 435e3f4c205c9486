"""What a recording has of one exchange, with all of its secrets; `tokens` takes them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from linq_contract.http.compression import GZIP, ZLIB, inflated
from linq_contract.http.excess import ExcessError, Limits

_CODINGS = {"gzip": GZIP, "x-gzip": GZIP, "deflate": ZLIB}
_LIMITS = Limits()
_FROM_A_CACHE = 304  # RFC 9110: what a client has already

Headers = tuple[tuple[str, str], ...]


class RecordingError(ValueError):
    """A file is not a recording that can be read; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What answered a request. `body` is None where the recording did not keep it."""

    status: int
    headers: Headers = field(repr=False)
    body: bytes | None = field(repr=False)


@dataclass(frozen=True)
class Entry:
    """A request and its answer, None where there was none, as they were recorded.

    `body` is None for a request without one, and for one whose body was not kept; then `lacks_body`.
    `began` and `ended` are in seconds of one clock. `place` says where in which file it stands.
    """

    place: str
    method: str
    url: str = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes | None = field(repr=False)
    answer: Answer | None
    began: float
    ended: float
    lacks_body: bool = False
    is_from_cache: bool = False

    @property
    def source(self) -> str:
        """The file it stands in."""
        return self.place.partition(": ")[0]

    @property
    def status(self) -> int | None:
        return self.answer.status if self.answer is not None else None

    @cached_property
    def authorization(self) -> str | None:
        """The value of Authorization; None where there is none."""
        return header(self.headers, "Authorization")

    @property
    def is_of_a_cache(self) -> bool:
        """Whether a cache has answered, and not the server."""
        if self.answer is None:
            return self.is_from_cache
        has_age = header(self.answer.headers, "Age") is not None
        return self.is_from_cache or has_age or self.answer.status == _FROM_A_CACHE


def header(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    """The value of the first header of that name, in any letter case."""
    sought = name.lower()
    return next((value for key, value in headers if key.lower() == sought), None)


def in_plain(answer: Answer) -> Answer:
    """An answer that has just come, as `decoded` has it; without its body if its coding is unknown."""
    return decoded(answer) if _coding(answer) in {*_CODINGS, "identity"} else replace(answer, body=None)


def decoded(answer: Answer) -> Answer:
    """The answer with its content coding undone, without its body where that is more than is read.

    It is as it was where it does not have the coding that it claims: most recorders undo it themselves.
    """
    coding = _coding(answer)
    if not answer.body or coding not in _CODINGS:
        return answer
    try:
        return replace(answer, body=inflated(answer.body, _CODINGS[coding], _LIMITS))
    except ExcessError:
        return replace(answer, body=None)


def _coding(answer: Answer) -> str:
    return (header(answer.headers, "Content-Encoding") or "identity").strip().lower()
