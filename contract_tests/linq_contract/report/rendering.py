"""The templates of what is looked at, in which all that a server sent is inert text.

Jinja escapes markup, and `printable` what hides or reorders text.
"""

from __future__ import annotations

import functools

from jinja2 import Environment, PackageLoader, StrictUndefined

from linq_contract.http.messages import printable


@functools.cache
def environment() -> Environment:
    """What the templates of this package are rendered by."""
    return Environment(
        loader=PackageLoader("linq_contract.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_inert,
    )


def _inert(value: object) -> object:
    """A value as it may stand in a page; what is markup comes from the templates."""
    return printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
