# Generated from openapi.yaml and overrides/ by `make generate`: change those, not this file.
"""What the classes of models have in common."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from enum import Enum
from types import MappingProxyType
from typing import Any, ClassVar, Self, cast

from . import _dates, _json
from ._uploads import Upload
from .errors import InvalidDataError
from .types import UNSET

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Model:
    """A JSON object of the contract."""

    __slots__ = ()

    _attributes: ClassVar[Mapping[str, str]] = {}
    """The attribute of each property that the contract names."""

    _additional: Mapping[str, Any] | None

    def __attrs_post_init__(self) -> None:
        # A copy, and None when there are none, as `from_dict` has it.
        if self._additional is not None:
            object.__setattr__(self, "_additional", dict(self._additional) or None)

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Read the model from parsed JSON.

        Raises:
            InvalidDataError: The JSON does not match the contract.

        """
        raise NotImplementedError

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read the model from JSON.

        Raises:
            InvalidDataError: The text is no JSON, or the JSON does not match the contract.
            TypeError: It is neither a str nor bytes.

        """
        try:
            data = _json.decode(text)
        except (ValueError, RecursionError) as error:
            raise InvalidDataError(f"is not JSON: {error}") from None
        return cls.from_dict(data)

    @property
    def additional_properties(self) -> Mapping[str, Any]:
        """The properties that the server sent and the contract does not name, as they came."""
        return MappingProxyType(self._additional) if self._additional else _NOTHING

    def to_dict(self) -> dict[str, Any]:
        """Return the model as JSON: with null where it is None, and without what is UNSET."""
        values = ((key, getattr(self, attribute)) for key, attribute in self._attributes.items())
        named = {key: to_json(value) for key, value in values if value is not UNSET}
        return {**named, **to_json(self._additional)} if self._additional else named

    def to_json(self) -> str:
        """Return the model as JSON text.

        Raises:
            ValueError: A number in it is none of JSON, such as infinity.

        """
        return json.dumps(self.to_dict(), allow_nan=False, ensure_ascii=False)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Let pydantic, and so FastAPI, read and write the model as a field of theirs."""
        del source, handler
        from pydantic_core.core_schema import (  # noqa: PLC0415 - pydantic calls this
            no_info_plain_validator_function,
            plain_serializer_function_ser_schema,
        )

        return no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else cls.from_dict(value),
            serialization=plain_serializer_function_ser_schema(cls.to_dict),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        del schema, handler
        return {"type": "object", "title": cls.__name__}

    def __repr__(self) -> str:
        # With defaults, since a traceback may show a model that is not completely read.
        values = {name.lstrip("_"): getattr(self, name, UNSET) for name in self._attributes.values()}
        if additional := getattr(self, "_additional", None):
            values["additional_properties"] = additional
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in values.items())})"


def to_json(value: Any) -> Any:
    """Return a model, an enum, a date, a uuid, or a list of these, as JSON; a file stays what it is.

    Raises:
        InvalidDataError: It is UNSET, which stands for what is absent.

    """
    if value is UNSET:
        raise InvalidDataError("is UNSET, which stands for what is absent")
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, list | tuple) and not isinstance(value, Upload):
        return [to_json(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: to_json(member) for key, member in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return _dates.written(value)
    # By its name: few programs pass one, and importing uuid takes time.
    return str(value) if type(value).__name__ == "UUID" else value
