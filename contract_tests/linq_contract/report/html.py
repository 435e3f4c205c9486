"""The report of a validation as a web page: one file, without scripts, that loads nothing.

What a server sent is text in it and nothing else: Jinja escapes markup, `printable` what hides or reorders
text, and the content security policy of the page permits its own style sheet alone.
"""

from __future__ import annotations

import base64
import hashlib
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined

from linq_contract.http.messages import printable
from linq_contract.report.description import Description, counts
from linq_contract.report.terminal import MARKS, drift_line, family_of


def as_html(description: Description) -> str:
    """The page of a run."""
    families = groupby(description["rules"], key=family_of)
    return page(
        "report.html",
        report=description,
        families=[(family, list(rules)) for family, rules in families],
        counts=counts(description),
        marks=MARKS,
        drift=[drift_line(drift) for drift in description["drift"]],
    )


def page(template: str, **values: object) -> str:
    """A page of a template, which finds `style_hash` beside the values: that of the style sheet in it."""
    environment = Environment(
        loader=PackageLoader("linq_contract.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_inert,
    )
    style = environment.get_template("report.css").render()
    digest = hashlib.sha256(style.encode()).digest()
    style_hash = base64.b64encode(digest).decode()
    return environment.get_template(template).render(**values, style_hash=style_hash)


def _inert(value: object) -> object:
    """A value as it may stand in the page; what is markup comes from the templates."""
    return printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
