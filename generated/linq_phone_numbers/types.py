# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""What models and operations are made of: absence, models, calls, and readers of JSON."""

from __future__ import annotations

import datetime
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import wraps
from math import isfinite
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Final,
    Generic,
    Literal,
    NamedTuple,
    NoReturn,
    TypeVar,
    cast,
)

from .errors import InvalidDataError, InvalidInputError

if TYPE_CHECKING:
    import httpx
    from typing_extensions import deprecated as deprecated
else:

    def deprecated(message):
        """Mark a function as in PEP 702, which Python itself offers from 3.13 on."""

        def mark(function):
            @wraps(function)
            def warn(*args, **kwargs):
                warnings.warn(message, DeprecationWarning, stacklevel=2)
                return function(*args, **kwargs)

            warn.__deprecated__ = message
            return warn

        return mark


T = TypeVar("T")


class Unset(Enum):
    """The type of `UNSET`, which stands for what is absent; null is None."""

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET


class Model:
    """A JSON object of the contract. Models are equal when they stand for the same JSON."""

    __slots__ = ("_additional",)

    _names: ClassVar[Mapping[str, str]] = {}
    """The attribute of each property that the contract names."""

    _additional: dict[str, Any] | None

    @property
    def additional_properties(self) -> Mapping[str, Any]:
        """The properties that the server sent and the contract does not name, as they came."""
        return self._additional or {}

    def to_dict(self) -> dict[str, Any]:
        """Return the model as JSON: with null where it is None, and without what is UNSET."""
        values = ((name, getattr(self, attribute)) for name, attribute in self._names.items())
        return {name: to_json(value) for name, value in values if value is not UNSET} | (
            self._additional or {}
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and type(self) is type(other) and self.to_dict() == other.to_dict()

    def __repr__(self) -> str:
        # With defaults, since a traceback may show a model that is not completely read.
        values = {
            attribute.lstrip("_"): getattr(self, attribute, UNSET) for attribute in self._names.values()
        }
        if additional := getattr(self, "_additional", None):
            values["additional_properties"] = additional
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in values.items())})"


class SharedModel(Model):
    """A model of few words that come again and again: equal ones are one object, and cannot be changed."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is shared by all that is equal, and cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is shared by all that is equal, and cannot be changed")

    def __setstate__(self, state: tuple[None, dict[str, Any]]) -> None:
        for name, value in state[1].items():
            object.__setattr__(self, name, value)


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


def to_json(value: Any) -> Any:
    """Return a model, an enum, a date, a uuid, or a list of these, as JSON."""
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, list | tuple):
        return [to_json(item) for item in cast("Sequence[Any]", value)]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime.date):
        return value.isoformat()
    # By its name: importing uuid takes longer than importing all models.
    return str(value) if type(value).__name__ == "UUID" else value


def without_unset(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are set, as JSON."""
    return {name: to_json(value) for name, value in values.items() if value is not UNSET}


def checked(name: str, value: Any, read: Callable[[Any], Any], description: str = "") -> Any:
    """Return an argument as JSON.

    Raises:
        InvalidInputError: `read` refuses the value.
    """
    if value is UNSET:
        return value
    value = to_json(value)
    try:
        read(value)
    except InvalidDataError as error:
        place = f"{name}{error.pointer}"
        raise InvalidInputError(f"{place} {error.reason}. {description}".rstrip()) from None
    return value


def mismatch(value: object, expected: str) -> InvalidDataError:
    """Return the error of a value that is not what the contract says."""
    if value is None:
        return InvalidDataError(f"is null, not {expected}")
    shown = ascii(value) if isinstance(value, str | int | float) else type(value).__name__
    return InvalidDataError(f"is not {expected}: {shown if len(shown) <= 80 else shown[:77] + '...'}")


def as_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise mismatch(value, "an object")
    return cast("dict[str, Any]", value)


def as_list(value: Any, read: Callable[[Any], T]) -> list[T]:
    if not isinstance(value, list):
        raise mismatch(value, "an array")
    items: list[T] = []
    try:
        for item in cast("Sequence[Any]", value):
            items.append(read(item))
    except InvalidDataError as error:
        raise error.inside(len(items)) from None
    return items


def as_string(value: Any) -> str:
    if not isinstance(value, str):
        raise mismatch(value, "a string")
    return value


def as_matching(value: Any, pattern: re.Pattern[str]) -> str:
    text = as_string(value)
    if not pattern.search(text):
        shown = pattern.pattern.replace("\\Z", "$")
        raise mismatch(text, f"text that matches {shown}")
    return text


# IGNORECASE and groups would take three times as long.
_is_uuid = re.compile("[0-9a-fA-F]{8}-" + 3 * "[0-9a-fA-F]{4}-" + "[0-9a-fA-F]{12}").fullmatch


def as_uuid(value: Any) -> str:
    if not (isinstance(value, str) and _is_uuid(value)):
        raise mismatch(value, "a uuid")
    return value


def as_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise mismatch(value, "a boolean")
    return value


def as_integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise mismatch(value, "an integer")
    return value


def as_number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        raise mismatch(value, "a number")
    return value


def as_constant(value: Any, constant: T) -> T:
    if value != constant or type(value) is not type(constant):
        raise mismatch(value, ascii(constant))
    return constant


def as_date(value: Any) -> datetime.date:
    try:
        return datetime.date.fromisoformat(as_string(value))
    except ValueError:
        raise mismatch(value, "a date (RFC 3339)") from None


def as_datetime(value: Any) -> datetime.datetime:
    try:
        return datetime.datetime.fromisoformat(as_string(value))
    except ValueError:
        raise mismatch(value, "a date and time (RFC 3339)") from None


def as_one_of(value: Any, *readers: Callable[[Any], Any]) -> Any:
    errors: list[InvalidDataError] = []
    for read in readers:
        try:
            return read(value)
        except InvalidDataError as error:
            errors.append(error)
    raise max(errors, key=lambda error: len(error.pointer))
