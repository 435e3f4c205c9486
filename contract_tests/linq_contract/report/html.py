"""The report of a validation as a web page: one file, without scripts, that loads nothing.

What a server sent is text in it and nothing else, and the content security policy of the page permits its own
style sheet alone. What is shown of the rules is chosen by that style sheet as well.
"""

from __future__ import annotations

import base64
import hashlib
from itertools import groupby

from linq_contract.report.description import Description, counts
from linq_contract.report.places import Severity, findings_of
from linq_contract.report.plots import HEIGHT, WIDTH, plots, shown
from linq_contract.report.rendering import environment
from linq_contract.report.terminal import MARKS, drift_line, family_of


def as_html(description: Description) -> str:
    """The page of a run."""
    rules = description["rules"]
    families = groupby(rules, key=family_of)
    bodies = groupby(description["properties"], key=lambda each: each["body"])
    return page(
        "report.html",
        report=description,
        families=[(family, list(each)) for family, each in families],
        bodies=[(body, list(properties)) for body, properties in bodies],
        categories=[
            {"code": code, "name": name, "rules": [rule for rule in rules if int(code) in rule["wfc"]]}
            for code, name in description["fault_categories"].items()
        ],
        counts=counts(description),
        marks=MARKS,
        drift=[drift_line(drift) for drift in description["drift"]],
        accepted=[each for each in findings_of(description) if each.severity is Severity.ACCEPTED],
        plots=list(plots(description["operations"])),
        plot_size=(WIDTH, HEIGHT),
        shown=shown,
    )


def page(template: str, **values: object) -> str:
    """A page of a template, which finds `style_hash` beside the values: that of the style sheet in it."""
    style = environment().get_template("report.css").render()
    digest = hashlib.sha256(style.encode()).digest()
    style_hash = base64.b64encode(digest).decode()
    return environment().get_template(template).render(**values, style_hash=style_hash)
