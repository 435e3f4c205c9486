"""The functions of a generated client, found by the operation that they call, and called with JSON values."""

from __future__ import annotations

import ast
import datetime as dt
import enum
import functools
import importlib
import inspect
import io
import pkgutil
import re
import types
import typing
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

import httpx
from openapi_python_client.strings import PythonIdentifier

from documents.specification import IGNORED_HEADERS, Operation, is_json
from openapi_nodes import Object, as_array, as_object

_HOLE = re.compile(r"\{[^{}]*\}")


_KNOWN = ("application/x-www-form-urlencoded", "multipart/form-data")


class LeftOutError(Exception):
    """A client cannot send what was asked for; the text says what it has no way to say."""


class Client(ABC):
    """A generated package, with what calls its operations.

    Args:
        package: The name that the package is imported by.

    """

    def __init__(self, package: str) -> None:
        self._package = package
        self._modules = {key: module for module in _modules(f"{package}.api") for key in self._keys(module)}

    def find(self, operation: Operation) -> ModuleType | None:
        """Return the module of an operation, or None where the client leaves it out."""
        by_path = f"{operation.method.upper()} {_HOLE.sub('{}', operation.path)}"
        return self._modules.get(by_path) or self._modules.get(operation.operation_id or operation.name)

    def media_types(self, operation: Operation) -> list[str]:
        """Return the media types that the client may send a body as: those it knows, or else the first."""
        named = [body.media_type for body in operation.bodies]
        return [each for each in named if is_json(each) or each in _KNOWN] or named[:1]

    @abstractmethod
    def call(self, module: ModuleType, values: Object, transport: httpx.BaseTransport) -> Any:
        """Call an operation and return its result as the client gives it to a user."""

    def sendable(self, module: ModuleType, operation: Operation, values: Object) -> Object:
        """Return the values without those that no user would expect to have an argument for."""
        del module, operation
        return values

    @abstractmethod
    def _keys(self, module: ModuleType) -> Iterator[str]:
        """What an operation of a module is found by: its id, or its method and its path with empty holes."""


class StockClient(Client):
    """What openapi-python-client writes with its own templates."""

    def call(self, module: ModuleType, values: Object, transport: httpx.BaseTransport) -> Any:
        settings = {"base_url": BASE_URL, "token": "secret"}
        client = importlib.import_module(f"{self._package}.client").AuthenticatedClient(
            **settings, httpx_args={"transport": transport}
        )
        function = module.sync_detailed
        arguments = bind(function, values, {})
        return function(client=client, **arguments).parsed

    def _keys(self, module: ModuleType) -> Iterator[str]:
        source = inspect.getsource(module)
        method, url = (re.search(rf'"{name}": "(.*?)"', source) for name in ("method", "url"))
        if method and url:
            yield f"{method[1].upper()} {_HOLE.sub('{}', url[1])}"


class OwnClient(Client):
    """What our templates write: functions that describe a call, and a client that sends it."""

    def media_types(self, operation: Operation) -> list[str]:
        """Return the one that is sent: JSON, or else a form, or else the first."""
        named = super().media_types(operation)
        return sorted(
            named, key=lambda each: 0 if is_json(each) else 1 + _KNOWN.index(each) if each in _KNOWN else 9
        )[:1]

    def call(self, module: ModuleType, values: Object, transport: httpx.BaseTransport) -> Any:
        function = _function(module)
        client_class = next(
            member
            for name, member in vars(importlib.import_module(f"{self._package}.client")).items()
            if name.endswith("Client") and not name.startswith(("Async", "Base", "_")) and name != "Client"
        )
        call = function(**bind(function, values, _arguments(module)))
        contract = importlib.import_module(f"{self._package}._contract")
        with client_class(
            "secret",
            base_url=BASE_URL,
            credentials={name: "secret" for name in contract.SCHEMES if name != contract.MAIN_SCHEME},
            max_retries=0,
            http_client=httpx.Client(transport=transport),
        ) as client:
            return client.send(call)

    def sendable(self, module: ModuleType, operation: Operation, values: Object) -> Object:
        """Leave out what the arguments of a body do not say: properties that have no name, an optional {}."""
        arguments = _arguments(module)
        if not isinstance(values.get("body"), dict) or not any(place == "body" for place, _ in arguments):
            return values
        body = {
            name: value for name, value in as_object(values["body"]).items() if ("body", name) in arguments
        }
        is_required = any(each.is_required for each in operation.bodies)
        others = {place: members for place, members in values.items() if place != "body"}
        return {**others, "body": body} if body or is_required else others

    def _keys(self, module: ModuleType) -> Iterator[str]:
        for node in ast.walk(_tree(module)):
            if (
                isinstance(node, ast.keyword)
                and node.arg == "operation"
                and isinstance(node.value, ast.Constant)
            ):
                yield str(node.value.value)


_PLACES_OF = {"_query": "query", "_headers": "header", "_cookies": "cookie"}
_BODIES = {"_without_unset", "_whole_or_none"}


@functools.cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


@functools.cache
def _arguments(module: ModuleType) -> dict[tuple[str, str], str]:
    """The names of the arguments of an operation, by the place and the name of what they are sent as."""
    found: dict[tuple[str, str], str] = {}
    for node in ast.walk(_tree(module)):
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if isinstance(node, ast.Call) and name == "_path_text":
            found["path", _text(node.args[0])] = _checked(node.args[1])
        elif isinstance(node, ast.Call) and name in _PLACES_OF:
            pairs = [each.elts for each in node.args if isinstance(each, ast.Tuple)]
            found |= {(_PLACES_OF[name], _text(key)): _checked(value) for key, value, *_ in pairs}
        elif isinstance(node, ast.Call) and name in _BODIES and isinstance(node.args[0], ast.Dict):
            members = zip(node.args[0].keys, node.args[0].values, strict=True)
            found |= {("body", _text(key)): _checked(value) for key, value in members}
    return found


