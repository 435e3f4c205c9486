"""Which operation of the contract a request asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

from linq_mock.problems import Code, Problem

if TYPE_CHECKING:
    from linq_document import Document


@dataclass(frozen=True)
class Route:
    """A path of the contract, and its operation ids by method."""

    path: str
    operations: dict[str, str]

    @cached_property
    def allow(self) -> str:
        """The value of an Allow header."""
        methods = {*self.operations, "OPTIONS"}
        return ", ".join(sorted({*methods, "HEAD"} if "GET" in methods else methods))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What the paths of requests look like, still encoded; its groups are the parameters."""
        return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path)))


class Routes:
    """The paths of the contract below a base path, such as `/api/partner`, or the empty one."""

    def __init__(self, base_path: str, document: Document) -> None:
        self._base_path = base_path
        by_path: dict[str, dict[str, str]] = {}
        for operation in document.operations.values():
            by_path.setdefault(operation.path, {})[operation.method] = operation.operation_id
        # A path without parameters comes first, as OpenAPI says.
        self._last = "", (Route("", {}), dict[str, str]())
        self._routes = [Route(path, by_path[path]) for path in sorted(by_path, key=lambda path: "{" in path)]

    def find(self, raw_path: str) -> tuple[Route, dict[str, str]]:
        """Return the route of a path and its parameters, decoded.

        The path is matched as it was sent, so that an encoded slash does not divide it.
        Raises Problem 404.
        """
        path, found = self._last
        if path != raw_path:  # a request asks several times
            found = self._search(raw_path)
            self._last = raw_path, found
        return found

    def _search(self, raw_path: str) -> tuple[Route, dict[str, str]]:
        if raw_path.startswith(self._base_path):
            below = raw_path.removeprefix(self._base_path)
            for route in self._routes:
                if match := route.pattern.fullmatch(below):
                    return route, {name: unquote(value) for name, value in match.groupdict().items()}
        raise Problem(Code.NOT_FOUND, f"There is nothing at this path. {self._what_there_is(raw_path)}")

    def _what_there_is(self, raw_path: str) -> str:
        paths = ", ".join(f"{route.path} ({', '.join(route.operations)})" for route in self._routes)
        outside = not raw_path.startswith(f"{self._base_path}/")
        return f"The paths are {paths}{f', all below {self._base_path}' if outside else ''}."


def operation_of(route: Route, method: str) -> str:
    """Return the id of the operation behind a method; HEAD stands for GET. Raises Problem 405."""
    operation = route.operations.get("GET" if method == "HEAD" else method)
    if operation is None:
        raise Problem(
            Code.INVALID_PARAMETER,
            f"This path does not have this method. Its methods are {route.allow}.",
            status=405,
            headers={"Allow": route.allow},
        )
    return operation
