"""Where the API is: the servers of a document, of a path, or of an operation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from . import naming, prose
from .document import Json, as_array, as_object

_HOLE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Variable:
    """A variable of a server.

    Attributes:
        name: What a user calls it.
        key: What the document calls it.
        default: Its value, unless another one is named.
        values: The values that it may have; empty when it may have any.
        description: What it stands for.

    """

    name: str
    key: str
    default: str
    values: tuple[str, ...]
    description: str

    @property
    def declaration(self) -> str:
        """Its name, annotation and default, as a parameter of a function."""
        literals = ", ".join(prose.literal(value) for value in self.values)
        return f"{self.name}: {f'Literal[{literals}]' if literals else 'str'} = {prose.literal(self.default)}"


def first(owner: Mapping[str, object]) -> Json:
    """Return the first server of a document, a path or an operation; an empty one when there is none."""
    return as_object(next(iter(as_array(owner.get("servers"))), None))


def usable(owner: Mapping[str, object], shared: Json | None = None) -> tuple[Json, str]:
    """Return the first server with a default for each of its variables, and a notice when it had none.

    Args:
        owner: A document, a path or an operation.
        shared: The server of the document, whose defaults hold for variables of the same names.

    Returns:
        The server, without a URL when nothing tells what a variable stands for; and the notice, or nothing.

    """
    server = first(owner)
    named = as_object(server.get("variables"))
    others = as_object(as_object(shared).get("variables"))
    found = {
        key: _with_default(as_object(named.get(key)), as_object(others.get(key))) for key in holes(server)
    }
    unknown = [key for key, variable in found.items() if "default" not in variable]
    if unknown:
        notice = f"The server {server['url']} is left out: nothing tells what {{{unknown[0]}}} stands for."
        return {**server, "url": ""}, notice
    guessed = [key for key in found if "default" not in as_object(named.get(key))]
    said = " and ".join(f"{found[key]['default']!r} for {{{key}}}" for key in guessed)
    notice = f"The server {server['url']} has a variable without a default: {said} is taken." if said else ""
    return {**server, "variables": {**named, **found}} if found else server, notice


def _with_default(variable: Json, shared: Json) -> Json:
    """A variable with the default of the one that it shares its name with, or else its first value."""
    if "default" in variable:
        return variable
    values = [*([shared["default"]] if "default" in shared else []), *as_array(variable.get("enum"))]
    return {**variable, "default": values[0]} if values else variable


def variables(server: Json) -> list[Variable]:
    """Return the variables of a server that is `usable`, in the order in which its URL has them."""
    names = naming.Names()
    described = as_object(server.get("variables"))
    return [_variable(key, as_object(described[key]), names) for key in dict.fromkeys(holes(server))]


def _variable(key: str, raw: Json, names: naming.Names) -> Variable:
    return Variable(
        name=names.free(naming.identifier(key)),
        key=key,
        default=str(raw["default"]),
        values=tuple(map(str, as_array(raw.get("enum")))),
        description=str(raw.get("description") or ""),
    )


def holes(server: Json) -> list[str]:
    """Return the names of the variables in the URL of a server."""
    return _HOLE.findall(str(server.get("url", "")))


def url(server: Json, base: str = "") -> str:
    """Return the URL of a server that is `usable`, with the defaults of its variables.

    It is empty when it is relative to a page.
    """
    text = str(server.get("url", ""))
    for variable in variables(server):
        text = text.replace(f"{{{variable.key}}}", variable.default)
    whole = urljoin(f"{base}/", text) if base and text else text
    return whole.rstrip("/") if whole.startswith(("https://", "http://")) else ""