def _text(node: ast.AST | None) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _checked(node: ast.AST) -> str:
    """The name of the argument that is checked."""
    return _text(node.args[0]) if isinstance(node, ast.Call) and node.args else ""


BASE_URL = "https://documents.example/base"


def _modules(package: str) -> Iterator[ModuleType]:
    owner = importlib.import_module(package)
    for info in pkgutil.walk_packages(owner.__path__, prefix=f"{package}."):
        if not info.ispkg:
            yield importlib.import_module(info.name)


def _function(module: ModuleType) -> Callable[..., Any]:
    return typing.cast("Callable[..., Any]", getattr(module, module.__name__.rpartition(".")[2]))


def bind(
    function: Callable[..., Any], values: Object, known: Mapping[tuple[str, str], str]
) -> dict[str, Any]:
    """Return the arguments that hand the values to a function, each of the type that it is annotated with.

    Args:
        function: The function.
        values: The values by place and name; a body that is one argument by the place alone.
        known: The names of arguments by place and name, where they need not be guessed.

    Raises:
        LeftOutError: The function has no argument for a value.

    """
    hints = typing.get_type_hints(function)
    names = set(inspect.signature(function).parameters)
    ignored = [("header", name, "-") for name in IGNORED_HEADERS if name in names]
    arguments: dict[str, Any] = {}
    for place, name, value in [
        *_named(values, is_whole=not any(key[0] == "body" for key in known)),
        *ignored,
    ]:
        wanted = [known[place, name]] if (place, name) in known else _candidates(place, name)
        found = next((one for one in wanted if one in names and one not in arguments), None)
        if found is None:
            raise LeftOutError(f"there is no argument for the {place} value {name!r}")
        arguments[found] = as_python(value, hints.get(found, Any))
    return arguments


def _named(values: Object, *, is_whole: bool) -> Iterator[tuple[str, str, Any]]:
    for place in ("path", "query", "header", "cookie"):
        for name, value in as_object(values.get(place)).items():
            yield place, name, value
    if "body" in values and is_whole:
        yield "body", "body", values["body"]
    elif "body" in values:
        for name, value in as_object(values["body"]).items():
            yield "body", name, value


def _candidates(place: str, name: str) -> list[str]:
    """What an argument may be called: as it is, or longer where the name is taken."""
    own = str(PythonIdentifier(name, prefix="field_"))
    return [own, f"{own}_{place}", f"{own}_", f"{place}_{own}"]


def as_python(value: Any, hint: Any) -> Any:
    """Return a JSON value as the type that a hint asks for; the first of a union that takes it."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return _first_that_takes(value, arguments)
    if origin is typing.Literal:
        if value not in arguments:
            raise ValueError(f"{value!r} is none of {arguments}")
        return value
    if isinstance(origin, type) and issubclass(origin, Sequence):
        _require(value, list)
        return [as_python(item, arguments[0] if arguments else Any) for item in value]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        _require(value, dict)
        return {key: as_python(item, arguments[1]) for key, item in value.items()}
    return _as_class(value, hint) if isinstance(hint, type) else value


def _first_that_takes(value: Any, hints: tuple[Any, ...]) -> Any:
    ordered = sorted(hints, key=lambda hint: hint in {str, bytes, int, float})
    refusals: list[str] = []
    for hint in ordered:
        if getattr(hint, "__name__", "") == "Unset":
            continue
        try:
            return as_python(value, hint)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            refusals.append(f"{getattr(hint, '__name__', hint)}: {error}")
    raise TypeError(f"no type takes {value!r}: {'; '.join(refusals)}")


def _require(value: Any, *kinds: type) -> None:
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise TypeError(f"{value!r} is no {kinds[0].__name__}")


def _as_class(value: Any, hint: Any) -> Any:
    if hasattr(hint, "from_dict"):
        _require(value, dict)
        return hint.from_dict(value)
    if issubclass(hint, enum.Enum):
        return hint(value)
    if hint.__name__ == "File":
        _require(value, bytes, str)
        return hint(payload=io.BytesIO(value if isinstance(value, bytes) else value.encode()))
    if hint in _READERS:
        _require(value, str)
        return _READERS[hint](value)
    if hint in _CLIENTS:
        _require(value, *_CLIENTS[hint])
    return value


_READERS: dict[type, Callable[[str], Any]] = {
    dt.datetime: lambda text: dt.datetime.fromisoformat(text.upper()),
    dt.date: dt.date.fromisoformat,
    uuid.UUID: uuid.UUID,
}
_CLIENTS: dict[type, tuple[type, ...]] = {
    str: (str,),
    int: (int, float),
    float: (float, int),
    bool: (bool,),
    bytes: (bytes, str),
    types.NoneType: (types.NoneType,),
}


def written(value: Any) -> Any:  # noqa: PLR0911 - one for each kind of value
    """Return what a client made of an answer as JSON again."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dict):
        return {key: written(member) for key, member in as_object(value).items()}
    if isinstance(value, list):
        return [written(item) for item in as_array(value)]
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    payload = getattr(value, "payload", None)
    if isinstance(payload, io.IOBase):
        return payload.read()
    return value


CLIENTS: dict[str, Callable[[str], Client]] = {"ours": OwnClient, "stock": StockClient}
