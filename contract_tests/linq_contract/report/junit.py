"""The report as JUnit XML: a test suite with a test case for each rule.

It keeps to what all of its readers have in common: the attributes that Ant's schema requires, and one outcome
of a case. A failure that does not fail the run is a skipped case, as pytest has it of expected failures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from linq_contract.http.messages import printable
from linq_contract.judge.ledger import Verdict
from linq_contract.report.description import Description, RuleDescription
from linq_contract.report.terminal import drift_line, family_of, finding_lines

_OFFSET = re.compile(r"(Z|[+-]\d\d:\d\d)$")


def as_junit(description: Description) -> bytes:
    """The test suite of a run. The time of a case is what the exchanges took that tested the rule."""
    suite = ET.Element("testsuite", name="linq-contract", hostname="localhost")
    ET.SubElement(suite, "properties")
    for rule in description["rules"]:
        _add_rule(suite, rule)
    _add_case(suite, "complete", "error", description["gaps"])
    _add_case(suite, "accepted", "failure", description["rotten_acceptances"])
    drift = [drift_line(each) for each in description["drift"]]
    _add_case(suite, "drift", "failure" if description["fails_by_drift"] else "skipped", drift)
    for outcome, plural in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(plural, str(len(suite.findall(f"testcase/{outcome}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))
    ET.SubElement(suite, "system-out").text = "\n".join(map(printable, description["notes"]))
    ET.SubElement(suite, "system-err")
    suite.set("time", f"{description['seconds']:.3f}")
    suite.set("timestamp", _OFFSET.sub("", description["began"]))
    ET.indent(suite)
    content: bytes = ET.tostring(suite, encoding="utf-8", xml_declaration=True)
    return content


def _add_rule(suite: ET.Element, rule: RuleDescription) -> None:
    case = _case(suite, family_of(rule), rule["rule"], rule["seconds"])
    if "problem" in rule:
        outcome = "failure" if rule["verdict"] == Verdict.FAILED else "skipped"
        message = printable(rule["problem"])
        _add_outcome(case, outcome, rule["verdict"], message, "\n".join(finding_lines(rule)[1:]))
    elif "because" in rule:
        outcome = "skipped" if rule["verdict"] == Verdict.NOT_TESTED else "error"
        _add_outcome(case, outcome, rule["verdict"], printable(rule["because"]))


def _add_case(suite: ET.Element, name: str, outcome: str, sentences: Sequence[str]) -> None:
    """Add what is said of the run as a whole, if anything is."""
    if sentences:
        case = _case(suite, "run", name, 0.0)
        _add_outcome(case, outcome, name, printable(sentences[0]), "\n".join(map(printable, sentences)))


def _case(suite: ET.Element, family: str, name: str, seconds: float) -> ET.Element:
    classname = f"linq-contract.{family}"
    return ET.SubElement(suite, "testcase", classname=classname, name=name, time=f"{seconds:.3f}")


def _add_outcome(case: ET.Element, outcome: str, kind: str, message: str, text: str = "") -> None:
    ET.SubElement(case, outcome, type=kind, message=message).text = text or None
