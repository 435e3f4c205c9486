"""Names of Python for what a document names: valid, free, and the same however often it is asked."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import count
from pathlib import Path

from openapi_python_client import strings

_RUNTIME = Path(__file__).resolve().parents[1] / "runtime"
# What the modules that use models have names for, besides what the package itself exports.
_IN_MODULES = {
    *("Any", "Callable", "ClassVar", "IntEnum", "Iterator", "Literal", "Mapping", "Model", "Never", "Self"),
    *("Sequence", "StrEnum", "TYPE_CHECKING", "UUID", "Upload", "Call", "CallOptions"),
}
# A method of such a name would stand in for the type in the annotations of those after it.
_IN_ANNOTATIONS = {"bool", "bytes", "dict", "float", "int", "object", "str", "tuple", "type"}

_LONGEST_MODULE = 200  # of the 255 letters of a file, which has more to its name, and even more when compiled


@lru_cache(maxsize=100_000)  # the same names come again and again in a large document
def identifier(text: str) -> str:
    """Return a name for an attribute, an argument, a function or a module."""
    return str(strings.PythonIdentifier(text, prefix="field_"))


def module(text: str) -> str:
    """Return a name for a module, or what is named like one: not longer than the name of a file may be."""
    return identifier(text)[:_LONGEST_MODULE]


def class_name(text: str) -> str:
    """Return a name for a class."""
    return str(strings.ClassName(text, prefix="Model"))


def method(text: str) -> str:
    """Return the name of a method, beside which annotations mean what they say."""
    name = identifier(text) if text not in _IN_ANNOTATIONS else text
    name = "list" if name == "list_" else name
    return f"{name}_" if name in _IN_ANNOTATIONS else name


class Names:
    """Hands out each name once.

    Args:
        taken: The names that are not to be had.

    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._numbers: dict[str, int] = {}

    def free(self, *wanted: str) -> str:
        """Return the first of the wanted names that is free, or else the last with a number."""
        name = next((name for name in wanted if name not in self._taken), None) or self._numbered(wanted[-1])
        self._taken.add(name)
        return name

    def _numbered(self, wanted: str) -> str:
        for number in count(self._numbers.get(wanted, 2)):
            if f"{wanted}{number}" not in self._taken:
                self._numbers[wanted] = number + 1  # no smaller one becomes free again
                return f"{wanted}{number}"
        raise AssertionError  # there is always another number


def of_classes(prefix: str) -> set[str]:
    """Return the names that no class of a document can have: the package has them already."""
    clients = {f"{prefix}Client", f"Async{prefix}Client", f"{prefix}Error"}
    of_runtime = (_defined(path.name) for path in sorted(_RUNTIME.glob("*.py")))
    return _IN_MODULES.union(clients, *of_runtime)


@cache
def of_clients() -> frozenset[str]:
    """Return the names that no resource can have: the clients have methods and properties of them."""
    found = {name for name in _methods("_clients.py") if not name.startswith("_")}
    return frozenset(found | {"with_raw_response"})


def of_readers() -> set[str]:
    """Return the names that no argument can have: the code of operations calls functions of them."""
    tree = ast.parse((_RUNTIME / "_readers.py").read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def _defined(module: str) -> set[str]:
    """The names of the classes and the constants of a module of the runtime."""
    tree = ast.parse((_RUNTIME / module).read_text(encoding="utf-8"))
    classes = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    constants = {
        node.target.id
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return classes | constants


def _methods(module: str) -> set[str]:
    tree = ast.parse((_RUNTIME / module).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
