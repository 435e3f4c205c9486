"""The report as JUnit XML: a test suite with a test case for each rule."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from linq_contract.http.messages import printable
from linq_contract.judge.ledger import Verdict
from linq_contract.report.description import Description, RuleDescription, counts
from linq_contract.report.terminal import evidence_lines, family_of


def as_junit(description: Description) -> bytes:
    """The test suite of a run."""
    verdicts = counts(description)
    suite = ET.Element(
        "testsuite",
        name="linq-contract",
        tests=str(len(description["rules"])),
        failures=str(verdicts[Verdict.FAILED]),
        skipped=str(verdicts[Verdict.NOT_EXERCISED]),
        time=f"{description['seconds']:.3f}",
        timestamp=description["began"],
    )
    for rule in description["rules"]:
        _add_case(suite, rule)
    ET.indent(suite)
    content: bytes = ET.tostring(suite, encoding="utf-8", xml_declaration=True)
    return content


def _add_case(suite: ET.Element, rule: RuleDescription) -> None:
    name = rule["rule"]
    case = ET.SubElement(suite, "testcase", classname=f"linq-contract.{family_of(rule)}", name=name)
    if "because" in rule:
        ET.SubElement(case, "skipped", message=rule["because"])
    if "problem" in rule:
        problem, evidence = printable(rule["problem"]), "\n".join(evidence_lines(rule))
        if rule["verdict"] == Verdict.FAILED:
            ET.SubElement(case, "failure", message=problem).text = evidence
        else:
            ET.SubElement(case, "system-out").text = f"{problem}\n{evidence}"
