"""The report of a validation as a web page: one file, without scripts, that loads nothing.

What a server sent is text in it and nothing else: Jinja escapes markup, `printable` what hides or reorders
text, and the content security policy of the page permits its own style sheet alone.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from linq_contract.http.messages import printable
from linq_contract.judge.ledger import Verdict

_MARKS = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.WARNING: "!", Verdict.NOT_EXERCISED: "-"}


def as_html(report: Mapping[str, Any]) -> str:
    """The page of a report in the form that `report.as_json` has."""
    environment = Environment(
        loader=PackageLoader("linq_contract.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_inert,
    )
    style = environment.get_template("report.css").render()
    families = groupby(report["rules"], key=lambda rule: str(rule["rule"]).partition(".")[0])
    return environment.get_template("report.html").render(
        report=report,
        families=[(family, list(rules)) for family, rules in families],
        counts=Counter(rule["verdict"] for rule in report["rules"]),
        marks=_MARKS,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def _inert(value: object) -> object:
    """A value as it may stand in the page; what is markup comes from the templates."""
    return printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
