"""Which operation of the contract a request asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.routing import compile_path

import linq_document
from linq_mock.problems import Code, Problem

if TYPE_CHECKING:
    import re


@dataclass(frozen=True, slots=True)
class Route:
    """A path of the contract: the pattern that it has, and its operation ids by method."""

    pattern: re.Pattern[str]
    operations: dict[str, str]

    @property
    def allow(self) -> str:
        """The value of an Allow header."""
        methods = {*self.operations, "OPTIONS"}
        return ", ".join(sorted({*methods, "HEAD"} if "GET" in methods else methods))


class Routes:
    """The paths of the contract below a base path, such as `/api/partner`, or the empty one."""

    def __init__(self, base_path: str) -> None:
        self._base_path = base_path
        by_path: dict[str, dict[str, str]] = {}
        for operation in linq_document.load().operations.values():
            by_path.setdefault(operation.path, {})[operation.method] = operation.operation_id
        self._routes = [Route(compile_path(path)[0], operations) for path, operations in by_path.items()]

    def find(self, raw_path: str) -> tuple[Route, dict[str, str]]:
        """Return the route of a path and its parameters, decoded.

        The path is matched as it was sent, so that an encoded slash does not divide it.
        Raises Problem 404.
        """
        if raw_path.startswith(self._base_path):
            below = raw_path.removeprefix(self._base_path)
            for route in self._routes:
                if match := route.pattern.match(below):
                    return route, {name: unquote(value) for name, value in match.groupdict().items()}
        raise Problem(Code.NOT_FOUND, "There is nothing at this path")


def operation_of(route: Route, method: str) -> str:
    """Return the id of the operation behind a method; HEAD stands for GET. Raises Problem 405."""
    operation = route.operations.get("GET" if method == "HEAD" else method)
    if operation is None:
        raise Problem(
            Code.INVALID_PARAMETER,
            "This path does not have this method",
            status=405,
            headers={"Allow": route.allow},
        )
    return operation
