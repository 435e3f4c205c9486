"""What is imported when it is first used: models (PEP 562), and the resources of a client."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import getattr_static
from typing import Any, Generic, TypeVar, overload

R = TypeVar("R")


def importer(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package whose names stand in modules of it."""

    def import_name(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name)
        value = getattr(import_module(modules[name], package), name)
        setattr(sys.modules[package], name, value)
        return value

    return import_name


class resource(Generic[R]):  # noqa: N801 - a decorator
    """The operations of a tag, as an attribute of a client: of the class it is theirs.

    It decorates a function that imports the class of the resource and returns it.
    """

    def __init__(self, load: Callable[[Any], Callable[[Any], R]]) -> None:
        self._load = load
        self.__doc__ = load.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, client: None, owner: type) -> Callable[[Any], R]: ...

    @overload
    def __get__(self, client: object, owner: type) -> R: ...

    def __get__(self, client: object | None, owner: type) -> Callable[[Any], R] | R:
        kind = self._load(owner)
        if client is None:
            return kind
        # Found from now on without this descriptor, which has no `__set__`.
        made = vars(client)[self._name] = kind(client)
        return made


def without_resources(client: object) -> dict[str, Any]:
    """Return the attributes of a client, save its resources, which are made for it alone."""
    return {
        name: value
        for name, value in vars(client).items()
        if not isinstance(getattr_static(type(client), name, None), resource)
    }
